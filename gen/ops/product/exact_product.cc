// Exact product: see exact_product.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/product/exact_product.h"

#include <algorithm>
#include <utility>

#include "fewbit/gen/ops/product/alignment.h"
#include "fewbit/gen/ops/product/block_product.h"
#include "fewbit/gen/ops/product/late_table.h"
#include "fewbit/gen/ops/product/product_plan.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;
using rtl::Width;

Signal Addend::extended(Width width) const {
  const int have = bits.width();
  if (width.bits <= have) {
    FEWBIT_CHECK(width.parameter < 0, "an addend cut to a parameterised width");
    return bits.low(width.bits);
  }
  return concat({replicate(fill, Width(width.bits - have, width.parameter)), bits});
}

Signal Addend::piece(int low, int count) const {
  return bits.slice(std::min(low + count, bits.width()) - 1, low);
}

Signal Addend::placed(int lsb, int width) const {
  const int zeros = lsb_exponent - lsb;
  if (zeros == 0) return extended(width);
  // One's complement: the places below are copies of the carry too.
  return concat({extended(width - zeros), replicate(carry, zeros)});
}

namespace {

Product significand_product(Module& m, const Unpacked& a, const Unpacked* b,
                            const OperatorSpec& spec, const Signal& made,
                            bool before_register = false) {
  if (b == nullptr) return {a.significand, a.significand_is_signed, m.constant(1, 0)};
  const bool is_signed = a.significand_is_signed || b->significand_is_signed;
  if (a.is_one) return {b->significand, is_signed, m.constant(1, 0)};
  if (b->is_one) return {a.significand, is_signed, m.constant(1, 0)};
  if (made.valid()) return {made, is_signed, m.constant(1, 0)};
  if (spec.dsp == Dsp::kOne) {
    return block_product(m, {a.significand, a.significand_is_signed},
                         {b->significand, b->significand_is_signed}, spec.fabric);
  }
  return multiply(m, {a.significand, a.significand_is_signed},
                  {b->significand, b->significand_is_signed}, spec.fabric,
                  a.is_integer && b->is_integer && is_signed, rows_of(spec), before_register);
}

/// x, or -x where `negative`, in one bit more.
Signal with_sign(Module& m, const Unpacked& x, const Signal& negative) {
  constexpr int kTableInputs = 6;
  const int width = x.significand.width();
  if (!x.significand_is_signed && width < kTableInputs) {
    return table_of(
        m, "signed_significand",
        {"SignedSignificand", "the significand or its negative, by {negative, significand}"},
        width + 1, concat({negative, x.significand}), [&](unsigned i) {
          const BigInt value = i & ((1U << width) - 1);
          return (i >> width) != 0 ? BigInt(-value) : value;
        });
  }
  const Signal wide = x.significand_is_signed ? sign_extend(x.significand, width + 1)
                                              : zero_extend(x.significand, width + 1);
  return m.net("signed_significand",
               (wide ^ replicate(negative, width + 1)) + zero_extend(negative, width + 1));
}

/// The product with its sign, made from the narrower significand with the sign: no carry is left.
Product signed_product(Module& m, const Unpacked& a, const Unpacked* b, const Signal& negative,
                       const OperatorSpec& spec) {
  if (b == nullptr) return {with_sign(m, a, negative), true, m.constant(1, 0)};
  if (a.is_one) return {with_sign(m, *b, negative), true, m.constant(1, 0)};
  if (b->is_one) return {with_sign(m, a, negative), true, m.constant(1, 0)};
  const bool first = a.significand.width() <= b->significand.width();
  const Unpacked& narrow = first ? a : *b;
  const Unpacked& other = first ? *b : a;
  return multiply(m, {with_sign(m, narrow, negative), true},
                  {other.significand, other.significand_is_signed}, spec.fabric, false,
                  rows_of(spec));
}

/// A product of significands on the far side of `stage`, with `*carry` where one comes with it. Its
/// two low bits, functions of the factors' low bits, leave room for them in the accumulator's own
/// six-input cells: there the factors' bits cross.
Signal cross_with_late_low_bits(Module& m, const Unpacked& a, const Unpacked& b,
                                const Product& product, const Stage& stage, Signal* carry) {
  constexpr int kLow = 2;
  const Signal a_low = stage.cross("a_low_held", a.significand.low(kLow));
  const Signal b_low = stage.cross("b_low_held", b.significand.low(kLow));
  const bool has_carry = !is_zero_constant(product.carry);
  // That of Booth's first row: bit 1 of the factor that selects the rows.
  if (has_carry)
    *carry = a.significand.width() < b.significand.width() ? a_low.bit(1) : b_low.bit(1);
  const Signal low = table_of(
      m, "product_low",
      {"ProductLow", "the two low bits of a * b, less the carry, by the factors' low bits"}, kLow,
      has_carry ? concat({*carry, a_low, b_low}) : concat({a_low, b_low}),
      [](unsigned i) { return BigInt(((i >> 2) % 4) * (i % 4)) - (i >> 4); });
  const Signal high = stage.cross("product_high_held", product.bits.without_low(kLow));
  return m.net("product_late", concat({high, low}));
}

/// Bits of the significands' product, without a sign in its rows. A factor of one bit is a row; a
/// signed one is widened first.
int product_bits(const Unpacked& a, const Unpacked* b) {
  const int wa = a.significand.width();
  if (b == nullptr || b->is_one) return wa;
  const int wb = b->significand.width();
  if (a.is_one) return wb;
  const Unpacked& narrow = wa < wb ? a : *b;
  if (narrow.significand.width() > 1) return wa + wb;
  return std::max(wa, wb) + (narrow.significand_is_signed ? 2 : 0);
}

ProductFacts facts_of(const Unpacked& a, const Unpacked* b, bool has_sign, bool by_rows,
                      const Stage& stage, const OperatorSpec& spec) {
  const bool in_rows = sign_in_rows(fabric_traits(spec.fabric), has_sign, by_rows, stage);
  ProductFacts facts;
  facts.has_sign = has_sign;
  facts.by_rows = by_rows;
  facts.has_rows = b != nullptr && !a.is_one && !b->is_one &&
                   std::min(a.significand.width(), b->significand.width()) >= 2;
  facts.is_signed =
      in_rows || a.significand_is_signed || (b != nullptr && b->significand_is_signed);
  facts.bits = product_bits(a, b);
  facts.shift = shift_distances(a, b);
  return facts;
}

/// A product on its way through shifts and a stage.
struct Placing {
  Module& m;
  const Stage& stage;
  const ShiftPlan& shift;
  Product product;
  Signal negative;  ///< of the product, where the significands do not have it

