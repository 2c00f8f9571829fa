// Adder and subtractor, exact or rounded: both operands as fixed-point numbers, one exact sum.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "gen/ops/operators.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

namespace {

/// The addend moved to the sum's last place and made `width` bits of two's complement, less its
/// carry.
Signal placed(Module& m, const std::string& name, const Addend& addend, int lsb_exponent,
              int width) {
  const int zeros = addend.lsb_exponent - lsb_exponent;
  if (zeros == 0) return m.net(name, addend.extended(width));
  // One's complement: the places below are copies of the carry too.
  return m.net(name, concat({addend.extended(width - zeros), replicate(addend.carry, zeros)}));
}

}  // namespace

void build_add(Module& m, const OperatorSpec& spec) {
  const Signal a_code = m.input("a_i", spec.a.bits(), spec.a.is_int() && spec.a.is_signed());
  const Signal b_code = m.input("b_i", spec.b->bits(), spec.b->is_int() && spec.b->is_signed());
  const Signal subtract = m.constant(1, spec.kind == OperatorKind::kSub ? 1 : 0);
  const Signal zero = m.constant(1, 0);
  const ExactRange range = exact_range(spec);
  const int width = range.format().bits + (range.format().is_signed ? 0 : 1);

  m.section("First operand as a fixed-point number");
  const Unpacked a = unpack(m, spec.a, a_code, "a");
  const Addend a_value = exact_product(m, a, nullptr, zero, spec.fabric, {}, width);
  const Signal a_placed = placed(m, "a_placed", a_value, range.lsb_exponent, width);
  m.section("Second operand");
  const Unpacked b = unpack(m, *spec.b, b_code, "b");
  const Addend b_value = exact_product(m, b, nullptr, subtract, spec.fabric, {}, width);
  const Signal b_placed = placed(m, "b_placed", b_value, range.lsb_exponent, width);
  m.section("Exact sum");
  const Signal b_complete =
      m.net("b_complete", add_with_carry(b_placed, m.constant(width, 0), b_value.carry));
  const Signal sum = m.net("sum", add_with_carry(a_placed, b_complete, a_value.carry));

  const Signal a_negative = spec.a.is_signed() ? a_code.top() : zero;
  const Signal b_negative = (spec.b->is_signed() ? b_code.top() : zero) ^ subtract;
  const Signal nan = m.net(
      "is_nan", a.is_nan | b.is_nan | (a.is_infinite & b.is_infinite & (a_negative ^ b_negative)));
  const Signal infinite = m.net("is_infinite", (a.is_infinite | b.is_infinite) & ~nan);
  const Signal infinity_negative =
      spec.a.has_infinity() || spec.b->has_infinity()
          ? m.net("infinity_negative", mux(a.is_infinite, a_negative, b_negative))
          : zero;
  if (!spec.result) {
    m.output("result_o", range.format().is_signed ? sum : sum.low(width - 1),
             range.format().is_signed);
    output_flags(m, spec, {nan, infinite & ~infinity_negative, infinite & infinity_negative});
    return;
  }

  m.section("Sign and magnitude");
  const Signal sum_negative = range.format().is_signed ? sum.top() : zero;
  const Signal magnitude =
      m.net("magnitude", (sum ^ replicate(sum_negative, width)) + zero_extend(sum_negative, width));
  // A sum of zeros of one sign keeps it; any other zero is +0, rounded downward -0.
  const Signal zero_negative = spec.rounding == RoundingMode::kTowardNegative
                                   ? a_negative | b_negative
                                   : a_negative & b_negative;
  const Signal negative =
      m.net("result_negative",
            mux(infinite, infinity_negative, mux(reduce_or(sum), sum_negative, zero_negative)));
  const SignMagnitude value{magnitude, negative, range.lsb_exponent};
  const Signal result = m.net("result", round_and_pack(m, spec, {value, nan, infinite}));
  m.output("result_o", result, spec.result->is_int() && spec.result->is_signed());
}

}  // namespace fewbit::ops
