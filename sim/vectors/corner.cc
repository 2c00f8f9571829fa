// The corner table of a format.
// SPDX-License-Identifier: Apache-2.0
#include "sim/vectors/corner.h"

#include <algorithm>

namespace fewbit::vectors {
namespace {

constexpr Code kAlternating = 0x5555555555555555;

Code low_mask(int bits) { return bits >= 64 ? ~Code{0} : (Code{1} << bits) - 1; }

std::vector<Code> int_corners(const IntFormat& format) {
  std::vector<Code> codes = {0, 1, 2, 3};
  for (int bit = 0; bit < format.bits; ++bit) {
    const Code power = Code{1} << bit;
    codes.insert(codes.end(), {power, power - 1, ~power + 1});  // and its negative
  }
  const Code top = Code{1} << (format.bits - 1);
  codes.insert(codes.end(), {~Code{0}, ~Code{1}, top - 2, top + 1});
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

std::vector<Code> corner_codes(const Format& format) {
  FEWBIT_CHECK(format.bits() <= 64, "corner codes of {}, which has more bits than a Code",
               format.name());
  std::vector<Code> codes =
      format.is_int() ? int_corners(format.as_int()) : float_corners(format.as_float());
  codes.insert(codes.end(), {kAlternating, ~kAlternating, ~Code{0}});
  for (Code& code : codes) code &= low_mask(format.bits());
  std::sort(codes.begin(), codes.end());
  codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
  return codes;
}

}  // namespace fewbit::vectors
