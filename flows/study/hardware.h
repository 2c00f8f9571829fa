// The tables of docs/hardware.md: which designs they measure, and how they are laid out.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "fewbit/flows/study/measure_many.h"
#include "fewbit/gen/util/text.h"

namespace fewbit::study {

/// One design on one target, and what it is held against there.
struct Cell {
  Measurement measured;
  flows::Target target;
  std::optional<int> peer;  ///< what a peer's costs
  std::optional<int> bar;   ///< what it is to cost at most
};
struct Row {
  std::string label;
  std::string peer_source;
  std::vector<Cell> cells;      ///< by target
  std::vector<Cell> reference;  ///< the reference architecture, or the one-line sum
  std::vector<Cell> requant;    ///< from the accumulator back into the format
  std::string over;             ///< label of the row that it is compared with
};
/// How the rows of a group are shown.
enum class Layout { kArea, kSpeed, kFloor, kOverhead, kBlocks };
/// Whether it shows clock frequencies.
constexpr bool is_routed(Layout layout) {
  return layout == Layout::kSpeed || layout == Layout::kBlocks;
}
struct Group {
  std::string name;
  std::string title;
  Layout layout = Layout::kArea;
  bool with_generic = false;
  bool with_one_line = false;
  int copies = 1;  ///< of the core in one design
  std::vector<std::string> targets;
  std::vector<Row> rows;
};

/// The groups of flows/tables/hardware.json with these names; of no name all that are tables of
/// the document.
Result<std::vector<Group>> make_groups(const std::vector<std::string>& wanted);
/// Every group's name, with commas.
std::string group_names();
/// The request of a row of that file for a target.
Result<OperatorSpec> spec_of_row(const nlohmann::json& row, const flows::Target& target,
                                 const std::string& arch);

/// acc <= acc + a * b, as one would write it, for the integers of a multiply-accumulate:
/// rtl_templates/fewbit_mac_one_line.sv with the ports of the request's own design, latency 1.
rtl::EmittedDesign one_line_mac(const OperatorSpec& spec);

Table table_of(const Group& group);
/// The constants of the delay models.
Table delay_table();
/// What tuning found, from gen/spec/tuned.json.
Table tuned_table();

}  // namespace fewbit::study
