// squant in C: the block's least and largest number, then the codes of all between them.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "fewbit/sim/c_model/c_model.h"
#include "fewbit/sim/c_model/c_text.h"

namespace fewbit::c_model {
namespace {

/// The words of a port, as an array.
std::string words_text(const CPort& port, const std::string& name) {
  if (port.is_array()) return "";
  return fmt::format("  const uint32_t {0}[2] = {{(uint32_t){1}, (uint32_t)({1} >> 32)}};\n", name,
                     port.name);
}

/// The number of the order of a code, as an expression of `code`: -0 is below +0.
std::string rank_text(const Format& format) {
  const std::uint64_t sign = std::uint64_t{1} << (format.bits() - 1);
  if (!format.is_signed()) return "(int64_t)code";
  if (format.is_int()) return fmt::format("(int64_t)(code ^ {0:#x}U) - {0:#x}", sign);
  return fmt::format("code >= {0:#x}U ? {1} - (int64_t)code : (int64_t)code", sign, sign - 1);
}

/// Statements that leave in `unit` the exponent of what numbers are whole multiples of.
std::string unit_text(const OperatorSpec& spec) {
  if (spec.a.is_int()) {
    return fmt::format("  const int32_t unit = {};\n", spec.a.as_int().lsb_exponent);
  }
  const FloatFormat& f = spec.a.as_float();
  const int places = std::max(f.fraction_bits + 1, spec.result->bits() + spec.random_bits + 1);
  return fmt::format(
      "  const int32_t low_top = $M_model_length(low.word) - 1 + low.exponent;\n"
      "  const int32_t high_top = $M_model_length(high.word) - 1 + high.exponent;\n"
      "  int32_t top = {};  // of the least normal number\n"
      "  if (low.kind == $M_model_finite && low_top > top) top = low_top;\n"
      "  if (high.kind == $M_model_finite && high_top > top) top = high_top;\n"
      "  const int32_t unit = top - {};\n",
      f.lsb_exponent() + f.fraction_bits, places);
}

}  // namespace

std::string steps_text(const OperatorSpec& spec) {
  const CPort a = operands_of(spec)[0];
  const CPort random = operands_of(spec)[1];
  const std::string a_words = a.is_array() ? a.name : "a_words";
  const std::string random_words = random.is_array() ? random.name : "random_words";
  const int a_count = a.is_array() ? a.words() : 2;
  const int random_count = random.is_array() ? random.words() : 2;
  const int bits = spec.a.bits();
  const auto decoded = [&](const std::string& lane) {
    return fmt::format("$M_model_decode(&$M_model_a, {}, {}, {} * {}, 0)", a_words, a_count, bits,
                       lane);
  };
  std::string text = R"(// In units of 2^unit, cut off toward zero.
static inline int64_t $M_model_whole(const $M_model_number* x, int32_t unit) {
  const int32_t up = x->exponent - unit;
  uint64_t magnitude = $M_model_field(x->word, $M_model_words, 0, 64);
  if (x->kind != $M_model_finite || up <= -64) return 0;
  magnitude = up >= 0 ? magnitude << up : magnitude >> -up;
  return x->negative ? -(int64_t)magnitude : (int64_t)magnitude;
}

)";
  text += "static inline $M_outputs $M(" + parameters_text(spec) + ") {\n  $M_outputs outputs;\n";
  text += "  int32_t least = 0, largest = 0;\n  int64_t least_rank = 0, largest_rank = 0;\n";
  text += words_text(a, "a_words") + words_text(random, "random_words") + cleared_text(spec);
  text += fmt::format("  for (int32_t k = 0; k < {}; ++k) {{\n", spec.lanes);
  if (spec.a.has_nan() || spec.a.has_infinity()) {
    const FloatFormat& f = spec.a.as_float();
    const std::uint64_t code = f.has_nan() ? f.canonical_nan() : *f.infinity;
    text += fmt::format(
        "    const $M_model_number x = {};\n"
        "    if (x.kind == $M_model_infinite || x.kind == $M_model_nan) {{\n"
        "      outputs.range_o = (uint64_t){:#x}U << {} | {:#x}U;\n"
        "      return outputs;\n"
        "    }}\n",
        decoded("k"), code, bits, code);
  }
  text += fmt::format(
      R"(    const uint64_t code = $M_model_field({words}, {count}, {bits} * k, {bits});
    const int64_t rank = {rank};
    if (k == 0 || rank < least_rank) {{
      least = k;
      least_rank = rank;
    }}
    if (k == 0 || rank > largest_rank) {{
      largest = k;
      largest_rank = rank;
    }}
  }}
  outputs.range_o = $M_model_field({words}, {count}, {bits} * largest, {bits}) << {bits} |
                    $M_model_field({words}, {count}, {bits} * least, {bits});
  const $M_model_number low = {low};
  const $M_model_number high = {high};
{unit}  const int64_t base = $M_model_whole(&low, unit);
  const uint64_t range = (uint64_t)($M_model_whole(&high, unit) - base);
  if (range == 0) return outputs;
  for (int32_t k = 0; k < {lanes}; ++k) {{
    const $M_model_number x = {lane};
    const uint64_t offset = (uint64_t)($M_model_whole(&x, unit) - base);
    const uint64_t share = 2 * $M_model_field({random}, {random_count}, {r} * k, {r}) + 1;
    const uint32_t code =
        (uint32_t)((((offset * {steps}U) << {share_bits}) + share * range) / (range << {share_bits}));
)",
      fmt::arg("words", a_words), fmt::arg("count", a_count), fmt::arg("bits", bits),
      fmt::arg("rank", rank_text(spec.a)), fmt::arg("low", decoded("least")),
      fmt::arg("high", decoded("largest")), fmt::arg("unit", unit_text(spec)),
      fmt::arg("lanes", spec.lanes), fmt::arg("lane", decoded("k")),
      fmt::arg("random", random_words), fmt::arg("random_count", random_count),
      fmt::arg("r", spec.random_bits), fmt::arg("steps", (1 << spec.result->bits()) - 1),
      fmt::arg("share_bits", spec.random_bits + 1));
  return text + placed_text(spec, "code") + "  }\n  return outputs;\n}\n";
}

}  // namespace fewbit::c_model
