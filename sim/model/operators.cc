// mul, add and sub: exact result first, then one rounding where the spec asks for it.
// SPDX-License-Identifier: Apache-2.0
#include "sim/model/operators.h"

namespace fewbit::model {
namespace {

Datum make_nan() { return {FloatClass::kNan, false, {}}; }

Datum make_infinity(bool negative) { return {FloatClass::kInfinity, negative, {}}; }

/// A finite result; `zero_is_negative` is the sign that it has if it is zero.
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

Datum add(const Datum& x, const Datum& y, RoundingMode rounding) {
  if (x.is_nan() || y.is_nan()) return make_nan();
  if (x.is_infinite() && y.is_infinite()) {
    return x.negative == y.negative ? x : make_nan();
  }
  if (x.is_infinite()) return x;
  if (y.is_infinite()) return y;
  const bool both_zero = x.is_zero() && y.is_zero();
  const bool zero_is_negative = both_zero && x.negative == y.negative
                                    ? x.negative
                                    : rounding == RoundingMode::kTowardNegative;
  if (both_zero) return {FloatClass::kZero, zero_is_negative, {}};
  return make_finite(x.value + y.value, zero_is_negative);
}

Datum apply(const OperatorSpec& spec, const Datum& a, const Datum& b) {
  switch (spec.kind) {
    case OperatorKind::kMul:
      return multiply(a, b);
    case OperatorKind::kAdd:
      return add(a, b, spec.rounding);
    case OperatorKind::kSub:
      return add(a, negate(b), spec.rounding);
    default:
      FEWBIT_CHECK(false, "{} is not combinational", to_string(spec.kind));
  }
}

/// The integer that `datum` is in units of 2^lsb_exponent, of which it is a multiple.
BigInt in_units(const Datum& datum, int lsb_exponent) {
  if (datum.is_zero()) return 0;
  FEWBIT_CHECK(datum.value.exponent >= lsb_exponent, "exact result below its lsb");
  return datum.value.significand << (datum.value.exponent - lsb_exponent);
}

void raise_flags(const Datum& datum, Outputs& outputs) {
  outputs.nan = outputs.nan || datum.is_nan();
  outputs.pinf = outputs.pinf || (datum.is_infinite() && !datum.negative);
  outputs.ninf = outputs.ninf || (datum.is_infinite() && datum.negative);
}

}  // namespace

Outputs evaluate(const OperatorSpec& spec, const BigInt& a, const BigInt& b) {
  const Datum exact = apply(spec, decode(spec.a, a), decode(*spec.b, b));
  Outputs outputs;
  if (spec.result) {
    outputs.result = encode(*spec.result, exact, spec.rounding, spec.overflow);
    return outputs;
  }
  raise_flags(exact, outputs);
  outputs.result_defined = exact.is_finite();
  if (!outputs.result_defined) return outputs;
  const IntFormat format = exact_range(spec).format();
  outputs.result = to_bits(in_units(exact, format.lsb_exponent), format.bits);
  return outputs;
}

Accumulator::Accumulator(const OperatorSpec& spec) : spec_(spec) {
  FEWBIT_CHECK(spec.accumulates(), "{} does not accumulate", to_string(spec.kind));
  format_ = output_format(spec).as_int();
  min_ = format_.min();
  max_ = format_.max();
}

void Accumulator::reset() {
  sum_ = 0;
  outputs_ = Outputs{};
}

const Outputs& Accumulator::step(bool first, const BigInt& a, const BigInt& b) {
  if (first) reset();
  Datum addend = decode(spec_.a, a);
  if (spec_.b) addend = multiply(addend, decode(*spec_.b, b));
  if (!addend.is_finite()) {
    raise_flags(addend, outputs_);
    return outputs_;
  }
  sum_ += in_units(addend, format_.lsb_exponent);
  if (sum_ < min_ || sum_ > max_) {
    if (spec_.overflow == OverflowMode::kSaturate) {
      sum_ = sum_ < min_ ? min_ : max_;
    } else {
      sum_ = from_bits(to_bits(sum_, format_.bits), format_.bits, format_.is_signed);
    }
  }
  outputs_.result = to_bits(sum_, format_.bits);
  return outputs_;
}

}  // namespace fewbit::model
