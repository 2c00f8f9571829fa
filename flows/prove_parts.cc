// Pieces of the SystemVerilog around designs that are proved: see prove_parts.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/prove_parts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "fewbit/flows/prove_probes.h"

namespace fewbit::flows {

using rtl::Direction;
using rtl::PortRole;
using rtl::PortSignature;

std::string range(int bits) { return fmt::format("[{}:0]", bits - 1); }

bool is_input(const PortSignature& port) { return port.direction == Direction::kInput; }

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
                     const std::string& more) {
  std::vector<std::string> connections;
  std::string wires;
  for (const PortSignature& port : signature.ports) {
    const std::string net = is_input(port) ? port.name : prefix + port.name;
    connections.push_back(fmt::format(".{}({})", port.name, net));
    if (!is_input(port) && !prefix.empty()) {
      wires += fmt::format("  wire {} {};\n", range(port.width_bits), net);
    }
  }
  return fmt::format("{}  {} {} ({}{});\n", wires, module, name, fmt::join(connections, ", "),
                     more);
}

std::string top_with(const rtl::EmittedDesign& gate, const std::string& output) {
  std::string ports;
  for (const PortSignature& port : gate.signature.ports) {
    if (is_input(port))
      ports += fmt::format("input wire {} {}, ", range(port.width_bits), port.name);
  }
  std::string wires, connections;
  std::set<std::string> known;
  for (const rtl::Probe& probe : gate.probes) {
    if (probe.port.empty() || !known.insert(probe.port).second) continue;
    const std::string wire = fmt::format("wire {} {}", range(probe.width_bits), wire_of(probe));
    (probe.is_free ? ports : wires) +=
        probe.is_free ? fmt::format("input {}, ", wire) : fmt::format("  {};\n", wire);
    connections += fmt::format(", .{}({})", probe.port, wire_of(probe));
  }
  return fmt::format("module top ({}output wire {});\n{}", ports, output, wires) +
         instance("gate", "u_gate", gate.signature, "x_", connections);
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

}  // namespace fewbit::flows
