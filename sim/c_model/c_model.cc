// The C header: formats as constants, the operator's expression, and the runtime before them.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/c_model/c_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "fewbit/sim/c_model/c_text.h"
#include "fewbit/sim/c_model/several.h"

namespace fewbit::embedded {
const std::vector<TextFile>& c_model_runtime();
}

namespace fewbit::c_model {

std::vector<CPort> operands_of(const OperatorSpec& spec) {
  std::vector<CPort> ports;
  for (const OperandPort& port : operand_ports(spec)) ports.push_back({port.name, port.bits()});
  return ports;
}

std::vector<CPort> results_of(const OperatorSpec& spec) {
  std::vector<CPort> ports = {
      {spec.accumulates() ? "acc_o" : "result_o", output_format(spec).bits() * output_lanes(spec)}};
  if (const auto block = block_port(spec)) ports.push_back({block->name, block->bits()});
  return ports;
}

std::vector<std::string> flags_of(const OperatorSpec& spec) {
  std::vector<std::string> names;
  const SpecialFlags flags = special_flags(spec);
  if (flags.nan) names.emplace_back("nan_o");
  if (flags.pinf) names.emplace_back("pinf_o");
  if (flags.ninf) names.emplace_back("ninf_o");
  return names;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::string parameters_text(const OperatorSpec& spec) {
  std::string text;
  for (const CPort& port : operands_of(spec)) {
    text += fmt::format("{}{}{}", text.empty() ? "" : ", ",
                        port.is_array() ? "const uint32_t* " : "uint64_t ", port.name);
  }
  return text;
}

namespace {

using Kind = Expression::Kind;

constexpr int kMarginBits = 33;

int significand_bits(const Format& format) {
  return format.is_int() ? format.bits() : format.as_float().fraction_bits + 1;
}

/// Bits that hold every rounded integer before it is brought into the result's range, and one more.
int rounded_bits(const OperatorSpec& spec) {
  const ExactRange range = exact_range(spec);
  const int top = std::max(bit_length(range.min), bit_length(range.max)) + range.lsb_exponent;
  return std::max(top - spec.result->as_int().lsb_exponent, spec.result->bits()) + 2;
}

/// 32-bit words of the widest number that is computed with.
int working_words(const OperatorSpec& spec) {
  int bits = 0;
  for (const OperandPort& port : operand_ports(spec)) {
    bits = std::max(bits, significand_bits(port.format));
  }
  const Expression& e = spec.expression();
  if (e.kind == Kind::kShifted) {  // which moves the exponent alone
    if (spec.b) bits = spec.a.bits() + spec.b->bits();
  } else if (spec.scale && !spec.has_addend()) {
    bits = exact_range(spec, *e.find(Kind::kLaneSum)).format().bits +
           2 * significand_bits(*spec.scale);
  } else if (e.is_flat(Kind::kProduct) && spec.result && !spec.accumulates()) {  // exponents add up
    bits = significand_bits(spec.a) + significand_bits(*spec.b);
  } else if (!spec.converts() && !spec.makes_block() && !spec.makes_steps()) {
    bits = exact_range(spec).format().bits;
  }
  bits = std::max(bits, output_format(spec).bits());
  if (spec.zero_point) bits = std::max(bits, rounded_bits(spec));
  return (bits + kMarginBits + 31) / 32;
}

/// Whether it is decoded; the others are counts and bits.
bool is_number(const std::string& port) { return port != "shift_i" && port != "random_i"; }

/// "{1, 1, 8, -9, 3, 1, 0x7eU, 0x0U, 0x7fU, 0}".
std::string format_constant(const Format& format) {
  if (format.is_int()) {
    const IntFormat& f = format.as_int();
    return fmt::format("{{0, {}, {}, {}, 0, 0, 0, 0, 0, 0}}", f.is_signed ? 1 : 0, f.bits,
                       f.lsb_exponent);
  }
  const FloatFormat& f = format.as_float();
  return fmt::format("{{1, {}, {}, {}, {}, {}, {:#x}U, {:#x}U, {:#x}U, {}}}", f.is_signed ? 1 : 0,
                     f.bits(), f.lsb_exponent(), f.fraction_bits,
                     f.zero_exponent_is_subnormal ? 1 : 0, f.max_finite, f.infinity.value_or(0),
                     f.has_nan() ? f.canonical_nan() : 0, f.negative_zero_is_nan ? 1 : 0);
}

/// The constant of a port's format: "$M_model_a"; both scales of mxdot have one.
std::string format_name(const std::string& port) {
  const std::string stem = port.substr(0, port.rfind('_'));
  return "$M_model_" + (stem.starts_with("scale") ? "scale" : stem);
}

std::string constants(const OperatorSpec& spec) {
  std::string text;
  std::string last;
  const auto add = [&](const std::string& name, const Format& format) {
    if (name == last) return;
    text += fmt::format("// {}: {}\nstatic const $M_model_format {} = {};\n", format.name(),
                        format.description(), name, format_constant(format));
    last = name;
  };
  for (const OperandPort& port : operand_ports(spec)) {
    if (is_number(port.name)) add(format_name(port.name), port.format);
  }
  add("$M_model_result", output_format(spec));
  if (spec.zero_point) {
    add("$M_model_rounded",
        IntFormat{rounded_bits(spec), true, spec.result->as_int().lsb_exponent});
  }
  if (spec.acc_lsb) add("$M_model_addend", addend_range(spec).format());
  const bool is_block = block_port(spec).has_value();
  const bool can_round = spec.result.has_value() && !is_block;
  const bool sums = spec.accumulates_exactly();
  text += fmt::format(
      "static const $M_model_projection $M_model_rules = {{\n"
      "    $M_model_{}, $M_model_overflow_{}, {}, {}}};\n",
      to_string(can_round || spec.acc_lsb ? spec.rounding : RoundingMode::kTiesToEven),
      to_string(can_round || sums ? spec.overflow : OverflowMode::kSaturate),
      spec.flush_outputs ? 1 : 0, spec.random_bits);
  return text;
}

/// The words of a port with a number in each: in C a_words, or the array a_i itself.
std::string words_of(const CPort& port) {
  return port.is_array() ? port.name : port.name.substr(0, port.name.rfind('_')) + "_words";
}

/// Local arrays with the words of those operands that are one uint64_t.
std::string unpacked(const OperatorSpec& spec) {
  std::string text;
  for (const CPort& port : operands_of(spec)) {
    if (port.is_array() || !is_number(port.name)) continue;
    text += fmt::format("  const uint32_t {}[2] = {{(uint32_t){}, (uint32_t)({} >> 32)}};\n",
                        words_of(port), port.name, port.name);
  }
  return text;
}

/// "$M_model_decode(&$M_model_a, a_words, 2, 0, 0)"; `low` is where its bits begin.
std::string decoded(const OperatorSpec& spec, const CPort& port, const std::string& low = "0") {
  return fmt::format("$M_model_decode(&{}, {}, {}, {}, {})", format_name(port.name), words_of(port),
                     port.is_array() ? port.words() : 2, low, spec.flush_inputs ? 1 : 0);
}

std::string number(const OperatorSpec& spec, const char* name) {
  for (const CPort& port : operands_of(spec)) {
    if (port.name != std::string(name) + "_i") continue;
    return fmt::format("  $M_model_number {} = {};\n", name, decoded(spec, port));
  }
  FEWBIT_CHECK(false, "no operand {}", name);
}

std::string lane_sum(const OperatorSpec& spec, const std::string& downward) {
  const std::vector<CPort> ports = operands_of(spec);
  const auto lane = [&](std::size_t port) {
    const int bits = port == 0 ? spec.a.bits() : spec.b->bits();
    return decoded(spec, ports[port], fmt::format("{} * k", bits));
  };
  return fmt::format(
      "  $M_model_sum addends;\n"
      "  $M_model_start(&addends);\n"
      "  for (int32_t k = 0; k < {}; ++k) {{\n"
      "    const $M_model_number a = {};\n"
      "    const $M_model_number b = {};\n"
      "    const $M_model_number product = $M_model_multiply(&a, &b);\n"
      "    $M_model_add(&addends, &product);\n"
      "  }}\n"
      "  $M_model_number x = $M_model_total(&addends, {});\n",
      spec.lanes, lane(0), lane(1), downward);
}

std::string pair_sum(const char* first, const char* second, const std::string& downward) {
  return fmt::format(
      "  $M_model_sum addends;\n"
      "  $M_model_start(&addends);\n"
      "  $M_model_add(&addends, &{});\n"
      "  $M_model_add(&addends, &{});\n"
      "  $M_model_number x = $M_model_total(&addends, {});\n",
      first, second, downward);
}

/// Statements that add c to x.
std::string plus_c(const OperatorSpec& spec, const std::string& downward) {
  return number(spec, "c") + fmt::format(
                                 "  $M_model_start(&addends);\n"
                                 "  $M_model_add(&addends, &x);\n"
                                 "  $M_model_add(&addends, &c);\n"
                                 "  x = $M_model_total(&addends, {});\n",
                                 downward);
}

/// The value of one number, of which there is at most one: "x" in place of "a".
std::string number_as_x(const OperatorSpec& spec) {
  return replaced(number(spec, "a"), "number a =", "number x =");
}

/// Statements that leave a, or a x b, in `into`.
std::string product(const OperatorSpec& spec, const std::string& into) {
  if (!spec.b) return number_as_x(spec);
  const std::string constant = into == "x" ? "" : "const ";
  return number(spec, "a") + number(spec, "b") + (spec.c ? number(spec, "c") : std::string()) +
         fmt::format("  {}$M_model_number {} = $M_model_multiply(&a, &b);\n", constant, into);
}

/// Statements that leave the larger one of a and b in `x`, or the smaller one.
std::string choice(const OperatorSpec& spec, bool larger) {
  const std::string below = larger ? "$M_model_below(&a, &b)" : "$M_model_below(&b, &a)";
  const char* take_b = spec.nan == NanRule::kIgnore
                           ? "a.kind == $M_model_nan || (b.kind != $M_model_nan && {})"
                           : "b.kind == $M_model_nan || (a.kind != $M_model_nan && {})";
  return number(spec, "a") + number(spec, "b") +
         fmt::format("  $M_model_number x = {} ? b : a;\n",
                     fmt::format(fmt::runtime(take_b), below));
}

/// The comparison that choices need, before the operator's function.
constexpr const char* kBelow =
    "// Whether x is below y, neither of them NaN; -0 is below +0.\n"
    "static inline int $M_model_below(const $M_model_number* x, const $M_model_number* y) {\n"
    "  $M_model_sum sum;\n"
    "  $M_model_number total, opposite = *y;\n"
    "  if (x->negative != y->negative) return x->negative;\n"
    "  if (x->kind == $M_model_infinite && y->kind == $M_model_infinite) return 0;\n"
    "  opposite.negative = !opposite.negative;\n"
    "  $M_model_start(&sum);\n"
    "  $M_model_add(&sum, x);\n"
    "  $M_model_add(&sum, &opposite);\n"
    "  total = $M_model_total(&sum, 0);\n"
    "  return total.kind != $M_model_zero && total.negative;\n"
    "}\n\n";

/// Statements that leave in `x` the sum over lanes, times both scales where it has them.
std::string scaled_lane_sum(const OperatorSpec& spec, const std::string& downward) {
  const std::string sum = lane_sum(spec, downward);
  if (!spec.scale) return sum;
  return number(spec, "scale_a") + number(spec, "scale_b") + sum +
         "  x = $M_model_multiply(&x, &scale_a);\n"
         "  x = $M_model_multiply(&x, &scale_b);\n";
}

/// Statements that leave the exact value in `x`.
std::string expression(const OperatorSpec& spec) {
  const std::string downward = spec.rounding == RoundingMode::kTowardNegative ? "1" : "0";
  const std::string zero =
      fmt::format("  if (x.kind == $M_model_zero) x.negative = {};\n", downward);
  const Expression& e = spec.expression();
  switch (e.kind) {
    case Kind::kOperand:
      return number_as_x(spec);
    case Kind::kProduct:
      if (!spec.scale) return product(spec, "x");
      return scaled_lane_sum(spec, downward) + zero;
    case Kind::kSum:
      if (spec.has_addend()) {
        return scaled_lane_sum(spec, downward) + plus_c(spec, downward) + zero;
      }
      if (spec.c) return product(spec, "product") + pair_sum("product", "c", downward);
      return number(spec, "a") + number(spec, "b") + pair_sum("a", "b", downward);
    case Kind::kDifference:
      return number(spec, "a") + number(spec, "b") + "  b.negative = !b.negative;\n" +
             pair_sum("a", "b", downward);
    case Kind::kMaximum:
      return choice(spec, true);
    case Kind::kMinimum:
      return choice(spec, false);
    case Kind::kLaneSum:
      return scaled_lane_sum(spec, downward) + zero;
    case Kind::kShifted:
      return product(spec, "x") + "  x.exponent -= (int32_t)(shift_i & " +
             fmt::format("{}", (1 << spec.shift_bits) - 1) +
             ");\n"
             "  if (x.kind == $M_model_zero) x.negative = 0;\n";
    case Kind::kBlock:
    case Kind::kAffine:
      break;
  }
  FEWBIT_CHECK(false, "{} has no single exact result", to_string(spec.kind));
}

/// The words of `code` as the output `port` of `into`.
std::string stored(const CPort& port, const std::string& into) {
  if (port.is_array()) {
    return fmt::format("  for (int32_t i = 0; i < {}; ++i) {}.{}[i] = code[i];\n", port.words(),
                       into, port.name);
  }
  return fmt::format("  {}.{} = $M_model_field(code, $M_model_words, 0, {});\n", into, port.name,
                     port.bits);
}

/// The mask matters: a caller may leave anything in the bits beyond.
std::string random_of(const OperatorSpec& spec) {
  if (spec.random_bits == 0) return "0";
  return fmt::format("(uint32_t)(random_i & {:#x}U)", (std::uint64_t{1} << spec.random_bits) - 1);
}

std::string flag_value(const std::string& flag) {
  if (flag == "nan_o") return "x.kind == $M_model_nan";
  return fmt::format("x.kind == $M_model_infinite && {}x.negative", flag == "ninf_o" ? "" : "!");
}

/// Statements that leave the rounded x and the zero point together in x.
std::string zero_point_text(const OperatorSpec& spec) {
  if (!spec.zero_point) return "";
  return fmt::format(
             "  $M_model_encode(&$M_model_rounded, &x, &$M_model_rules, {}, code);\n"
             "  x = $M_model_decode(&$M_model_rounded, code, $M_model_words, 0, 0);\n",
             random_of(spec)) +
         number(spec, "zero_point") +
         replaced(pair_sum("x", "zero_point", "0"), "$M_model_number x =", "x =");
}

std::string function_text(const OperatorSpec& spec) {
  std::string text = "static inline $M_outputs $M(" + parameters_text(spec) + ") {\n";
  text += "  $M_outputs outputs;\n  uint32_t code[$M_model_words];\n";
  text += unpacked(spec) + expression(spec) + zero_point_text(spec);
  for (const std::string& flag : flags_of(spec)) {
    text += fmt::format("  outputs.{} = {};\n", flag, flag_value(flag));
  }
  if (!spec.result) {
    text += "  if (x.kind != $M_model_finite) x = $M_model_make($M_model_zero, 0);\n";
  }
  text += fmt::format("  $M_model_encode(&$M_model_result, &x, &$M_model_rules, {}, code);\n",
                      random_of(spec));
  return text + stored(results_of(spec)[0], "outputs") + "  return outputs;\n}\n";
}

std::string outputs_of_state(const OperatorSpec& spec, const std::string& codes) {
  const CPort acc = results_of(spec)[0];
  std::string text = "  $M_outputs outputs;\n";
  for (const std::string& flag : flags_of(spec)) {
    text += fmt::format("  outputs.{0} = state->{0};\n", flag);
  }
  const char* one = "  outputs.acc_o = $M_model_field({1}, {0}, 0, {2});\n";
  const char* words = "  for (int32_t i = 0; i < {0}; ++i) outputs.acc_o[i] = {1}[i];\n";
  text += fmt::format(fmt::runtime(acc.is_array() ? words : one), acc.words(), codes, acc.bits);
  return text + "  return outputs;\n";
}

std::string accumulator_text(const OperatorSpec& spec) {
  const CPort acc = results_of(spec)[0];
  const int sums = spec.interleave;  // those of operations in turn, behind each other in acc
  std::string state = fmt::format("typedef struct {{\n  uint32_t acc[{}];\n", sums * acc.words());
  std::string clear =
      fmt::format("  for (int32_t i = 0; i < {}; ++i) state->acc[i] = 0;\n", sums * acc.words());
  if (sums > 1) {
    state += "  int32_t turn;  // of the sum of the last operation\n";
    clear += fmt::format("  state->turn = {};\n", sums - 1);
  }
  std::string flags;
  for (const std::string& flag : flags_of(spec)) {
    state += fmt::format("  int {};\n", flag);
    clear += fmt::format("  state->{} = 0;\n", flag);
    flags += fmt::format("  if ({}) state->{} = 1;\n", flag_value(flag), flag);
  }
  std::string text = "// After a reset, and before the first operation.\n" + state +
                     "} $M_state;\n\nstatic inline void $M_init($M_state* state) {\n" + clear +
                     "}\n\n";
  const std::string codes = sums > 1 ? "own" : "state->acc";
  text += "// One operation; with first_i it starts a new sum.\n";
  text += "static inline $M_outputs $M_step($M_state* state, int first_i, " +
          parameters_text(spec) + ") {\n  uint32_t code[$M_model_words];\n" + unpacked(spec);
  if (sums > 1) {
    text += fmt::format("  state->turn = (state->turn + 1) % {};\n", sums);
    text += fmt::format("  uint32_t* const own = state->acc + {} * state->turn;\n", acc.words());
  }
  if (spec.accumulates_exactly()) {
    text += "  if (first_i) $M_init(state);\n" + expression(spec) + flags;
    const char* rounded =
        "    $M_model_encode(&$M_model_addend, &x, &$M_model_rules, 0, code);\n"
        "    x = $M_model_decode(&$M_model_addend, code, $M_model_words, 0, 0);\n";
    text += fmt::format(
        "  if (x.kind == $M_model_finite) {{\n{}"
        "    const $M_model_number acc =\n"
        "        $M_model_decode(&$M_model_result, state->acc, {}, 0, 0);\n"
        "    $M_model_sum sum;\n"
        "    $M_model_start(&sum);\n"
        "    $M_model_add(&sum, &acc);\n"
        "    $M_model_add(&sum, &x);\n"
        "    x = $M_model_total(&sum, 0);\n"
        "    $M_model_encode(&$M_model_result, &x, &$M_model_rules, 0, code);\n"
        "    for (int32_t i = 0; i < {}; ++i) state->acc[i] = code[i];\n"
        "  }}\n",
        spec.acc_lsb ? rounded : "", acc.words(), acc.words());
  } else {
    text += expression(spec);
    text += fmt::format(
        "  if (!first_i) {{\n"
        "    const $M_model_number acc =\n"
        "        $M_model_decode(&$M_model_result, {0}, {1}, 0, 0);\n"
        "    $M_model_sum sum;\n"
        "    $M_model_start(&sum);\n"
        "    $M_model_add(&sum, &acc);\n"
        "    $M_model_add(&sum, &x);\n"
        "    x = $M_model_total(&sum, {2});\n"
        "  }}\n"
        "  $M_model_encode(&$M_model_result, &x, &$M_model_rules, {3}, code);\n"
        "  for (int32_t i = 0; i < {1}; ++i) {0}[i] = code[i];\n",
        codes, acc.words(), spec.rounding == RoundingMode::kTowardNegative ? 1 : 0,
        random_of(spec));
  }
  return text + outputs_of_state(spec, codes) + "}\n";
}

std::string outputs_struct(const OperatorSpec& spec) {
  std::string text = "typedef struct {\n";
  for (const CPort& port : results_of(spec)) {
    text += port.is_array() ? fmt::format("  uint32_t {}[{}];", port.name, port.words())
                            : fmt::format("  uint64_t {};", port.name);
    text += fmt::format("  // {} bits\n", port.bits);
  }
  for (const std::string& flag : flags_of(spec)) text += fmt::format("  int {};\n", flag);
  return text + "} $M_outputs;\n\n";
}

std::string banner(const OperatorSpec& spec) {
  std::string text = "// $M: a bit-exact model of this module. C99 and C++.\n//\n//   " +
                     spec.contract() + "\n//\n";
  for (const OperandPort& port : operand_ports(spec)) {
    text += fmt::format("// {:<10} {} bits, {}{}\n", port.name, port.bits(),
                        port.lanes > 1 ? fmt::format("{} x ", port.lanes) : "", port.format.name());
  }
  const CPort result = results_of(spec)[0];
  text += fmt::format("// {:<10} {} bits, {}{}\n", result.name, result.bits,
                      output_lanes(spec) > 1 ? fmt::format("{} x ", output_lanes(spec)) : "",
                      output_format(spec).name());
  if (spec.result && !block_port(spec)) {
    text += fmt::format("// Rounding   {}, overflow {}\n", to_string(spec.rounding),
                        to_string(spec.overflow));
  } else if (spec.acc_lsb) {
    text += fmt::format("// Rounding   of each addend to a multiple of 2^{}, {}\n", *spec.acc_lsb,
                        to_string(spec.rounding));
  }
  if (spec.accumulates_exactly() && spec.terms == 0) {
    text += fmt::format("// Overflow   {}\n", to_string(spec.overflow));
  }
  text +=
      "//\n// Up to 64 bits are a uint64_t, more of them uint32_t words, the lowest first; lane 0 "
      "is "
      "lowest.\n";
  if (!flags_of(spec).empty() && !spec.accumulates()) {
    text += "// Beside a raised flag the result is 0.\n";
  }
  return text + "// Reproduce: " + spec.command() +
         " --model c\n// SPDX-License-Identifier: Apache-2.0\n";
}

}  // namespace

TextFile c_header(const OperatorSpec& spec) {
  const std::string name = spec.module_name();
  std::string guard = name + "_H";
  std::transform(guard.begin(), guard.end(), guard.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const std::string& file = embedded::c_model_runtime().at(0).text;
  const std::string runtime =
      replaced(file.substr(file.find("// ---")), "fewbit_model", "$M_model");
  std::string text =
      banner(spec) + "#ifndef " + guard + "\n#define " + guard + "\n\n#include <stdint.h>\n\n";
  text += fmt::format("enum {{ $M_model_words = {} }};\n\n", working_words(spec));
  text += runtime + "\n// --- The operator ---\n\n" + constants(spec) + "\n";
  const OperatorSpec one = spec.one_output();
  const std::string function = spec.makes_block()   ? block_text(spec)
                               : spec.makes_steps() ? steps_text(spec)
                               : spec.accumulates() ? accumulator_text(one)
                                                    : function_text(one);
  const std::string body =
      outputs_struct(one) + (spec.expression().chooses() ? kBelow : "") + function;
  text += spec.outputs > 1 ? several_text(spec, body, outputs_struct(spec)) : body;
  return {name + ".h", replaced(text + "\n#endif\n", "$M", name)};
}

}  // namespace fewbit::c_model
