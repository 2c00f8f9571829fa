// ROM product: see rom_product.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/product/rom_product.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

LateOperands operands_from_rom(Module& m, const OperatorSpec& spec, const Interface& io,
                               decltype(unpack)* split) {
  m.section("The significands address a block RAM");
  const Signal a_code = io.operand("a_i");
  const Signal b_code = io.operand("b_i");
  const Unpacked a = split(m, spec.a, a_code, "early_a", spec.flush_inputs);
  const Unpacked b = split(m, *spec.b, b_code, "early_b", spec.flush_inputs);
  const int wa = a.significand.width();
  const int wb = b.significand.width();
  const Signal address = m.net("product_address", concat({a.significand, b.significand}));
  const unsigned depth = 1U << (wa + wb);
  std::vector<BigInt> words;
  for (unsigned i = 0; i < depth; ++i) {
    const BigInt x = from_bits(i >> wb, wa, a.significand_is_signed);
    const BigInt y = from_bits(i & ((1U << wb) - 1), wb, b.significand_is_signed);
    words.push_back(to_bits(x * y, wa + wb));
  }
  const int memory = m.memory("product_q_words", {.depth = static_cast<int>(depth),
                                                  .width = wa + wb,
                                                  .contents = words,
                                                  .style = rtl::MemoryStyle::kBlock});
  const auto late = [&](const std::string& name, const Signal& value) {
    if (value.width() == 0) return value;
    const Signal held =
        m.reg(name, value.full_width(), {.enable = io.control().advance, .reset = false});
    m.drive(held, value);
    return held;
  };
  return {late("a_late_q", a_code), late("b_late_q", b_code), late("random_late_q", io.random()),
          late("product_q", m.word(memory, address))};
}

}  // namespace fewbit::ops
