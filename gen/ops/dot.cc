// Dot product: the products of all lanes in one sum, rounded, exact, or accumulated.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "fewbit/gen/ops/block_product.h"
#include "fewbit/gen/ops/lane_sums.h"
#include "fewbit/gen/ops/operators.h"
#include "fewbit/gen/ops/significand_product.h"
#include "fewbit/gen/spec/strategy.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::ProbeRole;
using rtl::Signal;

namespace {

/// What is left of the carries, once the adders of the tree have taken theirs.
Signal with_carries(Module& m, Signal sum, const std::vector<Signal>& carries) {
  for (const Signal& carry : carries) {
    sum = m.net("sum_complete", add_with_carry(sum, m.constant(sum.width(), 0), carry));
  }
  return sum;
}

/// Lanes whose products share one running sum of rows; 1 where each has its own product.
int lanes_a_sum(const OperatorSpec& spec) {
  if (!spec.a.is_int() || !spec.b->is_int() || spec.dsp == Dsp::kOne) return 1;
  if (spec.dsp == Dsp::kPacked) return 2;
  const int many = spec.fabric == Fabric::kIce40 ? 2 : 4;
  switch (choose_strategy(spec)) {
    case Strategy::kConditionalRows:
    case Strategy::kBoothRows:
      return many;
    case Strategy::kExactFirst:
      break;
    default:
      return 1;
  }
  const int narrow = std::min(spec.a.bits(), spec.b->bits());
  if (narrow < 2 || spec.a.bits() + spec.b->bits() <= lut_inputs(spec.fabric)) return 1;
  const bool is_signed = spec.a.is_signed() || spec.b->is_signed();
  if (!is_signed && (spec.fabric != Fabric::kIce40 || spec.a.bits() + spec.b->bits() <= 6))
    return 1;
  return many;
}

std::pair<Factor, Factor> factors_of(const LaneOperands& lane) {
  return {{lane.a.significand, lane.a.significand_is_signed},
          {lane.b.significand, lane.b.significand_is_signed}};
}

LaneOperands unpack_lane(Module& m, const OperatorSpec& spec, const Interface& io, int k) {
  m.section("Unpack");
  LaneOperands lane;
  lane.a_code = m.net("a", io.lane("a_i", k));
  lane.b_code = m.net("b", io.lane("b_i", k));
  lane.a = unpack(m, spec.a, lane.a_code, "a", spec.flush_inputs);
  lane.b = unpack(m, *spec.b, lane.b_code, "b", spec.flush_inputs);
  return lane;
}

/// The sum of one lane's product, or of two in one block; its carry goes into `carries`.
Signal block_sum(Module& m, const std::string& name,
                 const std::vector<std::pair<Factor, Factor>>& factors, Fabric fabric,
                 std::vector<Signal>& carries) {
  if (factors.size() == 1) {
    return m.net(name, multiply(m, factors[0].first, factors[0].second, fabric, false).bits);
  }
  const Product sum = packed_sum(m, name, factors[0], factors[1]);
  if (!is_zero_constant(sum.carry)) carries.push_back(sum.carry);
  return sum.bits;
}

}  // namespace

