// Fused multiply-add: product plus a number, one rounding.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "fewbit/gen/ops/sum/anchored_sum.h"
#include "fewbit/gen/ops/sum/floating_sum.h"
#include "fewbit/gen/ops/sum_specials.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

Results build_fma(Module& m, const OperatorSpec& spec, const Interface& io) {
  const Signal a_code = io.operand("a_i");
  const Signal b_code = io.operand("b_i");
  m.section("Unpack");
  const Unpacked c = unpack_sign_magnitude(m, *spec.c, io.operand("c_i"), "c", spec.flush_inputs);
  Results results;
  if (spec.result && spec.result->is_float()) {
    const Unpacked a = unpack_sign_magnitude(m, spec.a, a_code, "a", spec.flush_inputs);
    const Unpacked b = unpack_sign_magnitude(m, *spec.b, b_code, "b", spec.flush_inputs);
    m.section("Exact product");
    const SignMagnitude product = floating_product(m, a, &b, spec);
    const Signal product_sign = m.net("product_sign", a.sign ^ b.sign);
    const ProductSpecials specials =
        sum_specials(m, product_specials(m, a, b), product_sign, c, c.sign);
    const SignMagnitude addend = floating_operand(m, "c_value", c, spec);
    const bool anchored = spec.c == spec.result && serves_anchored(product, *spec.c);
    FloatingSum sum =
        anchored ? anchored_sum(m, {product, a.is_zero | b.is_zero, narrower_bits(a, b)}, addend,
                                guard_bits(spec))
                 : floating_sum(m, product, addend, spec.result->as_float().fraction_bits + 1,
                                guard_bits(spec));
    sum.value.negative =
        sum_sign(m, spec, specials, sum.is_zero, sum.value.negative, product_sign, c.sign);
    ExactResult exact{sum.value, specials.nan, specials.infinite};
    exact.overflow_by_bits = anchored && !has_wide_tables(spec.fabric);
    results.result = m.net("result", round_and_pack(m, spec, exact, io.random()));
    return results;
  }

  // Exact, or rounded to an integer: in fixed point.
  const ExactRange range = exact_range(spec);
  const int width = range.format().bits + (range.format().is_signed ? 0 : 1);
  const Unpacked a = unpack(m, spec.a, a_code, "a", spec.flush_inputs);
  const Unpacked b = unpack(m, *spec.b, b_code, "b", spec.flush_inputs);
  const Unpacked c_fixed = unpack(m, *spec.c, io.operand("c_i"), "addend", spec.flush_inputs);
  m.section("Exact product");
  const Addend product = product_addend(m, spec, a_code, b_code, a, b, {}, width);
  m.section("Addend as a fixed-point number");
  const Addend addend = fixed_point_operand(m, "c_value", c_fixed, m.constant(1, 0), spec, width);
  m.section("Exact sum");
  const Signal p = m.net("product_placed", product.placed(range.lsb_exponent, width));
  const Signal q = m.net("addend_placed", addend.placed(range.lsb_exponent, width));
  const Signal complete =
      m.net("product_complete", add_with_carry(p, m.constant(width, 0), product.carry));
  const Signal sum = m.net("sum", add_with_carry(q, complete, addend.carry));
  const Signal product_sign = m.net("product_sign", a.sign ^ b.sign);
  const ProductSpecials specials =
      sum_specials(m, product_specials(m, a, b), product_sign, c_fixed, c_fixed.sign);
  if (!spec.result) {
    results.result = range.format().is_signed ? sum : sum.low(width - 1);
    results.flags = specials.flags();
    return results;
  }
  SignMagnitude value = sign_and_magnitude(m, sum, range.format().is_signed, range.lsb_exponent);
  value.negative = sum_sign(m, spec, specials, m.net("sum_zero", ~reduce_or(sum)), value.negative,
                            product_sign, c_fixed.sign);
  results.result = m.net(
      "result", round_and_pack(m, spec, {value, specials.nan, specials.infinite}, io.random()));
  return results;
}

}  // namespace fewbit::ops
