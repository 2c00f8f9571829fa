// Multiplier, exact or rounded.
// SPDX-License-Identifier: Apache-2.0
#include "gen/ops/operators.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

ProductSpecials product_specials(Module& m, const OperatorSpec& spec, const Signal& a_code,
                                 const Signal& b_code, const Unpacked& a, const Unpacked& b) {
  Signal nan = a.is_nan | b.is_nan;
  if (spec.a.has_infinity()) nan = nan | (a.is_infinite & code_is_zero(m, *spec.b, b_code));
  if (spec.b->has_infinity()) nan = nan | (b.is_infinite & code_is_zero(m, spec.a, a_code));
  nan = m.net("is_nan", nan);
  return {nan, m.net("is_infinite", (a.is_infinite | b.is_infinite) & ~nan)};
}

void output_flags(Module& m, const OperatorSpec& spec, const SpecialAddend& specials) {
  const SpecialFlags flags = special_flags(spec);
  if (flags.nan) m.output("nan_o", specials.nan);
  if (flags.pinf) m.output("pinf_o", specials.pinf);
  if (flags.ninf) m.output("ninf_o", specials.ninf);
}

void build_mul(Module& m, const OperatorSpec& spec) {
  const Signal a_code = m.input("a_i", spec.a.bits(), spec.a.is_int() && spec.a.is_signed());
  const Signal b_code = m.input("b_i", spec.b->bits(), spec.b->is_int() && spec.b->is_signed());
  m.section("Unpack");
  if (!spec.result) {
    const Unpacked a = unpack(m, spec.a, a_code, "a");
    const Unpacked b = unpack(m, *spec.b, b_code, "b");
    const Format output = output_format(spec);
    m.section("Exact product");
    Addend product = table_product(m, spec.a, *spec.b, a_code, b_code, spec.fabric, {});
    if (!product.bits.valid()) {
      product = exact_product(m, a, &b, m.constant(1, 0), spec.fabric, {}, output.bits());
    }
    const Signal zeros = m.constant(output.bits(), 0);
    const Signal result =
        m.net("result", add_with_carry(product.extended(output.bits()), zeros, product.carry));
    m.output("result_o", result, output.is_signed());
    const ProductSpecials specials = product_specials(m, spec, a_code, b_code, a, b);
    const Signal negative = spec.a.has_infinity() || spec.b->has_infinity()
                                ? m.net("infinity_negative",
                                        (spec.a.is_signed() ? a_code.top() : m.constant(1, 0)) ^
                                            (spec.b->is_signed() ? b_code.top() : m.constant(1, 0)))
                                : m.constant(1, 0);
    output_flags(m, spec,
                 {specials.nan, specials.infinite & ~negative, specials.infinite & negative});
    return;
  }
  const Unpacked a = unpack_sign_magnitude(m, spec.a, a_code, "a");
  const Unpacked b = unpack_sign_magnitude(m, *spec.b, b_code, "b");
  m.section("Exact product");
  const SignMagnitude product = exact_magnitude(m, a, &b, spec.fabric);
  const ProductSpecials specials = product_specials(m, spec, a_code, b_code, a, b);
  const Signal result =
      m.net("result", round_and_pack(m, spec, {product, specials.nan, specials.infinite}));
  m.output("result_o", result, spec.result->is_int() && spec.result->is_signed());
}

}  // namespace fewbit::ops
