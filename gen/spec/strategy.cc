// The strategies: see strategy.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/spec/strategy.h"

#include <algorithm>
#include <utility>

#include "fewbit/gen/spec/format_coding.h"
#include "fewbit/gen/spec/multiplier_block.h"

namespace fewbit {

using Kind = Expression::Kind;

namespace {

/// a x b and nothing else, exact or rounded, or its running sum.
bool multiplies(const OperatorSpec& spec) { return spec.expression().is_flat(Kind::kProduct); }

/// An adder of one minifloat format, to nearest, ties to even.
bool adds_one_format(const OperatorSpec& spec) {
  const Expression& sum = spec.expression();
  if (!sum.is_flat(Kind::kSum) && !sum.is_flat(Kind::kDifference)) return false;
  if (!spec.result || !spec.result->is_float() || spec.rounding != RoundingMode::kTiesToEven) {
    return false;
  }
  return spec.a == *spec.result && spec.b == *spec.result;
}

/// A running sum, to nearest, ties to even, whose addends are numbers of its format.
bool accumulates_one_format(const OperatorSpec& spec) {
  if (!spec.accumulates_rounded() || !spec.result->is_float() ||
      spec.rounding != RoundingMode::kTiesToEven || spec.dsp != Dsp::kNone) {
    return false;
  }
  const Format& result = *spec.result;
  if (!result.as_float().has_negative_zero()) return false;
  const bool nan = spec.a.has_nan() || (spec.b && spec.b->has_nan());
  const bool infinity = spec.a.has_infinity() || (spec.b && spec.b->has_infinity());
  if ((nan || infinity) && !result.has_nan()) return false;
  if (infinity && !result.has_infinity()) return false;
  const int bits = significand_bits(spec.a) + (spec.b ? significand_bits(*spec.b) : 0);
  const ExactRange sums = operand_range(result);
  const ExactRange addends = exact_range(spec, spec.expression());
  const int finer = addends.lsb_exponent - sums.lsb_exponent;
  return bits <= significand_bits(result) && finer >= 0 &&
         std::max(BigInt(-addends.min), addends.max) * pow2(finer) <= sums.max;
}

/// Of every width: `fewbit hardware --tables add-wide`, and `fewbit cost add` of other formats of 9
/// to 32 bits with `--strategy aligned` and `exact_first`, on each family. With two exponent bits
/// the exact sum is hardly wider than the significand, and smaller.
bool serves_aligned(const OperatorSpec& spec) {
  if (!adds_one_format(spec) && !accumulates_one_format(spec)) return false;
  const FloatFormat& f = spec.result->as_float();
  const bool p3109_infinity = f.has_infinity() && f.negative_zero_is_nan;
  return f.is_signed && f.zero_exponent_is_subnormal && f.exponent_bits >= 3 &&
         f.fraction_bits >= 1 && !p3109_infinity;
}

/// An adder of one signed minifloat format without special values.
bool adds_finite_format(const OperatorSpec& spec) {
  if (!adds_one_format(spec)) return false;
  const FloatFormat& f = spec.result->as_float();
  return coding_of(f) == Coding::kFinite && f.is_signed && f.zero_exponent_is_subnormal &&
         f.has_negative_zero();
}

/// Magnitudes of up to 6 bits: their sum is an index of 7.
bool serves_fixed_point(const OperatorSpec& spec) {
  if (!adds_finite_format(spec)) return false;
  const FloatFormat& f = spec.result->as_float();
  return f.exponent_bits <= 3 && f.fraction_bits + (1 << f.exponent_bits) - 1 <= 6;
}

/// A multiplier of one signed minifloat format, rounded to nearest even, subnormals kept or gone.
/// It has the code of minus zero.
bool is_mul_of_one_format(const OperatorSpec& spec) {
  if (!multiplies(spec) || spec.accumulates() || !spec.result || !spec.a.is_float()) return false;
  if (spec.a != *spec.b || spec.a != *spec.result || spec.dsp != Dsp::kNone) return false;
  const FloatFormat& f = spec.a.as_float();
  return spec.rounding == RoundingMode::kTiesToEven && spec.flush_inputs == spec.flush_outputs &&
         f.zero_exponent_is_subnormal && f.has_negative_zero();
}

bool code_sum_serves(const OperatorSpec& spec) {
  if (!is_mul_of_one_format(spec)) return false;
  const FloatFormat& f = spec.a.as_float();
  const auto coding = coding_of(f);
  const bool known = coding == Coding::kFinite || coding == Coding::kFn || coding == Coding::kIeee;
  return known && f.exponent_bits >= 2 && f.exponent_bits <= 5 && f.fraction_bits >= 1 &&
         f.fraction_bits <= 3 && f.bias == (1 << (f.exponent_bits - 1)) - 1;
}

bool table_serves(const OperatorSpec& spec) {
  if (adds_finite_format(spec)) {
    return serves_fixed_point(spec) && spec.result->as_float().magnitude_bits() <= 3;
  }
  if (!is_mul_of_one_format(spec)) return false;
  const FloatFormat& f = spec.a.as_float();
  const int places = -f.lsb_exponent();
  return coding_of(f) == Coding::kFinite && f.magnitude_bits() <= 3 && places >= 0 && places <= 8;
}

/// A network of cells is known for the table (gen/ops/fabric/cell_network.h).
bool has_cell_network(const OperatorSpec& spec) {
  if (!is_mul_of_one_format(spec) || spec.flush_inputs) return false;
  const FloatFormat& f = spec.a.as_float();
  return f.exponent_bits == 2 && f.fraction_bits == 1 && f.bias == 1;
}

/// A dot product, to which a number may be added.
bool sums_products(const OperatorSpec& spec) {
  const Expression& e = spec.expression();
  return e.kind == Kind::kLaneSum || (spec.has_addend() && e.parts[0].kind == Kind::kLaneSum);
}

/// The operators that make an exact product of two operands, lane by lane, in lookup tables.
bool multiplies_exactly(const OperatorSpec& spec) {
  if (spec.dsp != Dsp::kNone) return false;
  return sums_products(spec) || (multiplies(spec) && !spec.result);
}

bool are_integers(const OperatorSpec& spec) { return spec.a.is_int() && spec.b->is_int(); }

/// Bits of the narrower and the wider of what is multiplied.
std::pair<int, int> factor_bits(const OperatorSpec& spec) {
  return std::minmax({factor_shape(spec, spec.a).bits, factor_shape(spec, *spec.b).bits});
}

/// Two rows or more: the narrower significand selects them.
bool has_rows(const OperatorSpec& spec) {
  return multiplies_exactly(spec) && factor_bits(spec).first >= 2;
}

/// A row's table has a digit of two bits, the other significand and perhaps a sign as inputs.
bool pair_rows_serve(const OperatorSpec& spec) {
  return has_rows(spec) && factor_bits(spec).second <= 6;
}

bool booth_rows_serve(const OperatorSpec& spec) { return has_rows(spec) && are_integers(spec); }

bool product_table_serves(const OperatorSpec& spec) {
  if (!multiplies_exactly(spec) || spec.a.is_int() != spec.b->is_int()) return false;
  const auto bits = [](const Format& format) {
    return format.is_int() ? format.bits() : format.as_float().magnitude_bits();
  };
  return bits(spec.a) + bits(*spec.b) <= 8;
}

bool lane_products_serve(const OperatorSpec& spec) {
  return sums_products(spec) && booth_rows_serve(spec) && spec.lanes > 1;
}

/// A block RAM of iCE40 holds 256 words of 16 bits; the product of the significands' 8 bits fits.
bool bram_serves(const OperatorSpec& spec) {
  constexpr int kAddressBits = 8;
  if (!multiplies(spec) || spec.accumulates_rounded() || spec.fabric != Fabric::kIce40 ||
      spec.dsp != Dsp::kNone)
    return false;
  constexpr int kLeast = 2;  // to the words, and to the result
  if (!spec.is_clocked() || spec.requested_latency.value_or(kLeast) < kLeast) return false;
  const auto [narrow, wide] = factor_bits(spec);
  return narrow >= 2 && narrow + wide <= kAddressBits;
}

}  // namespace

const std::vector<StrategyInfo>& strategy_table() {
  static const std::vector<StrategyInfo> kTable = {
      {Strategy::kAligned, "aligned",
       "adders of one format, facc and fmac whose addends have that of the sum: the smaller "
       "operand "
       "aligned, one chain for exponent and rounding",
       serves_aligned},
      {Strategy::kFixedPoint, "fixed_point",
       "adders of one small format: tables decode to integers, one chain, tables encode the sum",
       serves_fixed_point},
      {Strategy::kCodeSum, "code_sum",
       "mul: the sum of the codes and a carry, which rounds; one format, ties to even",
       code_sum_serves},
      {Strategy::kTable, "table",
       "mul, adders: each bit of the magnitude as a table, or cells, of both magnitudes",
       table_serves},
      {Strategy::kExactFirst, "exact_first",
       "the exact result as a number of its own, then accumulated or rounded",
       [](const OperatorSpec&) { return true; }},
      {Strategy::kConditionalRows, "conditional_rows",
       "exact products: a row a bit, added always, the sum selected", has_rows},
      {Strategy::kAndRows, "and_rows", "exact products: a row a bit, gated, then added", has_rows},
      {Strategy::kBoothRows, "booth_rows", "exact products of integers: radix-4 Booth rows",
       booth_rows_serve},
      {Strategy::kPairRows, "pair_rows", "exact products: a row for two bits, from tables",
       pair_rows_serve},
      {Strategy::kTripleRows, "triple_rows",
       "exact products: a row for two bits, 0 to 3 times the other factor", has_rows},
      {Strategy::kProductTable, "product_table",
       "exact products of up to 8 bits: each bit as a table", product_table_serves},
      {Strategy::kLaneProducts, "lane_products",
       "dot of integers: each lane's product by itself, then a tree of adders",
       lane_products_serve},
      {Strategy::kBram, "bram",
       "mul, mac on iCE40, clocked: the significands' product from a block RAM, one cycle more",
       bram_serves},
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

std::vector<Strategy> strategies_in_logic(const OperatorSpec& spec) {
  std::vector<Strategy> all = strategies_of(spec);
  std::erase(all, Strategy::kBram);
  return all;
}

int significand_bits(const Format& format) {
  if (format.is_float()) return format.as_float().fraction_bits + 1;
  return bit_length(format.as_int().max());
}

Fabric structure_of(Fabric fabric) {
  return fabric == Fabric::kGowin || fabric == Fabric::kNexus ? Fabric::kEcp5 : fabric;
}

Strategy choose_strategy(const OperatorSpec& spec) {
  if (spec.strategy != Strategy::kAuto) return spec.strategy;
  const std::vector<Strategy> all = strategies_of(spec);
  const bool has_table = std::find(all.begin(), all.end(), Strategy::kTable) != all.end();
  // A cell of six inputs holds a whole bit.
  const bool prefers_table = spec.fabric == Fabric::kXilinx || has_cell_network(spec);
  return has_table && prefers_table ? Strategy::kTable : all.front();
}

std::string_view to_string(Strategy strategy) {
  if (strategy == Strategy::kAuto) return "auto";
  for (const StrategyInfo& row : strategy_table()) {
    if (row.strategy == strategy) return row.name;
  }
  FEWBIT_CHECK(false, "strategy {} is not in the table", static_cast<int>(strategy));
}

}  // namespace fewbit
