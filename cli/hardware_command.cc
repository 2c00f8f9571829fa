// fewbit hardware: the tables of docs/hardware.md, measured anew.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/command.h"
#include "cli/measure_many.h"
#include "cli/progress.h"
#include "cli/request_options.h"
#include "cli/subjects.h"
#include "cli/text.h"
#include "gen/ops/delays.h"
#include "gen/ops/emit.h"
#include "gen/util/process.h"

namespace fewbit::embedded {
const std::vector<TextFile>& hardware_tables();
}

namespace fewbit::cli {
namespace {

/// One design on one target, and what a peer's costs there.
struct Cell {
  Measurement measured;
  flows::Target target;
  std::optional<int> peer;
};
struct Row {
  std::string label;
  std::string peer_source;
  std::vector<Cell> cells;    ///< by target
  std::vector<Cell> generic;  ///< the reference architecture, where the table has it
};
struct Group {
  std::string name;
  std::string title;
  bool place_and_route = false;
  bool with_generic = false;
  std::vector<std::string> targets;
  std::vector<Row> rows;
};

Result<Cell> make_cell(const nlohmann::json& row, const std::string& target_name, bool generic) {
  OperatorRequest request;
  request.op = row.at("op");
  if (generic) request.arch = "generic";
  for (const auto& [name, value] : row.at("options").items()) {
    for (const OptionInfo& option : option_table()) {
      if (option.name != name) continue;
      const std::string text = value;
      if (option.text != nullptr) {
        request.*option.text = text;
      } else {
        request.*option.number = std::stoll(text);
      }
    }
  }
  FEWBIT_ASSIGN_OR_RETURN(target, flows::find_target(target_name));
  FEWBIT_ASSIGN_OR_RETURN(fabric, fabric_of(target));
  request.fabric = fabric;
  FEWBIT_ASSIGN_OR_RETURN(spec, make_operator_spec(request));
  Cell cell{{spec, ops::emit(spec), {}, {}, {}, 0}, target, {}};
  if (!generic && row.contains("peer") && row.at("peer").contains(target_name)) {
    cell.peer = row.at("peer").at(target_name).get<int>();
  }
  return cell;
}

Result<std::vector<Group>> make_groups(const std::vector<std::string>& wanted) {
  const nlohmann::json json = nlohmann::json::parse(embedded::hardware_tables().front().text);
  std::vector<Group> groups;
  std::string names;
  for (const auto& one : json.at("groups")) {
    Group group{.name = one.at("name"),
                .title = one.at("title"),
                .place_and_route = one.value("place_and_route", false),
                .with_generic = one.value("with_generic", false)};
    names += (names.empty() ? "" : ", ") + group.name;
    // The sample of the regression test is no table of the document.
    const bool is_wanted =
        wanted.empty() ? group.name != "sample"
                       : std::find(wanted.begin(), wanted.end(), group.name) != wanted.end();
    if (!is_wanted) continue;
    group.targets = one.value("targets", json.at("targets").get<std::vector<std::string>>());
    for (const auto& text : one.at("rows")) {
      Row row{.label = text.at("label"), .peer_source = text.value("peer_source", "")};
      for (const std::string& target : group.targets) {
        FEWBIT_ASSIGN_OR_RETURN(cell, make_cell(text, target, false));
        row.cells.push_back(cell);
        if (!group.with_generic) continue;
        FEWBIT_ASSIGN_OR_RETURN(generic, make_cell(text, target, true));
        row.generic.push_back(generic);
      }
      group.rows.push_back(std::move(row));
    }
    groups.push_back(std::move(group));
  }
  if (groups.empty())
    return Error{"--tables", fmt::format("{}", fmt::join(wanted, ",")), names, ""};
  return groups;
}

/// LUT4s and, on ECP5, the LUTs that the carry cells hold.
int luts_of(const Cell& cell) { return cell.measured.cost->lut_equivalents; }

std::string ratio_text(double ratio) { return fmt::format("{:.2f}", ratio); }

double geometric_mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += std::log(value);
  return std::exp(sum / static_cast<double>(values.size()));
}

/// Design, then for each target: fewbit, the reference, the peer, fewbit over the peer.
Table area_table(const Group& group) {
  std::vector<std::string> heading = {"design"};
  for (const std::string& target : group.targets) {
    heading.push_back(target);
    if (group.with_generic) heading.push_back("generic");
    heading.insert(heading.end(), {"peer", "ratio"});
  }
  heading.emplace_back("peers");
  Table table(heading);
  std::vector<std::vector<double>> ratios(group.targets.size()), to_generic(group.targets.size());
  for (const Row& row : group.rows) {
    std::vector<std::string> texts = {row.label};
    for (std::size_t t = 0; t < row.cells.size(); ++t) {
      const Cell& cell = row.cells[t];
      const int luts = luts_of(cell);
      texts.push_back(std::to_string(luts));
      if (group.with_generic) {
        const int reference = luts_of(row.generic[t]);
        to_generic[t].push_back(static_cast<double>(luts) / reference);
        texts.push_back(std::to_string(reference));
      }
      if (!cell.peer) {
        texts.insert(texts.end(), {"-", "-"});
        continue;
      }
      ratios[t].push_back(static_cast<double>(luts) / *cell.peer);
      texts.insert(texts.end(), {std::to_string(*cell.peer), ratio_text(ratios[t].back())});
    }
    texts.push_back(row.peer_source.empty() ? "-" : row.peer_source);
    table.add(texts);
  }
  std::vector<std::string> means = {"geometric mean"};
  for (std::size_t t = 0; t < group.targets.size(); ++t) {
    means.emplace_back("");
    if (group.with_generic) means.push_back(ratio_text(geometric_mean(to_generic[t])));
    means.emplace_back("");
    means.push_back(ratios[t].empty() ? "-" : ratio_text(geometric_mean(ratios[t])));
  }
  means.emplace_back("");
  table.add(means);
  return table;
}

/// Latency against clock frequency and area; the delay model's estimate beside what was measured.
Table speed_table(const Group& group) {
  Table table({"operands", "target", "latency", "MHz, median", "least to greatest", "estimate",
               "LUTs", "flip-flops"});
  for (const Row& row : group.rows) {
    for (const Cell& cell : row.cells) {
      const flows::CostPoint& cost = *cell.measured.cost;
      const flows::Fmax& fmax = *cost.fmax_mhz;
      table.add({row.label, cell.target.name, std::to_string(cell.measured.spec.latency()),
                 fmt::format("{:.0f}", fmax.median),
                 fmt::format("{:.0f} to {:.0f}", fmax.min, fmax.max),
                 fmt::format("{:.0f}", 1000.0 / ops::estimated_period(cell.measured.spec)),
                 std::to_string(cost.lut_equivalents), std::to_string(cost.ffs)});
    }
  }
  return table;
}

/// The constants of the delay models.
Table delay_table() {
  Table table({"ns", "iCE40 HX", "ECP5", "Xilinx"});
  const rtl::DelayModel* models[] = {&ops::delay_model(Fabric::kIce40),
                                     &ops::delay_model(Fabric::kEcp5),
                                     &ops::delay_model(Fabric::kXilinx)};
  const auto add = [&](const std::string& name, double rtl::DelayModel::*time) {
    std::vector<std::string> row = {name};
    for (const rtl::DelayModel* model : models) row.push_back(fmt::format("{:.3f}", model->*time));
    table.add(row);
  };
  add("clock to output", &rtl::DelayModel::clock_to_output);
  add("wire", &rtl::DelayModel::wire);
  add("table", &rtl::DelayModel::lut);
  add("setup", &rtl::DelayModel::setup);
  add("into a carry chain", &rtl::DelayModel::carry_enter);
  add("carry, per bit", &rtl::DelayModel::carry);
  add("more every 8 bits", &rtl::DelayModel::carry_between_groups);
  add("out of a chain, to a sum bit", &rtl::DelayModel::carry_exit);
  add("more for the last carry itself", &rtl::DelayModel::carry_out);
  add("more for a sum bit with two registers", &rtl::DelayModel::shared_sum);
  add("more for a carry with one cycle to the next segment", &rtl::DelayModel::carry_to_carry);
  add("more at the end of a full tile", &rtl::DelayModel::full_group);
  return table;
}

class HardwareCommand : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "hardware"; }
  [[nodiscard]] std::string summary() const override {
    return "Measure the tables of docs/hardware.md: operators beside their peers";
  }
  void declare(CLI::App& app) override {
    app.add_option("-o,--output", folder_, "Folder for TABLE.md; default: build/hardware");
    app.add_option("--tables", tables_, "Names of tables, with commas; default: all");
    app.add_option("--seeds", seeds_, "Place-and-route runs where a table has them; default: 5");
    app.add_option("--jobs", jobs_, "Designs measured at a time; default: all cores");
    app.footer(
        "Examples:\n  fewbit hardware --tables mul,add\n  fewbit hardware -o build/hardware");
  }
  Result<ExitCode> run(const Console& console) override {
    FEWBIT_ASSIGN_OR_RETURN(seeds, parse_seeds(seeds_));
    FEWBIT_ASSIGN_OR_RETURN(jobs, parse_jobs(jobs_));
    FEWBIT_ASSIGN_OR_RETURN(groups, make_groups(split_commas(tables_)));
    std::vector<MeasureJob> work;
    for (Group& group : groups) {
      for (Row& row : group.rows) {
        for (auto* cells : {&row.cells, &row.generic}) {
          for (Cell& cell : *cells) {
            work.push_back({&cell.measured, &cell.target, group.place_and_route ? seeds : 0});
          }
        }
      }
    }
    FEWBIT_RETURN_IF_ERROR(measure_many(work, jobs));
    if (interrupted()) return ExitCode::kInterrupted;
    for (const MeasureJob& job : work) {
      if (job.measurement->cost) continue;
      console.print(label_of(job.measurement->spec) + ": hardware and model differ\n");
      return ExitCode::kMismatch;
    }
    std::vector<TextFile> files = {{"delays.md", delay_table().to_markdown()}};
    nlohmann::ordered_json json;
    for (const Group& group : groups) {
      const Table table = group.place_and_route ? speed_table(group) : area_table(group);
      files.push_back({group.name + ".md", table.to_markdown()});
      console.print(group.title + "\n" + table.to_text() + "\n");
      for (const Row& row : group.rows) {
        for (const Cell& cell : row.cells) {
          FEWBIT_ASSIGN_OR_RETURN(document, to_json(cell.measured, cell.target));
          json[group.name].push_back(document);
        }
      }
    }
    FEWBIT_RETURN_IF_ERROR(write_files(folder_, files));
    console.document(json);
    return ExitCode::kOk;
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
