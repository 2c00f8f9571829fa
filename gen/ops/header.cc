// The contract that opens every emitted file.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/header.h"

#include <fmt/format.h>

#include <algorithm>

#include "fewbit/gen/ops/fabric/fabric_traits.h"
#include "fewbit/gen/ops/generic.h"
#include "fewbit/gen/spec/multiplier_block.h"
#include "fewbit/gen/spec/strategy.h"
#include "fewbit/gen/util/release.h"

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
    case RoundingMode::kStochasticA:
    case RoundingMode::kStochasticB:
    case RoundingMode::kStochasticC:
      return fmt::format("{} of P3109 with the bits of random_i", to_string(mode));
    case RoundingMode::kTiesTowardPositive:
      return "to nearest, ties toward plus infinity (half up)";
    case RoundingMode::kTiesTowardNegative:
      return "to nearest, ties toward minus infinity (half down)";
  }
  return "";
}

std::string overflow_text(const OperatorSpec& spec) {
  switch (spec.overflow) {
    case OverflowMode::kSaturate:
      return spec.accumulates_exactly() ? "the accumulator stays at its nearest end, at each step"
                                        : "largest finite value of the sign";
    case OverflowMode::kInfinity:
      return "infinity, or the largest finite value where the rounding says so";
    case OverflowMode::kNan:
      return "NaN";
    case OverflowMode::kWrap:
      return "wraps: the low bits are kept";
    case OverflowMode::kPropagate:
      return "largest finite value; an infinity stays one";
    case OverflowMode::kSaturateNan:
      return "largest finite value; an infinity gives NaN";
    case OverflowMode::kSatNone:
      return "infinity, else NaN, or the end of the range where the rounding says so (SatNone)";
  }
  return "";
}

/// "correctly rounded multiplier", "exact dot product of 4 lanes", "converter".
std::string title(const OperatorSpec& spec) {
  const OperatorInfo& info = spec.info();
  std::string text = info.noun;
  if (!info.traits.needs_result && !spec.acc_lsb) {
    text = (spec.result ? "correctly rounded " : "exact ") + text;
  }
  if (info.has(Option::kLanes)) text += fmt::format(" of {} lanes", spec.lanes);
  if (spec.outputs > 1) text += fmt::format(", {} with one b", spec.outputs);
  if (spec.acc_lsb) text += fmt::format(", addends rounded to multiples of 2^{}", *spec.acc_lsb);
  if (spec.has_addend()) text += " and an addend";
  if (spec.interleave > 1) text += fmt::format(" of {} sums in turn", spec.interleave);
  return text + (spec.accumulates_rounded() ? ", rounded at each step" : "");
}

/// What squant makes, and of what.
std::vector<std::string> step_equations(const OperatorSpec& spec) {
  const int steps = (1 << spec.result->bits()) - 1;
  std::vector<std::string> lines = {
      fmt::format("  result_o[k] = floor((x[k] - min) / (max - min) * {} + share[k]), k < {}",
                  steps, spec.lanes),
      fmt::format("  share[k]    = (2 * random_i[k] + 1) / {}", 2 << spec.random_bits)};
  if (spec.a.is_int()) {
    lines.emplace_back("  x           = a_i");
  } else {
    const FloatFormat& f = spec.a.as_float();
    lines.push_back(
        fmt::format("  x           = a_i, cut off toward zero to a multiple of 2^(e - {})",
                    step_frame_bits(spec)));
    lines.push_back(fmt::format(
        "  e           = floor(log2 m), at least {}, m the largest magnitude of the block",
        f.lsb_exponent() + f.fraction_bits));
  }
  lines.emplace_back(
      "  min, max    = the least and the largest x; where they are equal, all codes are 0");
  lines.emplace_back("  range_o     = {the largest, the least a_i}");
  return lines;
}

constexpr std::size_t kLongestEquation = 97;  ///< columns, behind the mark of a comment

