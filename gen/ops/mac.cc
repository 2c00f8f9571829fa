// Exact multiply-accumulate.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/operators.h"
#include "fewbit/gen/ops/product/rom_product.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

Results build_mac(Module& m, const OperatorSpec& spec, const Interface& io) {
  LateOperands operands{io.operand("a_i"), io.operand("b_i"), {}, {}};
  if (spec.reads_bram()) operands = operands_from_rom(m, spec, io, unpack);
  const Signal a_code = operands.a_code;
  const Signal b_code = operands.b_code;
  m.section("Unpack");
  const Unpacked a = unpack(m, spec.a, a_code, "a", spec.flush_inputs);
  const Unpacked b = unpack(m, *spec.b, b_code, "b", spec.flush_inputs);
  const ProductSpecials specials = product_specials(m, a, b);
  Signal special;
  if (special_flags(spec).any()) special = m.net("is_special", specials.nan | specials.infinite);
  m.section("Exact product");
  const Addend addend =
      product_addend(m, spec, a_code, b_code, a, b, io.control().stage(special),
                     exact_range(spec).format().bits, operands.significands_product);
  return accumulate(m, spec, io.control(), addend, specials.flags());
}

}  // namespace fewbit::ops
