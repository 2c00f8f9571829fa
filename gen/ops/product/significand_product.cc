// Significand product: see significand_product.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/product/significand_product.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "fewbit/gen/ops/fabric/carry_sum.h"
#include "fewbit/gen/ops/fabric/stage.h"
#include "fewbit/gen/ops/product/running_sum.h"
#include "fewbit/gen/spec/strategy.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

Rows rows_of(const OperatorSpec& spec) {
  switch (choose_strategy(spec)) {
    case Strategy::kConditionalRows:
      return Rows::kConditional;
    case Strategy::kAndRows:
      return Rows::kAnd;
    case Strategy::kBoothRows:
      return Rows::kBooth;
    case Strategy::kPairRows:
      return Rows::kPairs;
    case Strategy::kTripleRows:
      return Rows::kTriple;
    case Strategy::kProductTable:
      return Rows::kTable;
    default:
      return Rows::kByFabric;
  }
}

Signal table_of(Module& m, const std::string& name, const rtl::TableLabel& label, int width,
                const Signal& index, const std::function<BigInt(unsigned)>& function) {
  std::vector<BigInt> columns(static_cast<std::size_t>(width), 0);
  for (unsigned i = 0; i < (1U << index.width()); ++i) {
    const BigInt entry = to_bits(function(i), width);
    for (int bit = 0; bit < width; ++bit) {
      if (((entry >> bit) & 1) != 0)
        columns[static_cast<std::size_t>(bit)] |= pow2(static_cast<int>(i));
    }
  }
  const Signal address = m.net(name + "_index", index);
  std::vector<Signal> bits;
  for (int bit = width - 1; bit >= 0; --bit) {
    bits.push_back(m.net(fmt::format("{}_{}", name, bit),
                         table(columns[static_cast<std::size_t>(bit)], address,
                               {fmt::format("{}{}", label.name, bit), label.note})));
  }
  return m.net(name, concat(bits));
}

