// The strategies: see strategy.h.
// SPDX-License-Identifier: Apache-2.0
#include "gen/spec/strategy.h"

namespace fewbit {

namespace {

/// An adder of one minifloat format, to nearest, ties to even.
bool adds_one_format(const OperatorSpec& spec) {
  if (spec.kind != OperatorKind::kAdd && spec.kind != OperatorKind::kSub) return false;
  if (!spec.result || !spec.result->is_float() || spec.rounding != RoundingMode::kTiesToEven) {
    return false;
  }
  return spec.a == *spec.result && spec.b == *spec.result;
}

/// With two exponent bits the exact sum is hardly wider than the significand, and smaller.
bool serves_aligned(const OperatorSpec& spec) {
  if (!adds_one_format(spec)) return false;
  const FloatFormat& f = spec.result->as_float();
  const bool p3109_infinity = f.has_infinity() && f.negative_zero_is_nan;
  return f.is_signed && f.zero_exponent_is_subnormal && f.exponent_bits >= 3 &&
         f.fraction_bits >= 1 && f.bits() <= 8 && !p3109_infinity;
}

}  // namespace

const std::vector<StrategyInfo>& strategy_table() {
  static const std::vector<StrategyInfo> kTable = {
      {Strategy::kAligned, "aligned",
       "adders of one format: the smaller operand aligned, one chain for exponent and rounding",
       serves_aligned},
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
