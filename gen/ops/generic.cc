// The parameters of the templates, from the formats and options of a request.
// SPDX-License-Identifier: Apache-2.0
#include "gen/ops/generic.h"

#include <cstdlib>

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
  if (format.is_int()) return;
  const FloatFormat& minifloat = format.as_float();
  parameters.emplace_back(prefix + "Subnormals", bit_literal(minifloat.zero_exponent_is_subnormal));
  parameters.emplace_back(prefix + "MaxFinite", code_literal(minifloat.max_finite));
  parameters.emplace_back(prefix + "HasInfinity", bit_literal(minifloat.has_infinity()));
  parameters.emplace_back(prefix + "Infinity", code_literal(minifloat.infinity.value_or(0)));
  parameters.emplace_back(prefix + "NegZeroIsNan", bit_literal(minifloat.negative_zero_is_nan));
}

void add_exact_result(const OperatorSpec& spec, Parameters& parameters) {
  parameters.emplace_back("RoundResult", bit_literal(false));
  parameters.emplace_back("RWidth", int_literal(output_format(spec).bits()));
}

void add_rounded_result(const OperatorSpec& spec, Parameters& parameters) {
  const Format& result = *spec.result;
  parameters.emplace_back("RoundResult", bit_literal(true));
  add_fields("R", result, parameters);
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
  parameters.emplace_back("Rounding", int_literal(static_cast<int>(spec.rounding)));
  parameters.emplace_back("Overflow", int_literal(static_cast<int>(spec.overflow)));
}

GenericInstance combinational_instance(const OperatorSpec& spec) {
  GenericInstance instance;
  if (spec.kind == OperatorKind::kMul) {
    instance.module = "fewbit_mul_generic";
    instance.files = {"fewbit_decode.sv", "fewbit_round.sv"};
  } else {
    instance.module = "fewbit_add_generic";
    instance.files = {"fewbit_decode.sv", "fewbit_fixed_point.sv", "fewbit_round.sv"};
    instance.parameters.emplace_back("Subtract", bit_literal(spec.kind == OperatorKind::kSub));
  }
  add_operand("A", spec.a, instance.parameters);
  add_lsb_exponent("A", spec.a, instance.parameters);
  add_operand("B", *spec.b, instance.parameters);
  add_lsb_exponent("B", *spec.b, instance.parameters);
  if (spec.result) {
    add_rounded_result(spec, instance.parameters);
  } else {
    add_exact_result(spec, instance.parameters);
  }
  return instance;
}

GenericInstance accumulating_instance(const OperatorSpec& spec) {
  GenericInstance instance;
  add_operand("A", spec.a, instance.parameters);
  if (spec.kind == OperatorKind::kAcc) {
    instance.module = "fewbit_acc_generic";
    instance.files = {"fewbit_decode.sv", "fewbit_fixed_point.sv"};
  } else {
    instance.module = "fewbit_mac_generic";
    instance.files = {"fewbit_decode.sv", "fewbit_round.sv", "fewbit_mul_generic.sv"};
    add_operand("B", *spec.b, instance.parameters);
  }
  instance.files.insert(instance.files.end(), {"fewbit_register.sv", "fewbit_accumulator.sv"});
  const int addend_width = exact_range(spec).format().bits;
  instance.parameters.emplace_back("AddendWidth", int_literal(addend_width));
  instance.parameters.emplace_back("AccWidth", int_literal(spec.acc_width));
  instance.parameters.emplace_back("Saturate",
                                   bit_literal(spec.overflow == OverflowMode::kSaturate));
  instance.parameters.emplace_back("ResetKind", int_literal(static_cast<int>(spec.reset)));
  return instance;
}

}  // namespace

// The templates number these modes in the order of the enumerations.
static_assert(static_cast<int>(RoundingMode::kTiesToEven) == 0);
static_assert(static_cast<int>(RoundingMode::kToOdd) == 5);
static_assert(static_cast<int>(OverflowMode::kSaturate) == 0);
static_assert(static_cast<int>(OverflowMode::kWrap) == 3);
static_assert(static_cast<int>(ResetKind::kAsyncLow) == 0);
static_assert(static_cast<int>(ResetKind::kNone) == 3);

GenericInstance generic_instance(const OperatorSpec& spec) {
  GenericInstance instance =
      spec.accumulates() ? accumulating_instance(spec) : combinational_instance(spec);
  instance.files.push_back(instance.module + ".sv");
  return instance;
}

}  // namespace fewbit::ops
