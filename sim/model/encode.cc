// Rounding and encoding: every value that is rounded is rounded here, once.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "fewbit/sim/model/exact.h"

namespace fewbit::model {
namespace {

/// |x| in units of 2^lsb, rounded down, and what was dropped: rest / 2^rest_bits of a unit.
struct Quantised {
  BigInt floor;
  BigInt rest;
  int rest_bits = 0;
};

Quantised quantise(const ExactValue& magnitude, int lsb_exponent) {
  const int dropped = lsb_exponent - magnitude.exponent;
  if (dropped <= 0) return {magnitude.significand << -dropped, 0, 0};
  const BigInt floor = magnitude.significand >> dropped;
  return {floor, magnitude.significand - (floor << dropped), dropped};
}

/// floor(rest x 2^bits / 2^rest_bits): the first `bits` dropped bits.
BigInt dropped_bits(const Quantised& x, int bits) {
  return x.rest_bits <= bits ? BigInt(x.rest << (bits - x.rest_bits))
                             : BigInt(x.rest >> (x.rest_bits - bits));
}

/// rest x 2^bits / 2^rest_bits rounded to nearest, ties to even.
BigInt nearest_dropped_bits(const Quantised& x, int bits) {
  const BigInt floor = dropped_bits(x, bits);
  if (x.rest_bits <= bits) return floor;
  const BigInt twice = (x.rest - (floor << (x.rest_bits - bits))) * 2;
  const int order = twice.compare(pow2(x.rest_bits - bits));
  return order > 0 || (order == 0 && floor % 2 != 0) ? BigInt(floor + 1) : floor;
}

/// Whether the rounded magnitude is the upper neighbour; `is_odd` is the lower one's last bit.
bool rounds_up(const Quantised& x, bool is_odd, bool negative, const Projection& projection) {
  if (x.rest == 0) return false;
  const int half = BigInt(x.rest * 2).compare(pow2(x.rest_bits));
  const int n = projection.random_bits;
  switch (projection.rounding) {
    case RoundingMode::kTiesToEven:
      return half > 0 || (half == 0 && is_odd);
    case RoundingMode::kTiesToAway:
      return half >= 0;
    case RoundingMode::kTiesTowardPositive:
      return half > 0 || (half == 0 && !negative);
    case RoundingMode::kTiesTowardNegative:
      return half > 0 || (half == 0 && negative);
    case RoundingMode::kTowardZero:
      return false;
    case RoundingMode::kTowardPositive:
      return !negative;
    case RoundingMode::kTowardNegative:
      return negative;
    case RoundingMode::kToOdd:
      return !is_odd;
    case RoundingMode::kStochasticA:
      return dropped_bits(x, n) + projection.random >= pow2(n);
    case RoundingMode::kStochasticB:
      return dropped_bits(x, n + 1) + projection.random * 2 + 1 >= pow2(n + 1);
    case RoundingMode::kStochasticC:
      return nearest_dropped_bits(x, n) + projection.random >= pow2(n);
  }
  FEWBIT_CHECK(false, "unknown rounding mode {}", static_cast<int>(projection.rounding));
}

/// Whether an overflow stays at the end of the finite range because of the rounding direction.
bool points_to_range(bool negative, RoundingMode rounding) {
  return rounding == RoundingMode::kTowardZero ||
         rounding == (negative ? RoundingMode::kTowardPositive : RoundingMode::kTowardNegative);
}

/// The same for a rule that knows infinities: to odd takes the odd code of the two.
bool points_to_zero(const FloatFormat& format, bool negative, RoundingMode rounding) {
  if (rounding == RoundingMode::kToOdd) return format.max_finite % 2 != 0;
  return points_to_range(negative, rounding);
}

ExactValue magnitude_of(const Datum& datum) {
  return datum.value.significand < 0 ? -datum.value : datum.value;
}

// --- Integers and fixed point ---

BigInt encode_int(const IntFormat& format, const Datum& datum, const Projection& projection) {
  if (format.is_bipolar) {
    FEWBIT_CHECK(datum.is_finite() && !datum.is_zero(), "bipolar has neither zero nor specials");
    return datum.negative ? 0 : 1;
  }
  if (datum.is_nan()) return 0;
  if (datum.is_infinite())
    return to_bits(datum.negative ? format.min() : format.max(), format.bits);
  const Quantised quantised = quantise(magnitude_of(datum), format.lsb_exponent);
  const bool is_odd = quantised.floor % 2 != 0;
  BigInt integer = quantised.floor;
  if (rounds_up(quantised, is_odd, datum.negative, projection)) ++integer;
  if (datum.negative) integer = -integer;
  integer += projection.offset;
  if (projection.overflow != OverflowMode::kWrap) {
    integer = std::clamp(integer, format.min(), format.max());
  }
  return to_bits(integer, format.bits);
}

// --- Floats ---

Code with_sign(const FloatFormat& format, Code magnitude, bool negative) {
  if (!negative) return magnitude;
  if (!format.is_signed) return 0;  // the nearest value that an unsigned format has
  if (magnitude == 0 && !format.has_negative_zero()) return 0;
  return magnitude | (Code{1} << format.magnitude_bits());
}

Code encode_nan(const FloatFormat& format) {
  return format.has_nan() ? format.canonical_nan() : format.max_finite;
}

/// Of the formats that kSatNone is for, those with an infinity are unsigned.
Code infinity_or_nan(const FloatFormat& format, bool negative) {
  return format.infinity && !negative ? *format.infinity : encode_nan(format);
}

Code encode_infinity(const FloatFormat& format, bool negative, OverflowMode overflow) {
  const bool is_nan = overflow == OverflowMode::kNan || overflow == OverflowMode::kSaturateNan;
  if (is_nan) return encode_nan(format);
  if (overflow == OverflowMode::kSaturate) return with_sign(format, format.max_finite, negative);
  if (overflow == OverflowMode::kSatNone) return infinity_or_nan(format, negative);
  return with_sign(format, format.infinity.value_or(format.max_finite), negative);
}

/// A finite value beyond the largest.
Code encode_overflow(const FloatFormat& format, bool negative, const Projection& projection) {
  if (projection.overflow == OverflowMode::kNan) return encode_nan(format);
  if (projection.overflow == OverflowMode::kSatNone) {
    return points_to_range(negative, projection.rounding)
               ? with_sign(format, format.max_finite, negative)
               : infinity_or_nan(format, negative);
  }
  const bool is_infinity = projection.overflow == OverflowMode::kInfinity && format.infinity &&
                           !points_to_zero(format, negative, projection.rounding);
  return with_sign(format, is_infinity ? *format.infinity : format.max_finite, negative);
}

/// Rounds a magnitude other than 0 to the format's precision, with an exponent that has no upper
/// bound: the magnitude code it would have if the exponent field had any width.
BigInt round_to_code(const FloatFormat& format, const ExactValue& magnitude, bool negative,
                     const Projection& projection) {
  const int least_exponent = (format.zero_exponent_is_subnormal ? 1 : 0) - format.bias;
  const int leading_exponent = bit_length(magnitude.significand) - 1 + magnitude.exponent;
  const int exponent = std::max(leading_exponent, least_exponent);
  const Quantised quantised = quantise(magnitude, exponent - format.fraction_bits);
  // With exponent field E >= 1 the code is E x 2^m + (floor - 2^m), which is also right for the
  // subnormals, where E is 1 and floor < 2^m; a scale without subnormals starts one binade lower.
  BigInt code = (BigInt(exponent - least_exponent) << format.fraction_bits) + quantised.floor;
  if (!format.zero_exponent_is_subnormal) {
    if (leading_exponent < least_exponent) return 0;
    code -= pow2(format.fraction_bits);
  }
  const bool is_odd = code % 2 != 0;
  if (rounds_up(quantised, is_odd, negative, projection)) ++code;
  return code;
}

bool is_subnormal(const FloatFormat& format, const BigInt& code) {
  return format.zero_exponent_is_subnormal && code < pow2(format.fraction_bits);
}

Code encode_float(const FloatFormat& format, const Datum& datum, const Projection& projection) {
  if (datum.is_nan()) return encode_nan(format);
  if (datum.is_infinite()) return encode_infinity(format, datum.negative, projection.overflow);
  if (datum.is_zero()) return with_sign(format, 0, datum.negative);
  const bool below_range = datum.negative && !format.is_signed;
  if (below_range && projection.overflow != OverflowMode::kSatNone) return 0;
  BigInt code = round_to_code(format, magnitude_of(datum), datum.negative, projection);
  if (projection.flush_subnormals && is_subnormal(format, code)) code = 0;
  if (below_range) return code == 0 ? 0 : encode_overflow(format, true, projection);
  if (code <= format.max_finite) return with_sign(format, code.convert_to<Code>(), datum.negative);
  return encode_overflow(format, datum.negative, projection);
}

}  // namespace

Projection projection_of(const OperatorSpec& spec, const BigInt& random) {
  return {spec.rounding, spec.overflow, spec.flush_outputs, spec.random_bits, random, 0};
}

BigInt encode(const Format& format, const Datum& datum, const Projection& projection) {
  if (format.is_int()) return encode_int(format.as_int(), datum, projection);
  return encode_float(format.as_float(), datum, projection);
}

BigInt encode(const Format& format, const Datum& datum, RoundingMode rounding,
              OverflowMode overflow) {
  return encode(format, datum, Projection{rounding, overflow, false, 0, 0});
}

}  // namespace fewbit::model