namespace {

/// The sum of bipolar products, XNOR and popcount: of k lanes with c equal codes each it is 2c - k.
/// Tables count the equals of as many lanes as a cell has inputs for, and halve: what is left of
/// odd k, +1 and -1 by turns, is the lowest bit of the sum.
Signal count_of_equals(Module& m, const OperatorSpec& spec, const std::vector<LaneOperands>& lanes,
                       int width) {
  const int group = lut_inputs(spec.fabric) / 2;
  std::vector<Term> terms;
  bool is_odd = false;
  for (int k = 0; k < spec.lanes; k += group) {
    const int count = std::min(group, spec.lanes - k);
    m.section(fmt::format("Equal codes of lanes {} to {}", k, k + count - 1));
    std::vector<Signal> codes;  // from the top
    for (int i = count - 1; i >= 0; --i) {
      const LaneOperands& lane = lanes[static_cast<std::size_t>(k + i)];
      codes.push_back(lane.a_code);
      codes.push_back(lane.b_code);
    }
    const int less = count / 2 + (count % 2 != 0 && !is_odd ? 1 : 0);
    if (count % 2 != 0) is_odd = !is_odd;
    const BigInt min = -less, max = count - less;
    const Signal bits =
        table_of(m, fmt::format("lanes_{}", k),
                 {fmt::format("EqualCodes{}", count),
                  fmt::format("How many of {} products are 1, less {}", count, less)},
                 width_of_range(min, max), concat(codes), [&](unsigned index) {
                   int equals = -less;
                   for (int i = 0; i < count; ++i, index >>= 2) {
                     equals += (index & 1) == (index >> 1 & 1) ? 1 : 0;
                   }
                   return BigInt(equals);
                 });
    m.mark(ProbeRole::kSharedTerm, bits, k);
    terms.push_back({bits, min, max});
  }
  m.section("Exact sum of all lanes");
  std::vector<Signal> carries;
  const Term half = tree_sum(m, "sum", terms, carries, width - 1);
  return concat({half.extended(width - 1), m.constant(1, is_odd ? 1 : 0)});
}

}  // namespace

LaneSum sum_of_lanes(Module& m, const OperatorSpec& spec, const Interface& io) {
  const Expression& dot = *spec.expression().find(Expression::Kind::kLaneSum);
  const IntFormat format = exact_range(spec, dot).format();
  const ExactRange one = exact_range(spec, dot.parts[0]);  // of a lane
  const int group = lanes_a_sum(spec);
  std::vector<std::pair<Factor, Factor>> factors;
  std::vector<Term> terms;
  std::vector<Signal> carries;
  Signal nan = m.constant(1, 0);
  Signal plus = nan;
  Signal minus = nan;
  std::vector<LaneOperands> lanes;
  for (int k = 0; k < spec.lanes; ++k) {
    const LaneScope scope(m, spec.lanes, k);
    lanes.push_back(unpack_lane(m, spec, io, k));
    const SpecialResult flags = product_specials(m, lanes.back().a, lanes.back().b).flags();
    nan = nan | flags.nan;
    plus = plus | flags.pinf;
    minus = minus | flags.ninf;
  }
  const bool bipolar = spec.a.is_bipolar() && spec.b->is_bipolar();
  const bool conditional = sums_conditionally(spec, lanes);
  Signal made;  // of the upper lane in the last block
  for (int k = 0; !conditional && !bipolar && k < spec.lanes; ++k) {
    const LaneOperands& lane = lanes[static_cast<std::size_t>(k)];
    if (group > 1) {
      factors.push_back(factors_of(lane));
      continue;
    }
    Signal product_made = std::exchange(made, {});
    if (spec.dsp == Dsp::kPacked && !product_made.valid() && k + 1 < spec.lanes) {
      m.section(fmt::format("Products of lanes {} and {} in one multiplier block", k, k + 1));
      std::tie(product_made, made) =
          packed_products(m, fmt::format("lanes_{}", k), factors_of(lane),
                          factors_of(lanes[static_cast<std::size_t>(k) + 1]), spec.fabric);
    }
    const LaneScope scope(m, spec.lanes, k);
    m.section("Product");
    // The tree has an adder less than lanes, so that it leaves no carry-in for the last lane. On
    // Xilinx the sign shares the adder's cells, which is worth more than a carry-in.
    const Stage stage{.is_last = k == spec.lanes - 1 && spec.fabric != Fabric::kXilinx};
    const Addend product = product_addend(m, spec, lane.a_code, lane.b_code, lane.a, lane.b, stage,
                                          format.bits, product_made);
    // On iCE40 each term is as wide as its own range; elsewhere chains of one width map better. A
    // negative product is in one's complement: one less.
    Term term{{}, format.min(), format.max()};
    if (spec.fabric == Fabric::kIce40) {
      term = {{}, one.min - (is_zero_constant(product.carry) ? 0 : 1), one.max};
    }
    const int width = std::min(width_of_range(term.min, term.max), format.bits);
    term.bits = m.net("term", product.extended(width));
    terms.push_back(term);
    const Signal carry = m.net("term_carry", product.carry);
    if (!is_zero_constant(carry)) carries.push_back(carry);
    m.mark(ProbeRole::kTerm, term.bits, k);
    m.mark(ProbeRole::kTermCarry, carry, k);
  }
  for (int k = 0; !factors.empty() && k < spec.lanes; k += group) {
    const int end = std::min(k + group, spec.lanes);
    const bool packs = spec.dsp == Dsp::kPacked;
    m.section(fmt::format("Products of lanes {} to {} in one {}", k, end - 1,
                          packs ? "multiplier block" : "running sum"));
    BigInt min = one.min * (end - k);
    const BigInt max = one.max * (end - k);
    const std::vector<std::pair<Factor, Factor>> some = {factors.begin() + k,
                                                         factors.begin() + end};
    const std::string name = fmt::format("lanes_{}", k);
    if (packs && min < 0) min -= 1;  // less the carry
    const Signal term = packs
                            ? block_sum(m, name, some, spec.fabric, carries)
                            : sum_of_products(m, name, some, min, max, spec.fabric, rows_of(spec));
    m.mark(ProbeRole::kSharedTerm, term, k);
    terms.push_back({term, min, max});
  }
  Signal sum;
  if (bipolar) {
    sum = count_of_equals(m, spec, lanes, format.bits);
  } else if (conditional) {
    sum = conditional_lane_sum(m, spec, lanes, format.bits);
  } else {
    m.section("Exact sum of all lanes");
    sum = tree_sum(m, "sum", terms, carries, format.bits).extended(format.bits);
    sum = with_carries(m, sum, carries);
  }
  sum = m.net("lanes_sum", sum);
  const Signal any_plus = m.net("any_plus_infinity", plus);
  const Signal any_minus = m.net("any_minus_infinity", minus);
  const Signal any_nan = m.net("lanes_nan", nan | (any_plus & any_minus));
  return {sum,
          format.is_signed,
          format.lsb_exponent,
          {any_nan, m.net("lanes_infinite", (any_plus | any_minus) & ~any_nan), any_minus}};
}

