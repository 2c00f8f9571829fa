// mxquant in C: the block's scale, then its elements.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "fewbit/sim/c_model/c_model.h"
#include "fewbit/sim/c_model/c_text.h"

namespace fewbit::c_model {
namespace {

/// Exponent of an element format's largest value, and its fraction bits there.
struct Largest {
  int exponent = 0;
  int fraction_bits = 0;
};

Largest largest_of(const Format& element) {
  if (element.is_int()) {
    const int magnitude_bits = element.bits() - (element.is_signed() ? 1 : 0);
    return {magnitude_bits - 1 + element.as_int().lsb_exponent, magnitude_bits - 1};
  }
  const FloatFormat& f = element.as_float();
  if (f.max_exponent_field() > 0) {
    return {f.max_exponent_field() - f.bias, f.fraction_bits};
  }
  return {bit_length(BigInt(f.max_finite)) - 1 + f.lsb_exponent(), f.fraction_bits};
}

/// Statements that raise `e`, the exponent of the largest magnitude x, as the policy says.
std::string policy(const OperatorSpec& spec, const Largest& largest) {
  switch (spec.scale_policy) {
    case ScalePolicy::kFloor:
      return "";
    case ScalePolicy::kCeil:
      return "    if ($M_model_any(largest.word, length - 1)) ++e;  // no power of two\n";
    case ScalePolicy::kRceil: {
      const BigInt most = operand_range(*spec.result).max;
      const int length = bit_length(most) - 1;
      const BigInt rest = ((most - pow2(length)) << 32) >> length;
      return fmt::format(
          "    // Its significand is above that of the largest element.\n"
          "    if ($M_model_field(largest.word, $M_model_words, length - 33, 32) > {:#x}U) ++e;\n",
          rest.convert_to<std::uint64_t>());
    }
    case ScalePolicy::kEven: {
      // Half a unit beyond 1.1..1 is a tie, and even is the power of two.
      const int ones = largest.fraction_bits + 2;
      return fmt::format(
          "    if ($M_model_field(largest.word, $M_model_words, length - {0}, {0}) == {1:#x}U) "
          "++e;\n",
          ones, (std::uint64_t{1} << ones) - 1);
    }
  }
  return "";
}

}  // namespace

std::string block_text(const OperatorSpec& spec) {
  const Format& element = *spec.result;
  const Largest largest = largest_of(element);
  const CPort a = operands_of(spec)[0];
  const std::string words = a.is_array() ? "a_i" : "a_words";
  const int count = a.is_array() ? a.words() : 2;
  std::string text = R"(// Whether |x| < |y|, both finite floats of one format and not zero.
static inline int $M_model_is_less(const $M_model_number* x, const $M_model_number* y) {
  const int32_t x_top = $M_model_length(x->word) + x->exponent;
  const int32_t y_top = $M_model_length(y->word) + y->exponent;
  const int32_t x_length = $M_model_length(x->word);
  const int32_t y_length = $M_model_length(y->word);
  if (x_top != y_top) return x_top < y_top;
  return $M_model_field(x->word, $M_model_words, x_length - 32, 32) <
         $M_model_field(y->word, $M_model_words, y_length - 32, 32);
}

// The scale's code 0xff is NaN, and then the elements are 0.
)";
  text += "static inline $M_outputs $M(" + parameters_text(spec) + ") {\n";
  text += "  $M_outputs outputs;\n  uint32_t code[$M_model_words];\n";
  if (!a.is_array()) {
    text += "  const uint32_t a_words[2] = {(uint32_t)a_i, (uint32_t)(a_i >> 32)};\n";
  }
  const std::string lane = fmt::format("$M_model_decode(&$M_model_a, {}, {}, {} * k, {})", words,
                                       count, spec.a.bits(), spec.flush_inputs ? 1 : 0);
  text += cleared_text(spec);
  text += fmt::format(
      R"(  $M_model_number largest = $M_model_make($M_model_zero, 0);
  int32_t e = -127;
  for (int32_t k = 0; k < {lanes}; ++k) {{
    const $M_model_number x = {lane};
    if (x.kind == $M_model_infinite || x.kind == $M_model_nan) {{
      outputs.scale_o = 0xff;
      return outputs;
    }}
    if (x.kind == $M_model_finite &&
        (largest.kind == $M_model_zero || $M_model_is_less(&largest, &x))) {{
      largest = x;
    }}
  }}
  if (largest.kind == $M_model_finite) {{
    const int32_t length = $M_model_length(largest.word);
    e = length - 1 + largest.exponent;
{policy}    e -= {emax};
    if (e < -127) e = -127;
    if (e > 127) e = 127;
  }}
  outputs.scale_o = (uint64_t)(e + 127);
  for (int32_t k = 0; k < {lanes}; ++k) {{
    $M_model_number x = {lane};
    x.exponent -= e;
    $M_model_encode(&$M_model_result, &x, &$M_model_rules, 0, code);
)",
      fmt::arg("lanes", spec.lanes), fmt::arg("lane", lane),
      fmt::arg("policy", policy(spec, largest)), fmt::arg("emax", largest.exponent));
  const int bits = element.bits();
  if (element.is_int() && element.is_signed()) {
    text += fmt::format("    if (code[0] == {0:#x}U) code[0] = {1:#x}U;  // used symmetrically\n",
                        std::uint64_t{1} << (bits - 1),
                        ((std::uint64_t{1} << (bits - 1)) + 1) & ((std::uint64_t{1} << bits) - 1));
  }
  return text + placed_text(spec, "code[0]") + "  }\n  return outputs;\n}\n";
}

std::string cleared_text(const OperatorSpec& spec) {
  const CPort result = results_of(spec)[0];
  if (!result.is_array()) return "  outputs.result_o = 0;\n";
  return fmt::format("  for (int32_t i = 0; i < {}; ++i) outputs.result_o[i] = 0;\n",
                     result.words());
}

std::string placed_text(const OperatorSpec& spec, const std::string& code) {
  const int bits = spec.result->bits();
  if (!results_of(spec)[0].is_array()) {
    return fmt::format("    outputs.result_o |= (uint64_t){} << ({} * k);\n", code, bits);
  }
  std::string text =
      fmt::format("    outputs.result_o[{0} * k / 32] |= {1} << ({0} * k % 32);\n", bits, code);
  if (32 % bits != 0) {  // an element may lie in two words
    text += fmt::format(
        "    if ({0} * k % 32 + {0} > 32) {{\n"
        "      outputs.result_o[{0} * k / 32 + 1] |= {1} >> (32 - {0} * k % 32);\n"
        "    }}\n",
        bits, code);
  }
  return text;
}

}  // namespace fewbit::c_model
