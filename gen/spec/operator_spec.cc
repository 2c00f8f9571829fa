// From what a user wrote to a legal OperatorSpec.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/spec/operator_spec.h"

#include <algorithm>
#include <initializer_list>

#include "fewbit/gen/spec/acc_lsb.h"
#include "fewbit/gen/spec/fixed_point_limit.h"
#include "fewbit/gen/spec/lane_addend.h"
#include "fewbit/gen/spec/multiplier_block.h"
#include "fewbit/gen/spec/overflow_choice.h"
#include "fewbit/gen/spec/strategy.h"
#include "fewbit/gen/spec/tuned.h"
#include "fewbit/gen/spec/zero_point.h"

namespace fewbit {
namespace {

constexpr long long kMaxTerms = 1LL << 32;
constexpr long long kDefaultTerms = 1024;
constexpr long long kMaxLanes = 64;
constexpr long long kNvLanes = 16;
constexpr long long kMaxShiftBits = 8;
constexpr long long kDefaultShiftBits = 5;
constexpr long long kMaxRandomBits = 32;
constexpr long long kMaxLaneRandomBits = 16;
constexpr int kMaxStepBits = 8;
constexpr long long kDefaultRandomBits = 8;
constexpr long long kMaxTagBits = 64;
constexpr int kMaxOutputs = 16;
constexpr int kMaxProducts = 256;  // of all outputs
constexpr int kMaxInterleave = 8;

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

Result<int> parse_count(const std::string& field, long long value, long long min, long long max) {
  if (value >= min && value <= max) return static_cast<int>(value);
  return Error{field, std::to_string(value), fmt::format("{} to {}", min, max), ""};
}

Error not_applicable(const std::string& field, const std::string& value,
                     const std::string& detail) {
  return {field, value, "nothing", detail};
}

Result<Format> parse_field_format(const std::string& field, const std::string& text) {
  if (text.empty()) return Error{field, "", "a number format", "`fewbit formats` lists them"};
  Result<Format> format = parse_format(text);
  if (!format.ok()) {
    Error error = format.error();
    error.field = field;
    return error;
  }
  return format;
}

bool is_pure_scale(const Format& format) {
  return format.is_float() && !format.as_float().zero_exponent_is_subnormal;
}

/// Products and sums of bipolar numbers need no zero among their operands; of results, only the
/// product of two is never 0.
bool takes_bipolar(const std::string& field, const OperatorSpec& spec) {
  if (field == "--result") {
    return spec.expression().is_flat(Expression::Kind::kProduct) && !spec.accumulates_rounded() &&
           spec.a.is_bipolar() && spec.b->is_bipolar();
  }
  return spec.info().traits.takes_bipolar;
}

/// An operand or a result: a scale without a zero is for `convert` alone.
Result<Format> parse_number(const std::string& field, const std::string& text,
                            const OperatorSpec& spec) {
  FEWBIT_ASSIGN_OR_RETURN(format, parse_field_format(field, text));
  if (format.is_bipolar() && !takes_bipolar(field, spec)) {
    return Error{field, text, "a format with a zero",
                 field == "--result" ? "bipolar holds -1 and +1: for a mul of two bipolar numbers"
                                     : "bipolar is -1 or +1: mul, mac and dot take it"};
  }
  if (is_pure_scale(format) && !spec.converts()) {
    return Error{field, text, "a format with a zero", "this one codes block scales alone"};
  }
  return format;
}

Result<Format> parse_operand(const std::string& field, const std::string& text,
                             const OperatorSpec& spec) {
  FEWBIT_ASSIGN_OR_RETURN(format, parse_number(field, text, spec));
  const bool is_accumulator =
      (field == "--a" && spec.info().traits.reads_accumulator) || field == "--c";
  if (format.is_int() && format.bits() > kMaxIntegerOperandBits && !is_accumulator) {
    return Error{field, text,
                 fmt::format("integers and fixed point of 1 to {} bits", kMaxIntegerOperandBits),
                 fmt::format("{} bits here", format.bits())};
  }
  return format;
}

/// The text of an option as given, or "" where it was not.
std::string given(const OperatorRequest& request, const OptionInfo& option) {
  if (option.option == Option::kResult && request.result == "exact") return "";
  if (option.option == Option::kArch) return "";  // every operator has it
  if (option.text != nullptr) return request.*option.text;
  const std::optional<long long>& number = request.*option.number;
  return number ? std::to_string(*number) : "";
}

Status check_applicable(const OperatorRequest& request, const OperatorInfo& info) {
  for (const OptionInfo& option : option_table()) {
    const std::string text = given(request, option);
    if (text.empty() || info.has(option.option)) continue;
    std::string why = fmt::format("{} does not have it", info.name);
    if (option.option == Option::kB) why = info.name + " has one operand";
    if (option.option == Option::kTerms || option.option == Option::kAccWidth) {
      why = info.name + " does not accumulate exactly";
    }
    if (info.has(Option::kTerms) &&
        (option.option == Option::kResult || option.option == Option::kRounding)) {
      why = info.name + " is exact";
    }
    return not_applicable(option.name, text, why);
  }
  return Ok{};
}

Status fill_operands(const OperatorRequest& request, OperatorSpec& spec) {
  const OperatorInfo& info = spec.info();
  FEWBIT_ASSIGN_OR_RETURN(a, parse_operand("--a", request.a, spec));
  spec.a = a;
  if (info.needs_b() || !request.b.empty()) {
    FEWBIT_ASSIGN_OR_RETURN(b, parse_operand("--b", request.b, spec));
    spec.b = b;
  }
  if (info.has(Option::kShiftBits)) {
    if (!a.is_int()) return Error{"--a", request.a, "an integer or fixed-point format", ""};
    if (spec.b && !spec.b->is_int()) {
      return Error{"--b", request.b, "an integer or fixed-point format", "or none"};
    }
    FEWBIT_ASSIGN_OR_RETURN(
        bits, parse_count("--shift-bits", request.shift_bits.value_or(kDefaultShiftBits), 1,
                          kMaxShiftBits));
    spec.shift_bits = bits;
  }
  if (spec.makes_block() && (a.is_int() || !a.is_signed())) {
    return Error{"--a", request.a, "a signed float format", "bfloat16 or binary32, say"};
  }
  if (info.has(Option::kScale)) {
    FEWBIT_ASSIGN_OR_RETURN(
        scale, parse_field_format("--scale", request.scale.empty() ? "e8m0" : request.scale));
    if (scale.is_int() || scale.is_signed()) {
      return Error{"--scale", request.scale, "an unsigned float format", "e8m0 or ue4m3, say"};
    }
    spec.scale = scale;
  }
  if (info.has(Option::kLanes)) {
    long long lanes = info.traits.default_lanes;
    if (spec.scale && !is_pure_scale(*spec.scale)) lanes = kNvLanes;
    FEWBIT_ASSIGN_OR_RETURN(count,
                            parse_count("--lanes", request.lanes.value_or(lanes), 1, kMaxLanes));
    spec.lanes = count;
  }
  if (info.has(Option::kOutputs)) {
    FEWBIT_ASSIGN_OR_RETURN(count, parse_count("--outputs", request.outputs.value_or(1), 1,
                                               std::min(kMaxOutputs, kMaxProducts / spec.lanes)));
    spec.outputs = count;
  }
  return Ok{};
}

/// The codes of squant.
Status check_steps(const std::string& text, const Format& result) {
  const bool fits = result.is_int() && !result.is_bipolar() && !result.is_signed() &&
                    result.bits() <= kMaxStepBits && result.as_int().lsb_exponent == 0;
  if (fits) return Ok{};
  return Error{"--result", text, fmt::format("uint1 to uint{}", kMaxStepBits),
               "codes of a block, from its least number to its largest"};
}

/// --random-bits: of stochastic rounding, which squant always has.
Status fill_random_bits(const OperatorRequest& request, OperatorSpec& spec) {
  if (spec.makes_steps()) spec.rounding = RoundingMode::kStochasticB;
  if (is_stochastic(spec.rounding)) {
    FEWBIT_ASSIGN_OR_RETURN(
        bits, parse_count("--random-bits", request.random_bits.value_or(kDefaultRandomBits), 1,
                          spec.makes_steps() ? kMaxLaneRandomBits : kMaxRandomBits));
    spec.random_bits = bits;
  } else if (request.random_bits) {
    return not_applicable("--random-bits", std::to_string(*request.random_bits),
                          "only stochastic rounding has random bits");
  }
  return Ok{};
}

/// --c: by default of the result's format.
Status fill_addend(const OperatorRequest& request, OperatorSpec& spec) {
  if (spec.info().with_addend) return fill_lane_addend(request, spec);
  if (request.c.empty() && !spec.result) {
    return Error{"--c", "", "a number format, or none beside --result",
                 "whose format the addend then has; `fewbit formats` lists them"};
  }
  const std::string c = request.c.empty() ? request.result : request.c;
  FEWBIT_ASSIGN_OR_RETURN(addend, parse_operand("--c", c, spec));
  spec.c = addend;
  return Ok{};
}

/// --result, --rounding, --random-bits and --overflow; and what an exact result must not have.
Status fill_result(const OperatorRequest& request, OperatorSpec& spec) {
  const bool is_exact = request.result.empty() || request.result == "exact";
  if (is_exact && spec.info().traits.needs_result) {
    return Error{"--result", request.result, "a number format",
                 fmt::format("{} has no exact result", spec.info().name)};
  }
  if (!is_exact) {
    FEWBIT_ASSIGN_OR_RETURN(result, parse_number("--result", request.result, spec));
    spec.result = result;
    if (spec.makes_block() && operand_range(result).max <= 0) {
      return Error{"--result", request.result, "a format with a positive value", "for elements"};
    }
    if (spec.makes_steps()) FEWBIT_RETURN_IF_ERROR(check_steps(request.result, result));
    if (spec.accumulates_rounded() && !result.is_float()) {
      return Error{"--result", request.result, "a float format", "acc sums integers"};
    }
  }
  if (spec.info().has(Option::kC)) FEWBIT_RETURN_IF_ERROR(fill_addend(request, spec));
  if (is_exact) {
    const std::string detail = "an exact result is not rounded and cannot overflow";
    if (!request.rounding.empty()) return not_applicable("--rounding", request.rounding, detail);
    if (!request.overflow.empty()) return not_applicable("--overflow", request.overflow, detail);
  } else {
    if (!request.rounding.empty()) {
      FEWBIT_ASSIGN_OR_RETURN(
          rounding,
          parse_choice(
              "--rounding", request.rounding,
              {RoundingMode::kTiesToEven, RoundingMode::kTiesToAway, RoundingMode::kTowardZero,
               RoundingMode::kTowardPositive, RoundingMode::kTowardNegative, RoundingMode::kToOdd,
               RoundingMode::kStochasticA, RoundingMode::kStochasticB, RoundingMode::kStochasticC,
               RoundingMode::kTiesTowardPositive, RoundingMode::kTiesTowardNegative}));
      spec.rounding = rounding;
    }
    FEWBIT_ASSIGN_OR_RETURN(overflow,
                            parse_result_overflow(request.overflow, *spec.result, spec.rounding));
    spec.overflow = overflow;
  }
  FEWBIT_RETURN_IF_ERROR(fill_random_bits(request, spec));
  return check_fixed_point(request, spec);
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
  spec.acc_width = accumulator_format(addend_range(spec), spec.terms).bits;
  return check_width("accumulator", spec.acc_width,
                     "choose fewer terms, or operands with fewer exponent bits");
}

Status fill_acc_width(const OperatorRequest& request, OperatorSpec& spec) {
  const int addend_width = addend_range(spec).format().bits;
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

/// --terms, --acc-width, --acc-lsb and --overflow of an exact accumulator; and what it must not
/// have.
Status fill_accumulator(const OperatorRequest& request, OperatorSpec& spec) {
  if (!request.result.empty() && request.result != "exact") {
    return Error{"--result", request.result, "exact", "accumulators are exact"};
  }
  if (!request.c.empty()) {
    return not_applicable("--c", request.c, "an exact accumulator has no addend");
  }
  FEWBIT_RETURN_IF_ERROR(fill_acc_lsb(request, spec));
  spec.overflow = OverflowMode::kWrap;
  if (request.terms && request.acc_width) {
    return Error{"--acc-width", std::to_string(*request.acc_width), "either --terms or --acc-width",
                 "both were given"};
  }
  return request.acc_width ? fill_acc_width(request, spec) : fill_terms(request, spec);
}

Status fill_nan(const OperatorRequest& request, OperatorSpec& spec) {
  if (request.nan.empty()) return Ok{};
  FEWBIT_ASSIGN_OR_RETURN(
      rule, parse_choice("--nan", request.nan, {NanRule::kPropagate, NanRule::kIgnore}));
  if (rule == NanRule::kIgnore && !spec.a.has_nan() && !spec.b->has_nan()) {
    return Error{"--nan", request.nan, "propagate", "no operand can be NaN"};
  }
  spec.nan = rule;
  return Ok{};
}

bool has_subnormals(const std::optional<Format>& format) {
  return format && format->is_float() && !is_pure_scale(*format);
}

Status fill_subnormals(const OperatorRequest& request, OperatorSpec& spec) {
  const std::string& text = request.subnormals;
  if (text.empty() || text == "keep") return Ok{};
  spec.flush_inputs = text == "flush_inputs" || text == "flush";
  spec.flush_outputs = text == "flush_outputs" || text == "flush";
  if (!spec.flush_inputs && !spec.flush_outputs) {
    return Error{"--subnormals", text, option_info(Option::kSubnormals).values, ""};
  }
  const bool any_input = has_subnormals(spec.a) || has_subnormals(spec.b) ||
                         has_subnormals(spec.c) || has_subnormals(spec.scale);
  const bool output = has_subnormals(spec.result);
  std::string legal = "keep";
  if (any_input) legal += ", flush_inputs";
  if (output) legal += ", flush_outputs";
  if (spec.flush_inputs && !any_input) {
    return Error{"--subnormals", text, legal, "no operand has subnormals"};
  }
  if (spec.flush_outputs && !output) {
    return Error{"--subnormals", text, legal, "the result has no subnormals"};
  }
  return Ok{};
}

/// Cycles from operands to result, and where they make it clocked its handshake.
Status fill_latency(const OperatorRequest& request, OperatorSpec& spec) {
  if (!request.latency) return Ok{};
  const bool none = request.handshake == "none";
  const int least = spec.least_latency();  // 0 where a latency makes it clocked
  OperatorSpec clocked = spec;
  if (!spec.is_clocked() && !none) clocked.handshake = Handshake::kValid;
  const bool is_generic = spec.arch == Architecture::kGeneric;
  const int most = none ? 0 : is_generic ? clocked.usual_latency() : kMostLatency;
  if (*request.latency < least || *request.latency > most) {
    return Error{"--latency", std::to_string(*request.latency),
                 least == most ? std::to_string(most) : fmt::format("{} to {}", least, most),
                 is_generic ? "the generic architecture is not pipelined" : ""};
  }
  const auto cycles = static_cast<int>(*request.latency);
  if (cycles > 0) spec.handshake = clocked.handshake;
  if (cycles > 0) spec.requested_latency = cycles;
  return Ok{};
}

Status fill_interface(const OperatorRequest& request, OperatorSpec& spec) {
  spec.handshake = spec.accumulates() ? Handshake::kValid : Handshake::kNone;
  if (!request.handshake.empty()) {
    FEWBIT_ASSIGN_OR_RETURN(
        handshake, parse_choice("--handshake", request.handshake,
                                {Handshake::kNone, Handshake::kValid, Handshake::kValidReady}));
    if (handshake == Handshake::kNone && spec.accumulates()) {
      return Error{"--handshake", request.handshake, "valid, valid_ready", "for an accumulator"};
    }
    spec.handshake = handshake;
  }
  FEWBIT_RETURN_IF_ERROR(fill_latency(request, spec));
  const std::string combinational =
      fmt::format("{} is combinational without --handshake", spec.info().name);
  if (request.tag_bits) {
    if (*request.tag_bits != 0 && !spec.is_clocked()) {
      return Error{"--tag-bits", std::to_string(*request.tag_bits), "0", combinational};
    }
    FEWBIT_ASSIGN_OR_RETURN(bits, parse_count("--tag-bits", *request.tag_bits, 0, kMaxTagBits));
    spec.tag_bits = bits;
  }
  if (request.reset.empty()) return Ok{};
  if (!spec.is_clocked()) return not_applicable("--reset", request.reset, combinational);
  FEWBIT_ASSIGN_OR_RETURN(reset, parse_choice("--reset", request.reset,
                                              {ResetKind::kAsyncLow, ResetKind::kSyncHigh,
                                               ResetKind::kSyncLow, ResetKind::kNone}));
  spec.reset = reset;
  return Ok{};
}

/// The strategy that measured best, where it is another one than is built anyway.
Status fill_tuned_strategy(const OperatorRequest& request, OperatorSpec& spec) {
  FEWBIT_ASSIGN_OR_RETURN(goal, parse_goal(request.optimize));
  if (spec.arch == Architecture::kGeneric) {
    return not_applicable("--optimize", request.optimize,
                          "the generic architecture has one structure");
  }
  if (!request.strategy.empty()) {
    return not_applicable("--optimize", request.optimize, "--strategy has been given");
  }
  const std::optional<TunedChoice> choice = tuned_choice(spec, goal);
  if (choice && choice->strategy != choose_strategy(spec)) spec.strategy = choice->strategy;
  return Ok{};
}

Status fill_dsp(const OperatorRequest& request, OperatorSpec& spec) {
  if (request.dsp.empty()) return Ok{};
  FEWBIT_ASSIGN_OR_RETURN(
      dsp, parse_choice("--dsp", request.dsp, {Dsp::kNone, Dsp::kOne, Dsp::kPacked}));
  spec.dsp = dsp;
  return check_dsp(spec);
}

Status fill_strategy(const OperatorRequest& request, OperatorSpec& spec) {
  if (!request.optimize.empty()) return fill_tuned_strategy(request, spec);
  if (request.strategy.empty() || request.strategy == "auto") return Ok{};
  std::string legal = "auto";
  for (const Strategy strategy : strategies_of(spec)) {
    legal += fmt::format(", {}", to_string(strategy));
    if (to_string(strategy) == request.strategy) spec.strategy = strategy;
  }
  if (request.latency && *request.latency < spec.least_latency()) {
    return Error{"--latency", std::to_string(*request.latency),
                 fmt::format("{} to {}", spec.least_latency(), kMostLatency),
                 fmt::format("with --strategy {}", request.strategy)};
  }
  if (spec.strategy != Strategy::kAuto) return Ok{};
  return Error{"--strategy", request.strategy, legal, "for this request"};
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
  FEWBIT_RETURN_IF_ERROR(check_applicable(request, *info));
  FEWBIT_ASSIGN_OR_RETURN(arch, parse_choice("--arch", request.arch,
                                             {Architecture::kGeneric, Architecture::kOptimized}));
  spec.arch = arch;
  FEWBIT_RETURN_IF_ERROR(fill_operands(request, spec));
  FEWBIT_RETURN_IF_ERROR(fill_nan(request, spec));
  const bool always = info->traits.running_sum == RunningSum::kExact;
  const bool sums = always || request.terms || request.acc_width;
  if (request.acc_lsb && !sums) {
    return not_applicable("--acc-lsb", std::to_string(*request.acc_lsb),
                          "without --terms or --acc-width nothing is accumulated");
  }
  FEWBIT_RETURN_IF_ERROR(sums ? fill_accumulator(request, spec) : fill_result(request, spec));
  FEWBIT_RETURN_IF_ERROR(fill_zero_point(request, spec));
  if (!request.scale_policy.empty()) {
    FEWBIT_ASSIGN_OR_RETURN(policy, parse_choice("--scale-policy", request.scale_policy,
                                                 {ScalePolicy::kFloor, ScalePolicy::kCeil,
                                                  ScalePolicy::kEven, ScalePolicy::kRceil}));
    spec.scale_policy = policy;
  }
  FEWBIT_RETURN_IF_ERROR(fill_subnormals(request, spec));
  FEWBIT_ASSIGN_OR_RETURN(
      in_turn, parse_count("--interleave", request.interleave.value_or(1), 1, kMaxInterleave));
  spec.interleave = in_turn;
  FEWBIT_RETURN_IF_ERROR(fill_interface(request, spec));
  FEWBIT_RETURN_IF_ERROR(fill_dsp(request, spec));
  FEWBIT_RETURN_IF_ERROR(fill_strategy(request, spec));
  return spec;
}

}  // namespace fewbit