namespace {

const rtl::TableLabel kTwoBitRow = {"TwoBitRow", "a times two bits of b, by {bits of b, a}"};
const rtl::TableLabel kOneBitRow = {"OneBitRow", "a times one bit of b, by {bit of b, a}"};
const rtl::TableLabel kTopRow = {"TopRow",
                                 "a times the top of b, which is signed, by {top of b, a}"};

/// One row per bit of b. The top row of a signed b subtracts.
Product bit_rows(Module& m, const Factor& a, const Factor& b, bool conditional_add) {
  const int n = a.bits.width();
  const int rows = b.bits.width();
  const Signal zero = m.constant(1, 0);
  if (rows == 1) return {m.net("product", gated(a.bits, b.bits)), a.is_signed, zero};
  Signal row = m.net("row_0", gated(a.bits, b.bits.bit(0)));
  std::vector<Signal> lows = {row.bit(0)};
  Signal rest = n > 1 ? row.slice(n - 1, 1) : zero;
  bool rest_is_signed = a.is_signed;
  for (int i = 1; i < rows; ++i) {
    const bool subtract = b.is_signed && i == rows - 1;
    const Signal select = b.bits.bit(i);
    const Signal so_far = extend(rest, n + 1, rest_is_signed);
    const Signal addend = extend(a.bits, n + 1, a.is_signed);
    const std::string name = fmt::format("row_{}", i);
    if (conditional_add) {
      // so_far - a = ~(~so_far + a): the inversions are free in the cells.
      const Signal start = m.net(name + "_start", subtract ? ~so_far : so_far);
      const Signal sum = m.net(name + "_sum", start + addend);
      const Signal chosen = mux(select, sum, start);
      row = m.net(name, subtract ? ~chosen : chosen);
    } else {
      const Signal partial =
          extend(m.net(name + "_partial", gated(a.bits, select)), n + 1, a.is_signed);
      row = m.net(name, subtract ? so_far - partial : so_far + partial);
    }
    rest_is_signed = a.is_signed || subtract;
    if (i < rows - 1) {
      lows.push_back(row.bit(0));
      rest = row.slice(n, 1);
    }
  }
  return {m.net("product", concat(under(row, lows))), a.is_signed || b.is_signed, zero};
}

/// A factor in two's complement.
Signal widened(const Factor& x) {
  return x.is_signed ? x.bits : zero_extend(x.bits, x.bits.width() + 1);
}

/// One radix-4 Booth row: a times the digit of b, in {-2, -1, 0, 1, 2}, is row + negative. `below`
/// takes the place of the bit below the digit, if valid.
struct Booth {
  Signal row;
  Signal negative;
};

Booth booth_row(Module& m, const std::string& name, const Signal& a, const Signal& b, int digit,
                const Signal& below = {}) {
  const int width = a.width() + 1;
  const Signal high = b.bit(2 * digit + 1);
  const Signal mid = b.bit(2 * digit);
  const Signal low = below.valid() ? below : digit > 0 ? b.bit(2 * digit - 1) : m.constant(1, 0);
  const Signal one = m.net(name + "_one", mid ^ low);
  const Signal any = m.net(name + "_any", one | (high ^ mid));
  const Signal twice = concat({a, m.constant(1, 0)});
  const Signal magnitude =
      m.net(name + "_magnitude", gated(mux(one, sign_extend(a, width), twice), any));
  return {m.net(name + "_digit", magnitude ^ replicate(high, width)), high};
}

/// The digits of b, of 2 x digits bits, between the first, which is Booth's, and the top one: two
/// bits a digit, its value plus 2, and above them the bit that the top digit takes in place of the
/// one below it. Digits of four values, not five, so that a row's bit is one cell of four inputs;
/// a carry chain makes them, which synthesis does not look through.
Signal four_valued_digits(Module& m, const std::string& name, const Signal& b, int digits) {
  const int bits = 2 * (digits - 2);
  BigInt twos = 0;
  for (int i = 1; i < bits; i += 2) twos += pow2(i);
  const Signal zero = m.constant(1, 0);
  const Signal wide =
      m.net(name + "_wide", concat({zero, b.slice(2 * digits - 3, 2), b.bit(1)}) +
                                concat({zero, m.constant(bits, twos), m.constant(1, 1)}));
  return m.net(name, wide.without_low(1));
}

/// The row of such a digit: a times it is row + negative.
Booth four_valued_row(Module& m, const std::string& name, const Signal& a, const Signal& digit) {
  const int width = a.width() + 1;
  const Signal once = sign_extend(a, width);
  const Signal twice = concat({a, m.constant(1, 0)});
  const Signal below = ~mux(digit.bit(0), once, twice);
  return {m.net(name + "_digit", mux(digit.bit(1), gated(once, digit.bit(0)), below)),
          ~digit.bit(1)};
}

/// Radix-4 Booth: one row per two bits of b, kept in one's complement with its +1 as a carry.
Product booth_rows(Module& m, const Factor& a_in, const Factor& b_in, Fabric fabric) {
  const Signal a = widened(a_in);
  Signal b = widened(b_in);
  const bool is_odd = b.width() % 2 == 1;
  if (is_odd) b = sign_extend(b, b.width() + 1);
  const int digits = b.width() / 2;
  std::vector<Signal> lows;
  Signal sum;
  for (int k = 0; k < digits; ++k) {
    const std::string name = fmt::format("booth_{}", k);
    const Booth booth = booth_row(m, name, a, b, k);
    // The top digit of an odd width is -1, 0 or 1.
    const int width = a.width() + (is_odd && k == digits - 1 ? 1 : 2);
    if (k == 0) {
      sum = booth.row;
    } else {
      sum = carry_sum(m, fmt::format("row_{}", k), sign_extend(sum, width),
                      sign_extend(booth.row, width), booth.negative, fabric);
    }
    if (k < digits - 1) {
      lows.push_back(sum.bit(0));
      lows.push_back(sum.bit(1));
      sum = sum.slice(sum.width() - 1, 2);
    }
  }
  return {m.net("product", concat(under(sum, lows))), true, b.bit(1)};
}

/// Two bits of b per row: the multiple of a from a table. The top digit of a signed b is signed.
/// With `selects_last` a last row of one bit is a select between the sums with a and without.
Product two_bit_rows(Module& m, const Factor& a, const Factor& b, bool selects_last) {
  const int n = a.bits.width();
  const int rows_width = b.bits.width();
  std::vector<Signal> lows;
  Signal rest;
  Signal sum;
  for (int k = 0; k < rows_width; k += 2) {
    const int digits = std::min(2, rows_width - k);
    const bool digit_is_signed = b.is_signed && k + 2 >= rows_width;
    if (selects_last && digits == 1 && rest.valid()) {
      const Signal without = extend(rest, n + 1, a.is_signed);
      const Signal with = m.net("last_sum", without + extend(a.bits, n + 1, a.is_signed));
      sum = mux(b.bits.bit(k), with, without);
      break;
    }
    const auto multiple = [n, digits, digit_is_signed, &a](unsigned i) {
      return BigInt(from_bits(i & ((1U << n) - 1), n, a.is_signed) *
                    from_bits(i >> n, digits, digit_is_signed));
    };
    const Signal partial =
        table_of(m, fmt::format("partial_{}", k / 2),
                 digit_is_signed ? kTopRow
                 : digits == 2   ? kTwoBitRow
                                 : kOneBitRow,
                 n + digits, concat({b.bits.slice(k + digits - 1, k), a.bits}), multiple);
    // |rest| and |a| are below 2^n (signed: at most 2^(n-1)) and a digit is at most 2^digits - 1,
    // so n + digits bits hold the sum.
    sum = rest.valid()
              ? m.net(fmt::format("row_{}", k / 2), extend(rest, n + digits, a.is_signed) + partial)
              : partial;
    if (k + 2 < rows_width) {
      lows.push_back(sum.bit(0));
      lows.push_back(sum.bit(1));
      rest = sum.slice(sum.width() - 1, 2);
    }
  }
  return {m.net("product", concat(under(sum, lows))), a.is_signed || b.is_signed, m.constant(1, 0)};
}

/// Two bits of b per row, 0 to 3 times a, with 3a from an adder of its own. The top digit of a
/// signed b is signed: its negative multiples come in one's complement and a carry.
Product triple_rows(Module& m, const Factor& a, const Factor& b, Fabric fabric) {
  const int n = a.bits.width();
  const int rows_width = b.bits.width();
  const Signal zero = m.constant(1, 0);
  const Signal once = extend(a.bits, n + 2, a.is_signed);
  const Signal twice = concat({extend(a.bits, n + 1, a.is_signed), zero});
  const Signal upper = m.net("triple_upper", once.slice(n + 1, 1) + twice.slice(n + 1, 1));
  const Signal triple = m.net("triple", concat({upper, a.bits.bit(0)}));
  std::vector<Signal> lows;
  Signal rest;
  Signal sum;
  for (int k = 0; k < rows_width; k += 2) {
    const int digits = std::min(2, rows_width - k);
    const bool is_last = k + 2 >= rows_width;
    const bool negates = b.is_signed && is_last;
    const Signal low = b.bits.bit(k);
    const Signal high = digits == 2 ? b.bits.bit(k + 1) : zero;
    Signal multiple;
    if (digits == 1) {
      multiple = gated(once.low(n + 1), low);
    } else if (negates) {
      multiple = mux(low, once, twice & replicate(high, n + 2));
    } else {
      multiple = mux(low, mux(high, triple, once), twice & replicate(high, n + 2));
    }
    const Signal carry = negates ? b.bits.top() : zero;
    const Signal row = m.net(fmt::format("multiple_{}", k / 2),
                             negates ? multiple ^ replicate(carry, n + digits) : multiple);
    if (!rest.valid() && negates) rest = m.constant(n, 0);  // a place for the carry
    sum = rest.valid() ? carry_sum(m, fmt::format("row_{}", k / 2),
                                   extend(rest, n + digits, a.is_signed), row, carry, fabric)
                       : row;
    if (!is_last) {
      lows.push_back(sum.bit(0));
      lows.push_back(sum.bit(1));
      rest = sum.slice(sum.width() - 1, 2);
    }
  }
  return {m.net("product", concat(under(sum, lows))), a.is_signed || b.is_signed, zero};
}

struct Range {
  BigInt min = 0;
  BigInt max = 0;
};

Range range_of(const Factor& x) {
  const int bits = x.bits.width();
  if (!x.is_signed) return {0, pow2(bits) - 1};
  return {-pow2(bits - 1), pow2(bits - 1) - 1};
}

/// Of b's Booth digits up to number `digit`; those between the first and the last of four values.
Range digits_range(const Factor& b, int digit, int digits, bool four_valued) {
  if (digit == digits - 1) return range_of(b);
  const BigInt two = pow2(2 * digit + 1);
  if (!four_valued) return {-two, two - 1};
  const BigInt ones = (pow2(2 * digit + 2) - 1) / 3;  // 1 in each digit
  return {-2 * ones, ones};
}

Range product_range(const Factor& a, const Range& b) {
  const Range x = range_of(a);
  const auto [min, max] = std::minmax({x.min * b.min, x.min * b.max, x.max * b.min, x.max * b.max});
  return {min, max};
}

/// x / 2^places, rounded down.
BigInt floor_shift(const BigInt& x, int places) {
  const BigInt unit = pow2(places);
  return x < 0 ? BigInt(-((-x + unit - 1) / unit)) : BigInt(x / unit);
}

using FactorPair = std::pair<Factor, Factor>;

/// Adds all products to `sum`, bit by bit of their second factors: each row is a sum with the first
/// factor or without.
void add_conditional_rows(RunningSum& sum, const std::vector<FactorPair>& pairs) {
  constexpr int kWideFactor = 6;  // from which on low bits apart are smaller in sign rows too
  const Factor& select = pairs[0].second;
  const int select_width = select.bits.width();
  for (int i = 0; i < select_width; ++i) {
    // The sign's rows subtract: so_far - a = ~(~so_far + a), inversions that are free in the cells.
    const bool subtract = select.is_signed && i == select_width - 1;
    if (subtract) sum.invert("inverted");
    for (std::size_t k = 0; k < pairs.size(); ++k) {
      sum.add_where(fmt::format("row_{}_{}", i, k), pairs[k].second.bits.bit(i), pairs[k].first,
                    !subtract || select_width >= kWideFactor);
    }
    if (subtract) sum.invert("upright");
    if (i < select_width - 1) sum.finish(1);
  }
}

/// The second factor of a pair in Booth's digits.
struct Recoded {
  Signal bits;  ///< 2 x digits of them
  Signal
      middle;  ///< digits between the first and the last, of four values; absent: all are Booth's

