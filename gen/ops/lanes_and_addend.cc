// The sum of a dot product, scaled perhaps, plus a float: one rounding.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/operators.h"
#include "fewbit/gen/ops/sum/anchored_sum.h"
#include "fewbit/gen/ops/sum/floating_sum.h"
#include "fewbit/gen/ops/sum_specials.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

Results lanes_and_addend(Module& m, const OperatorSpec& spec, const Interface& io,
                         const ScaledLanes& lanes) {
  m.section("Addend");
  const Unpacked c = unpack_sign_magnitude(m, *spec.c, io.operand("c_i"), "c", spec.flush_inputs);
  const SignMagnitude addend = floating_operand(m, "c_value", c, spec);
  SignMagnitude value = lanes.value;
  const Signal is_zero = m.net("lanes_zero", ~reduce_or(value.magnitude));
  if (!value.is_floating()) value.exponent = m.constant(1, 0);  // the frame is where it is
  FloatingSum sum = [&] {
    const rtl::Scope scope(m, "sum");
    return spec.c == spec.result && serves_anchored(value, *spec.c)
               ? anchored_sum(m, {value, is_zero}, addend, guard_bits(spec))
               : floating_sum(m, lanes.value, addend, spec.result->as_float().fraction_bits + 1,
                              guard_bits(spec));
  }();

  m.section("Special values; an exact zero is +0, rounded downward -0");
  const ProductSpecials specials =
      sum_specials(m, lanes.specials, lanes.specials.negative, c, c.sign);
  const Signal zero_sign = m.constant(1, spec.rounding == RoundingMode::kTowardNegative ? 1 : 0);
  sum.value.negative =
      sum_sign(m, spec, specials, sum.is_zero, sum.value.negative, zero_sign, zero_sign);
  Results results;
  results.result = m.net(
      "result", round_and_pack(m, spec, {sum.value, specials.nan, specials.infinite}, io.random()));
  return results;
}

}  // namespace fewbit::ops
