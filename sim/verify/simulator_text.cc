// Generated top module and C++ shim.
// SPDX-License-Identifier: Apache-2.0
#include "sim/verify/simulator_text.h"

#include <fmt/format.h>

#include "gen/util/check.h"

namespace fewbit::verify {
namespace {

using rtl::Direction;
using rtl::PortRole;
using rtl::PortSignature;

/// What a port of subject k is connected to in the top module.
std::string connection(const PortSignature& port, std::size_t k) {
  switch (port.role) {
    case PortRole::kClock:
      return "clk";
    case PortRole::kReset:
      return fmt::format("reset{}", k);
    case PortRole::kValid:
      return port.direction == Direction::kInput ? fmt::format("valid{}", k)
                                                 : fmt::format("status{}[0]", k);
    case PortRole::kFirst:
      return fmt::format("first{}", k);
    case PortRole::kOperandA:
      return fmt::format("a{}[{}:0]", k, port.width_bits - 1);
    case PortRole::kOperandB:
      return fmt::format("b{}[{}:0]", k, port.width_bits - 1);
    case PortRole::kResult:
      return fmt::format("result{}", k);
    case PortRole::kNan:
      return fmt::format("status{}[1]", k);
    case PortRole::kPlusInf:
      return fmt::format("status{}[2]", k);
    case PortRole::kMinusInf:
      return fmt::format("status{}[3]", k);
  }
  return "";
}

std::string parameter_list(const Subject& subject) {
  std::string text;
  for (const auto& [name, value] : subject.parameters) {
    text += fmt::format("{}.{}({})", text.empty() ? "" : ", ", name, value);
  }
  return text.empty() ? "" : " #(" + text + ")";
}

/// The instance, and a constant for each status bit that the subject has no port for.
std::string instance(const Subject& subject, std::size_t k) {
  const rtl::ModuleSignature& signature = subject.design.signature;
  std::string ports;
  bool status_driven[4] = {};
  for (const PortSignature& port : signature.ports) {
    ports +=
        fmt::format("{}\n    .{}({})", ports.empty() ? "" : ",", port.name, connection(port, k));
    if (port.direction == Direction::kInput) continue;
    if (port.role == PortRole::kValid) status_driven[0] = true;
    if (port.role == PortRole::kNan) status_driven[1] = true;
    if (port.role == PortRole::kPlusInf) status_driven[2] = true;
    if (port.role == PortRole::kMinusInf) status_driven[3] = true;
  }
  std::string text =
      fmt::format("  {}{} u{} ({});\n", signature.module, parameter_list(subject), k, ports);
  for (int bit = 0; bit < 4; ++bit) {
    if (!status_driven[bit]) text += fmt::format("  assign status{}[{}] = 1'b0;\n", k, bit);
  }
  return text;
}

}  // namespace

int result_width(const Subject& subject) {
  const rtl::ModuleSignature& signature = subject.design.signature;
  const rtl::PortSignature* port = signature.find(rtl::PortRole::kResult);
  FEWBIT_CHECK(port != nullptr, "{} has no result", signature.module);
  const auto overridden = subject.parameters.find(port->width_parameter);
  return overridden == subject.parameters.end() ? port->width_bits
                                                : static_cast<int>(overridden->second);
}

int result_words(const Subject& subject) { return (result_width(subject) + 63) / 64; }

std::string top_module_text(const std::vector<const Subject*>& subjects) {
  std::string ports = "  input logic clk";
  std::string body;
  for (std::size_t k = 0; k < subjects.size(); ++k) {
    ports += fmt::format(
        ",\n  input logic reset{0}, valid{0}, first{0},\n  input logic [63:0] a{0}, b{0},\n"
        "  output logic [{1}:0] result{0},\n  output logic [3:0] status{0}",
        k, result_width(*subjects[k]) - 1);
    body += instance(*subjects[k], k);
  }
  return fmt::format("module {} (\n{}\n);\n{}endmodule\n", kTopModule, ports, body);
}

std::string shim_text(const std::vector<const Subject*>& subjects,
                      const std::vector<std::string>& model_sources) {
  std::string text;
  for (const std::string& source : model_sources) text += fmt::format("#include \"{}\"\n", source);
  text += fmt::format(
      R"(
#include <cstdint>
#include <memory>
#define FEWBIT_EXPORT extern "C" __attribute__((visibility("default")))
namespace {{
void put(std::uint64_t* out, QData value) {{ *out = value; }}
template <std::size_t N>
void put(std::uint64_t* out, const VlWide<N>& value) {{
  for (std::size_t i = 0; i < N; i += 2) {{
    out[i / 2] = value[i] | (i + 1 < N ? static_cast<std::uint64_t>(value[i + 1]) << 32 : 0);
  }}
}}
struct Handle {{
  VerilatedContext context;
  std::unique_ptr<{0}> model;
}};
}}
FEWBIT_EXPORT void* fewbit_open(int seed) {{
  Handle* handle = new Handle;
  handle->context.randReset(2);
  handle->context.randSeed(seed);
  handle->model = std::make_unique<{0}>(&handle->context);
  return handle;
}}
FEWBIT_EXPORT void fewbit_close(void* handle) {{ delete static_cast<Handle*>(handle); }}
FEWBIT_EXPORT void fewbit_eval(void* handle, int clk, const std::uint64_t* in, std::uint64_t* out) {{
  {0}& m = *static_cast<Handle*>(handle)->model;
  m.clk = clk;
)",
      kModelClass);
  for (std::size_t k = 0; k < subjects.size(); ++k) {
    text += fmt::format(
        "  m.a{0} = in[{1}]; m.b{0} = in[{2}]; m.reset{0} = in[{3}] & 1;"
        " m.valid{0} = in[{3}] >> 1 & 1; m.first{0} = in[{3}] >> 2 & 1;\n",
        k, 3 * k, 3 * k + 1, 3 * k + 2);
  }
  text += "  m.eval();\n";
  int word = 0;
  for (std::size_t k = 0; k < subjects.size(); ++k) {
    const int words = result_words(*subjects[k]);
    text += fmt::format("  put(out + {1}, m.result{0}); out[{2}] = m.status{0};\n", k, word,
                        word + words);
    word += words + 1;
  }
  return text + "}\n";
}

}  // namespace fewbit::verify
