// Exact multiply-accumulate.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/operators.h"
#include "fewbit/gen/ops/product/rom_product.h"
#include "fewbit/gen/ops/sum/rounded_addend.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

Results build_mac(Module& m, const OperatorSpec& spec, const Interface& io) {
  LateOperands operands{io.operand("a_i"), io.operand("b_i"), {}, {}};
  if (spec.reads_bram()) operands = operands_from_rom(m, spec, io, unpack);
  Signal a_code = operands.a_code;
  const Signal b_code = operands.b_code;
  m.section("Unpack");
  Unpacked a = unpack(m, spec.a, a_code, "a", spec.flush_inputs);
  const Unpacked b = unpack(m, *spec.b, b_code, "b", spec.flush_inputs);
  const ProductSpecials specials = product_specials(m, a, b);
  Signal special;
  if (special_flags(spec).any()) special = m.net("is_special", specials.nan | specials.infinite);
  const bool masks_operand = special.valid() && !io.control().has_stage && !spec.reads_bram();
  if (masks_operand) {
    m.section("A special product adds 0");
    a_code = m.net("a_added", a_code & replicate(~special, a_code.width()));
    a = unpack(m, spec.a, a_code, "a_added", spec.flush_inputs);
    special = {};
  }
  m.section("Exact product");
  if (spec.acc_lsb) {
    const Addend product =
        product_addend(m, spec, a_code, b_code, a, b, {}, exact_range(spec).format().bits,
                       operands.significands_product);
    return accumulate(m, spec, io.control(),
                      rounded_addend(m, spec, io.control(), special, product), specials.flags());
  }
  const Addend addend =
      product_addend(m, spec, a_code, b_code, a, b, io.control().stage(special),
                     exact_range(spec).format().bits, operands.significands_product);
  return accumulate(m, spec, io.control(), addend, specials.flags());
}

}  // namespace fewbit::ops
