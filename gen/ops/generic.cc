// The parameters of the templates, from the formats and options of a request.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/generic.h"

#include <cstdlib>

#include "fewbit/gen/ops/operand/unpack.h"

namespace fewbit::ops {
namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;

std::string bit_literal(bool value) { return value ? "1'b1" : "1'b0"; }

std::string int_literal(int value) {
  return fmt::format("{}32'sd{}", value < 0 ? "-" : "", std::abs(value));
}

std::string code_literal(Code code) { return fmt::format("32'h{:x}", code); }

int lsb_exponent(const Format& format) {
  return format.is_int() ? format.as_int().lsb_exponent : format.as_float().lsb_exponent();
}

/// Width, sign and exponent bits: what operands and results have in common.
void add_fields(const std::string& prefix, const Format& format, Parameters& parameters) {
  parameters.emplace_back(prefix + "Width", int_literal(format.bits()));
  parameters.emplace_back(prefix + "Signed", bit_literal(format.is_signed()));
  parameters.emplace_back(prefix + "ExpBits",
                          int_literal(format.is_int() ? 0 : format.as_float().exponent_bits));
}

void add_lsb_exponent(const std::string& prefix, const Format& format, Parameters& parameters) {
  parameters.emplace_back(prefix + "LsbExponent", int_literal(lsb_exponent(format)));
}

void add_operand(const std::string& prefix, const Format& format, Parameters& parameters) {
  add_fields(prefix, format, parameters);
  if (format.is_bipolar()) parameters.emplace_back(prefix + "Bipolar", bit_literal(true));
  if (format.is_int()) return;
  const FloatFormat& minifloat = format.as_float();
  parameters.emplace_back(prefix + "Subnormals", bit_literal(minifloat.zero_exponent_is_subnormal));
  parameters.emplace_back(prefix + "MaxFinite", code_literal(minifloat.max_finite));
  parameters.emplace_back(prefix + "HasInfinity", bit_literal(minifloat.has_infinity()));
  parameters.emplace_back(prefix + "Infinity", code_literal(minifloat.infinity.value_or(0)));
  parameters.emplace_back(prefix + "NegZeroIsNan", bit_literal(minifloat.negative_zero_is_nan));
}

void add_operand_with_lsb(const std::string& prefix, const Format& format, Parameters& parameters) {
  add_operand(prefix, format, parameters);
  add_lsb_exponent(prefix, format, parameters);
}

void add_flush(const OperatorSpec& spec, Parameters& parameters) {
  if (spec.flush_inputs) parameters.emplace_back("FlushInputs", bit_literal(true));
}

/// What an exact accumulator has beside its widths and its reset.
void add_sum(const OperatorSpec& spec, Parameters& parameters) {
  if (spec.latency() == 1) parameters.emplace_back("Latency", int_literal(1));
  if (!spec.acc_lsb) return;
  parameters.emplace_back("DropBits", int_literal(*spec.acc_lsb - exact_range(spec).lsb_exponent));
  parameters.emplace_back("Rounding", int_literal(static_cast<int>(spec.rounding)));
}

void add_exact_result(const OperatorSpec& spec, Parameters& parameters) {
  parameters.emplace_back("RoundResult", bit_literal(false));
  parameters.emplace_back("RWidth", int_literal(exact_range(spec).format().bits));
}

void add_result_format(const OperatorSpec& spec, Parameters& parameters) {
  const Format& result = *spec.result;
  add_fields("R", result, parameters);
  if (result.is_bipolar()) parameters.emplace_back("RBipolar", bit_literal(true));
  if (result.is_float() && !result.as_float().zero_exponent_is_subnormal) {
    parameters.emplace_back("RSubnormals", bit_literal(false));
  }
  add_lsb_exponent("R", result, parameters);
  if (result.is_float()) {
    const FloatFormat& minifloat = result.as_float();
    const Code nan = minifloat.has_nan() ? minifloat.canonical_nan() : minifloat.max_finite;
    parameters.emplace_back("RMaxFinite", code_literal(minifloat.max_finite));
    parameters.emplace_back("RHasInfinity", bit_literal(minifloat.has_infinity()));
    parameters.emplace_back("RInfinity", code_literal(minifloat.infinity.value_or(0)));
    parameters.emplace_back("RNegZeroIsNan", bit_literal(minifloat.negative_zero_is_nan));
    parameters.emplace_back("RNanCode", code_literal(nan));
  }
  if (spec.flush_outputs) parameters.emplace_back("RFlush", bit_literal(true));
  parameters.emplace_back("Rounding", int_literal(static_cast<int>(spec.rounding)));
  if (spec.random_bits > 0) {
    parameters.emplace_back("RandomWidth", int_literal(spec.random_bits));
  }
  parameters.emplace_back("Overflow", int_literal(static_cast<int>(spec.overflow)));
}

void add_result(const OperatorSpec& spec, Parameters& parameters) {
  if (!spec.result) return add_exact_result(spec, parameters);
  parameters.emplace_back("RoundResult", bit_literal(true));
  add_result_format(spec, parameters);
}

/// random_i of a request that has no random bits.
void tie_random(const OperatorSpec& spec, GenericInstance& instance) {
  if (spec.random_bits == 0) instance.constants.push_back({"random_i", {1, 0}});
}

/// Two operands, exact or rounded.
void fill_two_operands(const OperatorSpec& spec, GenericInstance& instance) {
  add_operand_with_lsb("A", spec.a, instance.parameters);
  add_operand_with_lsb("B", *spec.b, instance.parameters);
  add_flush(spec, instance.parameters);
  add_result(spec, instance.parameters);
  instance.has_flags = true;
}

void fill_mul(const OperatorSpec& spec, GenericInstance& instance) {
  instance.module = "fewbit_mul_generic";
  instance.files = {"fewbit_decode.sv", "fewbit_round.sv"};
  fill_two_operands(spec, instance);
}

void fill_add(const OperatorSpec& spec, GenericInstance& instance) {
  instance.module = "fewbit_add_generic";
  instance.files = {"fewbit_decode.sv", "fewbit_fixed_point.sv", "fewbit_frame.sv",
                    "fewbit_round.sv"};
  const bool subtracts = spec.expression().kind == Expression::Kind::kDifference;
  instance.parameters.emplace_back("Subtract", bit_literal(subtracts));
  fill_two_operands(spec, instance);
}

void fill_max(const OperatorSpec& spec, GenericInstance& instance) {
  instance.module = "fewbit_max_generic";
  instance.files = {"fewbit_decode.sv", "fewbit_fixed_point.sv", "fewbit_frame.sv",
                    "fewbit_round.sv"};
  const bool smaller = spec.expression().kind == Expression::Kind::kMinimum;
  instance.parameters.emplace_back("Smaller", bit_literal(smaller));
  instance.parameters.emplace_back("IgnoreNan", bit_literal(spec.nan == NanRule::kIgnore));
  fill_two_operands(spec, instance);
}

void fill_convert(const OperatorSpec& spec, GenericInstance& instance) {
  instance.module = "fewbit_convert_generic";
  instance.files = {"fewbit_decode.sv", "fewbit_round.sv"};
  add_operand_with_lsb("A", spec.a, instance.parameters);
  add_flush(spec, instance.parameters);
  add_result_format(spec, instance.parameters);
}

void fill_fma(const OperatorSpec& spec, GenericInstance& instance) {
  instance.module = "fewbit_fma_generic";
  instance.files = {"fewbit_decode.sv", "fewbit_fixed_point.sv", "fewbit_frame.sv",
                    "fewbit_round.sv", "fewbit_mul_generic.sv"};
  add_operand_with_lsb("A", spec.a, instance.parameters);
  add_operand_with_lsb("B", *spec.b, instance.parameters);
  add_operand_with_lsb("C", *spec.c, instance.parameters);
  add_flush(spec, instance.parameters);
  add_result(spec, instance.parameters);
  instance.constants.push_back({"add_i", {1, 1}});
  instance.has_flags = true;
}

constexpr int kUnusedBits = 8;  // of c_i, by the template's default

void fill_dot(const OperatorSpec& spec, GenericInstance& instance) {
  const bool scaled = spec.scale.has_value();
  instance.module = scaled ? "fewbit_mxdot_generic" : "fewbit_dot_generic";
  instance.files = {"fewbit_decode.sv", "fewbit_frame.sv", "fewbit_round.sv", "fewbit_addend.sv",
                    "fewbit_mul_generic.sv"};
  if (scaled) instance.files.emplace_back("fewbit_dot_generic.sv");
  const Expression& sum = *spec.expression().find(Expression::Kind::kLaneSum);
  instance.parameters.emplace_back("Lanes", int_literal(spec.lanes));
  add_operand_with_lsb("A", spec.a, instance.parameters);
  add_operand_with_lsb("B", *spec.b, instance.parameters);
  if (scaled) add_operand_with_lsb("S", *spec.scale, instance.parameters);
  if (spec.has_addend()) {
    instance.parameters.emplace_back("AddC", bit_literal(true));
    add_operand_with_lsb("C", *spec.c, instance.parameters);
  } else {
    instance.constants.push_back({"c_i", {kUnusedBits, 0}});
  }
  add_flush(spec, instance.parameters);
  instance.parameters.emplace_back("SumWidth", int_literal(exact_range(spec, sum).format().bits));
  add_result(spec, instance.parameters);
  instance.has_flags = true;
}

/// The fraction of the largest value, in units of its last place.
Code largest_fraction(const Format& element) {
  const BigInt largest = operand_range(element).max;
  const int length = bit_length(largest) - 1;
  const int bits = largest_fraction_bits(element);
  const BigInt rest = largest - pow2(length);
  return BigInt((rest << bits) >> length).convert_to<Code>();
}

void fill_mxquant(const OperatorSpec& spec, GenericInstance& instance) {
  instance.module = "fewbit_mxquant_generic";
  instance.files = {"fewbit_decode.sv", "fewbit_round.sv"};
  const Format& element = *spec.result;
  instance.parameters.emplace_back("Lanes", int_literal(spec.lanes));
  add_operand_with_lsb("A", spec.a, instance.parameters);
  instance.parameters.emplace_back("ScalePolicy", int_literal(static_cast<int>(spec.scale_policy)));
  instance.parameters.emplace_back("RMaxExponent", int_literal(largest_exponent(element)));
  instance.parameters.emplace_back("RFracBits", int_literal(largest_fraction_bits(element)));
  if (spec.scale_policy == ScalePolicy::kRceil) {
    instance.parameters.emplace_back("RMaxFraction", code_literal(largest_fraction(element)));
  }
  instance.parameters.emplace_back("RWidth", int_literal(element.bits()));
  instance.parameters.emplace_back(
      "RExpBits", int_literal(element.is_int() ? 0 : element.as_float().exponent_bits));
  instance.parameters.emplace_back("RSigned", bit_literal(element.is_signed()));
  add_lsb_exponent("R", element, instance.parameters);
  if (element.is_float()) {
    instance.parameters.emplace_back("RMaxFinite", code_literal(element.as_float().max_finite));
    instance.parameters.emplace_back("RNegZeroIsNan",
                                     bit_literal(element.as_float().negative_zero_is_nan));
  }
}

void fill_squant(const OperatorSpec& spec, GenericInstance& instance) {
  instance.module = "fewbit_squant_generic";
  instance.files = {"fewbit_decode.sv"};
  instance.parameters.emplace_back("Lanes", int_literal(spec.lanes));
  add_operand("A", spec.a, instance.parameters);
  if (spec.a.is_float()) {
    const FloatFormat& f = spec.a.as_float();
    const Code special = f.has_nan() ? f.canonical_nan() : f.infinity.value_or(0);
    instance.parameters.emplace_back("ASpecial", code_literal(special));
  }
  instance.parameters.emplace_back("RWidth", int_literal(spec.result->bits()));
  instance.parameters.emplace_back("RandomWidth", int_literal(spec.random_bits));
}

void fill_requant(const OperatorSpec& spec, GenericInstance& instance) {
  instance.module = "fewbit_requant_generic";
  instance.files = {"fewbit_round.sv"};
  const IntFormat one{1, false, 0};
  const IntFormat b = spec.b ? spec.b->as_int() : one;
  for (const auto& [prefix, format] : {std::pair{"A", spec.a.as_int()}, std::pair{"B", b}}) {
    const std::string name = prefix;
    instance.parameters.emplace_back(name + "Width", int_literal(format.bits));
    instance.parameters.emplace_back(name + "Signed", bit_literal(format.is_signed));
    instance.parameters.emplace_back(name + "LsbExponent", int_literal(format.lsb_exponent));
  }
  instance.parameters.emplace_back("ShiftWidth", int_literal(spec.shift_bits));
  if (spec.zero_point) {
    instance.parameters.emplace_back("HasZeroPoint", bit_literal(true));
    instance.parameters.emplace_back("ZeroPointWidth", int_literal(spec.zero_point->bits()));
    instance.parameters.emplace_back("ZeroPointSigned", bit_literal(spec.zero_point->is_signed()));
  } else {
    instance.constants.push_back({"zero_point_i", {1, 0}});
  }
  add_result_format(spec, instance.parameters);
  if (!spec.b) instance.constants.push_back({"b_i", {1, 1}});
}

void fill_exact_sum(const OperatorSpec& spec, GenericInstance& instance) {
  add_operand("A", spec.a, instance.parameters);
  if (!spec.b) {
    instance.module = "fewbit_acc_generic";
    instance.files = {"fewbit_decode.sv", "fewbit_fixed_point.sv"};
  } else {
    instance.module = "fewbit_mac_generic";
    instance.files = {"fewbit_decode.sv", "fewbit_round.sv", "fewbit_mul_generic.sv"};
    add_operand("B", *spec.b, instance.parameters);
  }
  instance.files.insert(instance.files.end(), {"fewbit_register.sv", "fewbit_accumulator.sv"});
  add_flush(spec, instance.parameters);
  const int addend_width = exact_range(spec).format().bits;
  instance.parameters.emplace_back("AddendWidth", int_literal(addend_width));
  instance.parameters.emplace_back("AccWidth", int_literal(spec.acc_width));
  instance.parameters.emplace_back("Saturate",
                                   bit_literal(spec.overflow == OverflowMode::kSaturate));
  instance.parameters.emplace_back("ResetKind", int_literal(static_cast<int>(spec.reset)));
  add_sum(spec, instance.parameters);
  instance.has_flags = true;
}

/// facc is fmac with a second operand that is 1.
void fill_rounded_sum(const OperatorSpec& spec, GenericInstance& instance) {
  instance.module = "fewbit_fmac_generic";
  instance.files = {"fewbit_decode.sv",  "fewbit_fixed_point.sv", "fewbit_frame.sv",
                    "fewbit_round.sv",   "fewbit_mul_generic.sv", "fewbit_fma_generic.sv",
                    "fewbit_register.sv"};
  add_operand_with_lsb("A", spec.a, instance.parameters);
  add_operand_with_lsb("B", spec.b ? *spec.b : Format(IntFormat{1, false, 0}), instance.parameters);
  add_flush(spec, instance.parameters);
  add_result_format(spec, instance.parameters);
  instance.parameters.emplace_back("ResetKind", int_literal(static_cast<int>(spec.reset)));
  if (spec.interleave > 1) {
    instance.parameters.emplace_back("Interleave", int_literal(spec.interleave));
  }
  if (!spec.b) instance.constants.push_back({"b_i", {1, 1}});
}

}  // namespace

