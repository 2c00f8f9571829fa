// Anchored sum: a product and a number of the result's format, in a frame around the product.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "fewbit/gen/ops/sum/floating_sum.h"

namespace fewbit::ops {

/// A product of two significands.
struct AnchoredProduct {
  SignMagnitude value;    ///< with an exponent
  rtl::Signal is_zero;    ///< 1 bit
  int narrow_factor = 1;  ///< bits of the narrower significand
};

/// Bits of the narrower significand of two factors.
inline int narrower_bits(const Unpacked& a, const Unpacked& b) {
  return std::min(a.significand.width(), b.significand.width());
}

/// Whether anchored_sum() adds this product to numbers of format c: both have exponents.
bool serves_anchored(const SignMagnitude& product, const Format& c);

/// product + c, as exact as a rounding to c's format can see, that looks at `guards` dropped bits
/// before the sticky one:
///
///     frame, from its top      above | product | below | sticky
///     addend                   c >> distance from the frame's top
///
/// Only c is shifted. Above the product are so many places, precision + guards + 1, that a c which
/// starts higher leaves nothing of the product but a sticky bit: there, and where the product is
/// zero, c is at the frame's top, the product stays where it is, and the frame has c's exponent.
/// So the frame never starts below the least exponent of c's format, and the sum is normalised to
/// the left alone. A difference with the sign of c is found by comparing what is below the top of
/// the product; then the complement of the chain's sum, without its carry, is the magnitude.
///
/// c: from floating_operand, of a format with subnormals. Sign of an exact zero: unspecified.
FloatingSum anchored_sum(rtl::Module& module, const AnchoredProduct& product,
                         const SignMagnitude& c, int guards);

}  // namespace fewbit::ops