  [[nodiscard]] Aligned start() const { return {product.bits, 0}; }
  [[nodiscard]] Signal zero() const { return m.constant(1, 0); }
  /// What extends the addend upward, where its sign is `otherwise`.
  [[nodiscard]] Signal fill(const Signal& bits, const Signal& otherwise) const {
    return product.is_signed ? bits.top() : otherwise;
  }
};

/// SignPlace::kBehind: the last places of the shift, and the sign, are in the cells of the next
/// adder.
void place_with_sign_behind(const Placing& p, const ProductPlan& plan, const Unpacked& a,
                            const Unpacked* b, Addend& addend) {
  const int stages = p.shift.stages();
  const int behind = plan.stages_behind;
  Aligned x =
      shift_stages(p.m, p.shift, 0, stages - behind, p.start(), p.product.is_signed, Signal());
  x.bits = plan.late_low_bits
               ? cross_with_late_low_bits(p.m, a, *b, p.product, p.stage, &addend.carry)
               : p.stage.cross("product_shifted", x.bits);
  const Signal held_negative = p.stage.cross("negative_held", p.negative);
  if (behind > 0) {
    const Signal selects =
        p.stage.cross("stay_held", p.shift.stay.slice(stages - 1, stages - behind));
    x = shift_stages(p.m, p.shift, stages - behind, stages, x, p.product.is_signed, selects);
  }
  addend.bits = p.m.net("addend", x.bits ^ replicate(held_negative, x.bits.width()));
  addend.carry = held_negative;
  addend.fill = p.fill(addend.bits, held_negative);
}

/// SignPlace::kBlocks: the sign is coded with the last two places of the shift.
void place_by_blocks(const Placing& p, Addend& addend) {
  const int stages = p.shift.stages();
  const Aligned x = shift_stages(p.m, p.shift, 0, stages - 2, p.start(), false, Signal());
  addend.bits =
      shift_by_blocks(p.m, p.shift, x, p.product.bits.width(), p.negative, p.stage, &addend.carry);
  addend.fill = addend.carry;
}

/// No shift and no sign apart: only the two low bits are made behind the stage.
void place_with_late_low_bits(const Placing& p, const Unpacked& a, const Unpacked* b,
                              Addend& addend) {
  addend.carry = p.zero();
  addend.bits = cross_with_late_low_bits(p.m, a, *b, p.product, p.stage, &addend.carry);
  addend.fill = p.fill(addend.bits, p.zero());
}

/// The whole shift, and the sign in one's complement where it `is_signed`, before the stage.
void place_before(const Placing& p, bool is_signed, Addend& addend) {
  const Aligned x =
      shift_stages(p.m, p.shift, 0, p.shift.stages(), p.start(), p.product.is_signed, Signal());
  const Signal bits =
      is_signed ? p.m.net("product_signed", x.bits ^ replicate(p.negative, x.bits.width()))
                : x.bits;
  addend.bits = p.stage.cross("product_held", bits);
  addend.carry = is_signed ? p.stage.cross("negative_held", p.negative)
                           : p.stage.cross("carry_held", p.product.carry);
  addend.fill = p.fill(addend.bits, is_signed ? addend.carry : p.zero());
}

}  // namespace

