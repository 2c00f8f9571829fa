// From what a user wrote to a legal OperatorSpec.
// SPDX-License-Identifier: Apache-2.0
#include "gen/spec/operator_spec.h"

#include <algorithm>
#include <initializer_list>

namespace fewbit {
namespace {

constexpr int kMaxWidth = 1024;  // bits of any exact result or accumulator
constexpr long long kMaxTerms = 1LL << 32;
constexpr long long kDefaultTerms = 1024;
constexpr int kMaxFloatOperandBits = 8;
constexpr int kMaxIntegerOperandBits = 32;

/// The value of `values` that has this name, or an Error that lists them all.
template <typename Enum>
Result<Enum> parse_choice(const std::string& field, const std::string& text,
                          std::initializer_list<Enum> values, const std::string& detail = "") {
  std::string legal;
  for (const Enum value : values) {
    if (to_string(value) == text) return value;
    legal += fmt::format("{}{}", legal.empty() ? "" : ", ", to_string(value));
  }
  return Error{field, text, legal, detail};
}

Error not_applicable(const std::string& field, const std::string& value,
                     const std::string& detail) {
  return {field, value, "nothing", detail};
}

/// A format for the option `field`, with the rule for scales without a zero.
Result<Format> parse_field_format(const std::string& field, const std::string& text) {
  if (text.empty()) return Error{field, "", "a number format", "`fewbit formats` lists them"};
  Result<Format> format = parse_format(text);
  if (!format.ok()) {
    Error error = format.error();
    error.field = field;
    return error;
  }
  if (format->is_float() && !format->as_float().zero_exponent_is_subnormal) {
    return Error{field, text, "a format with a zero", "this one codes block scales alone"};
  }
  return format;
}

Result<Format> parse_operand(const std::string& field, const std::string& text) {
  FEWBIT_ASSIGN_OR_RETURN(format, parse_field_format(field, text));
  if (format.is_float() && format.bits() > kMaxFloatOperandBits) {
    return Error{field, text, fmt::format("floats of 2 to {} bits", kMaxFloatOperandBits),
                 fmt::format("{} bits here", format.bits())};
  }
  if (format.is_int() && format.bits() > kMaxIntegerOperandBits) {
    return Error{field, text,
                 fmt::format("integers and fixed point of 1 to {} bits", kMaxIntegerOperandBits),
                 fmt::format("{} bits here", format.bits())};
  }
  return format;
}

Result<OverflowMode> parse_result_overflow(const std::string& text, const Format& result) {
  if (text.empty()) return default_result_overflow(result);
  const std::string detail = fmt::format("for a result of format {}", result.name());
  const auto choice = [&](std::initializer_list<OverflowMode> legal) {
    return parse_choice("--overflow", text, legal, detail);
  };
  if (result.is_int()) return choice({OverflowMode::kSaturate, OverflowMode::kWrap});
  if (result.has_infinity() && result.has_nan()) {
    return choice({OverflowMode::kSaturate, OverflowMode::kInfinity, OverflowMode::kNan});
  }
  if (result.has_infinity()) return choice({OverflowMode::kSaturate, OverflowMode::kInfinity});
  if (result.has_nan()) return choice({OverflowMode::kSaturate, OverflowMode::kNan});
  return choice({OverflowMode::kSaturate});
}

Status check_width(const std::string& what, int width, const std::string& advice) {
  if (width <= kMaxWidth) return Ok{};
  return Error{what, fmt::format("{} bits", width), fmt::format("at most {} bits", kMaxWidth),
               advice};
}

int top_exponent(const ExactRange& range) {
  return std::max(bit_length(range.min), bit_length(range.max)) + range.lsb_exponent;
}

/// Rounding aligns the exact result with the result's places: together they must stay in reach.
Status check_reach(const OperatorSpec& spec, const std::string& result_text) {
  const ExactRange exact = exact_range(spec);
  const ExactRange result = operand_range(*spec.result);
  const int span = std::max(top_exponent(exact), top_exponent(result)) -
                   std::min(exact.lsb_exponent, result.lsb_exponent);
  if (span <= kMaxWidth) return Ok{};
  return Error{"--result", result_text,
               fmt::format("a format within {} bits of the exact result", kMaxWidth),
               fmt::format("both together span {} bits", span)};
}

/// --result, --rounding, --overflow of mul, add and sub; and what they must not have.
Status fill_combinational(const OperatorRequest& request, OperatorSpec& spec) {
  const std::string op = request.op;
  if (request.terms) {
    return not_applicable("--terms", std::to_string(*request.terms), op + " does not accumulate");
  }
  if (request.acc_width) {
    return not_applicable("--acc-width", std::to_string(*request.acc_width),
                          op + " does not accumulate");
  }
  if (!request.reset.empty()) {
    return not_applicable("--reset", request.reset, op + " is combinational");
  }
  FEWBIT_RETURN_IF_ERROR(check_width("exact result", exact_range(spec).format().bits,
                                     "choose operands with fewer exponent bits"));
  if (request.result.empty() || request.result == "exact") {
    const std::string detail = "an exact result is not rounded and cannot overflow";
    if (!request.rounding.empty()) return not_applicable("--rounding", request.rounding, detail);
    if (!request.overflow.empty()) return not_applicable("--overflow", request.overflow, detail);
    return Ok{};
  }
  FEWBIT_ASSIGN_OR_RETURN(result, parse_field_format("--result", request.result));
  spec.result = result;
  FEWBIT_RETURN_IF_ERROR(check_reach(spec, request.result));
  if (!request.rounding.empty()) {
    FEWBIT_ASSIGN_OR_RETURN(rounding,
                            parse_choice("--rounding", request.rounding,
                                         {RoundingMode::kTiesToEven, RoundingMode::kTiesToAway,
                                          RoundingMode::kTowardZero, RoundingMode::kTowardPositive,
                                          RoundingMode::kTowardNegative, RoundingMode::kToOdd}));
    spec.rounding = rounding;
  }
  FEWBIT_ASSIGN_OR_RETURN(overflow, parse_result_overflow(request.overflow, result));
  spec.overflow = overflow;
  return Ok{};
}

Status fill_terms(const OperatorRequest& request, OperatorSpec& spec) {
  spec.terms = request.terms.value_or(kDefaultTerms);
  if (spec.terms < 1 || spec.terms > kMaxTerms) {
    return Error{"--terms", std::to_string(spec.terms), fmt::format("1 to {}", kMaxTerms), ""};
  }
  if (!request.overflow.empty()) {
    return not_applicable("--overflow", request.overflow,
                          "an accumulator sized by --terms cannot overflow; give --acc-width");
  }
  spec.acc_width = accumulator_format(exact_range(spec), spec.terms).bits;
  return check_width("accumulator", spec.acc_width,
                     "choose fewer terms, or operands with fewer exponent bits");
}

Status fill_acc_width(const OperatorRequest& request, OperatorSpec& spec) {
  const int addend_width = exact_range(spec).format().bits;
  FEWBIT_RETURN_IF_ERROR(
      check_width("addend", addend_width, "choose operands with fewer exponent bits"));
  if (*request.acc_width < addend_width || *request.acc_width > kMaxWidth) {
    return Error{"--acc-width", std::to_string(*request.acc_width),
                 fmt::format("{} to {}", addend_width, kMaxWidth),
                 fmt::format("one addend has {} bits", addend_width)};
  }
  spec.acc_width = static_cast<int>(*request.acc_width);
  if (request.overflow.empty()) return Ok{};
  FEWBIT_ASSIGN_OR_RETURN(
      overflow, parse_choice("--overflow", request.overflow,
                             {OverflowMode::kWrap, OverflowMode::kSaturate}, "for an accumulator"));
  spec.overflow = overflow;
  return Ok{};
}

/// --terms, --acc-width, --overflow and --reset of acc and mac; and what they must not have.
Status fill_accumulator(const OperatorRequest& request, OperatorSpec& spec) {
  if (!request.result.empty() && request.result != "exact") {
    return Error{"--result", request.result, "exact", "accumulators are exact"};
  }
  if (!request.rounding.empty()) {
    return not_applicable("--rounding", request.rounding, "accumulators are exact");
  }
  spec.overflow = OverflowMode::kWrap;
  if (request.terms && request.acc_width) {
    return Error{"--acc-width", std::to_string(*request.acc_width), "either --terms or --acc-width",
                 "both were given"};
  }
  FEWBIT_RETURN_IF_ERROR(request.acc_width ? fill_acc_width(request, spec)
                                           : fill_terms(request, spec));
  if (request.reset.empty()) return Ok{};
  FEWBIT_ASSIGN_OR_RETURN(reset, parse_choice("--reset", request.reset,
                                              {ResetKind::kAsyncLow, ResetKind::kSyncHigh,
                                               ResetKind::kSyncLow, ResetKind::kNone}));
  spec.reset = reset;
  return Ok{};
}

}  // namespace

Result<OperatorSpec> make_operator_spec(const OperatorRequest& request) {
  std::string operators;
  const OperatorInfo* info = nullptr;
  for (const OperatorInfo& row : operator_table()) {
    operators += fmt::format("{}{}", operators.empty() ? "" : ", ", row.name);
    if (row.name == request.op) info = &row;
  }
  if (info == nullptr) return Error{"operator", request.op, operators, ""};

  OperatorSpec spec;
  spec.kind = info->kind;
  spec.fabric = request.fabric;
  FEWBIT_ASSIGN_OR_RETURN(a, parse_operand("--a", request.a));
  spec.a = a;
  if (info->operands == 2) {
    FEWBIT_ASSIGN_OR_RETURN(b, parse_operand("--b", request.b));
    spec.b = b;
  } else if (!request.b.empty()) {
    return not_applicable("--b", request.b, fmt::format("{} has one operand", info->name));
  }
  FEWBIT_ASSIGN_OR_RETURN(arch, parse_choice("--arch", request.arch,
                                             {Architecture::kGeneric, Architecture::kOptimized}));
  spec.arch = arch;
  FEWBIT_RETURN_IF_ERROR(info->accumulates ? fill_accumulator(request, spec)
                                           : fill_combinational(request, spec));
  return spec;
}

}  // namespace fewbit