  [[nodiscard]] Booth row(Module& m, const std::string& name, const Signal& a, int digit) const {
    const bool is_top = 2 * digit + 2 == bits.width();
    if (middle.valid() && digit > 0 && !is_top) {
      return four_valued_row(m, name, a, middle.slice(2 * digit - 1, 2 * digit - 2));
    }
    return booth_row(m, name, a, bits, digit, middle.valid() && is_top ? middle.top() : Signal());
  }
};

/// Adds all products to `sum`, two bits of their second factors at a time; in pairs of carry chains
/// where the fabric has them.
void add_booth_rows(Module& m, const std::string& name, RunningSum& sum,
                    const std::vector<FactorPair>& pairs, const FabricTraits& traits) {
  const Factor& select = pairs[0].second;
  const int digits = (select.bits.width() + (select.is_signed ? 0 : 1) + 1) / 2;
  const bool in_pairs = traits.carry_pairs && digits > 1;
  std::vector<Recoded> recoded(pairs.size());
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    recoded[k].bits = extend(widened(pairs[k].second), 2 * digits, true);
    if (!in_pairs || digits <= 2) continue;
    recoded[k].middle =
        four_valued_digits(m, fmt::format("{}_digits_{}", name, k), recoded[k].bits, digits);
  }
  std::vector<Range> reached(pairs.size());  // of each product so far
  for (int digit = 0; digit < digits; ++digit) {
    for (std::size_t k = 0; k < pairs.size(); ++k) {
      const std::string row = fmt::format("row_{}_{}", digit, k);
      const bool four_valued = recoded[k].middle.valid();
      const Booth booth = recoded[k].row(m, name + "_" + row, widened(pairs[k].first), digit);
      reached[k] =
          product_range(pairs[k].first, digits_range(pairs[k].second, digit, digits, four_valued));
      Range all;
      for (const Range& one : reached) all = {all.min + one.min, all.max + one.max};
      const BigInt least = floor_shift(all.min, 2 * digit);
      const BigInt greatest = floor_shift(all.max, 2 * digit);
      if (in_pairs) {
        const bool between = four_valued && digit > 0 && digit < digits - 1;
        sum.add_in_pairs(row, booth.row, booth.negative, least, greatest, between);
      } else {
        sum.add(row, booth.row, booth.negative, least, greatest);
      }
    }
    if (digit < digits - 1) sum.finish(2);
  }
}

}  // namespace