Addend exact_product(Module& m, const Unpacked& a, const Unpacked* b, const Signal& negate,
                     const OperatorSpec& spec, const Stage& stage, int width_bits,
                     const Signal& made) {
  Addend addend;
  addend.lsb_exponent = a.lsb_exponent + (b != nullptr ? b->lsb_exponent : 0);
  const Signal zero = m.constant(1, 0);
  const Signal sign = b != nullptr ? a.negative ^ b->negative ^ negate : a.negative ^ negate;
  const bool has_sign = !is_zero_constant(sign);
  const bool by_rows = spec.dsp == Dsp::kNone && !made.valid();
  const ProductFacts facts = facts_of(a, b, has_sign, by_rows, stage, spec);
  const ProductPlan plan = plan_product(fabric_traits(spec.fabric), facts, stage);

  const Signal negative = has_sign ? m.net("negative", sign) : zero;
  const Product product = plan.sign == SignPlace::kRows
                              ? signed_product(m, a, b, negative, spec)
                              : significand_product(m, a, b, spec, made, stage.registered);
  const ShiftPlan shift = plan_shift(m, a, b, spec.fabric, spec.lanes);
  const int stages = shift.stages();
  const bool negated = plan.sign != SignPlace::kNone && plan.sign != SignPlace::kRows;
  FEWBIT_CHECK(is_zero_constant(product.carry) || (stages == 0 && !negated),
               "a carry that would have to be shifted or negated");
  const bool bits_matter = negated && !stage.is_last && stages >= 2;
  FEWBIT_CHECK(!bits_matter || product.bits.width() == facts.bits,
               "a product of {} bits, not of {}", product.bits.width(), facts.bits);
  const Placing placing{m, stage, shift, product, negative};
  if (plan.sign == SignPlace::kBehind) {
    place_with_sign_behind(placing, plan, a, b, addend);
  } else if (plan.sign == SignPlace::kBlocks) {
    place_by_blocks(placing, addend);
  } else if (plan.late_low_bits) {
    place_with_late_low_bits(placing, a, b, addend);
  } else {
    place_before(placing, plan.sign == SignPlace::kBefore, addend);
  }
  if (addend.bits.width() > width_bits) addend.bits = addend.bits.low(width_bits);
  return addend;
}

namespace {

Signal product_sign(Module& m, const Unpacked& a, const Unpacked* b) {
  const Signal sign = b != nullptr ? a.negative ^ b->negative : a.negative;
  return is_zero_constant(sign) ? sign : m.net("negative", sign);
}

/// The exponent of an operand's significand, at least 1 where it has subnormals.
struct ExponentRange {
  Signal exponent;
  int min = 0;
  int max = 0;
};
ExponentRange exponent_of(const Unpacked& u) {
  if (u.max_shift == 0) return {};
  const int max = (1 << u.exponent_field.width()) - 1;
  return {u.exponent(), max - u.max_shift, max};
}

}  // namespace

