// Pieces of the SystemVerilog around designs that are proved: see prove_parts.h.
// SPDX-License-Identifier: Apache-2.0
#include "flows/prove_parts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace fewbit::flows {

using rtl::Direction;
using rtl::PortRole;
using rtl::PortSignature;

std::string range(int bits) { return fmt::format("[{}:0]", bits - 1); }

bool is_input(const PortSignature& port) { return port.direction == Direction::kInput; }

bool has_net(const std::vector<std::string>& nets, const std::string& name) {
  return std::find(nets.begin(), nets.end(), name) != nets.end();
}

std::string module_head(const std::string& name, const rtl::ModuleSignature& signature) {
  std::vector<std::string> ports;
  for (const PortSignature& port : signature.ports) {
    ports.push_back(fmt::format("  {} wire {} {}", is_input(port) ? "input" : "output",
                                range(port.width_bits), port.name));
  }
  return fmt::format("module {} (\n{}\n);\n", name, fmt::join(ports, ",\n"));
}

std::string instance(const std::string& module, const std::string& name,
                     const rtl::ModuleSignature& signature, const std::string& prefix,
                     const std::vector<std::string>& nets) {
  std::vector<std::string> connections;
  std::string wires;
  for (const PortSignature& port : signature.ports) {
    const std::string net = is_input(port) ? port.name : prefix + port.name;
    connections.push_back(fmt::format(".{}({})", port.name, net));
    if (!is_input(port) && !prefix.empty()) {
      wires += fmt::format("  wire {} {};\n", range(port.width_bits), net);
    }
  }
  for (const std::string& net : nets) connections.push_back(fmt::format(".{0}(g_{0})", net));
  return fmt::format("{}  {} {} ({});\n", wires, module, name, fmt::join(connections, ", "));
}

std::string is_flag(const rtl::ModuleSignature& signature, const std::string& prefix,
                    PortRole role) {
  const PortSignature* port = signature.find(role);
  return port == nullptr ? "1'b0" : prefix + port->name;
}

std::string any_flag(const rtl::ModuleSignature& signature, const std::string& prefix) {
  return fmt::format("({} || {} || {})", is_flag(signature, prefix, PortRole::kNan),
                     is_flag(signature, prefix, PortRole::kPlusInf),
                     is_flag(signature, prefix, PortRole::kMinusInf));
}

std::string net_wires(const std::vector<std::string>& nets,
                      const std::vector<std::pair<std::string, int>>& wide) {
  std::string text;
  for (const std::string& net : nets) {
    int bits = 1;
    for (const auto& [name, width] : wide) bits = net == name ? width : bits;
    text += fmt::format("  wire {} g_{};\n", range(bits), net);
  }
  return text;
}

}  // namespace fewbit::flows
