// Several outputs that share an operand: see several.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/c_model/several.h"

#include <fmt/format.h>

#include <algorithm>

#include "fewbit/sim/c_model/c_model.h"
#include "fewbit/sim/c_model/c_text.h"

namespace fewbit::c_model {
namespace {

constexpr const char* kCopy =
    "// Puts `count` bits of `from`, from number `first` on, at number `at` of `to`, which is 0 "
    "there.\n"
    "static inline void $M_copy(uint32_t* to, int32_t at, const uint32_t* from, int32_t first,\n"
    "                           int32_t count) {\n"
    "  for (int32_t i = 0; i < count; ++i) {\n"
    "    const uint32_t bit = (from[(first + i) / 32] >> ((first + i) % 32)) & 1U;\n"
    "    to[(at + i) / 32] |= bit << ((at + i) % 32);\n"
    "  }\n"
    "}\n\n";

/// The declaration of an array with the words of a port's value, which is `value` in C.
std::string words_text(const CPort& port, const std::string& name, const std::string& value) {
  if (port.is_array()) return fmt::format("const uint32_t* {} = {};\n", name, value);
  return fmt::format("const uint32_t {0}[2] = {{(uint32_t){1}, (uint32_t)({1} >> 32)}};\n", name,
                     value);
}

int array_words(const CPort& port) { return std::max(2, port.words()); }

/// Words as a port's value.
std::string value_of(const CPort& port, const std::string& name) {
  return port.is_array() ? name : fmt::format("{0}[0] | (uint64_t){0}[1] << 32", name);
}

/// The loop over all outputs, each `call` with its own a.
std::string loop(const OperatorSpec& spec, const std::string& call) {
  const CPort all_a = operands_of(spec)[0];
  const CPort own_a = operands_of(spec.one_output())[0];
  const CPort all = results_of(spec)[0];
  const CPort own = results_of(spec.one_output())[0];
  std::string arguments;
  for (const CPort& port : operands_of(spec)) {
    arguments += (arguments.empty() ? "" : ", ") +
                 (port.name == all_a.name ? value_of(own_a, "a_words") : port.name);
  }
  std::string text = "  $M_outputs outputs;\n";
  text += fmt::format("  uint32_t words[{}] = {{0}};\n", array_words(all));
  text += "  " + words_text(all_a, "all_a", all_a.name);
  for (const std::string& flag : flags_of(spec)) text += fmt::format("  outputs.{} = 0;\n", flag);
  text += fmt::format("  for (int32_t p = 0; p < {}; ++p) {{\n", spec.outputs);
  text += fmt::format("    uint32_t a_words[{}] = {{0}};\n", array_words(own_a));
  text += fmt::format("    $M_copy(a_words, 0, all_a, {0} * p, {0});\n", own_a.bits);
  text += "    const $M_one_outputs one = " + replaced(call, "ARGUMENTS", arguments) + ";\n";
  text += "    " + words_text(own, "code", "one." + own.name);
  text += fmt::format("    $M_copy(words, {0} * p, code, 0, {0});\n", own.bits);
  for (const std::string& flag : flags_of(spec)) {
    text += fmt::format("    outputs.{0} = outputs.{0} || one.{0};\n", flag);
  }
  text += "  }\n";
  text += all.is_array()
              ? fmt::format("  for (int32_t i = 0; i < {}; ++i) outputs.{}[i] = words[i];\n",
                            all.words(), all.name)
              : fmt::format("  outputs.{} = {};\n", all.name, value_of(all, "words"));
  return text + "  return outputs;\n";
}

}  // namespace

std::string several_text(const OperatorSpec& spec, const std::string& one,
                         const std::string& outputs) {
  std::string text = "// One output of " + std::to_string(spec.outputs) + ".\n" + one;
  for (const char* name : {"outputs", "state", "init", "step"}) {
    text = replaced(text, fmt::format("$M_{}", name), fmt::format("$M_one_{}", name));
  }
  text = replaced(text, "$M(", "$M_one(") + "\n" + kCopy + outputs;
  if (!spec.accumulates()) {
    return text + "static inline $M_outputs $M(" + parameters_text(spec) + ") {\n" +
           loop(spec, "$M_one(ARGUMENTS)") + "}\n";
  }
  text += fmt::format(
      "// After a reset, and before the first operation.\n"
      "typedef struct {{\n  $M_one_state output[{0}];\n}} $M_state;\n\n"
      "static inline void $M_init($M_state* state) {{\n"
      "  for (int32_t p = 0; p < {0}; ++p) $M_one_init(&state->output[p]);\n}}\n\n",
      spec.outputs);
  return text + "// One operation; with first_i it starts new sums.\n" +
         "static inline $M_outputs $M_step($M_state* state, int first_i, " + parameters_text(spec) +
         ") {\n" + loop(spec, "$M_one_step(&state->output[p], first_i, ARGUMENTS)") + "}\n";
}

}  // namespace fewbit::c_model
