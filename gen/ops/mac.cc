// Exact multiply-accumulate.
// SPDX-License-Identifier: Apache-2.0
#include "gen/ops/operators.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

void build_mac(Module& m, const OperatorSpec& spec) {
  m.clocked(reset_of(spec));
  const Signal valid = m.input("valid_i", 1);
  const Signal first = m.input("first_i", 1);
  const Signal a_code = m.input("a_i", spec.a.bits(), spec.a.is_int() && spec.a.is_signed());
  const Signal b_code = m.input("b_i", spec.b->bits(), spec.b->is_int() && spec.b->is_signed());
  m.section("Unpack");
  const Unpacked a = unpack(m, spec.a, a_code, "a");
  const Unpacked b = unpack(m, *spec.b, b_code, "b");
  Stage stage{.registered = true};
  SpecialAddend specials{m.constant(1, 0), m.constant(1, 0), m.constant(1, 0)};
  if (special_flags(spec).any()) {
    const ProductSpecials product = product_specials(m, spec, a_code, b_code, a, b);
    const Signal a_negative = spec.a.is_signed() ? a_code.top() : m.constant(1, 0);
    const Signal b_negative = spec.b->is_signed() ? b_code.top() : m.constant(1, 0);
    const Signal negative = m.net("infinity_negative", a_negative ^ b_negative);
    specials = {product.nan, product.infinite & ~negative, product.infinite & negative};
    stage.clear = m.net("is_special", product.nan | product.infinite);
  }
  m.section("Exact product");
  Addend addend = table_product(m, spec.a, *spec.b, a_code, b_code, spec.fabric, stage);
  if (!addend.bits.valid()) {
    addend = exact_product(m, a, &b, m.constant(1, 0), spec.fabric, stage,
                           exact_range(spec).format().bits);
  }
  accumulate(m, spec, {valid, first}, addend, specials);
}

}  // namespace fewbit::ops
