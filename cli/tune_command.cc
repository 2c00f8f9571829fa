// fewbit tune: every strategy of a request with every synthesis flow of a target, the best named.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "fewbit/cli/command.h"
#include "fewbit/cli/progress.h"
#include "fewbit/cli/request_options.h"
#include "fewbit/flows/study/measure.h"
#include "fewbit/flows/study/subjects.h"
#include "fewbit/flows/study/tune_suite.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/spec/strategy.h"
#include "fewbit/gen/spec/tuned.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/interrupt.h"
#include "fewbit/gen/util/json.h"
#include "fewbit/gen/util/text.h"

namespace fewbit::cli {
namespace {

/// One strategy with one flow.
struct Trial {
  OperatorSpec spec;
  std::string flow;
  study::Measurement measured;

  [[nodiscard]] double area() const { return flows::size_of(*measured.cost); }
  [[nodiscard]] double delay() const {
    const flows::CostPoint& cost = *measured.cost;
    const bool routed = cost.fmax_mhz && cost.fmax_mhz->ok > 0;
    if (cost.standard_cells) return cost.standard_cells->path_ns;
    return routed ? 1000.0 / cost.fmax_mhz->median : static_cast<double>(cost.depth);
  }
  /// The smaller the better; area decides between equals.
  [[nodiscard]] std::pair<double, double> badness(Goal goal) const {
    if (goal == Goal::kSpeed) return {delay(), area()};
    return {goal == Goal::kArea ? area() : area() * delay(), delay()};
  }
};

class TuneCommand : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "tune"; }
  [[nodiscard]] bool runs_tools(const std::string& /*name*/) const override { return true; }
  [[nodiscard]] std::string summary() const override {
    return "Measure every strategy of an operator with every synthesis flow of a target";
  }
  void declare(CLI::App& app) override {
    request_.declare(app);
    app.add_flag(
        "--suite", suite_,
        "Instead of OP: the requests of docs/hardware.md and of the demo, on the targets\nof "
        "its tables; writes what `--optimize` goes by");
    app.add_option("--tables", tables_,
                   fmt::format("With --suite: only these tables, the file keeps what it has of "
                               "others;\ndefault: {}",
                               study::kTunedTables));
    app.add_option("-o,--output", file_, "File that --suite writes (required with it)");
    app.add_option("--seeds", seeds_, "Place-and-route runs; default: 5");
    app.add_option("--jobs", jobs_, "Programs run at a time; default: all cores");
    app.footer(
        "Every trial is verified as by `fewbit cost`: RTL and netlist against the model.\n"
        "--optimize says what is best: area, speed, balanced (area times delay); default: area.\n"
        "\nExamples:\n"
        "  fewbit tune mul --a e5m2 --b e5m2 --result e5m2 --target xilinx-usp\n"
        "  fewbit tune add --a e2m1 --b e2m1 --result e2m1 --optimize balanced");
  }
  Result<ExitCode> run(const Console& console) override {
    study::MeasureOptions options;
    FEWBIT_ASSIGN_OR_RETURN(seeds, parse_seeds(seeds_));
    options.seeds = seeds;
    FEWBIT_ASSIGN_OR_RETURN(jobs, parse_jobs(jobs_));
    options.jobs = jobs;
    if (suite_) return run_suite(console, options);
    if (!file_.empty()) return Error{"-o", file_, "no -o without --suite", ""};
    if (!tables_.empty()) return Error{"--tables", tables_, "no --tables without --suite", ""};
    // What --optimize would choose is to be found here.
    std::string& optimize = request_.value(Option::kOptimize);
    FEWBIT_ASSIGN_OR_RETURN(goal, parse_goal(optimize.empty() ? "area" : optimize));
    optimize.clear();
    FEWBIT_ASSIGN_OR_RETURN(target, request_.target());
    FEWBIT_ASSIGN_OR_RETURN(trials, make_trials(target));
    Progress progress("tune", trials.size());
    for (Trial& trial : trials) {
      options.flow = trial.flow;
      progress.started(name_of(trial));
      FEWBIT_ASSIGN_OR_RETURN(measured, study::measure(trial.spec, target, options));
      if (interrupted()) return ExitCode::kInterrupted;
      trial.measured = measured;
      progress.finished(name_of(trial),
                        measured.cost ? flows::size_text(*measured.cost) : "MISMATCH");
      if (measured.cost) continue;
      console.print(name_of(trial) + ": hardware and model differ\n");
      return ExitCode::kMismatch;
    }
    return report(console, target, trials, goal);
  }

