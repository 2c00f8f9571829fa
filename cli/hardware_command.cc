// fewbit hardware: the tables of docs/hardware.md, measured anew.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "fewbit/cli/command.h"
#include "fewbit/cli/hardware.h"
#include "fewbit/cli/progress.h"
#include "fewbit/cli/subjects.h"
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
    FEWBIT_ASSIGN_OR_RETURN(groups, make_groups(split_commas(tables_)));
    std::vector<MeasureJob> work;
    for (Group& group : groups) {
      for (Row& row : group.rows) {
        for (auto* cells : {&row.cells, &row.reference, &row.requant}) {
          for (Cell& cell : *cells) {
            const int runs = is_routed(group.layout) ? seeds : 0;
            work.push_back({&cell.measured, &cell.target, runs, "", group.copies});
          }
        }
      }
    }
    FEWBIT_RETURN_IF_ERROR(measure_many(work, jobs, true));
    if (interrupted()) return ExitCode::kInterrupted;
    std::vector<TextFile> files = {{"delays.md", delay_table().to_markdown()},
                                   {"tuned.md", tuned_table().to_markdown()}};
    nlohmann::ordered_json json;
    for (const Group& group : groups) {
      const Table table = table_of(group);
      files.push_back({group.name + ".md", table.to_markdown()});
      console.print(group.title + "\n" + table.to_text() + "\n");
      for (const Row& row : group.rows) {
        for (const Cell& cell : row.cells) {
          FEWBIT_ASSIGN_OR_RETURN(document, to_json(cell.measured, cell.target));
          if (!cell.measured.failure.empty()) document["failure"] = cell.measured.failure;
          json[group.name].push_back(document);
        }
      }
    }
    FEWBIT_RETURN_IF_ERROR(write_files(folder_, files));
    console.document(json);
    bool all = true;
    for (const MeasureJob& job : work) {
      if (job.measurement->cost) continue;
      all = false;
      console.print(fmt::format("{} on {}: {}\n", label_of(job.measurement->spec), job.target->name,
                                job.measurement->why_not()));
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
