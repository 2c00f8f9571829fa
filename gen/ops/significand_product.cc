// Significand product: see significand_product.h.
// SPDX-License-Identifier: Apache-2.0
#include "gen/ops/significand_product.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "gen/ops/stage.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

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

/// Radix-4 Booth: one row per two bits of b, in {-2, -1, 0, 1, 2} x a, kept in one's complement
/// with its +1 as a carry. Written as a subtraction, which keeps the running sum on the adder's
/// direct input.
Product booth_rows(Module& m, const Factor& a_in, const Factor& b_in) {
  const Signal a = a_in.is_signed ? a_in.bits : zero_extend(a_in.bits, a_in.bits.width() + 1);
  Signal b = b_in.is_signed ? b_in.bits : zero_extend(b_in.bits, b_in.bits.width() + 1);
  if (b.width() % 2 == 1) b = sign_extend(b, b.width() + 1);
  const int width = a.width() + 1;  // of a row
  std::vector<Signal> lows;
  Signal sum;
  for (int k = 0; k < b.width() / 2; ++k) {
    const Signal high = b.bit(2 * k + 1);
    const Signal mid = b.bit(2 * k);
    const Signal low = k > 0 ? b.bit(2 * k - 1) : m.constant(1, 0);
    const std::string name = fmt::format("booth_{}", k);
    const Signal one = m.net(name + "_one", mid ^ low);
    const Signal two = m.net(name + "_two", (high ^ mid) & ~one);
    const Signal twice = concat({a, m.constant(1, 0)});
    const Signal magnitude =
        m.net(name + "_magnitude", gated(sign_extend(a, width), one) | gated(twice, two));
    const Signal row = m.net(name + "_row", magnitude ^ replicate(high, width));
    if (k == 0) {
      sum = row;
    } else {
      const Signal inverted = m.net(name + "_inverted", ~row);
      const Signal wide =
          m.net(name + "_sum", concat({sign_extend(sum, width + 1), m.constant(1, 0)}) -
                                   concat({sign_extend(inverted, width + 1), ~high}));
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

/// Unsigned, two bits of b per row: 0, a, 2a or 3a from a table.
Product two_bit_rows(Module& m, const Signal& a, const Signal& b) {
  const int n = a.width();
  std::vector<Signal> lows;
  Signal rest;
  Signal sum;
  for (int k = 0; k < b.width(); k += 2) {
    const int digits = std::min(2, b.width() - k);
    const Signal partial = table_of(
        m, fmt::format("partial_{}", k / 2), n + digits, concat({b.slice(k + digits - 1, k), a}),
        [n](unsigned i) { return BigInt(i & ((1U << n) - 1)) * (i >> n); });
    // rest < 2^n and the row is at most (2^digits - 1)(2^n - 1), so n + digits bits hold the sum.
    sum = rest.valid()
              ? m.net(fmt::format("row_{}", k / 2), zero_extend(rest, n + digits) + partial)
              : partial;
    if (k + 2 < b.width()) {
      lows.push_back(sum.bit(0));
      lows.push_back(sum.bit(1));
      rest = sum.slice(sum.width() - 1, 2);
    }
  }
  return {m.net("product", concat(under(sum, lows))), false, m.constant(1, 0)};
}

}  // namespace

Product multiply(Module& m, const Factor& a_in, const Factor& b_in, Fabric fabric,
                 bool allow_carry) {
  // Fewer rows: the narrower operand selects them. A signed bit alone cannot be a row count of one.
  const bool swap = a_in.bits.width() < b_in.bits.width();
  const Factor& a = swap ? b_in : a_in;
  Factor b = swap ? a_in : b_in;
  if (b.is_signed && b.bits.width() == 1) b.bits = sign_extend(b.bits, 2);
  const int wa = a.bits.width();
  const int wb = b.bits.width();
  const bool is_unsigned = !a.is_signed && !b.is_signed;
  if (fabric != Fabric::kIce40 && allow_carry) return booth_rows(m, a, b);
  if (is_unsigned && wb > 1) {
    if (fabric == Fabric::kXilinx && wa + wb <= lut_inputs(fabric)) {
      return {table_of(m, "product", wa + wb, concat({a.bits, b.bits}),
                       [wb](unsigned i) { return BigInt(i >> wb) * (i & ((1U << wb) - 1)); }),
              false, m.constant(1, 0)};
    }
    const int widest = fabric == Fabric::kIce40 ? 3 : 4;
    const int narrowest = fabric == Fabric::kEcp5 ? 3 : 1;
    if (wa <= widest && wa >= narrowest) return two_bit_rows(m, a.bits, b.bits);
  }
  return bit_rows(m, a, b, fabric == Fabric::kIce40);
}

}  // namespace fewbit::ops
