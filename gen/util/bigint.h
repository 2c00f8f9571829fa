// Exact integers of any size, and the few questions about bits that hardware asks of them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#include <string>

namespace fewbit {

using BigInt = boost::multiprecision::number<boost::multiprecision::cpp_int_backend<>,
                                             boost::multiprecision::et_off>;

/// Bits of |value|: 0 for 0, 1 for 1, 3 for 7 and for -7.
inline int bit_length(const BigInt& value) {
  if (value == 0) return 0;
  return static_cast<int>(boost::multiprecision::msb(value < 0 ? BigInt(-value) : value)) + 1;
}

/// 2^exponent.
inline BigInt pow2(int exponent) { return BigInt(1) << exponent; }

/// The least two's complement width that holds both `min` and `max` (min <= max, min < 0), or the
/// least unsigned width where min >= 0; at least 1.
inline int width_of_range(const BigInt& min, const BigInt& max) {
  if (min >= 0) return std::max(1, bit_length(max));
  const int negative = bit_length(-min - 1) + 1;
  const int positive = bit_length(max < 0 ? BigInt(0) : max) + 1;
  return std::max(negative, positive);
}

/// The low `width` bits of `value` as an unsigned number: two's complement for a negative one.
inline BigInt to_bits(const BigInt& value, int width) {
  const BigInt modulus = pow2(width);
  BigInt bits = value % modulus;
  if (bits < 0) bits += modulus;
  return bits;
}

/// The value that `width` bits have in two's complement (or unsigned where is_signed is false).
inline BigInt from_bits(const BigInt& bits, int width, bool is_signed) {
  if (is_signed && bits >= pow2(width - 1)) return bits - pow2(width);
  return bits;
}

/// Lower-case hexadecimal digits of a non-negative value, without prefix.
inline std::string to_hex(const BigInt& value) { return value.str(0, std::ios_base::hex); }

}  // namespace fewbit