 private:
  Result<ExitCode> run_suite(const Console& console, const study::MeasureOptions& options) {
    if (!request_.op.empty()) return Error{"--suite", request_.op, "no operator with --suite", ""};
    FEWBIT_RETURN_IF_ERROR(request_.none_given("no request with --suite"));
    if (file_.empty()) return Error{"-o", "", "a file for the results of --suite", ""};
    const std::filesystem::path path = std::filesystem::absolute(file_);
    nlohmann::ordered_json old = {{"rows", nlohmann::ordered_json::array()}};
    if (!tables_.empty() && std::filesystem::exists(path)) {
      FEWBIT_ASSIGN_OR_RETURN(text, read_file(path));
      old = parse_json(text);
      if (!old.contains("rows") || !old.contains("tools") || !old.contains("made_by")) {
        return Error{"-o", file_, "a file that --suite has written", ""};
      }
      if (old.at("seeds") != options.seeds) {
        return Error{"--seeds", std::to_string(options.seeds), json_text(old.at("seeds")),
                     "the seeds of the other rows of " + file_};
      }
    }
    ShownProgress progress;
    FEWBIT_ASSIGN_OR_RETURN(suite, study::tune_suite(split_commas(tables_), options, progress));
    if (interrupted()) return ExitCode::kInterrupted;
    if (!suite.mismatch.empty()) {
      console.print(suite.mismatch + ": hardware and model differ\n");
      return ExitCode::kMismatch;
    }
    const nlohmann::ordered_json document = study::with_rows_of(suite.document, old);
    FEWBIT_RETURN_IF_ERROR(write_file(path, json_text(document, 1) + "\n"));
    console.print("wrote " + file_ + "\n");
    console.document(document);
    return ExitCode::kOk;
  }

  static std::string name_of(const Trial& trial) {
    return fmt::format("{} {}", to_string(trial.spec.strategy), trial.flow);
  }

  Result<std::vector<Trial>> make_trials(const flows::Target& target) {
    FEWBIT_ASSIGN_OR_RETURN(spec, request_.spec());
    if (spec.arch == Architecture::kGeneric) {
      return Error{"--arch", "generic", "optimized", "the generic architecture has one structure"};
    }
    std::vector<Strategy> strategies = strategies_in_logic(spec);
    if (spec.strategy != Strategy::kAuto) strategies = {spec.strategy};
    std::vector<Trial> trials;
    for (const Strategy strategy : strategies) {
      for (const flows::FlowVariant& flow : target.flows) {
        if (flow.dsp != (spec.dsp != Dsp::kNone)) continue;
        OperatorSpec one = spec;
        one.strategy = strategy;
        trials.push_back({one, flow.name, {}});
      }
    }
    return trials;
  }

  static Result<ExitCode> report(const Console& console, const flows::Target& target,
                                 const std::vector<Trial>& trials, Goal goal) {
    const auto best = std::min_element(
        trials.begin(), trials.end(),
        [goal](const Trial& x, const Trial& y) { return x.badness(goal) < y.badness(goal); });
    const bool of_cells = target.is_of_cells();
    Table table(of_cells ? std::vector<std::string>{"strategy", "flow", "area", "gates", "FFs",
                                                    "depth", "path ns", ""}
                         : std::vector<std::string>{"strategy", "flow", "LUTs", "carries", "FFs",
                                                    "depth", "Fmax MHz", ""});
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (auto trial = trials.begin(); trial != trials.end(); ++trial) {
      const flows::CostPoint& cost = *trial->measured.cost;
      const std::string fmax = of_cells ? fmt::format("{:.2f}", cost.standard_cells->path_ns)
                               : cost.fmax_mhz && cost.fmax_mhz->ok > 0
                                   ? fmt::format("{:.1f}", cost.fmax_mhz->median)
                                   : "-";
      table.add({std::string(to_string(trial->spec.strategy)), trial->flow,
                 of_cells ? fmt::format("{:.0f}", flows::size_of(cost)) : std::to_string(cost.luts),
                 std::to_string(of_cells ? cost.standard_cells->gates : cost.carries),
                 std::to_string(cost.ffs), std::to_string(cost.depth), fmax,
                 trial == best ? "best" : ""});
      FEWBIT_ASSIGN_OR_RETURN(document, to_json(trial->measured, target));
      document["best"] = trial == best;
      list.push_back(document);
    }
    OperatorSpec plain = best->spec;
    plain.strategy = Strategy::kAuto;
    const Strategy chosen = choose_strategy(plain);
    console.print(
        fmt::format("{} on {}\n{}\n", study::label_of(plain), target.name, table.to_text()));
    console.print(fmt::format("without --strategy fewbit builds {}\n", to_string(chosen)));
    console.document({{"trials", list}, {"default_strategy", to_string(chosen)}});
    return ExitCode::kOk;
  }

  RequestOptions request_;
  bool suite_ = false;
  std::string file_;
  std::string tables_;
  std::string seeds_;
  std::string jobs_;
};

}  // namespace

std::unique_ptr<Command> make_tune_command() { return std::make_unique<TuneCommand>(); }

}  // namespace fewbit::cli