/// result_o = ..., or what a new sum and a running one are.
std::vector<std::string> equations(const OperatorSpec& spec) {
  const std::string value = formula(spec);
  const std::string open = spec.result ? "round(" : "";
  const std::string close = spec.result ? ")" : "";
  const std::string index = spec.outputs > 1 ? "[p]" : "";
  const std::string range = spec.outputs > 1 ? fmt::format(", p < {}", spec.outputs) : "";
  if (spec.acc_lsb) {
    const std::string rounded =
        fmt::format("round(({}) / 2^{})", value, *spec.acc_lsb);  // in units of acc_o
    const auto lines = [&](const std::string& addend) -> std::vector<std::string> {
      return {fmt::format("  acc_o{} = {:<26} where valid_i and first_i", index, addend + range),
              fmt::format("  acc_o{0} = acc_o{0} + {1:<18} where valid_i alone", index,
                          addend + range)};
    };
    if (lines(rounded)[1].size() <= kLongestEquation) return lines(rounded);
    std::vector<std::string> apart = lines("addend");
    apart.push_back("  addend = " + rounded);
    return apart;
  }
  if (spec.accumulates()) {
    const std::string start = open + value + close + range;
    const std::string before = spec.interleave > 1 ? "acc_o before" : "acc_o" + index;
    const std::string more = open + before + " + " + value + close + range;
    const std::size_t width = std::max<std::size_t>(more.size(), 26);
    std::vector<std::string> lines = {
        fmt::format("  acc_o{} = {:<{}} where valid_i and first_i", index, start, width),
        fmt::format("  acc_o{} = {:<{}} where valid_i alone", index, more, width)};
    if (spec.interleave > 1) {
      lines.push_back(fmt::format("  acc_o before: that of {} operations before, 0 after a reset",
                                  spec.interleave));
    }
    return lines;
  }
  if (spec.makes_block()) {
    const char* exponent = spec.scale_policy == ScalePolicy::kFloor  ? "floor(log2 m)"
                           : spec.scale_policy == ScalePolicy::kCeil ? "ceil(log2 m)"
                                                                     : "floor(log2 m')";
    const std::string scale = spec.scale_policy == ScalePolicy::kRceil
                                  ? "ceil(log2(m / largest element))"
                                  : fmt::format("({} - emax)", exponent);
    std::vector<std::string> lines = {
        fmt::format("  result_o[k] = round({}), k < {}", value, spec.lanes),
        fmt::format("  scale_o     = 2^{}, m the largest magnitude of the block", scale)};
    if (spec.scale_policy == ScalePolicy::kEven) {
      lines.emplace_back(
          "                m' is m rounded to the element's precision, ties to even");
    }
    return lines;
  }
  if (spec.makes_steps()) return step_equations(spec);
  return {fmt::format("  result_o{} = {}{}{}{}{}", index, open, value, close,
                      spec.zero_point ? " + zero_point_i" : "", range)};
}

void format_entries(std::vector<std::string>& lines, const OperatorSpec& spec,
                    bool has_width_parameter) {
  // Ports of one format in one line.
  std::vector<std::pair<std::string, Format>> groups;
  for (const OperandPort& port : operand_ports(spec)) {
    const bool merged = !groups.empty() && groups.back().second == port.format;
    if (merged) groups.back().first += ", " + port.name;
    if (!merged) groups.emplace_back(port.name, port.format);
  }
  std::string heading = "Formats";
  for (const auto& [names, format] : groups) {
    entry(lines, heading, fmt::format("{}: {} = {}", names, format.name(), format.description()));
    heading.clear();
  }
  const Format output = output_format(spec);
  const std::string port = spec.accumulates() ? "acc_o" : "result_o";
  if (spec.result) {
    entry(lines, "", fmt::format("{}: {} = {}", port, output.name(), output.description()));
  } else {
    const IntFormat& fixed = output.as_int();
    entry(lines, "",
          fmt::format("{}: {} bits, {}, in units of 2^{}", port,
                      has_width_parameter ? "AccWidth" : std::to_string(fixed.bits),
                      fixed.is_signed ? "two's complement" : "unsigned", fixed.lsb_exponent));
  }
  if (spec.makes_steps()) {
    entry(lines, "", "range_o: two codes of a_i's format, the least number's in the low bits");
  }
  if (spec.makes_block()) {
    entry(lines, "", "scale_o: e8m0, 2^(scale_o - 127), held in 2^-127 .. 2^127, NaN = 0xff");
  }
  if (spec.outputs > 1) {
    entry(lines, "", "output 0 is in the lowest bits, and of a_i[p] lane 0");
  } else if (spec.lanes > 1) {
    entry(lines, "", "lane 0 is in the lowest bits");
  }
}

void step_specials(std::vector<std::string>& lines, const OperatorSpec& spec) {
  if (spec.a.has_nan() || spec.a.has_infinity()) {
    entry(lines, "Special",
          fmt::format("a NaN or infinite a_i[k] makes both codes of range_o {}, all results 0",
                      spec.a.has_nan() ? "NaN" : "infinite"));
  }
  entry(lines, "Zero", "-0 is below +0");
}

void special_entry(std::vector<std::string>& lines, const OperatorSpec& spec) {
  const SpecialFlags flags = special_flags(spec);
  if (flags.any()) {
    std::string names;
    for (const auto& [present, name] :
         {std::pair{flags.nan, "nan_o"}, std::pair{flags.pinf, "pinf_o"},
          std::pair{flags.ninf, "ninf_o"}}) {
      if (present) names += (names.empty() ? "" : ", ") + std::string(name);
    }
    if (spec.outputs > 1) names += ", of any output";
    entry(lines, "Special",
          spec.accumulates()
              ? names + ": set by a special addend, which adds nothing; sticky until first_i"
              : names + ": set by a special result; result_o is unspecified then");
  } else if (spec.makes_steps()) {
    step_specials(lines, spec);
  } else if (spec.makes_block()) {
    if (spec.a.has_nan() || spec.a.has_infinity()) {
      entry(lines, "Special",
            "a NaN or infinite a_i[k] makes scale_o NaN; result_o is unspecified then");
    }
  } else if (spec.result) {
    bool any_nan = false;
    for (const OperandPort& operand : operand_ports(spec)) {
      any_nan = any_nan || operand.format.has_nan();
    }
    if (any_nan) {
      entry(lines, "Special",
            fmt::format(
                "{} {}",
                spec.nan == NanRule::kIgnore ? "NaN operands alone give" : "a NaN operand gives",
                spec.result->has_nan()  ? "NaN"
                : spec.result->is_int() ? "0"
                                        : "the largest value"));
    }
  }
  if (!spec.expression().chooses()) return;
  if (spec.nan == NanRule::kIgnore) entry(lines, "NaN", "beside a number: the number");
  entry(lines, "Zero", "-0 is below +0");
}

