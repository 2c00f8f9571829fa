// Multiplier, exact or rounded.
// SPDX-License-Identifier: Apache-2.0
#include "gen/ops/operators.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

ProductSpecials product_specials(Module& m, const Unpacked& a, const Unpacked& b,
                                 const std::string& prefix) {
  Signal nan = a.is_nan | b.is_nan;
  const bool a_infinite = !is_zero_constant(a.is_infinite);
  const bool b_infinite = !is_zero_constant(b.is_infinite);
  if (a_infinite) nan = nan | (a.is_infinite & b.is_zero);
  if (b_infinite) nan = nan | (b.is_infinite & a.is_zero);
  nan = m.net(prefix + "is_nan", nan);
  const Signal negative = a_infinite || b_infinite
                              ? m.net(prefix + "infinity_negative", a.sign ^ b.sign)
                              : m.constant(1, 0);
  return {nan, m.net(prefix + "is_infinite", (a.is_infinite | b.is_infinite) & ~nan), negative};
}

Results build_mul(Module& m, const OperatorSpec& spec, const Interface& io) {
  const Signal a_code = io.operand("a_i");
  const Signal b_code = io.operand("b_i");
  m.section("Unpack");
  Results results;
  if (!spec.result) {
    const Unpacked a = unpack(m, spec.a, a_code, "a", spec.flush_inputs);
    const Unpacked b = unpack(m, *spec.b, b_code, "b", spec.flush_inputs);
    const int width = output_format(spec).bits();
    m.section("Exact product");
    const Addend product = product_addend(m, spec, a_code, b_code, a, b, {}, width);
    results.result = m.net(
        "result", add_with_carry(product.extended(width), m.constant(width, 0), product.carry));
    results.flags = product_specials(m, a, b).flags();
    return results;
  }
  const Unpacked a = unpack_sign_magnitude(m, spec.a, a_code, "a", spec.flush_inputs);
  const Unpacked b = unpack_sign_magnitude(m, *spec.b, b_code, "b", spec.flush_inputs);
  m.section("Exact product");
  const SignMagnitude product = exact_magnitude(m, a, &b, spec.fabric);
  const ProductSpecials specials = product_specials(m, a, b);
  results.result = m.net(
      "result", round_and_pack(m, spec, {product, specials.nan, specials.infinite}, io.random()));
  return results;
}

}  // namespace fewbit::ops
