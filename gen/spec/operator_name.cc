// The names of a request: its module and the command that reproduces it. Defaults stay unsaid.
// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit {

OverflowMode default_result_overflow(const Format& result) {
  return result.has_infinity() ? OverflowMode::kInfinity : OverflowMode::kSaturate;
}

namespace {

std::string subnormals_name(const OperatorSpec& spec) {
  if (!spec.flush_inputs && !spec.flush_outputs) return "";
  if (spec.flush_inputs && spec.flush_outputs) return "flush";
  return spec.flush_inputs ? "flush_inputs" : "flush_outputs";
}

}  // namespace

namespace {

std::string format_name(const std::optional<Format>& format) {
  return format ? format->name() : std::string();
}

std::string number_if(bool condition, long long value) {
  return condition ? std::to_string(value) : std::string();
}

template <typename Value>
std::string name_if(bool condition, Value value) {
  return condition ? std::string(to_string(value)) : std::string();
}

std::string overflow_value(const OperatorSpec& spec) {
  const OverflowMode by_default =
      spec.result ? default_result_overflow(*spec.result) : OverflowMode::kWrap;
  const bool can_overflow = spec.result || spec.accumulates_exactly();
  return name_if(can_overflow && spec.overflow != by_default, spec.overflow);
}

/// Of an option that says how the operator is made and driven, not what it computes.
std::string structure_value(const OperatorSpec& spec, Option option) {
  const bool is_optimized = spec.arch == Architecture::kOptimized;
  switch (option) {
    case Option::kArch:
      return name_if(!is_optimized, spec.arch);
    case Option::kStrategy:
      return name_if(is_optimized && spec.strategy != Strategy::kAuto, spec.strategy);
    case Option::kDsp:
      return name_if(is_optimized && spec.dsp != Dsp::kNone, spec.dsp);
    case Option::kLatency:
      return number_if(spec.latency() != spec.usual_latency(), spec.latency());
    case Option::kHandshake:
      return name_if(spec.handshake == Handshake::kValidReady ||
                         (spec.handshake == Handshake::kValid && !spec.accumulates()),
                     spec.handshake);
    case Option::kTagBits:
      return number_if(spec.tag_bits > 0, spec.tag_bits);
    case Option::kReset:
      return name_if(spec.is_clocked() && spec.reset != ResetKind::kAsyncLow, spec.reset);
    default:  // --optimize is gone: it has named a strategy, or none
      return "";
  }
}

/// Of an option that says how results are rounded, or sums kept.
std::string result_value(const OperatorSpec& spec, Option option) {
  switch (option) {
    case Option::kRounding:
      if (spec.acc_lsb) return name_if(spec.rounding != RoundingMode::kTowardZero, spec.rounding);
      return name_if(
          spec.info().has(option) && spec.result && spec.rounding != RoundingMode::kTiesToEven,
          spec.rounding);
    case Option::kRandomBits:
      return number_if(spec.random_bits > 0, spec.random_bits);
    case Option::kOverflow:
      return overflow_value(spec);
    case Option::kSubnormals:
      return subnormals_name(spec);
    case Option::kScalePolicy:
      return name_if(spec.scale_policy != ScalePolicy::kFloor, spec.scale_policy);
    case Option::kNan:
      return name_if(spec.nan != NanRule::kPropagate, spec.nan);
    case Option::kTerms:
      return number_if(spec.terms > 0, spec.terms);
    case Option::kAccWidth:
      return number_if(spec.accumulates_exactly() && spec.terms == 0, spec.acc_width);
    case Option::kInterleave:
      return number_if(spec.interleave > 1, spec.interleave);
    case Option::kAccLsb:
      return number_if(spec.acc_lsb.has_value(), spec.acc_lsb.value_or(0));
    default:
      return structure_value(spec, option);
  }
}

}  // namespace

std::string option_value(const OperatorSpec& spec, Option option) {
  switch (option) {
    case Option::kA:
      return spec.a.name();
    case Option::kB:
      return format_name(spec.b);
    case Option::kC:
      return format_name(spec.c);
    case Option::kScale:
      return format_name(spec.scale);
    case Option::kLanes:
      return number_if(spec.info().has(Option::kLanes), spec.lanes);
    case Option::kOutputs:
      return number_if(spec.outputs > 1, spec.outputs);
    case Option::kShiftBits:
      return number_if(spec.shift_bits > 0, spec.shift_bits);
    case Option::kZeroPoint:
      return format_name(spec.zero_point);
    case Option::kResult:
      return format_name(spec.result);
    default:
      return result_value(spec, option);
  }
}

namespace {

/// What is before an option's value inside a module name.
std::string short_prefix(Option option) {
  static const std::map<Option, std::string> prefixes = {
      {Option::kLanes, "x"},       {Option::kOutputs, "o"},  {Option::kShiftBits, "s"},
      {Option::kZeroPoint, "zp_"}, {Option::kResult, "to_"}, {Option::kRandomBits, "r"},
      {Option::kTerms, "t"},       {Option::kAccWidth, "w"}, {Option::kAccLsb, "lsb"},
      {Option::kInterleave, "i"},  {Option::kLatency, "l"},  {Option::kTagBits, "tag"}};
  const auto found = prefixes.find(option);
  return found == prefixes.end() ? "" : found->second;
}

/// What an option's value looks like inside a module name.
std::string short_name(Option option, const std::string& value) {
  switch (option) {
    case Option::kOverflow:
      return value == "saturate" ? "sat" : (value == "infinity" ? "inf" : value);
    case Option::kNan:
      return value + "_nan";
    case Option::kAccLsb:
      return short_prefix(option) + (value[0] == '-' ? "m" + value.substr(1) : value);
    case Option::kDsp:
      return value == "one" ? "dsp" : "dsp_" + value;
    case Option::kReset:
      return value == "none" ? "noreset" : value;
    default:
      return short_prefix(option) + value;
  }
}

}  // namespace

std::string OperatorSpec::module_name() const {
  std::string name = "fewbit_" + info().name;
  // The kind of module comes last; all else in the order of the command line.
  for (const bool last : {false, true}) {
    for (const OptionInfo& option : option_table()) {
      const std::string value = option_value(*this, option.option);
      if (value.empty() || (option.option == Option::kArch) != last) continue;
      name += "_" + short_name(option.option, value);
    }
  }
  // The structure is the fabric's; that of iCE40 cells, the default, has no ending.
  if (arch == Architecture::kOptimized && fabric != Fabric::kIce40) {
    name += "_" + std::string(to_string(fabric));
  }
  return name;
}

std::string OperatorSpec::contract() const {
  if (!has_addend()) return info().contract;
  return fmt::format("result_o = round({})", formula(*info().with_addend));
}

std::string OperatorSpec::command() const {
  std::string text = "fewbit emit " + info().name;
  for (const OptionInfo& option : option_table()) {
    const std::string value = option_value(*this, option.option);
    if (!value.empty()) text += fmt::format(" {} {}", option.name, value);
  }
  return text;
}

}  // namespace fewbit
