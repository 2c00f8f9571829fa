// Exact worst cases: what an operator's exact result, or a sum of them, can be at most.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit {

using Kind = Expression::Kind;

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

namespace {

/// What a value can be besides finite, and which signs it has.
struct Kinds {
  bool nan = false;
  bool pinf = false;
  bool ninf = false;
  bool positive = false;
  bool negative = false;
};

Kinds kinds_of(const Format& format) {
  const auto [positive, negative] = signs(format);
  return {format.has_nan(), format.has_infinity(), format.has_infinity() && format.is_signed(),
          positive, negative};
}

/// Whether there are some of either sign.
struct SignsPresent {
  bool positive, negative;
  [[nodiscard]] bool alike(const SignsPresent& other) const {
    return (positive && other.positive) || (negative && other.negative);
  }
  [[nodiscard]] bool unlike(const SignsPresent& other) const {
    return alike({other.negative, other.positive});
  }
};

Kinds product_kinds(const Kinds& x, const Kinds& y) {
  const SignsPresent numbers_x{x.positive, x.negative}, infinities_x{x.pinf, x.ninf};
  const SignsPresent numbers_y{y.positive, y.negative}, infinities_y{y.pinf, y.ninf};
  Kinds kinds;
  const bool infinite = x.pinf || x.ninf || y.pinf || y.ninf;
  kinds.nan = x.nan || y.nan || infinite;  // zero times infinity
  kinds.pinf = infinities_x.alike(numbers_y) || infinities_y.alike(numbers_x);
  kinds.ninf = infinities_x.unlike(numbers_y) || infinities_y.unlike(numbers_x);
  kinds.positive = numbers_x.alike(numbers_y);
  kinds.negative = numbers_x.unlike(numbers_y);
  return kinds;
}

Kinds sum_kinds(const Kinds& x, const Kinds& y) {
  return {x.nan || y.nan || (x.pinf && y.ninf) || (x.ninf && y.pinf), x.pinf || y.pinf,
          x.ninf || y.ninf, x.positive || y.positive, x.negative || y.negative};
}

Kinds negated(Kinds kinds) {
  std::swap(kinds.pinf, kinds.ninf);
  std::swap(kinds.positive, kinds.negative);
  return kinds;
}

/// Of x or y, whichever is larger; of a NaN and a number as `rule` has it.
Kinds maximum_kinds(const Kinds& x, const Kinds& y, NanRule rule) {
  const bool ignores = rule == NanRule::kIgnore;
  // Whether there may be a y that leaves x the larger one, though x is below all numbers.
  const bool below_x = y.ninf || (ignores && y.nan);
  const bool below_y = x.ninf || (ignores && x.nan);
  return {ignores ? x.nan && y.nan : x.nan || y.nan, x.pinf || y.pinf,
          (x.ninf && below_x) || (y.ninf && below_y), x.positive || y.positive,
          (x.negative && (y.negative || below_x)) || (y.negative && (x.negative || below_y))};
}

/// The factors of a product that the request has.
std::vector<Expression> factors_of(const OperatorSpec& spec, const Expression& product) {
  std::vector<Expression> factors;
  for (const Expression& part : product.parts) {
    const bool is_absent = part.kind == Kind::kOperand && !operand_format(spec, part.operand);
    if (!is_absent) factors.push_back(part);
  }
  return factors;
}

Kinds special_kinds(const OperatorSpec& spec, const Expression& part) {
  const auto of = [&](std::size_t i) { return special_kinds(spec, part.parts[i]); };
  switch (part.kind) {
    case Kind::kOperand:
      return kinds_of(operand_format(spec, part.operand).value());
    case Kind::kProduct: {
      const std::vector<Expression> factors = factors_of(spec, part);
      Kinds kinds = special_kinds(spec, factors.at(0));
      for (std::size_t i = 1; i < factors.size(); ++i) {
        kinds = product_kinds(kinds, special_kinds(spec, factors[i]));
      }
      return kinds;
    }
    case Kind::kSum:
      return sum_kinds(of(0), of(1));
    case Kind::kDifference:
      return sum_kinds(of(0), negated(of(1)));
    case Kind::kMaximum:
      return maximum_kinds(of(0), of(1), spec.nan);
    case Kind::kMinimum:
      return negated(maximum_kinds(negated(of(0)), negated(of(1)), spec.nan));
    case Kind::kLaneSum:
      return spec.lanes > 1 ? sum_kinds(of(0), of(0)) : of(0);
    case Kind::kShifted:
    case Kind::kBlock:
    case Kind::kAffine:
      return of(0);
  }
  FEWBIT_CHECK(false, "expression {} has no special values", static_cast<int>(part.kind));
}

/// Of x or y, whichever is larger. Where x is NaN and ignored, or minus infinity, any y comes out.
ExactRange maximum_range(const ExactRange& a, const Kinds& x, const ExactRange& b, const Kinds& y,
                         NanRule rule) {
  const bool ignores = rule == NanRule::kIgnore;
  const int lsb = std::min(a.lsb_exponent, b.lsb_exponent);
  const ExactRange p = in_unit(a, lsb);
  const ExactRange q = in_unit(b, lsb);
  BigInt least = std::max(p.min, q.min);
  if (x.ninf || (ignores && x.nan)) least = std::min(least, q.min);
  if (y.ninf || (ignores && y.nan)) least = std::min(least, p.min);
  return {least, std::max(p.max, q.max), lsb};
}

IntFormat shift_format(const OperatorSpec& spec) { return {spec.shift_bits, false, 0}; }

/// Of n x [min, max].
ExactRange lanes_range(const ExactRange& range, int lanes) {
  return {range.min * lanes, range.max * lanes, range.lsb_exponent};
}

}  // namespace

