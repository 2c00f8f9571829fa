// Leading one: the normalising shift of an aligned sum, in one of two forms.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/gen/rtl/module.h"

namespace fewbit::ops {

/// The magnitude of a sum at the exponent of its larger operand, with what lies below it.
struct AlignedMagnitude {
  rtl::Signal sum;            ///< precision bits, and one above them
  rtl::Signal guard, round;   ///< the two places below its last one
  rtl::Signal exponent;       ///< field of the larger operand, not of the sum; of subnormals 0 or 1
  bool below_normal = false;  ///< the shift stops at the least exponent, 1; else only at the one
};

/// precision bits with the leading one on top, but for sums that stop at the least exponent; the
/// bit below, the OR of what the shift left below that, and what to add to the exponent: 1 to
/// -precision in two's complement. A sum of zero has any change where nothing stops it.
struct Normalised {
  rtl::Signal significand, round_bit, sticky, change;
};

/// Each bit chosen among its places: for few places, because their number squared counts. Pairs of
/// neighbours first, so that the pairs' own bits decide late. A mark joins the search for the
/// leading one where the exponent would fall below the least.
Normalised normalise_by_choice(rtl::Module& module, const AlignedMagnitude& x, int change_bits);

/// Half of the places that are left in each stage, coarse first, by the least of leading zeros and
/// room above the least exponent: as long as both had the same bits a stage moves where both can,
/// from then on the smaller one decides.
Normalised normalise_by_stages(rtl::Module& module, const AlignedMagnitude& x, int change_bits);

}  // namespace fewbit::ops
