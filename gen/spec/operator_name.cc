// The names of a request: its module and the command that reproduces it. Defaults stay unsaid.
// SPDX-License-Identifier: Apache-2.0
#include "gen/spec/operator_spec.h"

namespace fewbit {

OverflowMode default_result_overflow(const Format& result) {
  return result.has_infinity() ? OverflowMode::kInfinity : OverflowMode::kSaturate;
}

namespace {

std::string short_name(OverflowMode mode) {
  switch (mode) {
    case OverflowMode::kSaturate:
      return "sat";
    case OverflowMode::kInfinity:
      return "inf";
    default:
      return std::string(to_string(mode));
  }
}

std::string short_name(ResetKind reset) {
  return reset == ResetKind::kNone ? "noreset" : std::string(to_string(reset));
}

OverflowMode default_overflow(const OperatorSpec& spec) {
  return spec.result ? default_result_overflow(*spec.result) : OverflowMode::kWrap;
}

/// An exact mul, add or sub has no overflow to name.
bool names_overflow(const OperatorSpec& spec) {
  return (spec.result || spec.accumulates()) && spec.overflow != default_overflow(spec);
}

bool names_rounding(const OperatorSpec& spec) {
  return spec.result && spec.rounding != RoundingMode::kTiesToEven;
}

bool names_reset(const OperatorSpec& spec) {
  return spec.accumulates() && spec.reset != ResetKind::kAsyncLow;
}

}  // namespace

std::string OperatorSpec::module_name() const {
  std::string name = fmt::format("fewbit_{}_{}", info().name, a.name());
  if (b) name += fmt::format("_{}", b->name());
  if (result) name += fmt::format("_to_{}", result->name());
  if (accumulates())
    name += terms > 0 ? fmt::format("_t{}", terms) : fmt::format("_w{}", acc_width);
  if (names_rounding(*this)) name += fmt::format("_{}", to_string(rounding));
  if (names_overflow(*this)) name += fmt::format("_{}", short_name(overflow));
  if (names_reset(*this)) name += fmt::format("_{}", short_name(reset));
  if (arch == Architecture::kGeneric) name += "_generic";
  return name;
}

std::string OperatorSpec::command() const {
  std::string text = fmt::format("fewbit emit {} --a {}", info().name, a.name());
  if (b) text += fmt::format(" --b {}", b->name());
  if (result) text += fmt::format(" --result {}", result->name());
  if (names_rounding(*this)) text += fmt::format(" --rounding {}", to_string(rounding));
  if (names_overflow(*this)) text += fmt::format(" --overflow {}", to_string(overflow));
  if (accumulates()) {
    text +=
        terms > 0 ? fmt::format(" --terms {}", terms) : fmt::format(" --acc-width {}", acc_width);
  }
  if (arch == Architecture::kGeneric) text += " --arch generic";
  if (names_reset(*this)) text += fmt::format(" --reset {}", to_string(reset));
  return text;
}

}  // namespace fewbit