ExactRange exact_range(const OperatorSpec& spec, const Expression& part) {
  const auto of = [&](std::size_t i) { return exact_range(spec, part.parts[i]); };
  switch (part.kind) {
    case Kind::kOperand:
      return operand_range(operand_format(spec, part.operand).value());
    case Kind::kProduct: {
      ExactRange range = {1, 1, 0};
      for (const Expression& factor : factors_of(spec, part)) {
        range = product_range(range, exact_range(spec, factor));
      }
      return range;
    }
    case Kind::kSum:
      return sum_range(of(0), of(1));
    case Kind::kDifference:
      return sum_range(of(0), negated(of(1)));
    case Kind::kMaximum:
      return maximum_range(of(0), special_kinds(spec, part.parts[0]), of(1),
                           special_kinds(spec, part.parts[1]), spec.nan);
    case Kind::kMinimum:  // -max(-x, -y)
      return negated(maximum_range(negated(of(0)), negated(special_kinds(spec, part.parts[0])),
                                   negated(of(1)), negated(special_kinds(spec, part.parts[1])),
                                   spec.nan));
    case Kind::kLaneSum:
      return lanes_range(of(0), spec.lanes);
    case Kind::kShifted: {
      const int places = static_cast<int>(operand_range(shift_format(spec)).max);
      const ExactRange whole = of(0);
      return {whole.min * pow2(places), whole.max * pow2(places), whole.lsb_exponent - places};
    }
    case Kind::kBlock:
    case Kind::kAffine:
      return of(0);
  }
  FEWBIT_CHECK(false, "expression {} has no range", static_cast<int>(part.kind));
}

ExactRange exact_range(const OperatorSpec& spec) {
  const ExactRange one = exact_range(spec, spec.expression());
  return spec.accumulates_rounded() ? sum_range(one, operand_range(*spec.result)) : one;
}

namespace {

/// value / 2^places, rounded to an integer.
BigInt rounded(const BigInt& value, int places, RoundingMode mode) {
  const BigInt unit = pow2(places);
  BigInt floor = value / unit;
  BigInt rest = value - floor * unit;
  if (rest < 0) {
    floor -= 1;
    rest += unit;
  }
  const int half = BigInt(rest * 2).compare(unit);
  bool up = false;
  switch (mode) {
    case RoundingMode::kTowardZero:
      up = rest != 0 && value < 0;
      break;
    case RoundingMode::kTowardPositive:
      up = rest != 0;
      break;
    case RoundingMode::kTowardNegative:
      break;
    case RoundingMode::kTiesToAway:
      up = half > 0 || (half == 0 && value > 0);
      break;
    case RoundingMode::kTiesTowardPositive:
      up = half >= 0;
      break;
    case RoundingMode::kTiesTowardNegative:
      up = half > 0;
      break;
    case RoundingMode::kTiesToEven:
      up = half > 0 || (half == 0 && floor % 2 != 0);
      break;
    default:
      FEWBIT_CHECK(false, "addends are not rounded {}", to_string(mode));
  }
  return up ? BigInt(floor + 1) : floor;
}

}  // namespace