Results build_dot(Module& m, const OperatorSpec& spec, const Interface& io) {
  const LaneSum lanes = sum_of_lanes(m, spec, io);
  Results results;
  if (spec.accumulates()) {
    Signal special;
    if (special_flags(spec).any()) {
      special = m.net("is_special", lanes.specials.nan | lanes.specials.infinite);
    }
    const Stage stage = io.control().stage(special);
    const Signal held = stage.cross("lanes_sum_held", lanes.sum);
    const Signal zero = m.constant(1, 0);
    const Addend addend{held, lanes.is_signed ? held.top() : zero, zero, lanes.lsb_exponent};
    return accumulate(m, spec, io.control(), addend, lanes.specials.flags());
  }
  if (!spec.result) {
    results.result = lanes.sum;
    results.flags = lanes.specials.flags();
    return results;
  }
  m.section("Sign and magnitude");
  SignMagnitude value = sign_and_magnitude(m, lanes.sum, lanes.is_signed, lanes.lsb_exponent);
  // An exact zero is +0, rounded downward -0.
  Signal sign = value.negative;
  if (spec.rounding == RoundingMode::kTowardNegative) sign = sign | ~reduce_or(lanes.sum);
  value.negative =
      m.net("result_negative", mux(lanes.specials.infinite, lanes.specials.negative, sign));
  results.result = m.net(
      "result",
      round_and_pack(m, spec, {value, lanes.specials.nan, lanes.specials.infinite}, io.random()));
  return results;
}

}  // namespace fewbit::ops
