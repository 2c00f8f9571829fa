// Arithmetic on decoded numbers, with special values and the signs of zeros.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "fewbit/sim/model/exact.h"

namespace fewbit::model {

Datum make_nan();
Datum make_infinity(bool negative);
/// A finite result; `zero_is_negative` is the sign that it has if it is zero.
Datum make_finite(ExactValue value, bool zero_is_negative);

Datum negate(Datum x);
/// NaN for a NaN and for zero times infinity; a zero has the XOR of the signs.
Datum multiply(const Datum& x, const Datum& y);
/// Exact sum. NaN for a NaN and for infinities of both signs. Zeros that all have one sign keep it;
/// any other exact zero is +0, -0 where the rounding is kTowardNegative.
Datum sum(const std::vector<Datum>& addends, RoundingMode rounding);
/// Whether x comes before y on the line of numbers from minus to plus infinity, where -0 is below
/// +0. Neither is NaN.
bool is_below(const Datum& x, const Datum& y);
/// The integer that a finite number is in units of 2^lsb_exponent, of which it is a multiple.
BigInt in_units(const Datum& datum, int lsb_exponent);

}  // namespace fewbit::model
