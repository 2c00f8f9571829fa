// Rounding and encoding: every value that is rounded is rounded here, once.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sim/model/exact.h"

namespace fewbit::model {
namespace {

/// Where |x| lies between two neighbours of a grid: at the lower one, or nearer to which.
enum class Position { kExact, kBelowHalf, kHalf, kAboveHalf };

/// |x| in units of 2^lsb, rounded down, and where it lies above that.
struct Quantised {
  BigInt floor;
  Position position = Position::kExact;
};

Quantised quantise(const ExactValue& magnitude, int lsb_exponent) {
  const int dropped = lsb_exponent - magnitude.exponent;
  if (dropped <= 0) return {magnitude.significand << -dropped, Position::kExact};
  Quantised result{magnitude.significand >> dropped, Position::kExact};
  const BigInt rest = magnitude.significand - (result.floor << dropped);
  if (rest == 0) return result;
  const int order = rest.compare(pow2(dropped - 1));
  result.position =
      order < 0 ? Position::kBelowHalf : (order == 0 ? Position::kHalf : Position::kAboveHalf);
  return result;
}

/// Whether the rounded magnitude is the upper neighbour; `is_odd` is the lower one's last bit.
bool rounds_up(Position position, bool is_odd, bool negative, RoundingMode rounding) {
  if (position == Position::kExact) return false;
  switch (rounding) {
    case RoundingMode::kTiesToEven:
      return position == Position::kAboveHalf || (position == Position::kHalf && is_odd);
    case RoundingMode::kTiesToAway:
      return position != Position::kBelowHalf;
    case RoundingMode::kTowardZero:
      return false;
    case RoundingMode::kTowardPositive:
      return !negative;
    case RoundingMode::kTowardNegative:
      return negative;
    case RoundingMode::kToOdd:
      return !is_odd;
  }
  FEWBIT_CHECK(false, "unknown rounding mode {}", static_cast<int>(rounding));
}

/// Whether an overflow stays at the largest finite value because of the rounding direction.
bool points_to_zero(bool negative, RoundingMode rounding) {
  switch (rounding) {
    case RoundingMode::kTowardZero:
    case RoundingMode::kToOdd:
      return true;
    case RoundingMode::kTowardPositive:
      return negative;
    case RoundingMode::kTowardNegative:
      return !negative;
    default:
      return false;
  }
}

ExactValue magnitude_of(const Datum& datum) {
  return datum.value.significand < 0 ? -datum.value : datum.value;
}

// --- Integers and fixed point ---

BigInt encode_int(const IntFormat& format, const Datum& datum, RoundingMode rounding,
                  OverflowMode overflow) {
  if (datum.is_nan()) return 0;
  if (datum.is_infinite())
    return to_bits(datum.negative ? format.min() : format.max(), format.bits);
  const Quantised quantised = quantise(magnitude_of(datum), format.lsb_exponent);
  const bool is_odd = quantised.floor % 2 != 0;
  BigInt integer = quantised.floor;
  if (rounds_up(quantised.position, is_odd, datum.negative, rounding)) ++integer;
  if (datum.negative) integer = -integer;
  if (overflow != OverflowMode::kWrap) integer = std::clamp(integer, format.min(), format.max());
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

Code encode_infinity(const FloatFormat& format, bool negative, OverflowMode overflow) {
  if (overflow == OverflowMode::kNan) return encode_nan(format);
  if (overflow == OverflowMode::kSaturate) return with_sign(format, format.max_finite, negative);
  return with_sign(format, format.infinity.value_or(format.max_finite), negative);
}

/// Rounds a magnitude other than 0 to the format's precision, with an exponent that has no upper
/// bound: the magnitude code it would have if the exponent field had any width.
BigInt round_to_code(const FloatFormat& format, const ExactValue& magnitude, bool negative,
                     RoundingMode rounding) {
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
  if (rounds_up(quantised.position, is_odd, negative, rounding)) ++code;
  return code;
}

Code encode_float(const FloatFormat& format, const Datum& datum, RoundingMode rounding,
                  OverflowMode overflow) {
  if (datum.is_nan()) return encode_nan(format);
  if (datum.is_infinite()) return encode_infinity(format, datum.negative, overflow);
  if (datum.negative && !format.is_signed) return 0;
  if (datum.is_zero()) return with_sign(format, 0, datum.negative);
  const BigInt code = round_to_code(format, magnitude_of(datum), datum.negative, rounding);
  if (code <= format.max_finite) return with_sign(format, code.convert_to<Code>(), datum.negative);
  if (overflow == OverflowMode::kInfinity && points_to_zero(datum.negative, rounding)) {
    return with_sign(format, format.max_finite, datum.negative);
  }
  return encode_infinity(format, datum.negative, overflow);
}

}  // namespace

BigInt encode(const Format& format, const Datum& datum, RoundingMode rounding,
              OverflowMode overflow) {
  if (format.is_int()) return encode_int(format.as_int(), datum, rounding, overflow);
  return encode_float(format.as_float(), datum, rounding, overflow);
}

}  // namespace fewbit::model
