// Round and pack: an exact fixed-point number into any result format, one rounding.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/gen/ops/product/exact_product.h"

namespace fewbit::ops {

/// An exact result with its special cases, one bit each.
struct ExactResult {
  SignMagnitude value;       ///< its sign is also that of a zero
  rtl::Signal is_nan;        ///< constant 0 where it cannot happen
  rtl::Signal is_infinite;   ///< of value's sign, and not NaN
  bool is_in_range = false;  ///< no finite value is too large for the result, rounded or not
  /// Overflow by the bits that all larger codes have, without a chain, where there are such bits.
  bool overflow_by_bits = false;
};

/// The code of `exact` in spec.result, rounded once as spec.rounding says; overflow as
/// spec.overflow says; NaN, infinity and zero signs as docs/formats.md, "Conversion to a format".
/// `random` are the bits of stochastic rounding, else of width 0. Combinational.
///
/// Float results: the magnitude is normalised from the coarse shift to the fine one, each stage
/// keeping only the bits that can still matter and a sticky bit, and goes right where it is below
/// the normal numbers; exponent, fraction, hidden bit and rounding increment then meet in one carry
/// chain, because the code of the next larger number is the code plus 1.
///
/// kSymmetric: a signed integer that saturates goes no further down than up.
/// `zero_point`, of the format spec.zero_point, is added to the rounded integer before the range is
/// looked at; `exact` then has neither NaN nor infinities.
enum class IntegerRange { kWhole, kSymmetric };
rtl::Signal round_and_pack(rtl::Module& module, const OperatorSpec& spec, const ExactResult& exact,
                           const rtl::Signal& random, IntegerRange range = IntegerRange::kWhole,
                           const rtl::Signal& zero_point = {});

/// Dropped bits that the request's rounding looks at one by one, before the sticky bit.
int guard_bits(const OperatorSpec& spec);

/// x with zeros appended or its lowest bits ORed into its last one, so that it has `width` bits.
rtl::Signal jammed(rtl::Module& module, const rtl::Signal& x, int width);
/// x moved right by `amount` places, what falls out ORed into the last bit; names begin with
/// `name`.
rtl::Signal shift_right_jam(rtl::Module& module, const std::string& name, rtl::Signal x,
                            const rtl::Signal& amount);

}  // namespace fewbit::ops