SignMagnitude floating_product(Module& m, const Unpacked& a, const Unpacked* b,
                               const OperatorSpec& spec, const Signal& made) {
  SignMagnitude product;
  product.magnitude = significand_product(m, a, b, spec, made).bits;
  product.negative = product_sign(m, a, b);
  product.lsb_exponent = a.lsb_exponent + (b != nullptr ? b->lsb_exponent : 0);
  const ExponentRange x = exponent_of(a);
  const ExponentRange y = b != nullptr ? exponent_of(*b) : ExponentRange{};
  product.min_exponent = x.min + y.min;
  product.max_exponent = x.max + y.max;
  product.lsb_exponent -= product.min_exponent;
  product.is_normal_above_least = b == nullptr && !a.is_integer;
  if (x.exponent.valid() && y.exponent.valid()) {
    const int bits = std::max(x.exponent.width(), y.exponent.width()) + 1;
    product.exponent =
        m.net("exponent", zero_extend(x.exponent, bits) + zero_extend(y.exponent, bits));
  } else if (x.exponent.valid() || y.exponent.valid()) {
    product.exponent = m.net("exponent", x.exponent.valid() ? x.exponent : y.exponent);
  }
  return product;
}

SignMagnitude exact_magnitude(Module& m, const Unpacked& a, const Unpacked* b,
                              const OperatorSpec& spec, const Signal& made) {
  const int max_shift = a.max_shift + (b != nullptr ? b->max_shift : 0);
  const int bits = a.significand.width() + (b != nullptr ? b->significand.width() : 0) + max_shift;
  if (max_shift > 0 && bits > kLongestFixedPoint) return floating_product(m, a, b, spec, made);
  const Product product = significand_product(m, a, b, spec, made);
  const ShiftPlan plan = plan_shift(m, a, b, spec.fabric, spec.lanes);
  const Aligned x = shift_stages(m, plan, 0, plan.stages(), {product.bits, 0}, false, Signal());
  SignMagnitude value;
  value.magnitude = x.bits;
  value.negative = product_sign(m, a, b);
  value.lsb_exponent = a.lsb_exponent + (b != nullptr ? b->lsb_exponent : 0);
  return value;
}

BigInt code_value(const Format& format, unsigned code, bool flush) {
  if (format.is_bipolar()) return code == 0 ? -1 : 1;
  if (format.is_int()) return from_bits(code, format.bits(), format.is_signed());
  const FloatFormat& f = format.as_float();
  const unsigned fraction = code & ((1U << f.fraction_bits) - 1);
  const unsigned field = (code >> f.fraction_bits) & ((1U << f.exponent_bits) - 1);
  if (!f.zero_exponent_is_subnormal) return BigInt((1U << f.fraction_bits) | fraction) << field;
  if (field == 0 && flush) return 0;
  return field == 0 ? BigInt(fraction) : BigInt((1U << f.fraction_bits) | fraction) << (field - 1);
}

namespace {

int lsb_of(const Format& format) {
  return format.is_int() ? format.as_int().lsb_exponent : format.as_float().lsb_exponent();
}

/// A product of two codes as a function of both, signs of floats apart.
struct CodeProducts {
  const OperatorSpec& spec;
  int a_bits = 0;  ///< of the codes, less the signs of floats
  int b_bits = 0;

  explicit CodeProducts(const OperatorSpec& s)
      : spec(s), a_bits(magnitude_bits(s.a)), b_bits(magnitude_bits(*s.b)) {}
  static int magnitude_bits(const Format& f) {
    return f.is_int() ? f.bits() : f.as_float().magnitude_bits();
  }
  [[nodiscard]] int index_bits() const { return a_bits + b_bits; }
  /// By {a, b}, in units of the product's last place.
  [[nodiscard]] BigInt value(unsigned index) const {
    return code_value(spec.a, index >> b_bits, spec.flush_inputs) *
           code_value(*spec.b, index & ((1U << b_bits) - 1), spec.flush_inputs);
  }
  [[nodiscard]] std::pair<BigInt, BigInt> range() const {
    std::pair<BigInt, BigInt> range;
    for (unsigned i = 0; i < (1U << index_bits()); ++i) {
      const BigInt one = value(i);
      range = {std::min(range.first, one), std::max(range.second, one)};
    }
    return range;
  }
  /// Whether a table is taken: where it is smallest, or asked for.
  [[nodiscard]] bool serves() const {
    if (spec.a.is_int() != spec.b->is_int()) return false;
    const Rows rows = rows_of(spec);
    return rows == Rows::kTable ||
           (rows == Rows::kByFabric && index_bits() <= lut_inputs(spec.fabric));
  }
};

bool has_sign_bit(const Format& format) { return format.is_float() && format.is_signed(); }

}  // namespace

