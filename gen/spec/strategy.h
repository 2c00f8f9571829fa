// Strategy: the named structures of the optimized architecture, and which requests they can serve.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit {

/// One row per strategy. A request is built with the one it names, else with choose_strategy().
struct StrategyInfo {
  Strategy strategy;
  std::string name;     ///< "exact_first"
  std::string summary;  ///< one line for help
  bool (*serves)(const OperatorSpec& spec);
};
const std::vector<StrategyInfo>& strategy_table();

/// The strategies that can build this request, in the order of the table. Never empty for the
/// optimized architecture; empty for the generic one.
std::vector<Strategy> strategies_of(const OperatorSpec& spec);
/// Those of them that differ in logic cells alone. A block RAM takes a cycle, and costs no lookup
/// table: it is had only by name, never by tuning.
std::vector<Strategy> strategies_in_logic(const OperatorSpec& spec);

/// The fabric whose structures are built for this one: its own, or those of ECP5.
Fabric structure_of(Fabric fabric);

/// Bits from the first one of a value to the last, of a format's finite values.
int significand_bits(const Format& format);

/// The strategy that builds this request: the one it names, else the first of strategies_of(), but
/// on Xilinx cells a table where one serves.
Strategy choose_strategy(const OperatorSpec& spec);

}  // namespace fewbit
