// Pack: see pack.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/sum/pack.h"

#include <bit>

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

namespace {

/// What a finite overflow becomes, as a magnitude code that may depend on the sign.
Signal overflow_code(Module& m, const OperatorSpec& spec, const FloatFormat& f,
                     const Signal& negative) {
  const int bits = f.magnitude_bits();
  const Signal largest = m.constant(bits, f.max_finite);
  const bool sat_none = spec.overflow == OverflowMode::kSatNone;
  if (!f.infinity || (spec.overflow != OverflowMode::kInfinity && !sat_none)) return largest;
  const Signal infinity = m.constant(bits, *f.infinity);
  switch (spec.rounding) {
    case RoundingMode::kTowardZero:
      return largest;
    case RoundingMode::kToOdd:  // whichever of the two neighbours is odd
      return f.max_finite % 2 != 0 && !sat_none ? largest : infinity;
    case RoundingMode::kTowardPositive:
      return mux(negative, largest, infinity);
    case RoundingMode::kTowardNegative:
      return mux(negative, infinity, largest);
    default:
      return infinity;
  }
}

/// Of kSatNone: an infinity or a value beyond the range, with nothing to stand for it. `overflow`
/// means nothing beside an infinity.
Signal has_no_code(Module& m, const OperatorSpec& spec, const FloatFormat& f,
                   const ExactResult& exact, const Rounded& rounded, const Signal& overflow) {
  const Signal negative = exact.value.negative;
  const Signal zero = m.constant(1, 0);
  const bool to_zero = spec.rounding == RoundingMode::kTowardZero;
  // A rounding toward the range stops at its end.
  const Signal above = to_zero || spec.rounding == RoundingMode::kTowardNegative
                           ? zero
                           : m.net("beyond_largest", overflow & ~negative);
  const Signal below_end = f.is_signed ? overflow : reduce_or(rounded.code);
  const Signal below = to_zero || spec.rounding == RoundingMode::kTowardPositive
                           ? zero
                           : m.net("beyond_least", below_end & negative);
  // Of the formats that this rule is for, those with an infinity are unsigned.
  if (!f.infinity) return exact.is_infinite | above | below;
  return (exact.is_infinite & negative) | below;
}

/// 1 where the code is above the largest finite one: as the borrow of a difference, or by bits.
Signal exceeds(Module& m, const FloatFormat& f, const Signal& code, bool by_bits) {
  const Code least = f.max_finite + 1;  // of those above
  const int zeros = std::countr_zero(least);
  const bool has_ones_alone = least >> zeros == f.magnitude_mask() >> zeros;
  const bool is_next_power = least == f.magnitude_mask() + 1;
  if (by_bits && (has_ones_alone || is_next_power)) {
    const int bits = f.magnitude_bits();
    Signal above = reduce_or(code.slice(code.width() - 1, bits));
    if (has_ones_alone) above = above | reduce_and(code.slice(bits - 1, zeros));
    return m.net("overflow", above);
  }
  const int bits = code.width() + 1;
  const Signal borrow =
      m.net("overflow_borrow", m.constant(bits, f.max_finite) - zero_extend(code, bits));
  return m.net("overflow", borrow.top());
}

}  // namespace

Signal pack_float(Module& m, const OperatorSpec& spec, const FloatFormat& f,
                  const ExactResult& exact, const Rounded& rounded) {
  const Signal negative = exact.value.negative;
  m.section("Pack: overflow, then special values last");
  Signal code = rounded.code.low(f.magnitude_bits());
  Signal overflow = m.constant(1, 0);
  if (!exact.is_in_range && rounded.largest > BigInt(f.max_finite)) {
    overflow = exceeds(m, f, rounded.code, exact.overflow_by_bits);
    code = m.net("code_limited", mux(overflow, overflow_code(m, spec, f, negative), code));
  }
  Signal nan = exact.is_nan;
  if (spec.overflow == OverflowMode::kNan) {
    // A negative number in an unsigned format is 0, however large.
    nan = nan | exact.is_infinite | (f.is_signed ? overflow : overflow & ~negative);
  }
  if (spec.overflow == OverflowMode::kSaturateNan) nan = nan | exact.is_infinite;
  if (spec.overflow == OverflowMode::kSatNone) {
    nan = nan | has_no_code(m, spec, f, exact, rounded, overflow);
  }
  if (!is_zero_constant(exact.is_infinite)) {
    const bool keeps = f.infinity && spec.overflow != OverflowMode::kSaturate;
    const Signal limit_code = m.constant(f.magnitude_bits(), keeps ? *f.infinity : f.max_finite);
    code = m.net("code_or_infinity", mux(exact.is_infinite, limit_code, code));
  }
  Signal sign = negative;
  if (!f.is_signed) {
    if (!is_zero_constant(negative)) {
      code = m.net("code_or_zero", code & replicate(~negative, code.width()));
    }
    sign = m.constant(0, 0);
  } else if (f.negative_zero_is_nan) {
    sign = negative & reduce_or(code);
  }
  Signal packed = concat({sign, code});
  if (!is_zero_constant(nan)) {
    const Code nan_code = f.has_nan() ? f.canonical_nan() : f.max_finite;
    packed = mux(nan, m.constant(f.bits(), nan_code), packed);
  }
  return packed;
}

}  // namespace fewbit::ops
