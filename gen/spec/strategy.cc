// The strategies: see strategy.h.
// SPDX-License-Identifier: Apache-2.0
#include "gen/spec/strategy.h"

namespace fewbit {

const std::vector<StrategyInfo>& strategy_table() {
  static const std::vector<StrategyInfo> kTable = {
      {Strategy::kExactFirst, "exact_first",
       "the exact result as a number of its own, then accumulated or rounded",
       [](const OperatorSpec&) { return true; }},
  };
  return kTable;
}

std::vector<Strategy> strategies_of(const OperatorSpec& spec) {
  std::vector<Strategy> all;
  if (spec.arch == Architecture::kGeneric) return all;
  for (const StrategyInfo& row : strategy_table()) {
    if (row.serves(spec)) all.push_back(row.strategy);
  }
  return all;
}

Strategy choose_strategy(const OperatorSpec& spec) {
  return spec.strategy != Strategy::kAuto ? spec.strategy : strategies_of(spec).front();
}

std::string_view to_string(Strategy strategy) {
  if (strategy == Strategy::kAuto) return "auto";
  for (const StrategyInfo& row : strategy_table()) {
    if (row.strategy == strategy) return row.name;
  }
  FEWBIT_CHECK(false, "strategy {} is not in the table", static_cast<int>(strategy));
}

}  // namespace fewbit
