// Overflow rules by name: see overflow_choice.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/spec/overflow_choice.h"

#include <vector>

namespace fewbit {
namespace {

/// An overflow rule, or one of the policies that name a rule for each format.
struct OverflowChoice {
  std::string_view name;
  OverflowMode mode;
};

/// P3109's SatNone, where one of the other rules is the same in this rounding. It is for formats
/// with a NaN; others saturate, and so do pure scales, whose least value stands for zero.
OverflowMode sat_none(const FloatFormat& f, RoundingMode rounding) {
  if (!f.has_nan() || !f.zero_exponent_is_subnormal) return OverflowMode::kSaturate;
  if (!f.is_signed) return OverflowMode::kSatNone;
  if (f.has_infinity()) return OverflowMode::kInfinity;
  switch (rounding) {
    case RoundingMode::kTowardZero:
      return OverflowMode::kSaturateNan;
    case RoundingMode::kTowardPositive:
    case RoundingMode::kTowardNegative:
      return OverflowMode::kSatNone;
    default:
      return OverflowMode::kNan;
  }
}

std::vector<OverflowChoice> overflow_choices(const Format& result, RoundingMode rounding) {
  const auto plain = [](OverflowMode mode) { return OverflowChoice{to_string(mode), mode}; };
  std::vector<OverflowChoice> choices = {plain(OverflowMode::kSaturate)};
  if (result.is_int()) {
    choices.push_back(plain(OverflowMode::kWrap));
    return choices;
  }
  const FloatFormat& f = result.as_float();
  const bool infinity = f.has_infinity();
  if (infinity) choices.push_back(plain(OverflowMode::kInfinity));
  if (f.has_nan()) choices.push_back(plain(OverflowMode::kNan));
  if (infinity) choices.push_back(plain(OverflowMode::kPropagate));
  if (f.has_nan()) choices.push_back(plain(OverflowMode::kSaturateNan));
  choices.push_back({"sat_finite", OverflowMode::kSaturate});
  choices.push_back(
      {"sat_propagate", infinity ? OverflowMode::kPropagate : OverflowMode::kSaturate});
  choices.push_back({"sat_none", sat_none(f, rounding)});
  // P3109's extended codings, which ONNX does not have.
  if (infinity && (f.negative_zero_is_nan || !f.is_signed)) return choices;
  choices.push_back({"onnx_saturate", f.negative_zero_is_nan ? OverflowMode::kSaturateNan
                                                             : OverflowMode::kSaturate});
  choices.push_back({"onnx_no_saturate", infinity      ? OverflowMode::kInfinity
                                         : f.has_nan() ? OverflowMode::kNan
                                                       : OverflowMode::kSaturate});
  return choices;
}

}  // namespace

Result<OverflowMode> parse_result_overflow(const std::string& text, const Format& result,
                                           RoundingMode rounding) {
  if (text.empty()) return default_result_overflow(result);
  std::string legal;
  for (const OverflowChoice& choice : overflow_choices(result, rounding)) {
    if (choice.name == text) return choice.mode;
    legal += fmt::format("{}{}", legal.empty() ? "" : ", ", choice.name);
  }
  return Error{"--overflow", text, legal, fmt::format("for a result of format {}", result.name())};
}

}  // namespace fewbit