const rtl::TableLabel kProductTable = {"Product", "a * b, by both codes less the signs of floats"};

Addend table_product(Module& m, const OperatorSpec& spec, const Signal& a, const Signal& b,
                     const Stage& stage) {
  Addend addend;
  const CodeProducts products(spec);
  if (!products.serves()) return addend;
  addend.lsb_exponent = lsb_of(spec.a) + lsb_of(*spec.b);
  const auto [least, greatest] = products.range();
  const bool is_negative = least < 0;
  const int width = width_of_range(least, greatest);
  const Signal zero = m.constant(1, 0);
  const Signal index = concat({a.low(products.a_bits), b.low(products.b_bits)});
  const auto product = [&products](unsigned i) { return products.value(i); };
  const bool has_sign = has_sign_bit(spec.a) || has_sign_bit(*spec.b);
  // The last cells of the tables, and the sign, join those of the accumulator.
  const bool joins_sum = fabric_traits(spec.fabric).table_before_carry && !stage.is_last;
  const int inputs = lut_inputs(spec.fabric);
  const bool is_sign_alone =
      spec.a.is_bipolar() && spec.b->is_bipolar();  // its low bit is always 1
  Signal bits;
  if (joins_sum && stage.registered && index.width() <= inputs && !is_sign_alone) {
    bits = late_table(m, "product", width, index, product, stage, inputs - (has_sign ? 2 : 1),
                      is_negative);
  } else {
    bits = table_of(m, "product", kProductTable, width, index, product);
    if (joins_sum || !has_sign) bits = stage.cross("product_held", bits);
  }
  if (!has_sign) {
    addend.bits = bits;
    addend.carry = zero;
    addend.fill = is_negative ? addend.bits.top() : zero;
    return addend;
  }
  const Signal negative = m.net("negative", (has_sign_bit(spec.a) ? a.top() : zero) ^
                                                (has_sign_bit(*spec.b) ? b.top() : zero));
  const auto with_sign = [](const Signal& x, const Signal& sign) {
    return x ^ replicate(sign, x.width());
  };
  if (joins_sum) {
    addend.carry = stage.cross("negative_held", negative);
    addend.bits = m.net("addend", with_sign(bits, addend.carry));
  } else {
    addend.bits = stage.cross("product_held", m.net("product_signed", with_sign(bits, negative)));
    addend.carry = stage.cross("negative_held", negative);
  }
  addend.fill = addend.carry;
  return addend;
}

Addend product_addend(Module& m, const OperatorSpec& spec, const Signal& a_code,
                      const Signal& b_code, const Unpacked& a, const Unpacked& b,
                      const Stage& stage, int width_bits, const Signal& made) {
  if (spec.dsp == Dsp::kNone && !made.valid()) {
    const Addend table = table_product(m, spec, a_code, b_code, stage);
    if (table.bits.valid()) return table;
  }
  return exact_product(m, a, &b, m.constant(1, 0), spec, stage, width_bits, made);
}

Addend fixed_point_operand(Module& m, const std::string& name, const Unpacked& operand,
                           const Signal& negate, const OperatorSpec& spec, int width_bits) {
  const rtl::Scope scope(m, name);
  return exact_product(m, operand, nullptr, negate, spec, {}, width_bits);
}

SignMagnitude floating_operand(Module& m, const std::string& name, const Unpacked& operand,
                               const OperatorSpec& spec) {
  const rtl::Scope scope(m, name);
  return floating_product(m, operand, nullptr, spec);
}

}  // namespace fewbit::ops
