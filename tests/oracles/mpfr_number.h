// One MPFR number with exact arithmetic, and its rounding to the precision of a format.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mpfr.h>

#include <string>

namespace fewbit::oracles {

/// Sums of two products of binary32 numbers need fewer bits than this.
inline constexpr mpfr_prec_t kExactBits = 1000;

/// One MPFR number, released at the end.
class Number {
 public:
  explicit Number(mpfr_prec_t precision = kExactBits) { mpfr_init2(value_, precision); }
  ~Number() { mpfr_clear(value_); }
  Number(const Number&) = delete;
  Number& operator=(const Number&) = delete;
  mpfr_ptr get() { return value_; }

 private:
  mpfr_t value_;
};

}  // namespace fewbit::oracles
