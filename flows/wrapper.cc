// The shells around a core that is measured, printed from its signature.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/wrapper.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace fewbit::flows {

bool is_data(const rtl::PortSignature& port) {
  return port.role != rtl::PortRole::kClock && port.role != rtl::PortRole::kReset;
}

std::string port_of_copy(const rtl::PortSignature& port, int copy, int copies) {
  return copies == 1 ? port.name : fmt::format("{}_copy{}", port.name, copy);
}

namespace {

bool is_input(const rtl::PortSignature& port) { return port.direction == rtl::Direction::kInput; }

std::string lines(const std::vector<std::string>& items) {
  return fmt::format("{}", fmt::join(items, ",\n"));
}

std::string port_text(const rtl::PortSignature& port, const std::string& name) {
  return fmt::format("  {} [{}:0] {}", is_input(port) ? "input wire" : "output wire",
                     port.width_bits - 1, name);
}

std::string core_name(int copy, int copies) {
  return copies == 1 ? "core" : fmt::format("core_copy{}", copy);
}

}  // namespace

int wrapper_bits(const rtl::ModuleSignature& signature) {
  int bits = 0;
  for (const rtl::PortSignature& port : signature.ports)
    bits += is_data(port) ? port.width_bits : 0;
  return bits;
}

std::string measure_shell(const rtl::ModuleSignature& signature, int copies) {
  std::vector<std::string> ports = {"  input wire measure_clk_i"};
  std::string body;
  for (int copy = 0; copy < copies; ++copy) {
    std::vector<std::string> connections;
    for (const rtl::PortSignature& port : signature.ports) {
      if (!is_data(port)) {
        if (copy == 0) ports.push_back(port_text(port, port.name));
        connections.push_back(fmt::format("    .{0}({0})", port.name));
        continue;
      }
      const std::string outer = port_of_copy(port, copy, copies);
      const std::string inner = "core_" + outer;
      ports.push_back(port_text(port, outer));
      connections.push_back(fmt::format("    .{}({})", port.name, inner));
      body += fmt::format("  wire [{}:0] {};\n", port.width_bits - 1, inner);
      body += fmt::format(
          "  fewbit_measure_bank #(.Width({})) bank_{} (.clk_i(measure_clk_i), .d_i({}), "
          ".q_o({}));\n",
          port.width_bits, outer, is_input(port) ? outer : inner, is_input(port) ? inner : outer);
    }
    body += fmt::format("  {} {} (\n{}\n  );\n", signature.module, core_name(copy, copies),
                        lines(connections));
  }
  return fmt::format("module fewbit_measure (\n{}\n);\n{}endmodule\n", lines(ports), body);
}

std::string place_shell(const rtl::ModuleSignature& signature, int copies) {
  std::vector<std::string> ports = {"  input wire clk_i", "  input wire data_i"};
  std::vector<std::string> connections = {"    .measure_clk_i(clk_i)"};
  int used = 0;
  for (const rtl::PortSignature& port : signature.ports) {
    if (port.role == rtl::PortRole::kClock) {
      connections.push_back(fmt::format("    .{}(clk_i)", port.name));
    } else if (port.role == rtl::PortRole::kReset) {
      ports.push_back(fmt::format("  input wire {}", port.name));
      connections.push_back(fmt::format("    .{0}({0})", port.name));
    } else if (is_input(port)) {
      for (int copy = 0; copy < copies; ++copy) {
        connections.push_back(fmt::format("    .{}(chain[{}:{}])", port_of_copy(port, copy, copies),
                                          used + port.width_bits - 1, used));
        used += port.width_bits;
      }
    }
  }
  return fmt::format(
      "module fewbit_place (\n{}\n);\n  reg [{}:0] chain;\n  always @(posedge clk_i) chain <= "
      "{{chain[{}:0], data_i}};\n  fewbit_measure measured (\n{}\n  );\nendmodule\n",
      lines(ports), used, used - 1, lines(connections));
}

std::string wire_cell() {
  return "module fewbit_measure_register (input clk_i, input d_i, output q_o);\n"
         "  (* keep *) \\$pos #(.A_SIGNED(0), .A_WIDTH(1), .Y_WIDTH(1)) wire_through "
         "(.A(d_i), .Y(q_o));\n"
         "endmodule\n";
}

}  // namespace fewbit::flows
