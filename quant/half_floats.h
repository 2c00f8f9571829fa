// Binary16 and Bfloat16: floats of 16 bits as files hold them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace fewbit::quant {

/// IEEE 754's binary16 by its code; the value is exact, a NaN a NaN.
struct Binary16 {
  std::uint16_t code = 0;

  Binary16() = default;
  explicit Binary16(std::int32_t code_of) : code(static_cast<std::uint16_t>(code_of)) {}
  explicit operator float() const;
};

/// The same of bfloat16.
struct Bfloat16 {
  std::uint16_t code = 0;

  Bfloat16() = default;
  explicit Bfloat16(std::int32_t code_of) : code(static_cast<std::uint16_t>(code_of)) {}
  explicit operator float() const;
};

/// The nearest number of binary16, ties to the even code; infinity from 65520 on.
float rounded_to_binary16(float x);
/// The same of bfloat16.
float rounded_to_bfloat16(float x);

}  // namespace fewbit::quant
