// Floating sum: two numbers with exponents added in a frame that is as wide as one rounding needs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/gen/ops/product/exact_product.h"

namespace fewbit::ops {

/// a + b, as exact as a result of `precision` bits and `guards` dropped bits can see: the smaller
/// operand is aligned to the larger one's exponent, and what falls below the frame is a sticky bit.
/// Neither operand need be normal. The frame has the larger significand, max(its width, precision +
/// guards) places below it, and the sticky bit: with so many, the sum of operands that do not
/// overlap keeps its leading one and all dropped bits within the frame. Sign of an exact zero:
/// unspecified; `is_zero` marks it. Where `with_b`, 1 bit, is 0, b's magnitude has to be zero, and
/// the sum is a: b's exponent then moves a zero alone, so that it may be X.
struct FloatingSum {
  SignMagnitude value;
  rtl::Signal is_zero;
};
FloatingSum floating_sum(rtl::Module& module, const SignMagnitude& a, const SignMagnitude& b,
                         int precision, int guards, const rtl::Signal& with_b = rtl::Signal());

}  // namespace fewbit::ops
