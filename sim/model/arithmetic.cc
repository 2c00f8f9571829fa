// Arithmetic on decoded numbers: see arithmetic.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/model/arithmetic.h"

#include <algorithm>

namespace fewbit::model {

Datum make_nan() { return {FloatClass::kNan, false, {}}; }

Datum make_infinity(bool negative) { return {FloatClass::kInfinity, negative, {}}; }

Datum make_finite(ExactValue value, bool zero_is_negative) {
  const int sign = value.significand.sign();
  if (sign == 0) return {FloatClass::kZero, zero_is_negative, {}};
  return {FloatClass::kNormal, sign < 0, std::move(value)};
}

Datum negate(Datum x) {
  if (x.is_nan()) return x;
  x.negative = !x.negative;
  x.value = -x.value;
  return x;
}

Datum multiply(const Datum& x, const Datum& y) {
  const bool negative = x.negative != y.negative;
  if (x.is_nan() || y.is_nan()) return make_nan();
  if (x.is_infinite() || y.is_infinite()) {
    return x.is_zero() || y.is_zero() ? make_nan() : make_infinity(negative);
  }
  return make_finite(x.value * y.value, negative);
}

Datum sum(const std::vector<Datum>& addends, RoundingMode rounding) {
  bool plus_infinity = false;
  bool minus_infinity = false;
  bool all_negative_zeros = true;
  bool all_positive_zeros = true;
  ExactValue total;
  bool empty = true;
  for (const Datum& x : addends) {
    if (x.is_nan()) return make_nan();
    plus_infinity = plus_infinity || (x.is_infinite() && !x.negative);
    minus_infinity = minus_infinity || (x.is_infinite() && x.negative);
    all_negative_zeros = all_negative_zeros && x.is_zero() && x.negative;
    all_positive_zeros = all_positive_zeros && x.is_zero() && !x.negative;
    if (!x.is_finite() || x.is_zero()) continue;
    total = empty ? x.value : total + x.value;
    empty = false;
  }
  if (plus_infinity && minus_infinity) return make_nan();
  if (plus_infinity || minus_infinity) return make_infinity(minus_infinity);
  const bool zero_is_negative =
      all_negative_zeros || (!all_positive_zeros && rounding == RoundingMode::kTowardNegative);
  return make_finite(total, zero_is_negative);
}

bool is_below(const Datum& x, const Datum& y) {
  if (x.negative != y.negative) return x.negative;
  if (x.is_infinite() || y.is_infinite()) return x.negative ? !y.is_infinite() : !x.is_infinite();
  return compare(x.value, y.value) < 0;
}

BigInt in_units(const Datum& datum, int lsb_exponent) {
  if (datum.is_zero()) return 0;
  FEWBIT_CHECK(datum.value.exponent >= lsb_exponent, "exact result below its lsb");
  return datum.value.significand << (datum.value.exponent - lsb_exponent);
}

}  // namespace fewbit::model
