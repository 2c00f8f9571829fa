// The contract that opens every emitted file.
// SPDX-License-Identifier: Apache-2.0
#include "gen/ops/header.h"

#include <fmt/format.h>

namespace fewbit::ops {

namespace {

constexpr std::size_t kColumns = 97;  // 100 less the comment's slashes

/// "Title      text", broken at spaces, later lines indented under the text.
void entry(std::vector<std::string>& lines, const std::string& title, const std::string& text) {
  std::string line = fmt::format("{:<11}", title);
  bool empty = true;
  std::size_t from = 0;
  while (from < text.size()) {
    const std::size_t space = std::min(text.find(' ', from), text.size());
    const std::string word = text.substr(from, space - from);
    if (!empty && line.size() + 1 + word.size() > kColumns) {
      lines.push_back(line);
      line = std::string(11, ' ');
      empty = true;
    }
    line += (empty ? "" : " ") + word;
    empty = false;
    from = space + 1;
  }
  lines.push_back(line);
}

std::string rounding_text(RoundingMode mode) {
  switch (mode) {
    case RoundingMode::kTiesToEven:
      return "to nearest, ties to even";
    case RoundingMode::kTiesToAway:
      return "to nearest, ties away from zero";
    case RoundingMode::kTowardZero:
      return "toward zero";
    case RoundingMode::kTowardPositive:
      return "toward plus infinity";
    case RoundingMode::kTowardNegative:
      return "toward minus infinity";
    case RoundingMode::kToOdd:
      return "to odd: an inexact result has its last bit set";
  }
  return "";
}

std::string overflow_text(const OperatorSpec& spec) {
  switch (spec.overflow) {
    case OverflowMode::kSaturate:
      return spec.accumulates() ? "the accumulator stays at its nearest end, at each step"
                                : "largest finite value of the sign";
    case OverflowMode::kInfinity:
      return "infinity, or the largest finite value where the rounding says so";
    case OverflowMode::kNan:
      return "NaN";
    case OverflowMode::kWrap:
      return "wraps: the low bits are kept";
  }
  return "";
}

std::string title(const OperatorSpec& spec) {
  switch (spec.kind) {
    case OperatorKind::kMul:
      return spec.result ? "correctly rounded multiplier" : "exact multiplier";
    case OperatorKind::kAdd:
      return spec.result ? "correctly rounded adder" : "exact adder";
    case OperatorKind::kSub:
      return spec.result ? "correctly rounded subtractor" : "exact subtractor";
    case OperatorKind::kAcc:
      return "exact accumulator";
    case OperatorKind::kMac:
      return "exact multiply-accumulate";
  }
  return "";
}

std::string expression(const OperatorSpec& spec) {
  switch (spec.kind) {
    case OperatorKind::kMul:
      return "a_i * b_i";
    case OperatorKind::kAdd:
      return "a_i + b_i";
    case OperatorKind::kSub:
      return "a_i - b_i";
    case OperatorKind::kAcc:
      return "a_i";
    case OperatorKind::kMac:
      return "a_i * b_i";
  }
  return "";
}

}  // namespace

std::string reproduce_command(const OperatorSpec& spec) {
  if (spec.arch == Architecture::kGeneric) return spec.command();  // the same for every target
  const char* target = spec.fabric == Fabric::kEcp5     ? " --target ecp5"
                       : spec.fabric == Fabric::kXilinx ? " --target xilinx-usp"
                                                        : "";
  return spec.command() + target;
}

std::vector<std::string> contract_header(const OperatorSpec& spec) {
  std::vector<std::string> lines;
  lines.push_back(fmt::format("{} - {}", spec.module_name(), title(spec)));
  lines.emplace_back();
  if (spec.accumulates()) {
    lines.push_back(fmt::format("  acc_o = {:<18} where valid_i and first_i", expression(spec)));
    lines.push_back(fmt::format("  acc_o = acc_o + {:<10} where valid_i alone", expression(spec)));
  } else if (spec.result) {
    lines.push_back(fmt::format("  result_o = round({})", expression(spec)));
  } else {
    lines.push_back(fmt::format("  result_o = {}", expression(spec)));
  }
  lines.emplace_back();

  const Format output = output_format(spec);
  const auto format_entry = [&](const std::string& heading, const std::string& port,
                                const Format& format) {
    entry(lines, heading, fmt::format("{}: {} = {}", port, format.name(), format.description()));
  };
  if (spec.b && *spec.b == spec.a) {
    format_entry("Formats", "a_i, b_i", spec.a);
  } else {
    format_entry("Formats", "a_i", spec.a);
    if (spec.b) format_entry("", "b_i", *spec.b);
  }
  const std::string port = spec.accumulates() ? "acc_o" : "result_o";
  if (spec.result) {
    format_entry("", port, output);
  } else {
    const IntFormat& fixed = output.as_int();
    entry(lines, "",
          fmt::format("{}: {} bits, {}, in units of 2^{}", port, fixed.bits,
                      fixed.is_signed ? "two's complement" : "unsigned", fixed.lsb_exponent));
  }
  entry(lines, "Rounding",
        spec.result ? rounding_text(spec.rounding) : "none: the result is exact");
  if (spec.terms > 0) {
    entry(lines, "Overflow",
          fmt::format("impossible within {} terms; beyond that, wraps", spec.terms));
  } else if (spec.result || spec.accumulates()) {
    entry(lines, "Overflow", overflow_text(spec));
  } else {
    entry(lines, "Overflow", "impossible");
  }
  const SpecialFlags flags = special_flags(spec);
  if (flags.any()) {
    std::string names;
    for (const auto& [present, name] :
         {std::pair{flags.nan, "nan_o"}, std::pair{flags.pinf, "pinf_o"},
          std::pair{flags.ninf, "ninf_o"}}) {
      if (present) names += (names.empty() ? "" : ", ") + std::string(name);
    }
    entry(lines, "Special",
          spec.accumulates()
              ? names + ": set by a special addend, which adds nothing; sticky until first_i"
              : names + ": set by a special result; result_o is unspecified then");
  } else if (spec.result && (spec.a.has_nan() || (spec.b && spec.b->has_nan()))) {
    const bool kept = spec.result->has_nan();
    entry(lines, "Special",
          fmt::format("a NaN operand gives {}", kept                    ? "NaN"
                                                : spec.result->is_int() ? "0"
                                                                        : "the largest value"));
  }
  if (spec.accumulates()) {
    entry(lines, "Timing", "latency 2, one operation per cycle; acc_o holds between results");
    entry(lines, "Reset",
          fmt::format("{}{}", to_string(spec.reset),
                      spec.reset == ResetKind::kNone ? ": a first operation must have first_i"
                                                     : "; clears the sum and acc_o"));
  } else {
    entry(lines, "Timing", "combinational: latency 0");
  }
  lines.push_back(fmt::format("{:<11}{}", "Reproduce", reproduce_command(spec)));
  entry(lines, "Licence", "yours: fewbit claims no rights in what it generates");
  return lines;
}

}  // namespace fewbit::ops
