// Exact worst cases: what an operator's exact result, or a sum of them, can be at most.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "fewbit/gen/spec/operator_spec.h"

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

namespace {

/// Of n x [min, max].
ExactRange lanes_range(const ExactRange& range, int lanes) {
  return {range.min * lanes, range.max * lanes, range.lsb_exponent};
}

}  // namespace

ExactRange exact_range(const OperatorSpec& spec) {
  const ExactRange a = operand_range(spec.a);
  const auto product = [&] { return product_range(a, operand_range(*spec.b)); };
  switch (spec.kind) {
    case OperatorKind::kMul:
    case OperatorKind::kMac:
      return product();
    case OperatorKind::kAdd:
      return sum_range(a, operand_range(*spec.b));
    case OperatorKind::kSub:
      return sum_range(a, negated(operand_range(*spec.b)));
    case OperatorKind::kConvert:
    case OperatorKind::kMxquant:
    case OperatorKind::kAcc:
      return a;
    case OperatorKind::kFma:
      return sum_range(product(), operand_range(*spec.c));
    case OperatorKind::kDot:
      return lanes_range(product(), spec.lanes);
    case OperatorKind::kMxdot: {
      const ExactRange scale = operand_range(*spec.scale);
      return product_range(lanes_range(product(), spec.lanes), product_range(scale, scale));
    }
    case OperatorKind::kRequant: {
      ExactRange scaled = spec.b ? product() : a;
      scaled.lsb_exponent -= (1 << spec.shift_bits) - 1;
      return {scaled.min * pow2((1 << spec.shift_bits) - 1),
              scaled.max * pow2((1 << spec.shift_bits) - 1), scaled.lsb_exponent};
    }
    case OperatorKind::kFacc:
      return sum_range(a, operand_range(*spec.result));
    case OperatorKind::kFmac:
      return sum_range(product(), operand_range(*spec.result));
  }
  FEWBIT_CHECK(false, "operator {} has no range", static_cast<int>(spec.kind));
}

IntFormat accumulator_format(const ExactRange& addend, long long terms) {
  const BigInt min = std::min(addend.min, BigInt(addend.min * terms));
  return ExactRange{min, addend.max * terms, addend.lsb_exponent}.format();
}

Format output_format(const OperatorSpec& spec) {
  if (spec.result) return *spec.result;
  const ExactRange range = exact_range(spec);
  if (!spec.accumulates_exactly()) return range.format();
  return IntFormat{spec.acc_width, range.min < 0, range.lsb_exponent};
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

Kinds product_kinds(const Kinds& x, const Kinds& y) {
  Kinds kinds;
  const bool infinite = x.pinf || x.ninf || y.pinf || y.ninf;
  kinds.nan = x.nan || y.nan || infinite;  // zero times infinity
  kinds.pinf = (x.pinf && y.positive) || (x.ninf && y.negative) || (y.pinf && x.positive) ||
               (y.ninf && x.negative);
  kinds.ninf = (x.pinf && y.negative) || (x.ninf && y.positive) || (y.pinf && x.negative) ||
               (y.ninf && x.positive);
  kinds.positive = (x.positive && y.positive) || (x.negative && y.negative);
  kinds.negative = (x.positive && y.negative) || (x.negative && y.positive);
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

}  // namespace

SpecialFlags special_flags(const OperatorSpec& spec) {
  if (spec.result) return {};
  Kinds kinds = kinds_of(spec.a);
  switch (spec.kind) {
    case OperatorKind::kAdd:
      kinds = sum_kinds(kinds, kinds_of(*spec.b));
      break;
    case OperatorKind::kSub:
      kinds = sum_kinds(kinds, negated(kinds_of(*spec.b)));
      break;
    case OperatorKind::kAcc:
      break;
    default:
      kinds = product_kinds(kinds, kinds_of(*spec.b));
  }
  if (spec.c) kinds = sum_kinds(kinds, kinds_of(*spec.c));
  if (spec.lanes > 1) kinds = sum_kinds(kinds, kinds);
  if (spec.scale)
    kinds = product_kinds(kinds, product_kinds(kinds_of(*spec.scale), kinds_of(*spec.scale)));
  return {kinds.nan, kinds.pinf, kinds.ninf};
}

std::vector<OperandPort> operand_ports(const OperatorSpec& spec) {
  std::vector<OperandPort> ports = {{"a_i", spec.a, spec.lanes}};
  if (spec.b) ports.push_back({"b_i", *spec.b, spec.lanes});
  if (spec.c) ports.push_back({"c_i", *spec.c});
  if (spec.scale) {
    ports.push_back({"scale_a_i", *spec.scale});
    ports.push_back({"scale_b_i", *spec.scale});
  }
  if (spec.shift_bits > 0) ports.push_back({"shift_i", IntFormat{spec.shift_bits, false, 0}});
  if (spec.random_bits > 0) ports.push_back({"random_i", IntFormat{spec.random_bits, false, 0}});
  return ports;
}

int operand_bits(const OperatorSpec& spec) {
  int bits = 0;
  for (const OperandPort& port : operand_ports(spec)) bits += port.bits();
  return bits;
}

int output_lanes(const OperatorSpec& spec) {
  return spec.kind == OperatorKind::kMxquant ? spec.lanes : 1;
}

}  // namespace fewbit
