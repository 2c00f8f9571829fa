// fewbit hardware: the tables of docs/hardware.md, measured anew.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "fewbit/cli/command.h"
#include "fewbit/cli/progress.h"
#include "fewbit/flows/study/hardware.h"
#include "fewbit/flows/study/subjects.h"
#include "fewbit/gen/util/interrupt.h"

namespace fewbit::cli {
namespace {

class HardwareCommand : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "hardware"; }
  [[nodiscard]] bool runs_tools(const std::string& /*name*/) const override { return true; }
  [[nodiscard]] std::string summary() const override {
    return "Measure the tables of docs/hardware.md: operators beside their peers";
  }
  void declare(CLI::App& app) override {
    app.add_option("-o,--output", folder_, "Folder for TABLE.md; default: build/hardware");
    app.add_option("--tables", tables_, "Names of tables, with commas; default: all");
    app.add_option("--seeds", seeds_, "Place-and-route runs where a table has them; default: 5");
    app.add_option("--jobs", jobs_, "Designs measured at a time; default: all cores");
    app.footer(
        "What cannot be measured is `failed` in its table, with the reason at the end; the exit "
        "code "
        "is 1 then.\nExamples:\n  fewbit hardware --tables mul,add\n  fewbit hardware -o "
        "build/hardware");
  }
  Result<ExitCode> run(const Console& console) override {
    FEWBIT_ASSIGN_OR_RETURN(seeds, parse_seeds(seeds_));
    FEWBIT_ASSIGN_OR_RETURN(jobs, parse_jobs(jobs_));
    FEWBIT_ASSIGN_OR_RETURN(groups, study::make_groups(split_commas(tables_)));
    std::vector<study::MeasureJob> work;
    for (study::Group& group : groups) {
      for (study::Row& row : group.rows) {
        for (auto* cells : {&row.cells, &row.reference, &row.requant}) {
          for (study::Cell& cell : *cells) {
            const int runs = study::is_routed(group.layout) ? seeds : 0;
            work.push_back({&cell.measured, &cell.target, runs, "", group.copies});
          }
        }
      }
    }
    ShownProgress progress;
    FEWBIT_RETURN_IF_ERROR(study::measure_many(work, jobs, progress, true));
    if (interrupted()) return ExitCode::kInterrupted;
    std::vector<TextFile> files = {{"delays.md", study::delay_table().to_markdown()},
                                   {"tuned.md", study::tuned_table().to_markdown()}};
    nlohmann::ordered_json json;
    for (const study::Group& group : groups) {
      const Table table = study::table_of(group);
      files.push_back({group.name + ".md", table.to_markdown()});
      console.print(group.title + "\n" + table.to_text() + "\n");
      for (const study::Row& row : group.rows) {
        for (const study::Cell& cell : row.cells) {
          FEWBIT_ASSIGN_OR_RETURN(document, to_json(cell.measured, cell.target));
          if (!cell.measured.failure.empty()) document["failure"] = cell.measured.failure;
          json[group.name].push_back(document);
        }
      }
    }
    FEWBIT_RETURN_IF_ERROR(write_files(folder_, files));
    console.document(json);
    bool all = true;
    for (const study::MeasureJob& job : work) {
      if (job.measurement->cost) continue;
      all = false;
      console.print(fmt::format("{} on {}: {}\n", study::label_of(job.measurement->spec),
                                job.target->name, job.measurement->why_not()));
    }
    return all ? ExitCode::kOk : ExitCode::kMismatch;
  }

 private:
  std::string folder_ = "build/hardware";
  std::string tables_;
  std::string seeds_;
  std::string jobs_;
};

}  // namespace

std::unique_ptr<Command> make_hardware_command() { return std::make_unique<HardwareCommand>(); }

}  // namespace fewbit::cli
