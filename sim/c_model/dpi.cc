// The C model for SystemVerilog: DPI-C functions and the package that imports them.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "fewbit/sim/c_model/c_model.h"
#include "fewbit/sim/c_model/c_text.h"

namespace fewbit::c_model {
namespace {

constexpr const char* kLicense = "// SPDX-License-Identifier: Apache-2.0\n";

/// "const uint32_t* a_i, ..., uint32_t* result_o, unsigned char* nan_o": a bit vector is so many
/// words, the lowest first, as svBitVecVal is; what is beside its bits is 0.
std::string c_parameters(const OperatorSpec& spec) {
  std::string text;
  const auto add = [&](const std::string& type, const std::string& name) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", type, name);
  };
  if (spec.accumulates()) {
    add("void*", "sum");
    add("unsigned char", "first_i");
  }
  for (const CPort& port : operands_of(spec)) add("const uint32_t*", port.name);
  for (const CPort& port : results_of(spec)) add("uint32_t*", port.name);
  for (const std::string& flag : flags_of(spec)) add("unsigned char*", flag);
  return text;
}

const char* function_of(const OperatorSpec& spec) { return spec.accumulates() ? "step" : "eval"; }

std::string h_text(const OperatorSpec& spec) {
  std::string text = "// The DPI-C functions of $M, which $M_dpi_pkg imports.\n" +
                     std::string(kLicense) +
                     "#ifndef $M_DPI_H\n#define $M_DPI_H\n\n#include <stdint.h>\n\n"
                     "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n";
  if (spec.accumulates()) {
    text += "void* $M_dpi_create(void);\nvoid $M_dpi_init(void* sum);\n";
  }
  text += fmt::format("void $M_dpi_{}({});\n", function_of(spec), c_parameters(spec));
  if (spec.accumulates()) text += "void $M_dpi_release(void* sum);\n";
  return text + "\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n";
}

std::string argument(const CPort& port) {
  if (port.is_array()) return port.name;
  return fmt::format("$M_model_field({}, {}, 0, {})", port.name, port.words(), port.bits);
}

std::string c_text(const OperatorSpec& spec) {
  std::string text = "// The DPI-C functions of $M: its C model behind bit vectors.\n" +
                     std::string(kLicense) + "#include \"$M_dpi.h\"\n\n";
  if (spec.accumulates()) text += "#include <stdlib.h>\n\n";
  text += "#include \"$M.h\"\n\n";
  if (spec.accumulates()) {
    text +=
        "void* $M_dpi_create(void) {\n"
        "  $M_state* state = ($M_state*)malloc(sizeof($M_state));\n"
        "  if (state != NULL) $M_init(state);\n"
        "  return state;\n}\n\n"
        "void $M_dpi_init(void* sum) { $M_init(($M_state*)sum); }\n\n"
        "void $M_dpi_release(void* sum) { free(sum); }\n\n";
  }
  std::string arguments;
  for (const CPort& port : operands_of(spec)) {
    arguments += (arguments.empty() ? "" : ",\n      ") + argument(port);
  }
  text += fmt::format("void $M_dpi_{}({}) {{\n", function_of(spec), c_parameters(spec));
  text += spec.accumulates()
              ? "  const $M_outputs outputs = $M_step(\n      ($M_state*)sum, first_i,\n      "
              : "  const $M_outputs outputs = $M(\n      ";
  text += arguments + ");\n";
  for (const CPort& port : results_of(spec)) {
    if (port.is_array()) {
      text += fmt::format("  for (int i = 0; i < {0}; ++i) {1}[i] = outputs.{1}[i];\n",
                          port.words(), port.name);
      continue;
    }
    text += fmt::format("  {0}[0] = (uint32_t)outputs.{0};\n", port.name);
    if (port.words() > 1)
      text += fmt::format("  {0}[1] = (uint32_t)(outputs.{0} >> 32);\n", port.name);
  }
  for (const std::string& flag : flags_of(spec)) {
    text += fmt::format("  *{0} = outputs.{0} != 0;\n", flag);
  }
  return text + "}\n";
}

/// The arguments of the import, in whole words, or of the function around it.
std::string sv_arguments(const OperatorSpec& spec, bool in_words) {
  std::string text;
  const auto add = [&](const std::string& direction, int bits, const std::string& name) {
    const int width = in_words ? (bits + 31) / 32 * 32 : bits;
    text += fmt::format("{}\n    {} bit [{}:0] {}", text.empty() ? "" : ",", direction, width - 1,
                        name);
  };
  if (spec.accumulates()) text = "\n    input chandle sum,\n    input bit first_i";
  for (const CPort& port : operands_of(spec)) add("input", port.bits, port.name);
  for (const CPort& port : results_of(spec)) add("output", port.bits, port.name);
  for (const std::string& flag : flags_of(spec)) text += ",\n    output bit " + flag;
  return text + "\n  ";
}

std::string package_text(const OperatorSpec& spec) {
  std::string text = "// $M by DPI-C: simulate it with $M_dpi.c.\n" + std::string(kLicense) +
                     "package $M_dpi_pkg;\n";
  if (spec.accumulates()) {
    text +=
        "  // A sum after a reset; release it in the end.\n"
        "  import \"DPI-C\" $M_dpi_create = function chandle create();\n"
        "  import \"DPI-C\" $M_dpi_init = function void init(input chandle sum);\n"
        "  import \"DPI-C\" $M_dpi_release = function void release_sum(input chandle sum);\n";
  }
  text += fmt::format("  import \"DPI-C\" $M_dpi_{0} = function void {0}_words({1});\n\n",
                      function_of(spec), sv_arguments(spec, true));
  text += "  // " + spec.contract() + "\n";
  text += fmt::format("  function automatic void {}({});\n", function_of(spec),
                      sv_arguments(spec, false));
  std::string arguments = spec.accumulates() ? "sum, first_i" : "";
  std::string stores;
  for (const CPort& port : operands_of(spec)) {
    const int padding = port.words() * 32 - port.bits;
    arguments += (arguments.empty() ? "" : ", ") +
                 (padding > 0 ? fmt::format("{{{}'d0, {}}}", padding, port.name) : port.name);
  }
  for (const CPort& port : results_of(spec)) {
    text += fmt::format("    bit [{}:0] {}_words;\n", port.words() * 32 - 1, port.name);
    arguments += ", " + port.name + "_words";
    stores += fmt::format("    {0} = {0}_words[{1}:0];\n", port.name, port.bits - 1);
  }
  for (const std::string& flag : flags_of(spec)) arguments += ", " + flag;
  text += fmt::format("    {}_words({});\n", function_of(spec), arguments) + stores;
  return text + "  endfunction\nendpackage : $M_dpi_pkg\n";
}

}  // namespace

std::vector<TextFile> dpi_files(const OperatorSpec& spec) {
  const std::string name = spec.module_name();
  return {c_header(spec),
          {name + "_dpi.h", replaced(h_text(spec), "$M", name)},
          {name + "_dpi.c", replaced(c_text(spec), "$M", name)},
          {name + "_dpi_pkg.sv", replaced(package_text(spec), "$M", name)}};
}

}  // namespace fewbit::c_model
