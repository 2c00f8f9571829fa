// Generated top module and C++ shim.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/verify/simulator_text.h"

#include <fmt/format.h>

#include <map>

#include "fewbit/gen/util/check.h"

namespace fewbit::verify {
namespace {

using rtl::Direction;
using rtl::PortRole;
using rtl::PortSignature;

/// Bit of the status word that an output port drives; -1 for others.
int status_bit(const PortSignature& port) {
  if (port.direction == Direction::kInput) return -1;
  switch (port.role) {
    case PortRole::kValid:
      return 0;
    case PortRole::kNan:
      return 1;
    case PortRole::kPlusInf:
      return 2;
    case PortRole::kMinusInf:
      return 3;
    case PortRole::kReady:
      return 4;
    default:
      return -1;
  }
}

constexpr int kStatusBits = 5;

/// What a port of subject k is connected to in the top module.
std::string connection(const PortSignature& port, std::size_t k) {
  if (const int bit = status_bit(port); bit >= 0) return fmt::format("status{}[{}]", k, bit);
  switch (port.role) {
    case PortRole::kClock:
      return "clk";
    case PortRole::kReset:
      return fmt::format("control{}[0]", k);
    case PortRole::kValid:
      return fmt::format("control{}[1]", k);
    case PortRole::kFirst:
      return fmt::format("control{}[2]", k);
    case PortRole::kReady:
      return fmt::format("control{}[3]", k);
    case PortRole::kTag:
      return fmt::format("{}{}[{}:0]", port.direction == Direction::kInput ? "tag_in" : "tag_out",
                         k, port.width_bits - 1);
    case PortRole::kOperand:
      return fmt::format("{}{}[{}:0]", port.name, k, port.width_bits - 1);
    case PortRole::kResult:
      return fmt::format("result{}", k);
    case PortRole::kScale:
      return fmt::format("scale{}[{}:0]", k, port.width_bits - 1);
    default:
      return "";
  }
}

std::string parameter_list(const Subject& subject) {
  std::string text;
  for (const auto& [name, value] : subject.parameters) {
    text += fmt::format("{}.{}({})", text.empty() ? "" : ", ", name, value);
  }
  return text.empty() ? "" : " #(" + text + ")";
}

/// The instance, and constants for what the subject has no port for.
std::string instance(const Subject& subject, std::size_t k) {
  const rtl::ModuleSignature& signature = subject.design.signature;
  std::string ports;
  bool status_driven[kStatusBits] = {};
  int tag_bits = 0;
  for (const PortSignature& port : signature.ports) {
    ports +=
        fmt::format("{}\n    .{}({})", ports.empty() ? "" : ",", port.name, connection(port, k));
    if (port.direction == Direction::kInput) continue;
    if (const int bit = status_bit(port); bit >= 0) status_driven[bit] = true;
    if (port.role == PortRole::kTag) tag_bits = port.width_bits;
  }
  std::string text =
      fmt::format("  {}{} u{} ({});\n", signature.module, parameter_list(subject), k, ports);
  for (int bit = 0; bit < kStatusBits; ++bit) {
    if (!status_driven[bit]) text += fmt::format("  assign status{}[{}] = 1'b0;\n", k, bit);
  }
  if (tag_bits < 64) {
    text += fmt::format("  assign tag_out{}[63:{}] = {}'d0;\n", k, tag_bits, 64 - tag_bits);
  }
  if (const int bits = block_bits(subject); bits < 64) {
    text += fmt::format("  assign scale{}[63:{}] = {}'d0;\n", k, bits, 64 - bits);
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

int block_bits(const Subject& subject) {
  const rtl::PortSignature* port = subject.design.signature.find(rtl::PortRole::kScale);
  return port == nullptr ? 0 : port->width_bits;
}

int result_words(const Subject& subject) { return (result_width(subject) + 63) / 64; }

InputLayout input_layout(const Subject& subject) {
  InputLayout layout;
  layout.words = 2;
  for (const OperandPort& port : operand_ports(subject.spec)) {
    const auto words = static_cast<std::size_t>((port.bits() + 63) / 64);
    layout.operands.push_back({port.name, layout.words, words, port.bits()});
    layout.words += words;
  }
  return layout;
}

std::string top_module_text(const std::vector<const Subject*>& subjects) {
  std::string ports = "  input logic clk";
  std::string body;
  for (std::size_t k = 0; k < subjects.size(); ++k) {
    ports += fmt::format(",\n  input logic [3:0] control{0},\n  input logic [63:0] tag_in{0}", k);
    for (const InputLayout::Operand& operand : input_layout(*subjects[k]).operands) {
      ports += fmt::format(",\n  input logic [{}:0] {}{}", 64 * operand.words - 1, operand.port, k);
    }
    ports += fmt::format(
        ",\n  output logic [{1}:0] result{0},\n  output logic [{2}:0] status{0},\n"
        "  output logic [63:0] scale{0},\n  output logic [63:0] tag_out{0}",
        k, result_width(*subjects[k]) - 1, kStatusBits - 1);
    body += instance(*subjects[k], k);
  }
  return fmt::format("module {} (\n{}\n);\n{}endmodule\n", kTopModule, ports, body);
}

std::vector<TextFile> simulated_files(const std::vector<const Subject*>& subjects) {
  std::vector<TextFile> files;
  std::map<std::string, const std::string*> texts;
  for (const Subject* subject : subjects) {
    for (const TextFile& file : subject->design.files) {
      const auto [place, is_new] = texts.emplace(file.name, &file.text);
      FEWBIT_CHECK(*place->second == file.text, "two designs differ in {}", file.name);
      if (is_new) files.push_back(file);
    }
  }
  files.push_back({fmt::format("{}.sv", kTopModule), top_module_text(subjects)});
  return files;
}

std::string eval_text(const std::vector<const Subject*>& subjects) {
  std::string text;
  std::size_t in = 0;
  for (std::size_t k = 0; k < subjects.size(); ++k) {
    const InputLayout layout = input_layout(*subjects[k]);
    text += fmt::format("  m.control{0} = in[{1}] & 15; m.tag_in{0} = in[{2}];\n", k, in, in + 1);
    for (const InputLayout::Operand& operand : layout.operands) {
      text += fmt::format("  take(m.{}{}, in + {});\n", operand.port, k, in + operand.word);
    }
    in += layout.words;
  }
  text += "  m.eval();\n";
  int word = 0;
  for (std::size_t k = 0; k < subjects.size(); ++k) {
    const int words = result_words(*subjects[k]);
    text += fmt::format(
        "  put(out + {1}, m.result{0}); out[{2}] = m.status{0};"
        " out[{2} + 1] = m.scale{0}; out[{2} + 2] = m.tag_out{0};\n",
        k, word, word + words);
    word += output_words(*subjects[k]);
  }
  return text;
}

}  // namespace fewbit::verify
