// The test bench in SystemVerilog.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "fewbit/sim/testbench/operations.h"
#include "fewbit/sim/testbench/testbench.h"

namespace fewbit::testbench {
namespace {

using rtl::Direction;
using rtl::ModuleSignature;
using rtl::PortRole;
using rtl::PortSignature;

/// "[7:0] ", or "" for a bit.
std::string range(int bits) { return bits == 1 ? "" : fmt::format("[{}:0] ", bits - 1); }

std::string declarations(const ModuleSignature& signature) {
  std::string text;
  for (const PortSignature& port : signature.ports) {
    text += fmt::format("  logic {}{};\n", range(port.width_bits), port.name);
  }
  return text;
}

std::string instance(const ModuleSignature& signature) {
  std::string ports;
  for (const PortSignature& port : signature.ports) {
    ports += fmt::format("{}\n    .{}({})", ports.empty() ? "" : ",", port.name, port.name);
  }
  return fmt::format("  {} dut ({}\n  );\n", signature.module, ports);
}

/// "{first_i, b_i, a_i}".
std::string drive(const Operations& operations) {
  std::string names;
  for (const Field& field : operations.operands) {
    names = names.empty() ? field.port : field.port + ", " + names;
  }
  return "{" + names + "}";
}

std::string slice(const Field& field) {
  return field.bits == 1 ? fmt::format("expected[{}]", field.low)
                         : fmt::format("expected[{}:{}]", field.low + field.bits - 1, field.low);
}

/// The task that compares the outputs with those of operation k.
std::string check(const Operations& operations, const ModuleSignature& signature) {
  const int defined = operations.result_bits - 2;
  std::string text = fmt::format(
      "  task check(input integer k);\n"
      "    begin\n"
      "      expected = results[k];\n"
      "      if (expected[{}] !== 1'b1) failed(k, \"a line of the vectors, which are missing\");\n",
      defined + 1);
  for (const Field& field : operations.results) {
    const bool is_result = field.port == signature.find(PortRole::kResult)->name;
    text += fmt::format(
        "      if ({}{} !== {}) begin\n"
        "        failed(k, \"{}\");\n"
        "        if (errors <= 10) $display(\"    %h, expected %h\", {}, {});\n"
        "      end\n",
        is_result ? fmt::format("expected[{}] && ", defined) : "", field.port, slice(field),
        field.port, field.port, slice(field));
  }
  return text + "    end\n  endtask\n\n";
}

std::string combinational_run(const Operations& operations) {
  return fmt::format(
      "    for (index = 0; index < Operations; index = index + 1) begin\n"
      "      {} = operands[index];\n"
      "      #1 check(index);\n"
      "    end\n",
      drive(operations));
}

/// One process drives everything while the clock is low, looks at the outputs once they have
/// settled, and makes the edges.
std::string clocked_run(const Operations& operations, const ModuleSignature& signature) {
  const bool elastic = signature.find(PortRole::kReady) != nullptr;
  const PortSignature* reset = signature.find(PortRole::kReset);
  const PortSignature* tag = signature.find(PortRole::kTag);
  const bool is_high = signature.reset == "sync_high";
  std::string text = "    clk_i = 1'b0;\n    valid_i = 1'b0;\n";
  if (elastic) text += "    ready_i = 1'b1;\n";
  if (tag != nullptr) text += "    tag_i = '0;\n";
  text += fmt::format("    {} = operands[0];\n", drive(operations));
  if (reset != nullptr) {  // inactive at first, since an asynchronous reset acts when it begins
    text += fmt::format("    {0} = 1'b{1};\n    #1 {0} = 1'b{2};\n", reset->name, is_high ? 0 : 1,
                        is_high ? 1 : 0);
  }
  text += "    repeat (Latency + 4) cycle();\n";
  if (reset != nullptr) text += fmt::format("    {} = 1'b{};\n", reset->name, is_high ? 0 : 1);
  text += fmt::format(
      "    while (waiting > 0) begin\n"
      "      // An offered operand stays until it is taken; without one the inputs mean nothing.\n"
      "      if (!offered) begin\n"
      "        valid_i = sent < Operations && random[1:0] != 2'd0;\n"
      "        {0} = valid_i ? operands[sent] : ~{0};\n"
      "      end\n",
      drive(operations));
  if (tag != nullptr) {
    text += fmt::format("      tag = tag_of(sent);\n      tag_i = tag{};\n",
                        tag->width_bits == 1 ? "[0]" : fmt::format("[{}:0]", tag->width_bits - 1));
  }
  const std::string ready = elastic ? "ready_i" : "1'b1";
  if (elastic) {
    text += "      ready_i = random[3:2] != 2'd0 || received == Operations;\n";
  }
  text +=
      "      random = {random[30:0], random[31] ^ random[21] ^ random[1] ^ random[0]};\n"
      "      random = {random[30:0], random[31] ^ random[21] ^ random[1] ^ random[0]};\n"
      "      #4;\n";
  text += fmt::format("      if (valid_o === 1'b1 && {}) begin\n", ready);
  text +=
      "        if (received == sent) begin\n"
      "          failed(received, \"valid_o, without an operation\");\n"
      "        end else begin\n"
      "          check(received);\n";
  if (tag != nullptr) {
    text += fmt::format(
        "          tag = tag_of(received);\n"
        "          if (tag_o !== tag{}) failed(received, \"tag_o\");\n",
        tag->width_bits == 1 ? "[0]" : fmt::format("[{}:0]", tag->width_bits - 1));
  }
  if (!elastic) {
    text +=
        "          if (cycles != sent_at[received] + Latency) failed(received, \"the latency\");\n";
  }
  text +=
      "          received = received + 1;\n"
      "          idle = 0;\n"
      "        end\n"
      "      end\n";
  text += fmt::format("      offered = valid_i && {};\n", elastic ? "ready_o !== 1'b1" : "1'b0");
  text +=
      "      if (valid_i && !offered) begin\n"
      "        sent_at[sent] = cycles;\n"
      "        sent = sent + 1;\n"
      "      end\n"
      "      if (received == Operations) waiting = waiting - 1;\n"
      "      idle = idle + 1;\n"
      "      if (idle > 8 * (Latency + 64)) begin\n"
      "        failed(received, \"valid_o, for which the bench waits in vain\");\n"
      "        waiting = 0;\n"
      "      end\n"
      "      cycle();\n"
      "      cycles = cycles + 1;\n"
      "    end\n";
  return text;
}

std::string clocked_state(const ModuleSignature& signature) {
  std::string text =
      "  logic [31:0] random = 32'h2545f491;\n"
      "  logic offered = 1'b0;\n"
      "  integer sent = 0, received = 0, cycles = 0, idle = 0;\n"
      "  integer waiting = Latency + 4;  // cycles after the last result\n"
      "  integer sent_at [0:Operations-1];\n\n"
      "  task cycle;\n"
      "    begin\n"
      "      #1 clk_i = 1'b1;\n"
      "      #5 clk_i = 1'b0;\n"
      "    end\n"
      "  endtask\n\n";
  if (signature.find(PortRole::kTag) == nullptr) return text;
  return text +
         "  logic [63:0] tag;\n\n"
         "  function automatic logic [63:0] tag_of(input integer k);\n"
         "    tag_of = {32'd0, k} * 64'h9e3779b97f4a7c15;\n"
         "  endfunction\n\n";
}

std::string text_of(const OperatorSpec& spec, const ModuleSignature& signature,
                    const Operations& operations) {
  const bool clocked = spec.is_clocked();
  std::string text = fmt::format(
      R"(// {0}_tb - self-checking test bench of {0}
//
// Drives the module with the operands of {1}
// and compares with {2}, both read from the
// folder `FEWBIT_TB_FOLDER, by default the one that the simulator runs in. Ends with a line PASS, or
// with a line FAIL and $fatal.
// Reproduce: {4} --testbench sv
// SPDX-License-Identifier: Apache-2.0
`ifndef FEWBIT_TB_FOLDER
`define FEWBIT_TB_FOLDER "."
`endif
module {0}_tb;
  localparam int Operations = {3};
)",
      signature.module, operations.operands_file.name, operations.results_file.name,
      operations.count, signature.command);
  if (clocked) text += fmt::format("  localparam int Latency = {};\n", signature.latency_cycles);
  text += "\n" + declarations(signature) + "\n" + instance(signature) + "\n";
  text += fmt::format(
      "  logic {}operands [0:Operations-1];\n"
      "  logic {}results [0:Operations-1];\n"
      "  logic {}expected;\n"
      "  integer errors = 0;\n",
      range(operations.operand_bits), range(operations.result_bits), range(operations.result_bits));
  if (!clocked) text += "  integer index;\n\n";
  if (clocked) text += clocked_state(signature);
  text +=
      "  task failed(input integer k, input [8*48-1:0] what);\n"
      "    begin\n"
      "      errors = errors + 1;\n"
      "      if (errors <= 10) $display(\"  operation %0d (%h): %0s\", k, operands[k], what);\n"
      "    end\n"
      "  endtask\n\n";
  text += check(operations, signature);
  text += fmt::format(
      "  initial begin\n"
      "    $readmemh({{`FEWBIT_TB_FOLDER, \"/{}\"}}, operands);\n"
      "    $readmemh({{`FEWBIT_TB_FOLDER, \"/{}\"}}, results);\n",
      operations.operands_file.name, operations.results_file.name);
  text += clocked ? clocked_run(operations, signature) : combinational_run(operations);
  return text + fmt::format(
                    "    if (errors == 0) begin\n"
                    "      $display(\"PASS {0}: %0d operations\", Operations);\n"
                    "      $finish;\n"
                    "    end else begin\n"
                    "      $display(\"FAIL {0}: %0d mismatches\", errors);\n"
                    "      $fatal(1, \"FAIL {0}\");\n"
                    "    end\n"
                    "  end\n"
                    "endmodule : {0}_tb\n",
                    signature.module);
}

}  // namespace

std::vector<TextFile> sv_testbench(const OperatorSpec& spec, const ModuleSignature& signature) {
  const Operations operations = operations_of(spec, signature);
  const std::string name = signature.module + "_tb";
  std::string list;
  for (const rtl::FileSignature& file : signature.files) list += file.name + "\n";
  return {{name + ".sv", text_of(spec, signature, operations)},
          {name + ".f", list + name + ".sv\n"},
          operations.operands_file,
          operations.results_file};
}

}  // namespace fewbit::testbench
