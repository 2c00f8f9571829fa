// Floats of 16 bits: see half_floats.h. What a code stands for is the model's to say.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/half_floats.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "fewbit/sim/arrays/numbers.h"

namespace fewbit::quant {
namespace {

/// The values of all codes of a format of 16 bits.
std::vector<float> values_of(const char* name) {
  const Format format = parse_format(name).value();
  std::vector<float> values;
  for (std::uint32_t code = 0; code >> format.bits() == 0; ++code) {
    values.push_back(arrays::exact<float>(model::decode(format, BigInt(code))).value());
  }
  return values;
}

}  // namespace

Binary16::operator float() const {
  static const std::vector<float> kValues = values_of("binary16");
  return kValues[code];
}

Bfloat16::operator float() const {
  static const std::vector<float> kValues = values_of("bfloat16");
  return kValues[code];
}

float rounded_to_binary16(float x) {
  if (!std::isfinite(x) || x == 0) return x;
  constexpr int kLeastExponent = -14, kFractionBits = 10;
  const int exponent = std::max(std::ilogb(x), kLeastExponent) - kFractionBits;
  const float rounded = std::ldexp(std::nearbyint(std::ldexp(x, -exponent)), exponent);
  constexpr float kLargest = 65504;
  return std::abs(rounded) > kLargest ? std::copysign(std::numeric_limits<float>::infinity(), x)
                                      : rounded;
}

float rounded_to_bfloat16(float x) {
  if (std::isnan(x)) return x;
  const auto code = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t odd = code >> 16 & 1U;
  return std::bit_cast<float>((code + 0x7fffU + odd) & 0xffff0000U);
}

}  // namespace fewbit::quant
