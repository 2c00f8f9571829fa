// Dot product: the products of all lanes in one sum, rounded, exact, or accumulated.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "gen/ops/operators.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

namespace {

/// Pairs of numbers added until one is left; the carries enter the first adders.
Signal tree_sum(Module& m, std::vector<Signal> terms, std::vector<Signal> carries) {
  for (int level = 0; terms.size() > 1; ++level) {
    std::vector<Signal> next;
    for (std::size_t i = 0; i + 1 < terms.size(); i += 2) {
      Signal carry = m.constant(1, 0);
      if (!carries.empty()) {
        carry = carries.back();
        carries.pop_back();
      }
      next.push_back(m.net(fmt::format("sum_{}_{}", level, i / 2),
                           add_with_carry(terms[i], terms[i + 1], carry)));
    }
    if (terms.size() % 2 == 1) next.push_back(terms.back());
    terms = std::move(next);
  }
  // Adders are one fewer than lanes.
  for (const Signal& carry : carries) {
    terms[0] =
        m.net("sum_complete", add_with_carry(terms[0], m.constant(terms[0].width(), 0), carry));
  }
  return terms[0];
}

}  // namespace

LaneSum sum_of_lanes(Module& m, const OperatorSpec& spec, const Interface& io) {
  OperatorSpec plain = spec;
  plain.kind = OperatorKind::kDot;
  const IntFormat format = exact_range(plain).format();
  std::vector<Signal> terms, carries;
  Signal nan = m.constant(1, 0);
  Signal plus = nan;
  Signal minus = nan;
  for (int k = 0; k < spec.lanes; ++k) {
    m.section(fmt::format("Lane {}", k));
    const std::string lane = spec.lanes > 1 ? fmt::format("_{}", k) : "";
    const Signal a_code = m.net("a" + lane, io.lane("a_i", k));
    const Signal b_code = m.net("b" + lane, io.lane("b_i", k));
    const Unpacked a = unpack(m, spec.a, a_code, "a" + lane, spec.flush_inputs);
    const Unpacked b = unpack(m, *spec.b, b_code, "b" + lane, spec.flush_inputs);
    const Addend product = product_addend(m, spec, a_code, b_code, a, b, {}, format.bits);
    terms.push_back(m.net("term" + lane, product.extended(format.bits)));
    if (!is_zero_constant(product.carry)) {
      carries.push_back(m.net("term_carry" + lane, product.carry));
    }
    const SpecialResult flags = product_specials(m, a, b, fmt::format("lane_{}_", k)).flags();
    nan = nan | flags.nan;
    plus = plus | flags.pinf;
    minus = minus | flags.ninf;
  }
  m.section("Exact sum of all lanes");
  const Signal sum = m.net("lanes_sum", tree_sum(m, terms, carries));
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