Signal sum_of_products(Module& m, const std::string& name,
                       const std::vector<std::pair<Factor, Factor>>& products, const BigInt& min,
                       const BigInt& max, Fabric fabric, Rows rows) {
  std::vector<FactorPair> pairs = products;  // the narrower factor selects the rows
  for (auto& [a, b] : pairs) {
    if (a.bits.width() < b.bits.width()) std::swap(a, b);
  }
  const FabricTraits& traits = fabric_traits(fabric);
  RunningSum sum(m, name, width_of_range(min, max));
  if (rows == Rows::kConditional || (rows == Rows::kByFabric && traits.table_behind_carry)) {
    add_conditional_rows(sum, pairs);
  } else {
    add_booth_rows(m, name, sum, pairs, traits);
  }
  return sum.result();
}

namespace {

/// a x b by the rows that were asked for.
Product multiply_by(Module& m, const Factor& a, const Factor& b, Fabric fabric, Rows rows) {
  switch (rows) {
    case Rows::kBooth:
      return booth_rows(m, a, b, fabric);
    case Rows::kPairs:
      return two_bit_rows(m, a, b, false);
    case Rows::kTriple:
      return triple_rows(m, a, b, fabric);
    default:
      return bit_rows(m, a, b, rows == Rows::kConditional);
  }
}

/// a x b, unsigned, of at least two bits each, where a table or rows of two bits are smallest.
std::optional<Product> multiply_unsigned(Module& m, const Factor& a, const Factor& b, Fabric fabric,
                                         bool before_register) {
  const FabricTraits& traits = fabric_traits(fabric);
  const int wa = a.bits.width();
  const int wb = b.bits.width();
  if (has_wide_tables(fabric) && wa + wb <= lut_inputs(fabric)) {
    return Product{table_of(m, "product", {"SignificandProduct", "a * b, by {a, b}"}, wa + wb,
                            concat({a.bits, b.bits}),
                            [wb](unsigned i) { return BigInt(i >> wb) * (i & ((1U << wb) - 1)); }),
                   false, m.constant(1, 0)};
  }
  if (wa <= traits.most_pair_factor && wa >= traits.least_pair_factor) {
    return two_bit_rows(m, a, b, traits.table_behind_carry && before_register);
  }
  return std::nullopt;
}

/// a x b on cells with tables of six inputs; b has at least four bits.
Product multiply_in_wide_tables(Module& m, const Factor& a, const Factor& b, Fabric fabric) {
  const int wa = a.bits.width();
  // Not of wider factors: a sign in the rows of triple_rows costs more than it saves.
  const bool signed_selects = wa == b.bits.width() && a.is_signed && !b.is_signed;
  if (wa <= 5 && signed_selects) return two_bit_rows(m, b, a, false);
  const int widest_table = b.is_signed ? 5 : 6;  // of the wide factor; with a digit 7 or 8 inputs
  return wa <= widest_table ? two_bit_rows(m, a, b, false) : triple_rows(m, a, b, fabric);
}

}  // namespace

