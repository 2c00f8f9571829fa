// Exact worst cases: what an operator's exact result, or a sum of them, can be at most.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "gen/spec/operator_spec.h"

namespace fewbit {
namespace {

/// The same range in a finer unit.
ExactRange in_unit(const ExactRange& range, int lsb_exponent) {
  const int shift = range.lsb_exponent - lsb_exponent;
  return {range.min * pow2(shift), range.max * pow2(shift), lsb_exponent};
}

ExactRange product_range(const ExactRange& a, const ExactRange& b) {
  const std::vector<BigInt> corners = {a.min * b.min, a.min * b.max, a.max * b.min, a.max * b.max};
  const auto [min, max] = std::minmax_element(corners.begin(), corners.end());
  return {*min, *max, a.lsb_exponent + b.lsb_exponent};
}

ExactRange sum_range(const ExactRange& a, const ExactRange& b) {
  const int lsb = std::min(a.lsb_exponent, b.lsb_exponent);
  const ExactRange x = in_unit(a, lsb);
  const ExactRange y = in_unit(b, lsb);
  return {x.min + y.min, x.max + y.max, lsb};
}

ExactRange negated(const ExactRange& range) { return {-range.max, -range.min, range.lsb_exponent}; }

struct Signs {
  bool positive;
  bool negative;
};

/// Which signs the values of a format other than 0 have; int1 is 0 or -1.
Signs signs(const Format& format) {
  const ExactRange range = operand_range(format);
  return {range.max > 0, range.min < 0};
}

}  // namespace

IntFormat ExactRange::format() const { return {width_of_range(min, max), min < 0, lsb_exponent}; }

ExactRange operand_range(const Format& format) {
  if (format.is_int()) {
    const IntFormat& integer = format.as_int();
    return {integer.min(), integer.max(), integer.lsb_exponent};
  }
  const FloatFormat& minifloat = format.as_float();
  const BigInt max = minifloat.max_magnitude();
  BigInt min = 0;
  if (minifloat.is_signed) min = -max;
  if (!minifloat.is_signed && !minifloat.zero_exponent_is_subnormal) {
    min = pow2(minifloat.fraction_bits);
  }
  return {min, max, minifloat.lsb_exponent()};
}

ExactRange exact_range(const OperatorSpec& spec) {
  const ExactRange a = operand_range(spec.a);
  if (spec.info().operands == 1) return a;
  const ExactRange b = operand_range(*spec.b);
  switch (spec.kind) {
    case OperatorKind::kAdd:
      return sum_range(a, b);
    case OperatorKind::kSub:
      return sum_range(a, negated(b));
    default:
      return product_range(a, b);
  }
}

IntFormat accumulator_format(const ExactRange& addend, long long terms) {
  const BigInt min = std::min(addend.min, BigInt(addend.min * terms));
  return ExactRange{min, addend.max * terms, addend.lsb_exponent}.format();
}

Format output_format(const OperatorSpec& spec) {
  if (spec.result) return *spec.result;
  const ExactRange range = exact_range(spec);
  if (!spec.accumulates()) return range.format();
  return IntFormat{spec.acc_width, range.min < 0, range.lsb_exponent};
}

SpecialFlags special_flags(const OperatorSpec& spec) {
  if (spec.result) return {};
  const bool a_pinf = spec.a.has_infinity();
  const bool a_ninf = a_pinf && spec.a.is_signed();
  if (spec.info().operands == 1) return {spec.a.has_nan(), a_pinf, a_ninf};

  const bool any_nan = spec.a.has_nan() || spec.b->has_nan();
  const bool b_pinf = spec.b->has_infinity();
  const bool b_ninf = b_pinf && spec.b->is_signed();
  switch (spec.kind) {
    case OperatorKind::kAdd:
      return {any_nan || (a_pinf && b_ninf) || (a_ninf && b_pinf), a_pinf || b_pinf,
              a_ninf || b_ninf};
    case OperatorKind::kSub:
      return {any_nan || (a_pinf && b_pinf), a_pinf || b_ninf, a_ninf || b_pinf};
    default: {
      const bool any_infinity = a_pinf || b_pinf;  // times zero is NaN
      const auto [a_positive, a_negative] = signs(spec.a);
      const auto [b_positive, b_negative] = signs(*spec.b);
      const bool pinf = (a_pinf && b_positive) || (a_ninf && b_negative) ||
                        (b_pinf && a_positive) || (b_ninf && a_negative);
      const bool ninf = (a_pinf && b_negative) || (a_ninf && b_positive) ||
                        (b_pinf && a_negative) || (b_ninf && a_positive);
      return {any_nan || any_infinity, pinf, ninf};
    }
  }
}

}  // namespace fewbit
