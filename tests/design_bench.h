// A bench around a module: random inputs, and at each clock edge the outputs that the evaluator
// has.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "fewbit/gen/rtl/design.h"
#include "fewbit/gen/rtl/evaluator.h"

namespace fewbit::testing {

/// Bits of an input in a cycle.
using Choose = std::function<BigInt(const std::string& input, int width, int cycle)>;

/// Random bits.
inline Choose random_bits(unsigned seed) {
  auto random = std::make_shared<std::mt19937>(seed);
  return [random](const std::string&, int width, int) {
    BigInt bits = 0;
    for (int i = 0; i < width; i += 32) bits = (bits << 32) | (*random)();
    return BigInt(bits % pow2(width));
  };
}

/// bench.sv, which prints "0 of N differ" where the module does as its evaluator, in every cycle
/// after the first `unknown` ones; with its vectors.
inline std::vector<TextFile> bench_of(const rtl::Module& module, int cycles, int unknown,
                                      const Choose& choose) {
  rtl::Evaluator run(module);
  std::vector<int> inputs;
  for (const int id : module.inputs()) {
    if (!module.clock().valid() || id != module.clock().id()) inputs.push_back(id);
  }
  std::string in_text;
  std::string out_text;
  int in_bits = 0;
  int out_bits = 0;
  std::string in_ports;
  std::string out_ports;
  std::string connections = module.is_clocked() ? ".clk_i(clk), " : "";
  std::string wires;
  const auto add = [&](std::string& ports, int& bits, const std::string& name, int width) {
    wires += fmt::format("  wire [{}:0] {};\n", width - 1, name);
    ports += (ports.empty() ? "" : ", ") + name;
    connections += fmt::format(".{0}({0}), ", name);
    bits += width;
  };
  for (const int id : inputs) {
    add(in_ports, in_bits, module.node(id).name, module.node(id).width.bits);
  }
  for (const rtl::Output& output : module.outputs()) {
    add(out_ports, out_bits, output.name, module.node(output.node).width.bits);
  }
  connections.resize(connections.size() - 2);
  for (int cycle = 0; cycle < cycles; ++cycle) {
    BigInt in = 0;
    for (const int id : inputs) {
      const rtl::Node& node = module.node(id);
      const BigInt bits = choose(node.name, node.width.bits, cycle);
      run.set(node.name, bits);
      in = (in << node.width.bits) | bits;
    }
    run.settle();
    BigInt out = 0;
    for (const rtl::Output& output : module.outputs()) {
      out = (out << module.node(output.node).width.bits) | run.get(output.name);
    }
    in_text += to_hex(in) + "\n";
    out_text += to_hex(out) + "\n";
    run.clock();
  }
  const std::string bench = fmt::format(
      R"(module bench;
  reg clk;
  reg [{0}:0] in [0:{2}];
  reg [{1}:0] out [0:{2}];
  reg [{0}:0] now;
  reg [{1}:0] expected;
{3}  assign {{{4}}} = now;
  {5} dut ({6});
  integer i;
  integer wrong;
  initial begin
    $readmemh("in.hex", in);
    $readmemh("out.hex", out);
    clk = 0;
    wrong = 0;
    for (i = 0; i <= {2}; i = i + 1) begin
      now = in[i];
      expected = out[i];
      #1;
      if (i >= {7} && {{{8}}} !== expected) begin
        wrong = wrong + 1;
        if (wrong < 4) $display("cycle %0d: %h instead of %h", i, {{{8}}}, expected);
      end
      clk = 1;
      #1;
      clk = 0;
    end
    $display("%0d of %0d differ", wrong, {2} + 1 - {7});
    $finish;
  end
endmodule
)",
      in_bits - 1, out_bits - 1, cycles - 1, wires, in_ports, module.name(), connections, unknown,
      out_ports);
  return {{"bench.sv", bench}, {"in.hex", in_text}, {"out.hex", out_text}};
}

}  // namespace fewbit::testing
