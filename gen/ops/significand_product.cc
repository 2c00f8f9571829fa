// Significand product: see significand_product.h.
// SPDX-License-Identifier: Apache-2.0
#include "gen/ops/significand_product.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "gen/ops/stage.h"
#include "gen/spec/strategy.h"

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
    case Strategy::kProductTable:
      return Rows::kTable;
    default:
      return Rows::kByFabric;
  }
}

Signal table_of(Module& m, const std::string& name, int width, const Signal& index,
                const std::function<BigInt(unsigned)>& function) {
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
                         table(columns[static_cast<std::size_t>(bit)], address)));
  }
  return m.net(name, concat(bits));
}

namespace {

Signal extend(const Signal& x, int width, bool is_signed) {
  return is_signed ? sign_extend(x, width) : zero_extend(x, width);
}

Signal gated(const Signal& x, const Signal& bit) { return x & replicate(bit, x.width()); }

std::vector<Signal> under(const Signal& top, const std::vector<Signal>& lows) {
  std::vector<Signal> parts = {top};
  parts.insert(parts.end(), lows.rbegin(), lows.rend());
  return parts;
}

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

/// One radix-4 Booth row: a times the digit of b, in {-2, -1, 0, 1, 2}, is row + negative.
struct Booth {
  Signal row;
  Signal negative;
};

Booth booth_row(Module& m, const std::string& name, const Signal& a, const Signal& b, int digit) {
  const int width = a.width() + 1;
  const Signal high = b.bit(2 * digit + 1);
  const Signal mid = b.bit(2 * digit);
  const Signal low = digit > 0 ? b.bit(2 * digit - 1) : m.constant(1, 0);
  const Signal one = m.net(name + "_one", mid ^ low);
  const Signal two = m.net(name + "_two", (high ^ mid) & ~one);
  const Signal twice = concat({a, m.constant(1, 0)});
  const Signal magnitude =
      m.net(name + "_magnitude", gated(sign_extend(a, width), one) | gated(twice, two));
  return {m.net(name + "_digit", magnitude ^ replicate(high, width)), high};
}

/// Radix-4 Booth: one row per two bits of b, kept in one's complement with its +1 as a carry.
/// Written as a subtraction, which keeps the running sum on the adder's direct input.
Product booth_rows(Module& m, const Factor& a_in, const Factor& b_in) {
  const Signal a = widened(a_in);
  Signal b = widened(b_in);
  if (b.width() % 2 == 1) b = sign_extend(b, b.width() + 1);
  const int width = a.width() + 1;  // of a row
  std::vector<Signal> lows;
  Signal sum;
  for (int k = 0; k < b.width() / 2; ++k) {
    const std::string name = fmt::format("booth_{}", k);
    const Booth booth = booth_row(m, name, a, b, k);
    if (k == 0) {
      sum = booth.row;
    } else {
      const Signal inverted = m.net(name + "_inverted", ~booth.row);
      const Signal wide =
          m.net(name + "_sum", concat({sign_extend(sum, width + 1), m.constant(1, 0)}) -
                                   concat({sign_extend(inverted, width + 1), ~booth.negative}));
      sum = m.net(fmt::format("row_{}", k), wide.slice(width + 1, 1));
    }
    if (2 * (k + 1) < b.width()) {
      lows.push_back(sum.bit(0));
      lows.push_back(sum.bit(1));
      sum = sum.slice(sum.width() - 1, 2);
    }
  }
  return {m.net("product", concat(under(sum, lows))), true, b.bit(1)};
}

/// Two bits of b per row: the multiple of a from a table. The top digit of a signed b is signed.
Product two_bit_rows(Module& m, const Factor& a, const Factor& b) {
  const int n = a.bits.width();
  const int rows_width = b.bits.width();
  std::vector<Signal> lows;
  Signal rest;
  Signal sum;
  for (int k = 0; k < rows_width; k += 2) {
    const int digits = std::min(2, rows_width - k);
    const bool digit_is_signed = b.is_signed && k + 2 >= rows_width;
    const auto multiple = [n, digits, digit_is_signed, &a](unsigned i) {
      return BigInt(from_bits(i & ((1U << n) - 1), n, a.is_signed) *
                    from_bits(i >> n, digits, digit_is_signed));
    };
    const Signal partial = table_of(m, fmt::format("partial_{}", k / 2), n + digits,
                                    concat({b.bits.slice(k + digits - 1, k), a.bits}), multiple);
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

/// x + y + carry as a subtraction, which keeps x on the adder's direct input; the carry has a
/// column of its own.
Signal added(Module& m, const std::string& name, const Signal& x, const Signal& y,
             const Signal& carry) {
  const Signal inverted = m.net(name + "_inverted", ~y);
  const Signal wide =
      m.net(name + "_wide", concat({x, m.constant(1, 0)}) - concat({inverted, ~carry}));
  return m.net(name, wide.without_low(1));
}

/// Two bits of b per row, 0 to 3 times a, with 3a from an adder of its own. The top digit of a
/// signed b is signed: its negative multiples come in one's complement and a carry.
Product triple_rows(Module& m, const Factor& a, const Factor& b) {
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
    sum = rest.valid() ? added(m, fmt::format("row_{}", k / 2),
                               extend(rest, n + digits, a.is_signed), row, carry)
                       : row;
    if (!is_last) {
      lows.push_back(sum.bit(0));
      lows.push_back(sum.bit(1));
      rest = sum.slice(sum.width() - 1, 2);
    }
  }
  return {m.net("product", concat(under(sum, lows))), a.is_signed || b.is_signed, zero};
}

/// A running sum of rows whose low bits are finished one by one. Its numbers are min .. max.
class RunningSum {
 public:
  RunningSum(Module& m, std::string name, int total_width)
      : m_(m), name_(std::move(name)), unfinished_(total_width) {}

  /// Adds a where `select` is 1, in the chain that adds it always.
  void add_where(const std::string& row, const Signal& select, const Factor& a) {
    const int width = grow(least(a), greatest(a));
    if (!bits_.valid()) {
      bits_ = m_.net(named(row), extend(gated(a.bits, select), width, a.is_signed));
      return;
    }
    const Signal start = m_.net(named(row + "_start"), extended(width));
    const Signal sum = m_.net(named(row + "_sum"), start + resized(a.bits, width, a.is_signed));
    bits_ = m_.net(named(row), mux(select, sum, start));
    was_signed_ = min_ < 0;
  }

  /// Adds `row` + carry, which is within least .. greatest; the carry has a column of its own.
  void add(const std::string& name, const Signal& row, const Signal& carry, const BigInt& least,
           const BigInt& greatest) {
    const int width = grow(least, greatest);
    const Signal start = bits_.valid() ? extended(width) : m_.constant(width, 0);
    const Signal inverted = m_.net(named(name + "_inverted"), ~row);
    const Signal wide =
        m_.net(named(name + "_wide"), concat({start, m_.constant(1, 0)}) -
                                          concat({resized(inverted, width, true), ~carry}));
    bits_ = m_.net(named(name), wide.without_low(1));
    was_signed_ = min_ < 0;
  }

  void invert(const std::string& row) {
    was_signed_ = min_ < 0;
    const BigInt min = -max_ - 1;
    max_ = -min_ - 1;
    min_ = min;
    // A bit more for the sign of what was not negative.
    const int width = std::min(width_of_range(min_, max_), unfinished_);
    bits_ = m_.net(named(row), ~extended(width));
    was_signed_ = min_ < 0;
  }

  /// The lowest `count` bits are finished.
  void finish(int count) {
    for (int i = 0; i < count; ++i) {
      lows_.push_back(bits_.bit(i));
      min_ = (min_ - (min_ < 0 ? 1 : 0)) / 2;
      max_ /= 2;
    }
    bits_ = bits_.without_low(count);
    unfinished_ -= count;
  }

  /// All bits.
  Signal result() { return m_.net(name_, concat(under(extended(unfinished_), lows_))); }

 private:
  static BigInt least(const Factor& a) {
    return a.is_signed ? BigInt(-pow2(a.bits.width() - 1)) : BigInt(0);
  }
  static BigInt greatest(const Factor& a) {
    return pow2(a.bits.width() - (a.is_signed ? 1 : 0)) - 1;
  }
  static Signal resized(const Signal& x, int width, bool is_signed) {
    return width <= x.width() ? x.low(width) : extend(x, width, is_signed);
  }
  [[nodiscard]] std::string named(const std::string& row) const { return name_ + "_" + row; }
  [[nodiscard]] Signal extended(int width) const { return resized(bits_, width, was_signed_); }
  /// The width once something of least .. greatest, or 0, is added.
  int grow(const BigInt& least, const BigInt& greatest) {
    was_signed_ = min_ < 0;
    if (least < 0) min_ += least;
    if (greatest > 0) max_ += greatest;
    return std::min(width_of_range(min_, max_), unfinished_);
  }

  Module& m_;
  std::string name_;
  int unfinished_;  // bits of the result from here up: the sum is wanted modulo as much
  Signal bits_;
  bool was_signed_ = false;
  BigInt min_ = 0;
  BigInt max_ = 0;
  std::vector<Signal> lows_;
};

}  // namespace

Signal sum_of_products(Module& m, const std::string& name,
                       const std::vector<std::pair<Factor, Factor>>& products, const BigInt& min,
                       const BigInt& max, Fabric fabric, Rows rows) {
  std::vector<std::pair<Factor, Factor>> pairs = products;  // the narrower factor selects the rows
  for (auto& [a, b] : pairs) {
    if (a.bits.width() < b.bits.width()) std::swap(a, b);
  }
  const bool select_signed = pairs[0].second.is_signed;
  const int select_width = pairs[0].second.bits.width();
  RunningSum sum(m, name, width_of_range(min, max));
  const bool conditional =
      rows == Rows::kConditional || (rows == Rows::kByFabric && fabric == Fabric::kIce40);
  if (conditional) {
    for (int i = 0; i < select_width; ++i) {
      // The sign's rows subtract: so_far - a = ~(~so_far + a), inversions that are free in the
      // cells.
      const bool subtract = select_signed && i == select_width - 1;
      if (subtract) sum.invert("inverted");
      for (std::size_t k = 0; k < pairs.size(); ++k) {
        sum.add_where(fmt::format("row_{}_{}", i, k), pairs[k].second.bits.bit(i), pairs[k].first);
      }
      if (subtract) sum.invert("upright");
      if (i < select_width - 1) sum.finish(1);
    }
    return sum.result();
  }
  const int digits = (select_width + (select_signed ? 0 : 1) + 1) / 2;
  for (int digit = 0; digit < digits; ++digit) {
    for (std::size_t k = 0; k < pairs.size(); ++k) {
      const std::string row = fmt::format("row_{}_{}", digit, k);
      const Booth booth = booth_row(m, name + "_" + row, widened(pairs[k].first),
                                    extend(widened(pairs[k].second), 2 * digits, true), digit);
      const BigInt reach = pow2(booth.row.width() - 1);
      sum.add(row, booth.row, booth.negative, -reach, reach);
    }
    if (digit < digits - 1) sum.finish(2);
  }
  return sum.result();
}

Product multiply(Module& m, const Factor& a_in, const Factor& b_in, Fabric fabric, bool allow_carry,
                 Rows rows) {
  // Fewer rows: the narrower operand selects them. A signed bit alone cannot be a row count of one.
  const bool swap = a_in.bits.width() < b_in.bits.width();
  const Factor& a = swap ? b_in : a_in;
  Factor b = swap ? a_in : b_in;
  if (b.is_signed && b.bits.width() == 1) b.bits = sign_extend(b.bits, 2);
  const int wa = a.bits.width();
  const int wb = b.bits.width();
  const bool is_unsigned = !a.is_signed && !b.is_signed;
  if (rows != Rows::kByFabric) {
    if (rows == Rows::kBooth) return booth_rows(m, a, b);
    if (rows == Rows::kPairs) return two_bit_rows(m, a, b);
    return bit_rows(m, a, b, rows == Rows::kConditional);
  }
  if (fabric != Fabric::kIce40 && allow_carry) return booth_rows(m, a, b);
  if (is_unsigned && wb > 1) {
    if (fabric == Fabric::kXilinx && wa + wb <= lut_inputs(fabric)) {
      return {table_of(m, "product", wa + wb, concat({a.bits, b.bits}),
                       [wb](unsigned i) { return BigInt(i >> wb) * (i & ((1U << wb) - 1)); }),
              false, m.constant(1, 0)};
    }
    const int widest = fabric == Fabric::kIce40 ? 3 : 4;
    const int narrowest = fabric == Fabric::kEcp5 ? 3 : 1;
    if (wa <= widest && wa >= narrowest) return two_bit_rows(m, a, b);
  }
  if (fabric == Fabric::kXilinx && wb >= 4) return triple_rows(m, a, b);
  return bit_rows(m, a, b, fabric == Fabric::kIce40);
}

}  // namespace fewbit::ops