Product multiply(Module& m, const Factor& a_in, const Factor& b_in, Fabric fabric, bool allow_carry,
                 Rows rows, bool before_register) {
  // Fewer rows: the narrower operand selects them. A signed bit alone cannot be a row count of one.
  const bool swap = a_in.bits.width() < b_in.bits.width();
  const Factor& a = swap ? b_in : a_in;
  Factor b = swap ? a_in : b_in;
  if (b.is_signed && b.bits.width() == 1) b.bits = sign_extend(b.bits, 2);
  if (rows != Rows::kByFabric) return multiply_by(m, a, b, fabric, rows);
  const FabricTraits& traits = fabric_traits(fabric);
  if (traits.multiplies && b.bits.width() > 1) {
    return {m.net("product", product(a.bits, a.is_signed, b.bits, b.is_signed)),
            a.is_signed || b.is_signed, m.constant(1, 0)};
  }
  if (traits.gate_before_carry && allow_carry) return booth_rows(m, a, b, fabric);
  if (!a.is_signed && !b.is_signed && b.bits.width() > 1) {
    const auto product = multiply_unsigned(m, a, b, fabric, before_register);
    if (product) return *product;
  }
  if (has_wide_tables(fabric) && b.bits.width() >= 4) {
    return multiply_in_wide_tables(m, a, b, fabric);
  }
  return bit_rows(m, a, b, traits.table_behind_carry);
}

}  // namespace fewbit::ops
