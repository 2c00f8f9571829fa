// The table of the demo: one row for each pair and target, generic beside optimized.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/study/demo_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "fewbit/gen/util/release.h"

namespace fewbit::study {
namespace {

std::string fmax_text(const flows::CostPoint& cost) {
  if (!cost.fmax_mhz) return "-";
  if (cost.fmax_mhz->ok == 0) return fmt::format("all {} seeds failed", cost.fmax_mhz->failed);
  std::string text = fmt::format("{:.0f} ({:.0f}-{:.0f})", cost.fmax_mhz->median,
                                 cost.fmax_mhz->min, cost.fmax_mhz->max);
  if (cost.fmax_mhz->failed > 0) text += fmt::format(", {} failed", cost.fmax_mhz->failed);
  return text;
}

void add_cells(const Measurement& measurement, std::vector<std::string>& cells) {
  if (!measurement.cost) {
    cells.insert(cells.end(), {"not equal", "-", "-"});
    return;
  }
  const flows::CostPoint& cost = *measurement.cost;
  cells.insert(cells.end(),
               {std::to_string(cost.lut_equivalents), std::to_string(cost.ffs), fmax_text(cost)});
}

std::optional<double> lut_ratio(const DemoRow& row) {
  if (!row.verified() || row.generic.cost->lut_equivalents == 0) return std::nullopt;
  return static_cast<double>(row.optimized.cost->lut_equivalents) /
         row.generic.cost->lut_equivalents;
}

/// Operands compared with the model: RTL and netlists of both architectures.
std::uint64_t vectors_of(const DemoRow& row) {
  std::uint64_t sum = 0;
  for (const Measurement* measurement : {&row.generic, &row.optimized}) {
    for (const auto* reports : {&measurement->rtl, &measurement->netlists}) {
      for (const verify::VerifyReport& report : *reports) sum += report.passed ? report.vectors : 0;
    }
  }
  return sum;
}

}  // namespace

Table demo_table(const std::vector<DemoRow>& rows) {
  Table table({"pair", "acc bits", "target", "generic LUT", "FF", "Fmax MHz", "optimized LUT", "FF",
               "Fmax MHz", "LUT ratio", "vectors"});
  for (const DemoRow& row : rows) {
    std::vector<std::string> cells = {row.pair, std::to_string(row.optimized.spec.acc_width),
                                      row.target.name};
    add_cells(row.generic, cells);
    add_cells(row.optimized, cells);
    const std::optional<double> ratio = lut_ratio(row);
    cells.push_back(ratio ? fmt::format("{:.2f}", *ratio) : "-");
    cells.push_back(std::to_string(vectors_of(row)));
    table.add(std::move(cells));
  }
  return table;
}

Table demo_summary(const std::vector<DemoRow>& rows) {
  Table table({"pair", "target", "generic", "MHz", "optimized", "MHz", "ratio", "vectors"});
  const auto luts = [](const Measurement& measurement) {
    return measurement.cost ? std::to_string(measurement.cost->lut_equivalents) : "differs";
  };
  const auto mhz = [](const Measurement& measurement) -> std::string {
    if (!measurement.cost || !measurement.cost->fmax_mhz) return "-";
    const flows::Fmax& fmax = *measurement.cost->fmax_mhz;
    return fmax.ok == 0 ? "failed" : fmt::format("{:.0f}", fmax.median);
  };
  for (const DemoRow& row : rows) {
    const std::optional<double> ratio = lut_ratio(row);
    table.add({row.pair, row.target.name, luts(row.generic), mhz(row.generic), luts(row.optimized),
               mhz(row.optimized), ratio ? fmt::format("{:.2f}", *ratio) : "-",
               std::to_string(vectors_of(row))});
  }
  return table;
}

Result<std::string> demo_markdown(const std::vector<DemoRow>& rows, const std::string& command,
                                  const std::string& terms, int seeds) {
  FEWBIT_ASSIGN_OR_RETURN(verilator, verify::verilator_version());
  std::map<std::string, std::string> tools = {{"verilator", verilator}};
  for (const DemoRow& row : rows) {
    for (const Measurement* measurement : {&row.generic, &row.optimized}) {
      if (!measurement->cost) continue;
      for (const auto& [program, line] : measurement->cost->tools) tools[program] = line;
    }
  }
  std::string text = demo_table(rows).to_markdown();
  text += fmt::format(
      "\nMeasured by `{}`: exact multiply-accumulates with room for {} terms. Both designs of a "
      "row "
      "do the\nsame work. Fmax: median (least-most) of {} place-and-route seeds; `-`: synthesis "
      "only. LUT ratio:\noptimized over generic. Vectors: operand pairs on which RTL and mapped "
      "netlists were compared with\nthe bit-exact model. Tools: fewbit {}",
      command, terms, seeds, release());
  for (const auto& [program, line] : tools) text += fmt::format("; {}: {}", program, line);
  return text + ".\n";
}

Result<nlohmann::ordered_json> demo_json(const std::vector<DemoRow>& rows) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const DemoRow& row : rows) {
    FEWBIT_ASSIGN_OR_RETURN(generic, to_json(row.generic, row.target));
    FEWBIT_ASSIGN_OR_RETURN(optimized, to_json(row.optimized, row.target));
    nlohmann::ordered_json json{
        {"pair", row.pair},          {"acc_bits", row.optimized.spec.acc_width},
        {"target", row.target.name}, {"vectors", vectors_of(row)},
        {"generic", generic},        {"optimized", optimized}};
    if (const auto ratio = lut_ratio(row)) json["lut_ratio"] = *ratio;
    list.push_back(std::move(json));
  }
  const bool passed =
      std::all_of(rows.begin(), rows.end(), [](const DemoRow& row) { return row.verified(); });
  return nlohmann::ordered_json{{"passed", passed}, {"rows", list}};
}

}  // namespace fewbit::study