ExactRange addend_range(const OperatorSpec& spec) {
  const ExactRange exact = exact_range(spec);
  if (!spec.acc_lsb) return exact;
  const int places = *spec.acc_lsb - exact.lsb_exponent;
  ExactRange range = {rounded(exact.min, places, spec.rounding),
                      rounded(exact.max, places, spec.rounding), *spec.acc_lsb};
  if (exact.min < 0 && range.min == 0) range.min = -1;  // it stays a number with a sign
  return range;
}

IntFormat accumulator_format(const ExactRange& addend, long long terms) {
  const BigInt min = std::min(addend.min, BigInt(addend.min * terms));
  return ExactRange{min, addend.max * terms, addend.lsb_exponent}.format();
}

Format output_format(const OperatorSpec& spec) {
  if (spec.result) return *spec.result;
  const ExactRange range = spec.accumulates_exactly() ? addend_range(spec) : exact_range(spec);
  if (!spec.accumulates_exactly()) return range.format();
  return IntFormat{spec.acc_width, range.min < 0, range.lsb_exponent};
}

SpecialFlags special_flags(const OperatorSpec& spec) {
  if (spec.result) return {};
  const Kinds kinds = special_kinds(spec, spec.expression());
  return {kinds.nan, kinds.pinf, kinds.ninf};
}

std::optional<Format> operand_format(const OperatorSpec& spec, Operand operand) {
  switch (operand) {
    case Operand::kA:
      return spec.a;
    case Operand::kB:
      return spec.b;
    case Operand::kC:
      return spec.c;
    case Operand::kScaleA:
    case Operand::kScaleB:
      return spec.scale;
    case Operand::kShift:
      if (spec.shift_bits > 0) return shift_format(spec);
      return {};
    case Operand::kZeroPoint:
      return spec.zero_point;
    case Operand::kRandom:
      if (spec.random_bits > 0) return IntFormat{spec.random_bits, false, 0};
      return {};
  }
  FEWBIT_CHECK(false, "unknown operand {}", static_cast<int>(operand));
}

std::vector<OperandPort> operand_ports(const OperatorSpec& spec) {
  std::vector<Operand> operands = spec.expression().operands();
  operands.push_back(Operand::kZeroPoint);
  operands.push_back(Operand::kRandom);
  std::vector<OperandPort> ports;
  for (const Operand operand : operands) {
    const std::optional<Format> format = operand_format(spec, operand);
    if (!format) continue;
    const bool in_lanes = operand == Operand::kA || operand == Operand::kB ||
                          (operand == Operand::kRandom && spec.makes_steps());
    const int vectors = operand == Operand::kA ? spec.outputs : 1;
    ports.push_back({std::string(to_string(operand)) + "_i", *format,
                     (in_lanes ? spec.lanes : 1) * vectors, operand});
  }
  return ports;
}

int operand_bits(const OperatorSpec& spec) {
  int bits = 0;
  for (const OperandPort& port : operand_ports(spec)) bits += port.bits();
  return bits;
}

int output_lanes(const OperatorSpec& spec) {
  return spec.makes_block() || spec.makes_steps() ? spec.lanes : spec.outputs;
}

std::optional<BlockPort> block_port(const OperatorSpec& spec) {
  if (spec.makes_block()) return BlockPort{"scale_o", parse_format("e8m0").value(), 1};
  if (spec.makes_steps()) return BlockPort{"range_o", spec.a, 2};
  return std::nullopt;
}

int step_frame_bits(const OperatorSpec& spec) {
  if (spec.a.is_int()) return 0;
  return std::max(spec.a.as_float().fraction_bits + 1, spec.result->bits() + spec.random_bits + 1);
}

}  // namespace fewbit
