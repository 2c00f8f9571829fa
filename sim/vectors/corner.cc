// The corner table of a format.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/vectors/corner.h"

#include <algorithm>

namespace fewbit::vectors {
namespace {

constexpr Code kAlternating = 0x5555555555555555;

/// 0101...: `bits` bits.
BigInt alternating(int bits) {
  BigInt pattern = 0;
  for (int bit = 0; bit < bits; bit += 2) pattern |= pow2(bit);
  return pattern;
}

/// Every power of two; of wide numbers those near the ends and every eighth.
std::vector<BigInt> int_corners(const IntFormat& format) {
  std::vector<BigInt> codes = {0, 1, 2, 3};
  for (int bit = 0; bit < format.bits; ++bit) {
    if (format.bits > 64 && bit % 8 != 0 && bit > 3 && bit < format.bits - 4) continue;
    const BigInt power = pow2(bit);
    codes.insert(codes.end(), {power, power - 1, to_bits(-power, format.bits)});
  }
  const BigInt top = pow2(format.bits - 1);
  const BigInt ones = pow2(format.bits) - 1;
  codes.insert(codes.end(), {ones, to_bits(ones - 1, format.bits), to_bits(top - 2, format.bits),
                             to_bits(top + 1, format.bits)});
  return codes;
}

std::vector<Code> float_corners(const FloatFormat& format) {
  const Code hidden = Code{1} << format.fraction_bits;
  std::vector<Code> magnitudes = {0,
                                  1,
                                  2,
                                  hidden - 1,
                                  hidden,
                                  hidden + 1,
                                  2 * hidden,
                                  format.max_finite,
                                  format.max_finite - 1,
                                  format.max_finite + 1,
                                  format.magnitude_mask(),
                                  format.magnitude_mask() - 1,
                                  kAlternating,
                                  ~kAlternating};
  if (format.bias > 0 && format.bias < format.max_exponent_field()) {
    const Code one = static_cast<Code>(format.bias) << format.fraction_bits;
    magnitudes.insert(magnitudes.end(), {one, one + 1, one - 1, one + hidden});
  }
  if (format.infinity) magnitudes.push_back(*format.infinity);
  if (format.has_magnitude_nan()) magnitudes.push_back(format.canonical_nan());
  std::vector<Code> codes;
  for (const Code magnitude : magnitudes) {
    codes.push_back(magnitude & format.magnitude_mask());
    if (format.is_signed) codes.push_back(codes.back() | (format.magnitude_mask() + 1));
  }
  return codes;
}

}  // namespace

std::vector<BigInt> corner_codes(const Format& format) {
  const BigInt mask = pow2(format.bits()) - 1;
  std::vector<BigInt> codes;
  if (format.is_int()) {
    codes = int_corners(format.as_int());
  } else {
    for (const Code code : float_corners(format.as_float())) codes.emplace_back(code);
  }
  const BigInt pattern = alternating(format.bits());
  codes.insert(codes.end(), {pattern, mask - pattern, mask});
  for (BigInt& code : codes) code &= mask;
  std::sort(codes.begin(), codes.end());
  codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
  return codes;
}

}  // namespace fewbit::vectors