void timing_entries(std::vector<std::string>& lines, const OperatorSpec& spec) {
  if (!spec.is_clocked()) return entry(lines, "Timing", "combinational: latency 0");
  entry(lines, "Timing",
        fmt::format(
            "latency {}, one operation per cycle; {}", spec.latency(),
            spec.accumulates() ? "acc_o holds between results" : "result_o holds between results"));
  if (spec.handshake == Handshake::kValidReady) {
    entry(lines, "Handshake",
          "an operand moves where valid_i and ready_o, a result where valid_o and ready_i; while a "
          "result waits everything stands still");
  }
  if (spec.tag_bits > 0) entry(lines, "Tag", "tag_o is the tag_i of the result, where valid_o");
  const std::string effect =
      !spec.accumulates() ? "; clears valid_o"
      : spec.reset != ResetKind::kNone
          ? (spec.interleave > 1 ? "; clears all sums and acc_o" : "; clears the sum and acc_o")
      : spec.interleave > 1 ? ": the first operation of each sum must have first_i"
                            : ": a first operation must have first_i";
  entry(lines, "Reset",
        spec.reset == ResetKind::kNone && !spec.accumulates()
            ? std::string("none")
            : fmt::format("{}{}", to_string(spec.reset), effect));
}

/// How the module is built, and for which cells.
std::string structure_text(const OperatorSpec& spec) {
  if (spec.arch == Architecture::kGeneric) {
    return fmt::format("the reference module {}, for every target", generic_instance(spec).module);
  }
  std::string strategy;
  for (const StrategyInfo& info : strategy_table()) {
    if (info.strategy == choose_strategy(spec)) strategy = info.name;
  }
  std::string block;
  if (spec.dsp == Dsp::kOne) block = "products in hard multipliers, ";
  if (spec.dsp == Dsp::kPacked) block = "two products in a hard multiplier, ";
  if (const std::optional<SharedBlock> shared = shared_block(spec)) {
    block = fmt::format("products of {} outputs in a hard multiplier, ", shared->outputs);
  }
  return fmt::format("{}, {}for {}", strategy, block, fabric_traits(spec.fabric).cells);
}

}  // namespace

std::string reproduce_command(const OperatorSpec& spec) {
  if (spec.arch == Architecture::kGeneric) return spec.command();  // the same for every target
  const FabricTraits& traits = fabric_traits(spec.fabric);
  const std::string_view target = spec.dsp == Dsp::kNone ? traits.target : traits.dsp_target;
  return spec.command() + std::string(target);
}

std::string generator_line() { return fmt::format("{:<11}fewbit {}", "Generator", release()); }

std::vector<std::string> contract_header(const OperatorSpec& spec, bool has_width_parameter) {
  std::vector<std::string> lines;
  lines.push_back(fmt::format("{} - {}", spec.module_name(), title(spec)));
  lines.emplace_back();
  for (const std::string& line : equations(spec)) lines.push_back(line);
  lines.emplace_back();
  format_entries(lines, spec, has_width_parameter);
  entry(lines, "Rounding",
        spec.result    ? rounding_text(spec.rounding)
        : spec.acc_lsb ? fmt::format("of each addend, {}; the sum of them is exact",
                                     rounding_text(spec.rounding))
                       : std::string("none: the result is exact"));
  if (spec.terms > 0) {
    entry(lines, "Overflow",
          fmt::format("impossible within {} terms; beyond that, wraps",
                      has_width_parameter
                          ? fmt::format("{} * 2^(AccWidth - {})", spec.terms, spec.acc_width)
                          : std::to_string(spec.terms)));
  } else if (!spec.makes_steps() && (spec.result || spec.accumulates())) {
    entry(lines, "Overflow", overflow_text(spec));
  } else {
    entry(lines, "Overflow", "impossible");
  }
  if (spec.flush_inputs) entry(lines, "Subnormals", "of operands are zeros of their sign");
  if (spec.flush_outputs) {
    entry(lines, spec.flush_inputs ? "" : "Subnormals",
          "a result that rounds to one is a zero of its sign");
  }
  special_entry(lines, spec);
  timing_entries(lines, spec);
  entry(lines, "Structure", structure_text(spec));
  lines.push_back(fmt::format("{:<11}{}", "Reproduce", reproduce_command(spec)));
  lines.push_back(generator_line());
  entry(lines, "Licence", "yours: fewbit claims no rights in what it generates");
  return lines;
}

}  // namespace fewbit::ops
