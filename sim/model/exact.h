// Exact values and data: what a code stands for, independent of how hardware computes with it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fewbit/gen/spec/operator_spec.h"
#include "fewbit/gen/util/bigint.h"

namespace fewbit::model {

/// significand x 2^exponent, exactly. Not normalised; compare with compare().
struct ExactValue {
  BigInt significand;
  int exponent = 0;
};
ExactValue operator*(const ExactValue& x, const ExactValue& y);
ExactValue operator+(const ExactValue& x, const ExactValue& y);
ExactValue operator-(const ExactValue& x);
int compare(const ExactValue& x, const ExactValue& y);  ///< -1, 0, 1

/// Integers are kZero or kNormal.
enum class FloatClass { kZero, kSubnormal, kNormal, kInfinity, kNan };

/// A decoded number. `negative` also holds for minus zero and minus infinity; value is |x| with
/// its sign for finite classes and 0 otherwise.
struct Datum {
  FloatClass cls = FloatClass::kZero;
  bool negative = false;
  ExactValue value;
  [[nodiscard]] bool is_nan() const { return cls == FloatClass::kNan; }
  [[nodiscard]] bool is_infinite() const { return cls == FloatClass::kInfinity; }
  [[nodiscard]] bool is_finite() const { return !is_nan() && !is_infinite(); }
  [[nodiscard]] bool is_zero() const { return cls == FloatClass::kZero; }
};

/// What `code` (the low format.bits() bits) stands for. Never fails: every code means something.
Datum decode(const Format& format, const BigInt& code);

/// How a value becomes a code: the choices of a request.
struct Projection {
  RoundingMode rounding = RoundingMode::kTiesToEven;
  OverflowMode overflow = OverflowMode::kSaturate;
  bool flush_subnormals =
      false;            ///< a result that rounds to a subnormal becomes a zero of its sign
  int random_bits = 0;  ///< N of stochastic rounding
  BigInt random = 0;    ///< its R, 0 <= R < 2^N
  BigInt offset = 0;    ///< added to a rounded integer before its range is looked at
};
/// Of a request, with the random bits of one operation.
Projection projection_of(const OperatorSpec& spec, const BigInt& random = 0);

/// Rounds once and encodes. The rule (docs/formats.md, "Conversion to a format"):
///   finite: round |x| to the format's precision with an unbounded exponent (subnormal-aware), then
///     if it exceeds the largest finite value, what the OverflowMode says. kInfinity gives the
///     largest finite value where the rounding direction points to zero: kTowardZero, the other
///     directed mode, and kToOdd where the largest finite code is odd. A negative value in an
///     unsigned format gives 0 (kWrap is for integers alone: the low bits; kSatNone: NaN where it
///     does not round to 0 and its rounding does not point to 0). Integers: round to a
///     multiple of 2^lsb, then clamp or wrap. A result that rounds to zero keeps the sign of x,
///     except where the format has no minus zero.
///   infinity: what the OverflowMode says; without an infinity the largest finite value of
///     that sign. Integers: largest or smallest.
///   NaN: canonical NaN; in a float format without NaN its largest finite value (positive);
///   integers 0.
/// kToOdd on integers and floats alike: inexact -> the neighbour with an odd last bit of the code.
/// kTiesToEven: the neighbour with an even last bit of the code, which is the significand's last
/// bit except in formats without fraction bits (there P3109 asks for the code's). Minus infinity in
/// an unsigned format: 0, or NaN with kNan, kSaturateNan and kSatNone.
BigInt encode(const Format& format, const Datum& datum, const Projection& projection);
BigInt encode(const Format& format, const Datum& datum, RoundingMode rounding,
              OverflowMode overflow);

/// Decimal text of a datum, exact where it is short: "1.75", "-0", "nan", "inf", "3 x 2^-40".
std::string to_string(const Datum& datum);

}  // namespace fewbit::model
