// fewbit sweep: a design space planned, measured, merged and exported.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "fewbit/cli/command.h"
#include "fewbit/cli/progress.h"
#include "fewbit/cli/time_left.h"
#include "fewbit/flows/store/export.h"
#include "fewbit/flows/store/result_store.h"
#include "fewbit/flows/study/sweep/run.h"
#include "fewbit/flows/sweep/slurm.h"
#include "fewbit/flows/sweep/sweep_file.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/interrupt.h"
#include "fewbit/gen/util/json.h"
#include "fewbit/gen/util/text.h"

namespace fewbit::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

constexpr int kMostShards = 10000;

struct Shard {
  int index = 1;
  int count = 1;
};

Result<Shard> parse_shard(const std::string& text) {
  if (text.empty()) return Shard{};
  const Error error{"--shard", text, fmt::format("I/N with 1 <= I <= N <= {}", kMostShards), ""};
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return error;
  const auto index = parse_integer("--shard", text.substr(0, slash), 1, kMostShards);
  const auto count = parse_integer("--shard", text.substr(slash + 1), 1, kMostShards);
  if (!index.ok() || !count.ok() || *index > *count) return error;
  return Shard{static_cast<int>(*index), static_cast<int>(*count)};
}

class SweepCommand : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "sweep"; }
  [[nodiscard]] bool runs_tools(const std::string& name) const override { return name == "run"; }
  [[nodiscard]] std::string summary() const override {
    return "Measure a whole design space into a database";
  }

  void declare(CLI::App& app) override {
    app.require_subcommand(0, 1);
    CLI::App* plan = action(app, "plan", "Print the jobs of a sweep file, one JSON object a line");
    plan->add_option("FILE", file_, "Sweep file (docs/sweep.md)");
    plan->add_option("-o,--output", output_, "File to write instead of stdout");

    CLI::App* run = action(app, "run", "Measure the jobs that the database has no row of");
    run->add_option("FILE", file_, "Sweep file, or plan");
    declare_database(*run);
    run->add_option("--jobs", jobs_, "Worker processes; default: all cores");
    run->add_option("--shard", shard_, "Shard I/N: only these of the jobs; default: all");
    run->add_flag("--retry-failed", retry_failed_, "Measure jobs again whose row is a failure");

    CLI::App* status = action(app, "status", "Say what of a sweep is done, failed, missing");
    status->add_option("FILE", file_, "Sweep file, or plan");
    declare_database(*status);
    status->add_option("--jobs", jobs_, "Threads; default: all cores");

    CLI::App* merge = action(app, "merge", "Put the rows of several databases into one");
    merge->add_option("DB", databases_, "Databases to read");
    merge->add_option("-o,--output", output_, "Database to write; its rows stay");

    CLI::App* to_text = action(app, "export", "Print a database as CSV or JSON");
    to_text->add_option("KIND", kind_, "csv or json");
    declare_database(*to_text);
    to_text
        ->add_option("--table", table_,
                     "results, accuracy (fewbit quant grid) or networks (fewbit build --db)")
        ->capture_default_str();
    to_text->add_option("-o,--output", output_, "File to write instead of stdout");

    CLI::App* slurm =
        action(app, "slurm", "Print a Slurm array script that runs a sweep in shards");
    slurm->add_option("FILE", file_, "Sweep file, or plan");
    slurm->add_option("--folder", folder_, "Folder of the shards' databases and logs");
    slurm->add_option("--shards", shards_, "Array tasks; default: 16");
    slurm->add_option("--jobs", jobs_, "Worker processes and CPUs of a task; default: 2");
    slurm->add_option("-o,--output", output_, "File to write instead of stdout");

    app.footer(
        "Exit codes of run and status: 1 where a job failed, 0 where none did.\n\nExamples:\n"
        "  fewbit sweep plan flows/sweeps/paper.yaml\n"
        "  fewbit sweep run flows/sweeps/sample.yaml --db build/sample.sqlite\n"
        "  fewbit sweep export csv --db build/sample.sqlite -o build/sample.csv\n"
        "  fewbit sweep slurm flows/sweeps/paper.yaml --folder /scratch/paper -o paper.sh");
  }

  Result<ExitCode> run(const Console& console) override {
    for (const auto& [app, function] : actions_) {
      if (app->parsed()) return (this->*function)(console);
    }
    return Error{"sweep", "", "plan, run, status, merge, export or slurm",
                 "see fewbit sweep --help"};
  }

 private:
  using Function = Result<ExitCode> (SweepCommand::*)(const Console&);

  CLI::App* action(CLI::App& app, const std::string& word, const std::string& text) {
    static const std::map<std::string, Function> kFunctions = {
        {"plan", &SweepCommand::plan},          {"run", &SweepCommand::run_jobs},
        {"status", &SweepCommand::status},      {"merge", &SweepCommand::merge},
        {"export", &SweepCommand::export_rows}, {"slurm", &SweepCommand::slurm}};
    CLI::App* child = app.add_subcommand(word, text);
    actions_.emplace_back(child, kFunctions.at(word));
    return child;
  }

  void declare_database(CLI::App& app) {
    app.add_option("--db", database_, "Results database (SQLite)");
  }

  /// `text`, or an Error that asks for what is missing.
  static Status needs(const std::string& field, const std::string& text, const std::string& legal) {
    if (text.empty()) return Error{field, "", legal, ""};
    return Ok{};
  }

  [[nodiscard]] Result<sweep::Plan> read() const {
    FEWBIT_RETURN_IF_ERROR(needs("FILE", file_, "a sweep file, or a plan"));
    return sweep::read_plan(file_);
  }

  /// To -o, or to stdout.
  Status put(const std::string& text, const Console& console) const {
    if (!output_.empty()) return write_file(output_, text);
    console.data(text);
    return Ok{};
  }

  Result<ExitCode> plan(const Console& console) {
    FEWBIT_ASSIGN_OR_RETURN(plan, read());
    const std::string lines = sweep::to_lines(plan);
    ordered_json all = ordered_json::array();
    std::istringstream stream(lines);
    for (std::string line; std::getline(stream, line);) all.push_back(parse_json(line));
    FEWBIT_RETURN_IF_ERROR(put(lines, console));
    console.document(all);
    return ExitCode::kOk;
  }

  Result<ExitCode> run_jobs(const Console& console) {
    FEWBIT_ASSIGN_OR_RETURN(shard, parse_shard(shard_));
    FEWBIT_ASSIGN_OR_RETURN(workers, parse_jobs(jobs_));
    FEWBIT_RETURN_IF_ERROR(
        needs("--db", database_, "a results database, made where it is missing"));
    FEWBIT_ASSIGN_OR_RETURN(plan, read());
    FEWBIT_ASSIGN_OR_RETURN(all, study::planned_jobs(plan, workers));
    const std::vector<study::PlannedJob> jobs = sweep::shard_of(all, shard.index, shard.count);
    TimeLeft time_left;
    const auto tick = [&time_left](const study::RunSummary& begun, std::size_t finished) {
      time_left.show(begun.jobs, begun.there, finished);
    };
    FEWBIT_ASSIGN_OR_RETURN(summary,
                            study::run_sweep(jobs, {database_, workers, retry_failed_, tick}));
    if (interrupted()) return ExitCode::kInterrupted;
    console.document({{"jobs", summary.jobs},
                      {"there", summary.there},
                      {"failed", summary.failed},
                      {"seconds", summary.seconds}});
    console.print(fmt::format("{} jobs: {} were in {}, {} measured in {:.0f} s; {} failed\n",
                              summary.jobs, summary.there, database_, summary.jobs - summary.there,
                              summary.seconds, summary.failed));
    return summary.failed == 0 ? ExitCode::kOk : ExitCode::kMismatch;
  }

  Result<ExitCode> status(const Console& console) {
    FEWBIT_ASSIGN_OR_RETURN(workers, parse_jobs(jobs_));
    FEWBIT_RETURN_IF_ERROR(needs("--db", database_, "a results database"));
    FEWBIT_ASSIGN_OR_RETURN(plan, read());
    FEWBIT_ASSIGN_OR_RETURN(store, store::ResultStore::open(database_, store::Access::kRead));
    FEWBIT_ASSIGN_OR_RETURN(rows, store.rows());
    FEWBIT_ASSIGN_OR_RETURN(jobs, study::planned_jobs(plan, workers));
    std::map<std::string, const store::ResultRow*> by_key;
    for (const store::ResultRow& row : rows) by_key[row.key] = &row;
    std::map<std::string, std::array<std::size_t, 3>> counts;  // by target: ok, failed, missing
    std::map<std::string, std::vector<std::string>> failures;  // by reason: commands
    std::size_t missing = 0;
    for (const study::PlannedJob& job : jobs) {
      const auto found = by_key.find(job.row.key);
      const bool is_there = found != by_key.end();
      const bool failed = is_there && found->second->status == "failed";
      ++counts[job.row.target][is_there ? (failed ? 1 : 0) : 2];
      missing += is_there ? 0 : 1;
      if (failed) failures[found->second->reason].push_back(job.row.command);
    }
    Table table({"target", "ok", "failed", "missing"});
    ordered_json json{{"jobs", jobs.size()},
                      {"missing", missing},
                      {"targets", ordered_json::object()},
                      {"failures", ordered_json::array()}};
    for (const auto& [target, count] : counts) {
      table.add(
          {target, std::to_string(count[0]), std::to_string(count[1]), std::to_string(count[2])});
      json["targets"][target] = {{"ok", count[0]}, {"failed", count[1]}, {"missing", count[2]}};
    }
    std::string text = table.to_text();
    for (const auto& [reason, commands] : failures) {
      text += fmt::format("\n{} failed: {}\n  {}\n", commands.size(), reason, commands.front());
      json["failures"].push_back({{"reason", reason}, {"commands", commands}});
    }
    console.document(json);
    console.print(text);
    return failures.empty() ? ExitCode::kOk : ExitCode::kMismatch;
  }

  Result<ExitCode> merge(const Console& console) {
    if (databases_.empty()) return Error{"DB", "", "one results database or more", ""};
    FEWBIT_RETURN_IF_ERROR(needs("-o", output_, "the database to write"));
    for (const std::string& database : databases_) {  // before anything is written
      FEWBIT_RETURN_IF_ERROR(store::ResultStore::open(database, store::Access::kRead));
    }
    FEWBIT_ASSIGN_OR_RETURN(store, store::ResultStore::open(output_, store::Access::kWrite));
    ordered_json json = ordered_json::object();
    std::string text;
    for (const std::string& database : databases_) {
      FEWBIT_ASSIGN_OR_RETURN(taken, store.merge(database));
      json[database] = taken;
      text += fmt::format("{}: {} rows\n", database, taken);
    }
    console.document(json);
    console.print(text);
    return ExitCode::kOk;
  }

  Result<ExitCode> export_rows(const Console& console) {
    if (kind_ != "csv" && kind_ != "json") return Error{"KIND", kind_, "csv, json", ""};
    FEWBIT_RETURN_IF_ERROR(needs("--db", database_, "a results database"));
    FEWBIT_ASSIGN_OR_RETURN(store, store::ResultStore::open(database_, store::Access::kRead));
    if (table_ == "results") return export_table<store::ResultRow>(store, console);
    if (table_ == "accuracy") return export_table<store::AccuracyRow>(store, console);
    if (table_ == "networks") return export_table<store::NetworkRow>(store, console);
    return Error{"--table", table_, "results, accuracy, networks", ""};
  }

  template <typename Row>
  Result<ExitCode> export_table(const store::ResultStore& store, const Console& console) const {
    FEWBIT_ASSIGN_OR_RETURN(rows, store.rows<Row>());
    const ordered_json json = store::to_json(rows);
    FEWBIT_RETURN_IF_ERROR(
        put(kind_ == "csv" ? store::to_csv(rows) : json_text(json, 1) + "\n", console));
    console.document(json);
    return ExitCode::kOk;
  }

  Result<ExitCode> slurm(const Console& console) {
    sweep::SlurmOptions options;
    FEWBIT_RETURN_IF_ERROR(needs("--folder", folder_, "a folder that every node can write"));
    if (!shards_.empty()) {
      FEWBIT_ASSIGN_OR_RETURN(shards, parse_integer("--shards", shards_, 1, kMostShards));
      options.shards = static_cast<int>(shards);
    }
    if (!jobs_.empty()) {
      FEWBIT_ASSIGN_OR_RETURN(jobs, parse_jobs(jobs_));
      options.jobs = jobs;
    }
    FEWBIT_RETURN_IF_ERROR(read());
    std::error_code error;
    options.binary = fs::read_symlink("/proc/self/exe", error);
    options.plan = file_;
    options.folder = folder_;
    FEWBIT_ASSIGN_OR_RETURN(script, sweep::slurm_script(options));
    fs::create_directories(folder_, error);
    if (error) {
      return Error{"--folder", folder_, "a folder that exists or can be made", error.message()};
    }
    FEWBIT_RETURN_IF_ERROR(put(script, console));
    console.document({{"script", script}});
    return ExitCode::kOk;
  }

  std::vector<std::pair<CLI::App*, Function>> actions_;
  std::string table_ = "results";
  std::string file_, database_, output_, kind_, folder_, jobs_, shard_, shards_;
  std::vector<std::string> databases_;
  bool retry_failed_ = false;
};

}  // namespace

std::unique_ptr<Command> make_sweep_command() { return std::make_unique<SweepCommand>(); }

}  // namespace fewbit::cli
