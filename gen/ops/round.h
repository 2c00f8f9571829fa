// Round and pack: an exact fixed-point number into any result format, one rounding.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gen/ops/exact_product.h"

namespace fewbit::ops {

/// An exact result with its special cases, one bit each.
struct ExactResult {
  SignMagnitude value;      ///< its sign is also that of a zero
  rtl::Signal is_nan;       ///< constant 0 where it cannot happen
  rtl::Signal is_infinite;  ///< of value's sign, and not NaN
};

/// The code of `exact` in spec.result, rounded once as spec.rounding says; overflow as
/// spec.overflow says; NaN, infinity and zero signs as docs/formats.md, "Conversion to a format".
/// Combinational.
///
/// Minifloat results: the magnitude is normalised from the coarse shift to the fine one, each stage
/// keeping only the bits that can still matter and a sticky bit; exponent, fraction, hidden bit and
/// rounding increment then meet in one carry chain, because the code of the next larger number is
/// the code plus 1.
rtl::Signal round_and_pack(rtl::Module& module, const OperatorSpec& spec, const ExactResult& exact);

}  // namespace fewbit::ops
