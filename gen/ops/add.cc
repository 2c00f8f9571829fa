// Adder and subtractor, exact or rounded. Narrow sums are exact in fixed point; wide ones that are
// rounded are aligned in a frame.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "fewbit/gen/ops/sum/aligned_sum.h"
#include "fewbit/gen/ops/sum/fixed_point_sum.h"
#include "fewbit/gen/ops/sum/floating_sum.h"
#include "fewbit/gen/ops/sum_specials.h"
#include "fewbit/gen/spec/strategy.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

SignMagnitude sign_and_magnitude(Module& m, const Signal& value, bool is_signed, int lsb_exponent) {
  SignMagnitude x;
  x.lsb_exponent = lsb_exponent;
  x.negative = is_signed ? value.top() : m.constant(1, 0);
  x.magnitude = m.net("magnitude", (value ^ replicate(x.negative, value.width())) +
                                       zero_extend(x.negative, value.width()));
  return x;
}

namespace {

/// Beyond this many bits of the exact sum, floats are aligned in a frame.
constexpr int kWidestFixedPoint = 64;

/// Whether the result is an integer in units of the sum's last place: nothing is rounded.
bool is_integer_sum(const OperatorSpec& spec, const ExactRange& range) {
  if (!spec.a.is_int() || !spec.b->is_int() || !spec.result || !spec.result->is_int()) return false;
  if (spec.a.is_bipolar() || spec.b->is_bipolar() || spec.result->is_bipolar()) return false;
  return spec.result->as_int().lsb_exponent == range.lsb_exponent;
}

/// Whether operands that are added have the result's bits, so that only their signs and that of the
/// low bits say whether the sum has left its range: smaller from six bits on, of gates.
bool signs_say(const OperatorSpec& spec, const Signal& sum) {
  const IntFormat& f = spec.result->as_int();
  const auto fits = [&f](const Format& x) { return x.is_signed() && x.bits() <= f.bits; };
  return spec.expression().kind == Expression::Kind::kSum && f.is_signed && f.bits >= 6 &&
         fits(spec.a) && fits(*spec.b) && sum.width() == f.bits + 1;
}

/// a + b in two's complement as the nearest integer of the result, or where it wraps its low bits.
Signal limited_sum(Module& m, const OperatorSpec& spec, const Signal& exact, const Signal& a,
                   const Signal& b) {
  const IntFormat& f = spec.result->as_int();
  if (f.is_signed && exact.width() <= f.bits) return sign_extend(exact, f.bits);
  const Signal sum =
      exact.width() > f.bits ? exact : m.net("sum_extended", sign_extend(exact, f.bits + 1));
  const Signal code = sum.low(f.bits);
  if (spec.overflow == OverflowMode::kWrap) return code;
  m.section("Range");
  if (signs_say(spec, sum)) {
    const Signal outside = m.net("outside", (a.top() ^ code.top()) & (b.top() ^ code.top()));
    const Signal limit = concat({~code.top(), replicate(code.top(), f.bits - 1)});
    return m.net("sum_limited", mux(outside, limit, code));
  }
  const Signal upper = sum.slice(sum.width() - 1, f.is_signed ? f.bits - 1 : f.bits);
  const Signal outside =
      m.net("outside", f.is_signed ? reduce_or(upper) & ~reduce_and(upper) : reduce_or(upper));
  const Signal limit = m.net("limit", mux(sum.top(), m.constant(f.bits, to_bits(f.min(), f.bits)),
                                          m.constant(f.bits, to_bits(f.max(), f.bits))));
  return m.net("sum_limited", mux(outside, limit, code));
}

}  // namespace

Results build_add(Module& m, const OperatorSpec& spec, const Interface& io) {
  switch (choose_strategy(spec)) {
    case Strategy::kAligned:
      return {.result = m.net("result", aligned_sum(m, spec, split_operands(m, spec, io)))};
    case Strategy::kFixedPoint:
      return build_fixed_point_sum(m, spec, io);
    case Strategy::kTable:
      return build_sum_table(m, spec, io);
    default:
      break;
  }
  const Signal subtract =
      m.constant(1, spec.expression().kind == Expression::Kind::kDifference ? 1 : 0);
  const ExactRange range = exact_range(spec);
  const int width = range.format().bits + (range.format().is_signed ? 0 : 1);
  Results results;
  if (spec.result && spec.result->is_float() && width > kWidestFixedPoint) {
    m.section("Unpack");
    const Unpacked a = unpack_sign_magnitude(m, spec.a, io.operand("a_i"), "a", spec.flush_inputs);
    Unpacked b = unpack_sign_magnitude(m, *spec.b, io.operand("b_i"), "b", spec.flush_inputs);
    b.negative = b.negative ^ subtract;
    const Signal b_sign = m.net("b_sign", b.sign ^ subtract);
    const SignMagnitude x = floating_operand(m, "a_value", a, spec);
    const SignMagnitude y = floating_operand(m, "b_value", b, spec);
    FloatingSum sum =
        floating_sum(m, x, y, spec.result->as_float().fraction_bits + 1, guard_bits(spec));
    const ProductSpecials specials =
        sum_specials(m, {a.is_nan, a.is_infinite, a.sign}, a.sign, b, b_sign);
    sum.value.negative =
        sum_sign(m, spec, specials, sum.is_zero, sum.value.negative, a.sign, b_sign);
    results.result =
        m.net("result",
              round_and_pack(m, spec, {sum.value, specials.nan, specials.infinite}, io.random()));
    return results;
  }

  m.section("First operand as a fixed-point number");
  const Unpacked a = unpack(m, spec.a, io.operand("a_i"), "a", spec.flush_inputs);
  const Addend a_value = fixed_point_operand(m, "a_value", a, m.constant(1, 0), spec, width);
  const Signal a_placed = m.net("a_placed", a_value.placed(range.lsb_exponent, width));
  m.section("Second operand");
  const Unpacked b = unpack(m, *spec.b, io.operand("b_i"), "b", spec.flush_inputs);
  const Addend b_value = fixed_point_operand(m, "b_value", b, subtract, spec, width);
  const Signal b_placed = m.net("b_placed", b_value.placed(range.lsb_exponent, width));
  m.section("Exact sum");
  const Signal b_complete =
      m.net("b_complete", add_with_carry(b_placed, m.constant(width, 0), b_value.carry));
  const Signal sum = m.net("sum", add_with_carry(a_placed, b_complete, a_value.carry));
  const Signal b_sign = b.sign ^ subtract;
  const ProductSpecials specials =
      sum_specials(m, {a.is_nan, a.is_infinite, a.sign}, a.sign, b, b_sign);
  if (!spec.result) {
    results.result = range.format().is_signed ? sum : sum.low(width - 1);
    results.flags = specials.flags();
    return results;
  }

  if (is_integer_sum(spec, range)) {
    results.result = m.net("result", limited_sum(m, spec, sum, a_placed, b_complete));
    return results;
  }
  m.section("Sign and magnitude");
  SignMagnitude value = sign_and_magnitude(m, sum, range.format().is_signed, range.lsb_exponent);
  value.negative = sum_sign(m, spec, specials, m.net("sum_zero", ~reduce_or(sum)), value.negative,
                            a.sign, b_sign);
  results.result = m.net(
      "result", round_and_pack(m, spec, {value, specials.nan, specials.infinite}, io.random()));
  return results;
}

}  // namespace fewbit::ops
