// Dot product: the products of all lanes in one sum, rounded, exact, or accumulated.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "gen/ops/block_product.h"
#include "gen/ops/operators.h"
#include "gen/ops/significand_product.h"
#include "gen/spec/strategy.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

namespace {

/// A number within min .. max; two's complement where min is negative.
struct Term {
  Signal bits;
  BigInt min;
  BigInt max;

  [[nodiscard]] Signal extended(int width) const {
    return min < 0 ? sign_extend(bits, width) : zero_extend(bits, width);
  }
};

/// Pairs of numbers added until one is left; the carries enter the first adders.
Signal tree_sum(Module& m, std::vector<Term> terms, std::vector<Signal> carries, int width) {
  for (int level = 0; terms.size() > 1; ++level) {
    std::vector<Term> next;
    for (std::size_t i = 0; i + 1 < terms.size(); i += 2) {
      Signal carry = m.constant(1, 0);
      if (!carries.empty()) {
        carry = carries.back();
        carries.pop_back();
      }
      Term sum{{}, terms[i].min + terms[i + 1].min, terms[i].max + terms[i + 1].max};
      if (!is_zero_constant(carry)) sum.max += 1;
      const int bits = std::min(width, width_of_range(sum.min, sum.max));
      // The carry has a column of its own, which is dropped: synthesis keeps one chain an adder.
      const Signal wide = m.net(fmt::format("sum_{}_{}_wide", level, i / 2),
                                concat({terms[i].extended(bits), m.constant(1, 1)}) +
                                    concat({terms[i + 1].extended(bits), carry}));
      sum.bits = m.net(fmt::format("sum_{}_{}", level, i / 2), wide.without_low(1));
      next.push_back(sum);
    }
    if (terms.size() % 2 == 1) next.push_back(terms.back());
    terms = std::move(next);
  }
  Signal sum = terms[0].extended(width);
  // Adders are one fewer than lanes.
  for (const Signal& carry : carries) {
    sum = m.net("sum_complete", add_with_carry(sum, m.constant(width, 0), carry));
  }
  return sum;
}

/// Lanes whose products share one running sum of rows; 1 where each has its own product.
int lanes_a_sum(const OperatorSpec& spec) {
  if (!spec.a.is_int() || !spec.b->is_int() || spec.dsp == Dsp::kOne) return 1;
  if (spec.dsp == Dsp::kPacked) return 2;
  const int many = spec.fabric == Fabric::kXilinx ? 4 : 2;
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

struct Lane {
  Signal a_code;
  Signal b_code;
  Unpacked a;
  Unpacked b;

  [[nodiscard]] std::pair<Factor, Factor> factors() const {
    return {{a.significand, a.significand_is_signed}, {b.significand, b.significand_is_signed}};
  }
};

Lane unpack_lane(Module& m, const OperatorSpec& spec, const Interface& io, int k) {
  m.section(fmt::format("Lane {}", k));
  const std::string mark = spec.lanes > 1 ? fmt::format("_{}", k) : "";
  Lane lane;
  lane.a_code = m.net("a" + mark, io.lane("a_i", k));
  lane.b_code = m.net("b" + mark, io.lane("b_i", k));
  lane.a = unpack(m, spec.a, lane.a_code, "a" + mark, spec.flush_inputs);
  lane.b = unpack(m, *spec.b, lane.b_code, "b" + mark, spec.flush_inputs);
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

LaneSum sum_of_lanes(Module& m, const OperatorSpec& spec, const Interface& io) {
  OperatorSpec plain = spec;
  plain.kind = OperatorKind::kDot;
  const IntFormat format = exact_range(plain).format();
  plain.lanes = 1;
  const ExactRange one = exact_range(plain);  // of a lane
  const int group = lanes_a_sum(spec);
  std::vector<std::pair<Factor, Factor>> factors;
  std::vector<Term> terms;
  std::vector<Signal> carries;
  Signal nan = m.constant(1, 0);
  Signal plus = nan;
  Signal minus = nan;
  std::optional<Lane> ahead;  // the upper lane of a block, and its product
  Signal made_ahead;
  for (int k = 0; k < spec.lanes; ++k) {
    const std::string mark = spec.lanes > 1 ? fmt::format("_{}", k) : "";
    const bool is_upper = ahead.has_value();
    const Lane lane = is_upper ? *ahead : unpack_lane(m, spec, io, k);
    Signal made = made_ahead;
    ahead.reset();
    made_ahead = {};
    if (spec.dsp == Dsp::kPacked && group == 1 && !is_upper && k + 1 < spec.lanes) {
      ahead = unpack_lane(m, spec, io, k + 1);
      m.section(fmt::format("Products of lanes {} and {} in one multiplier block", k, k + 1));
      std::tie(made, made_ahead) = packed_products(m, fmt::format("lanes_{}", k), lane.factors(),
                                                   ahead->factors(), spec.fabric);
    }
    if (group > 1) {
      factors.push_back(lane.factors());
    } else {
      const Addend product =
          product_addend(m, spec, lane.a_code, lane.b_code, lane.a, lane.b, {}, format.bits, made);
      const Signal term = m.net("term" + mark, product.extended(format.bits));
      terms.push_back({term, format.min(), format.max()});
      if (!is_zero_constant(product.carry)) {
        carries.push_back(m.net("term_carry" + mark, product.carry));
      }
    }
    const SpecialResult flags =
        product_specials(m, lane.a, lane.b, fmt::format("lane_{}_", k)).flags();
    nan = nan | flags.nan;
    plus = plus | flags.pinf;
    minus = minus | flags.ninf;
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
    terms.push_back({term, min, max});
  }
  m.section("Exact sum of all lanes");
  const Signal sum = m.net("lanes_sum", tree_sum(m, terms, carries, format.bits));
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
