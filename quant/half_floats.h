// Binary16 and Bfloat16: floats of 16 bits as files hold them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace fewbit::quant {

/// IEEE 754's binary16 by its code.
struct Binary16 {
  std::uint16_t code = 0;

  Binary16() = default;
  explicit Binary16(std::int32_t code_of) : code(static_cast<std::uint16_t>(code_of)) {}
  /// Exact; a NaN is a NaN.
  explicit operator float() const {
    const int exponent = code >> 10 & 31;
    const int fraction = code & 1023;
    float magnitude = std::ldexp(static_cast<float>(fraction), -24);
    if (exponent > 0) magnitude = std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
    if (exponent == 31) {
      magnitude = fraction == 0 ? std::numeric_limits<float>::infinity()
                                : std::numeric_limits<float>::quiet_NaN();
    }
    return code >> 15 == 0 ? magnitude : -magnitude;
  }
};

/// The upper half of binary32.
struct Bfloat16 {
  std::uint16_t code = 0;

  Bfloat16() = default;
  explicit Bfloat16(std::int32_t code_of) : code(static_cast<std::uint16_t>(code_of)) {}
  explicit operator float() const { return std::bit_cast<float>(std::uint32_t{code} << 16); }
};

}  // namespace fewbit::quant
