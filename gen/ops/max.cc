// Maximum and minimum, exact or rounded.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "fewbit/gen/ops/operators.h"
#include "fewbit/gen/ops/product/alignment.h"
#include "fewbit/gen/ops/sum/floating_sum.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

namespace {

/// Beyond this many bits of both magnitudes in fixed point, exponents are compared.
constexpr int kWidestFixedPoint = 64;

/// b is the larger one, by the order of the magnitudes; of equal numbers either.
Signal b_is_larger(const Signal& a_negative, const Signal& b_negative,
                   const Signal& a_magnitude_below) {
  return (a_negative & ~b_negative) |
         (~(a_negative ^ b_negative) & (a_negative ^ a_magnitude_below));
}

/// 1 where b is the result, and so its NaN or infinity. `b_larger` decides between numbers; with
/// `any_of_nan` either operand will do beside a NaN that is not ignored.
Signal takes_b(Module& m, const OperatorSpec& spec, const Unpacked& a, const Unpacked& b,
               const Signal& b_larger, bool any_of_nan = false) {
  const bool larger = spec.expression().kind == Expression::Kind::kMaximum;
  const Signal better = larger ? b_larger : ~b_larger;
  if (any_of_nan && spec.nan == NanRule::kPropagate) return m.net("take_b", better);
  return m.net("take_b", spec.nan == NanRule::kIgnore ? a.is_nan | (better & ~b.is_nan)
                                                      : b.is_nan | (better & ~a.is_nan));
}

/// Whether every number of a format that is operand and result passes unchanged.
bool passes_unchanged(const OperatorSpec& spec) {
  if (!spec.result || spec.a != *spec.result) return false;
  if (!spec.a.has_infinity()) return true;
  return spec.overflow == OverflowMode::kInfinity || spec.overflow == OverflowMode::kPropagate ||
         spec.overflow == OverflowMode::kSatNone;
}

/// The code of a result that is one of the operands: NaN has one code, and subnormal numbers may be
/// zeros.
Signal passed(Module& m, const OperatorSpec& spec, const Signal& chosen, const Signal& is_nan) {
  if (spec.a.is_int()) return chosen;
  const FloatFormat& f = spec.a.as_float();
  Signal code = chosen;
  const bool flushes = spec.flush_inputs || spec.flush_outputs;
  if (flushes && f.zero_exponent_is_subnormal && f.fraction_bits > 0) {
    const Signal field = chosen.slice(f.magnitude_bits() - 1, f.fraction_bits);
    const Signal normal = m.net("is_normal", reduce_or(field));
    const Signal sign = !f.is_signed            ? m.constant(0, 0)
                        : f.has_negative_zero() ? chosen.top()
                                                : chosen.top() & normal;
    code = m.net(
        "flushed",
        concat({sign, field, chosen.low(f.fraction_bits) & replicate(normal, f.fraction_bits)}));
  }
  if (is_zero_constant(is_nan)) return code;
  return mux(is_nan, m.constant(f.bits(), f.canonical_nan()), code);
}

/// Operands of one format: their codes are compared, and one of them goes on.
Results choose_code(Module& m, const OperatorSpec& spec, const Interface& io) {
  const Signal a_code = io.operand("a_i");
  const Signal b_code = io.operand("b_i");
  m.section("Which code is the larger number");
  const Unpacked a = unpack(m, spec.a, a_code, "a", spec.flush_inputs);
  const Unpacked b = unpack(m, spec.a, b_code, "b", spec.flush_inputs);
  Signal larger;
  if (spec.a.is_int() && spec.a.is_signed()) {
    larger = less_signed(a_code, b_code);
  } else if (!spec.a.is_signed()) {
    larger = less(a_code, b_code);
  } else {
    const int bits = spec.a.as_float().magnitude_bits();
    const Signal below = m.net("a_magnitude_below", less(a_code.low(bits), b_code.low(bits)));
    larger = b_is_larger(a.sign, b.sign, below);
  }
  const Signal take_b = takes_b(m, spec, a, b, m.net("b_larger", larger), passes_unchanged(spec));
  const Signal chosen = m.net("chosen", mux(take_b, b_code, a_code));
  Results results;
  if (passes_unchanged(spec)) {
    m.section("One code for NaN");
    const Signal nan = spec.nan == NanRule::kIgnore ? a.is_nan & b.is_nan : a.is_nan | b.is_nan;
    results.result = m.net("result", passed(m, spec, chosen, m.net("is_nan", nan)));
    return results;
  }
  m.section("Unpack");
  if (!spec.result) {
    const Unpacked x = unpack(m, spec.a, chosen, "chosen", spec.flush_inputs);
    const int width = output_format(spec).bits();
    const Addend value = fixed_point_operand(m, "value", x, m.constant(1, 0), spec, width);
    results.result =
        m.net("result", add_with_carry(value.extended(width), m.constant(width, 0), value.carry));
    results.flags = {x.is_nan, x.is_infinite & ~x.sign, x.is_infinite & x.sign};
    return results;
  }
  const Unpacked x = unpack_sign_magnitude(m, spec.a, chosen, "chosen", spec.flush_inputs);
  const SignMagnitude value = floating_product(m, x, nullptr, spec);
  results.result =
      m.net("result", round_and_pack(m, spec, {value, x.is_nan, x.is_infinite}, io.random()));
  return results;
}

/// A magnitude in fixed point, in units of 2^lsb.
Signal fixed_magnitude(Module& m, const std::string& name, const Unpacked& x,
                       const OperatorSpec& spec, int lsb) {
  const rtl::Scope scope(m, name);
  const ShiftPlan plan = plan_shift(m, x, nullptr, spec.fabric, 1);
  const Aligned aligned =
      shift_stages(m, plan, 0, plan.stages(), {x.significand, 0}, false, Signal());
  return concat({aligned.bits, m.constant(x.lsb_exponent - lsb, 0)});
}

/// Both magnitudes beside each other, and whether a's is below b's.
struct Compared {
  SignMagnitude a, b;
  Signal a_below;
};

Compared compare_fixed(Module& m, const OperatorSpec& spec, const Unpacked& a, const Unpacked& b) {
  const int lsb = std::min(a.lsb_exponent, b.lsb_exponent);
  const Signal x = fixed_magnitude(m, "a_value", a, spec, lsb);
  const Signal y = fixed_magnitude(m, "b_value", b, spec, lsb);
  const int width = std::max(x.width(), y.width());
  Compared c;
  c.a.magnitude = m.net("a_placed", zero_extend(x, width));
  c.b.magnitude = m.net("b_placed", zero_extend(y, width));
  c.a.lsb_exponent = c.b.lsb_exponent = lsb;
  c.a_below = m.net("a_magnitude_below", less(c.a.magnitude, c.b.magnitude));
  return c;
}

Compared compare_floating(Module& m, const OperatorSpec& spec, const Unpacked& a,
                          const Unpacked& b) {
  Compared c{floating_operand(m, "a_value", a, spec), floating_operand(m, "b_value", b, spec), {}};
  SignMagnitude minuend = c.a;
  SignMagnitude subtrahend = c.b;
  minuend.negative = m.constant(1, 0);
  subtrahend.negative = m.constant(1, 1);
  {
    const rtl::Scope scope(m, "difference");
    const FloatingSum difference = floating_sum(m, minuend, subtrahend, 1, 0);
    c.a_below = m.net("below", difference.value.negative & ~difference.is_zero);
  }
  // Both in one unit.
  const int base = std::min(c.a.lsb_exponent, c.b.lsb_exponent);
  const int most = std::max(c.a.lsb_exponent - base + c.a.max_exponent,
                            c.b.lsb_exponent - base + c.b.max_exponent);
  const int bits = bits_for(most);
  const int width = std::max(c.a.magnitude.width(), c.b.magnitude.width());
  for (SignMagnitude* x : {&c.a, &c.b}) {
    const int offset = x->lsb_exponent - base;
    x->exponent = x->is_floating() ? zero_extend(x->exponent, bits) + m.constant(bits, offset)
                                   : m.constant(bits, offset);
    x->min_exponent += offset;
    x->max_exponent += offset;
    x->lsb_exponent = base;
    x->magnitude = zero_extend(x->magnitude, width);
  }
  return c;
}

/// Operands of two formats: their magnitudes are compared.
Results choose_value(Module& m, const OperatorSpec& spec, const Interface& io) {
  m.section("Unpack");
  const Unpacked a = unpack_sign_magnitude(m, spec.a, io.operand("a_i"), "a", spec.flush_inputs);
  const Unpacked b = unpack_sign_magnitude(m, *spec.b, io.operand("b_i"), "b", spec.flush_inputs);
  m.section("Which number is larger");
  const ExactRange x = operand_range(spec.a);
  const ExactRange y = operand_range(*spec.b);
  const int top = std::max(bit_length(x.max) + x.lsb_exponent, bit_length(y.max) + y.lsb_exponent);
  const int span = top - std::min(x.lsb_exponent, y.lsb_exponent);
  const bool floats = spec.result && span > kWidestFixedPoint;
  const Compared c = floats ? compare_floating(m, spec, a, b) : compare_fixed(m, spec, a, b);
  Signal larger = b_is_larger(a.sign, b.sign, c.a_below);
  if (!is_zero_constant(a.is_infinite)) larger = mux(a.is_infinite, a.sign, larger);
  if (!is_zero_constant(b.is_infinite)) larger = mux(b.is_infinite, ~b.sign, larger);
  const Signal take_b = takes_b(m, spec, a, b, m.net("b_larger", larger));
  const auto chosen = [&](const Signal& of_a, const Signal& of_b) {
    return mux(take_b, of_b, of_a);
  };
  SignMagnitude value = c.a;
  value.is_normal_above_least = false;
  value.magnitude = m.net("magnitude", chosen(c.a.magnitude, c.b.magnitude));
  value.negative = m.net("negative", chosen(a.sign, b.sign));
  if (value.is_floating()) {
    value.exponent = m.net("exponent", chosen(c.a.exponent, c.b.exponent));
    value.min_exponent = std::min(c.a.min_exponent, c.b.min_exponent);
    value.max_exponent = std::max(c.a.max_exponent, c.b.max_exponent);
  }
  const Signal nan =
      m.net("is_nan", spec.nan == NanRule::kIgnore ? a.is_nan & b.is_nan : a.is_nan | b.is_nan);
  const Signal infinite =
      m.net("is_infinite", ((a.is_infinite & ~take_b) | (b.is_infinite & take_b)) & ~nan);
  Results results;
  if (spec.result) {
    results.result = m.net("result", round_and_pack(m, spec, {value, nan, infinite}, io.random()));
    return results;
  }
  m.section("Sign and magnitude as one number");
  const int width = std::max(output_format(spec).bits(), value.magnitude.width() + 1);
  const Signal number =
      m.net("number", (zero_extend(value.magnitude, width) ^ replicate(value.negative, width)) +
                          zero_extend(value.negative, width));
  results.result = number.low(output_format(spec).bits());
  results.flags = {nan, infinite & ~value.negative, infinite & value.negative};
  return results;
}

}  // namespace

Results build_max(Module& m, const OperatorSpec& spec, const Interface& io) {
  return spec.a == *spec.b ? choose_code(m, spec, io) : choose_value(m, spec, io);
}

}  // namespace fewbit::ops
