// Block product: see block_product.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/product/block_product.h"

#include "fewbit/gen/ops/fabric/stage.h"
#include "fewbit/gen/spec/multiplier_block.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

namespace {

FactorShape shape_of(const Factor& x) { return {x.bits.width(), x.is_signed}; }

/// low + high 2^field, as wide as packed_factor_bits().
Factor packed_factor(Module& m, const std::string& name, const Factor& low, const Factor& high,
                     int field) {
  if (!low.is_signed) {
    return {m.net(name, concat({high.bits, zero_extend(low.bits, field)})), false};
  }
  const int width = high.bits.width() + 1;
  const Signal upper =
      m.net(name + "_upper", sign_extend(high.bits, width) + replicate(low.bits.top(), width));
  return {m.net(name, concat({upper, sign_extend(low.bits, field)})), true};
}

Signal packed(Module& m, const std::string& name, const std::pair<Factor, Factor>& low,
              const std::pair<Factor, Factor>& high, int field) {
  const Factor a = packed_factor(m, name + "_a", low.first, high.first, field);
  const Factor b = packed_factor(m, name + "_b", low.second, high.second, field);
  return m.net(name + "_fields", product(a.bits, a.is_signed, b.bits, b.is_signed));
}

/// a b = low b + high b 2^k, where a = low + high 2^k; or b so divided.
Signal divided(Module& m, const Factor& a, const Factor& b, const MultiplierBlock& block) {
  const std::optional<FactorCut> cut = factor_cut(block, shape_of(a), shape_of(b));
  if (!cut) return product(a.bits, a.is_signed, b.bits, b.is_signed);
  const Factor& whole = cut->cuts_a ? a : b;
  const Factor& other = cut->cuts_a ? b : a;
  const Signal low =
      m.net("product_low", divided(m, {whole.bits.low(cut->low_bits), false}, other, block));
  const Signal high =
      m.net("product_high",
            divided(m, {whole.bits.without_low(cut->low_bits), whole.is_signed}, other, block));
  const Signal carried = extend(low.without_low(cut->low_bits), high.width(), other.is_signed);
  return concat({m.net("product_upper", high + carried), low.low(cut->low_bits)});
}

}  // namespace

Product block_product(Module& m, const Factor& a, const Factor& b, Fabric fabric) {
  return {m.net("product", divided(m, a, b, multiplier_block(fabric))), a.is_signed || b.is_signed,
          m.constant(1, 0)};
}

std::pair<Signal, Signal> packed_products(Module& m, const std::string& name,
                                          const std::pair<Factor, Factor>& low,
                                          const std::pair<Factor, Factor>& high, Fabric fabric) {
  const int field = packed_field_bits(shape_of(low.first), shape_of(low.second));
  const int bits = low.first.bits.width() + low.second.bits.width();
  const Signal fields = packed(m, name, low, high, field);
  // Yosys 0.23 stops in an assertion of ice40_dsp where bit 0 of a product is read and one between
  // others is not. A gate makes that bit as well.
  const Signal lowest = fabric_traits(fabric).lowest_bit_by_gate
                            ? low.first.bits.bit(0) & low.second.bits.bit(0)
                            : fields.bit(0);
  return {m.net(name + "_low", concat({fields.slice(bits - 1, 1), lowest})),
          m.net(name + "_high", fields.slice(2 * field + bits - 1, 2 * field))};
}

Product packed_sum(Module& m, const std::string& name, const std::pair<Factor, Factor>& first,
                   const std::pair<Factor, Factor>& second) {
  const int field = packed_field_bits(shape_of(first.first), shape_of(first.second));
  const Signal fields =
      packed(m, name, {first.first, second.second}, {second.first, first.second}, field);
  const Signal sum = m.net(name, fields.slice(2 * field - 1, field));
  const bool is_signed = first.first.is_signed || first.second.is_signed;
  const Signal carry =
      is_signed ? m.net(name + "_borrow", fields.bit(field - 1)) : m.constant(1, 0);
  return {sum, is_signed, carry};
}

}  // namespace fewbit::ops