// The templates number these modes in the order of the enumerations.
static_assert(static_cast<int>(RoundingMode::kTiesToEven) == 0);
static_assert(static_cast<int>(RoundingMode::kToOdd) == 5);
static_assert(static_cast<int>(RoundingMode::kStochasticC) == 8);
static_assert(static_cast<int>(RoundingMode::kTiesTowardNegative) == 10);
static_assert(static_cast<int>(OverflowMode::kSaturate) == 0);
static_assert(static_cast<int>(OverflowMode::kWrap) == 3);
static_assert(static_cast<int>(OverflowMode::kSatNone) == 6);
static_assert(static_cast<int>(ResetKind::kAsyncLow) == 0);
static_assert(static_cast<int>(ResetKind::kNone) == 3);
static_assert(static_cast<int>(ScalePolicy::kRceil) == 3);

GenericInstance generic_instance(const OperatorSpec& spec) {
  GenericInstance instance;
  switch (spec.kind) {
    case OperatorKind::kMul:
      fill_mul(spec, instance);
      break;
    case OperatorKind::kAdd:
    case OperatorKind::kSub:
      fill_add(spec, instance);
      break;
    case OperatorKind::kMax:
    case OperatorKind::kMin:
      fill_max(spec, instance);
      break;
    case OperatorKind::kConvert:
      fill_convert(spec, instance);
      break;
    case OperatorKind::kFma:
      fill_fma(spec, instance);
      break;
    case OperatorKind::kDot:
    case OperatorKind::kMxdot:
      fill_dot(spec, instance);
      break;
    case OperatorKind::kMxquant:
      fill_mxquant(spec, instance);
      break;
    case OperatorKind::kSquant:
      fill_squant(spec, instance);
      break;
    case OperatorKind::kRequant:
      fill_requant(spec, instance);
      break;
    case OperatorKind::kAcc:
    case OperatorKind::kMac:
      fill_exact_sum(spec, instance);
      break;
    case OperatorKind::kFacc:
    case OperatorKind::kFmac:
      fill_rounded_sum(spec, instance);
      break;
  }
  if (spec.info().has(Option::kRandomBits)) tie_random(spec, instance);
  instance.files.push_back(instance.module + ".sv");
  return instance;
}

GenericInstance generic_accumulator(const OperatorSpec& spec) {
  GenericInstance instance;
  instance.module = "fewbit_accumulator";
  const IntFormat addend = exact_range(spec).format();
  instance.parameters = {{"IsSigned", bit_literal(addend.is_signed)},
                         {"AddendWidth", int_literal(addend.bits)},
                         {"AccWidth", int_literal(spec.acc_width)},
                         {"Saturate", bit_literal(spec.overflow == OverflowMode::kSaturate)},
                         {"ResetKind", int_literal(static_cast<int>(spec.reset))}};
  add_sum(spec, instance.parameters);
  instance.files = {"fewbit_register.sv", "fewbit_accumulator.sv"};
  instance.has_flags = true;
  return instance;
}

}  // namespace fewbit::ops
