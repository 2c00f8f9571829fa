// Cells of a library as Verilog, from their functions: see liberty.h.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <functional>

#include "fewbit/flows/liberty.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::flows {
namespace {

/// A function that parse_library() has read already.
std::string expression(const std::string& function) {
  const Result<std::string> text = verilog_of("function", function);
  FEWBIT_CHECK(text.ok(), "{}", text.error().message());
  return *text;
}

/// The register of a flip-flop, as a cell of Yosys.
std::string state_text(const CellState& state) {
  std::string text =
      fmt::format("  wire \\{0} ;\n  wire \\{1} = ~\\{0} ;\n", state.variable, state.inverse);
  text += fmt::format("  wire fewbit_clock = {};\n  wire fewbit_next = {};\n",
                      expression(state.clocked_on), expression(state.next_state));
  const std::string common =
      fmt::format(".CLK(fewbit_clock), .D(fewbit_next), .Q(\\{} )", state.variable);
  const std::string plain = ".WIDTH(1), .CLK_POLARITY(1'b1)";
  if (state.clear.empty() && state.preset.empty()) {
    return text + fmt::format("  \\$dff #({}) fewbit_ff ({});\n", plain, common);
  }
  if (state.clear.empty() || state.preset.empty()) {
    const bool sets = state.clear.empty();
    return text + fmt::format(
                      "  wire fewbit_reset = {};\n  \\$adff #({}, .ARST_POLARITY(1'b1), "
                      ".ARST_VALUE(1'b{})) fewbit_ff ({}, .ARST(fewbit_reset));\n",
                      expression(sets ? state.preset : state.clear), plain, sets ? 1 : 0, common);
  }
  const std::string clear = expression(state.clear), preset = expression(state.preset);
  text += fmt::format("  wire fewbit_clear = {}{};\n", clear,
                      state.clear_wins ? "" : fmt::format(" & ~({})", preset));
  text += fmt::format("  wire fewbit_preset = {}{};\n", preset,
                      state.clear_wins ? fmt::format(" & ~({})", clear) : "");
  return text + fmt::format(
                    "  \\$dffsr #({}, .SET_POLARITY(1'b1), .CLR_POLARITY(1'b1)) fewbit_ff ({}, "
                    ".SET(fewbit_preset), .CLR(fewbit_clear));\n",
                    plain, common);
}

std::string module_text(const LibraryCell& cell) {
  std::vector<std::string> ports;
  std::string body;
  for (const CellPin& pin : cell.pins) {
    ports.push_back(fmt::format("{} \\{} ", pin.is_output ? "output" : "input", pin.name));
    if (pin.is_output)
      body += fmt::format("  assign \\{} = {};\n", pin.name, expression(pin.function));
  }
  return fmt::format("module \\{} ({});\n{}{}endmodule\n", cell.name, fmt::join(ports, ", "),
                     cell.state ? state_text(*cell.state) : "", body);
}

/// A function's value where the inputs have these values: its Verilog text read from left to right
/// is what Yosys does; here the few functions of an adder are compared by their truth tables.
class Evaluator {
 public:
  Evaluator(const std::string& text, const std::function<bool(const std::string&)>& value)
      : text_(text), value_(value) {}
  bool run() { return expression(); }

 private:
  void blanks() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  /// Of what verilog_of() writes: a name, a constant, (~x) or (x OP y).
  bool expression() {
    blanks();
    if (text_[at_] == '\\') {
      const std::size_t end = text_.find(' ', at_);
      const std::string name = text_.substr(at_ + 1, end - at_ - 1);
      at_ = end + 1;
      return value_(name);
    }
    if (text_[at_] == '1') {
      at_ += 4;
      return text_[at_ - 1] == '1';
    }
    ++at_;  // (
    bool result = false;
    if (text_[at_] == '~') {
      ++at_;
      result = !expression();
    } else {
      result = expression();
      blanks();
      const char operation = text_[at_++];
      const bool other = expression();
      result = operation == '|'   ? (result || other)
               : operation == '&' ? (result && other)
                                  : result != other;
    }
    blanks();
    ++at_;  // )
    return result;
  }

  const std::string& text_;
  const std::function<bool(const std::string&)>& value_;
  std::size_t at_ = 0;
};

/// The function's truth table over three inputs: bit i for the inputs' values i.
unsigned truth_table(const std::string& function, const std::array<std::string, 3>& inputs) {
  const std::string text = expression(function);
  unsigned table = 0;
  for (unsigned i = 0; i < 8; ++i) {
    const std::function<bool(const std::string&)> value = [&](const std::string& name) {
      for (unsigned k = 0; k < 3; ++k) {
        if (inputs[k] == name) return ((i >> k) & 1U) != 0;
      }
      return false;
    };
    if (Evaluator(text, value).run()) table |= 1U << i;
  }
  return table;
}

std::optional<FullAdder> as_full_adder(const LibraryCell& cell) {
  if (!cell.is_usable || cell.state || cell.pins.size() != 5) return std::nullopt;
  std::vector<std::string> inputs;
  for (const CellPin& pin : cell.pins) {
    if (!pin.is_output) inputs.push_back(pin.name);
  }
  if (inputs.size() != 3) return std::nullopt;
  constexpr unsigned kSum = 0x96, kCarry = 0xe8;
  FullAdder adder{cell.name, inputs[0], inputs[1], inputs[2], "", ""};
  for (const CellPin& pin : cell.pins) {
    if (!pin.is_output) continue;
    const unsigned table = truth_table(pin.function, {inputs[0], inputs[1], inputs[2]});
    if (table == kSum) adder.sum = pin.name;
    if (table == kCarry) adder.carry = pin.name;
  }
  if (adder.sum.empty() || adder.carry.empty()) return std::nullopt;
  return adder;
}

/// An operand of an adder, as wide as the sum; Yosys has operands of no bits.
std::string extended(char operand, const std::string& wire) {
  return fmt::format(
      "  generate if ({0}_WIDTH == 0) assign {1} = 0; else begin : of_{0}\n"
      "    \\$pos #(.A_SIGNED({0}_SIGNED), .A_WIDTH({0}_WIDTH), .Y_WIDTH(Y_WIDTH)) extend "
      "(.A({0}), .Y({1}));\n  end endgenerate\n",
      operand, wire);
}

}  // namespace

std::string techmap_of(const FullAdder& adder) {
  const std::string bit = fmt::format(
      "\\{} cell_of_bit (.\\{} (A[i]), .\\{} (B[i]), .\\{} (C[i]), .\\{} (S[i]), .\\{} (K[i]));",
      adder.cell, adder.a, adder.b, adder.c, adder.sum, adder.carry);
  return R"((* techmap_celltype = "$alu" *)
module fewbit_alu (A, B, CI, BI, X, Y, CO);
  parameter A_SIGNED = 0;
  parameter B_SIGNED = 0;
  parameter A_WIDTH = 1;
  parameter B_WIDTH = 1;
  parameter Y_WIDTH = 1;
  parameter _TECHMAP_CONSTMSK_A_ = 0;
  parameter _TECHMAP_CONSTMSK_B_ = 0;
  parameter _TECHMAP_CONSTMSK_CI_ = 0;
  input [A_WIDTH-1:0] A;
  input [B_WIDTH-1:0] B;
  input CI, BI;
  output [Y_WIDTH-1:0] X, Y, CO;
  wire [Y_WIDTH-1:0] left, right;
)" + extended('A', "left") +
         extended('B', "right") + R"(  wire [Y_WIDTH-1:0] other = right ^ {Y_WIDTH{BI}};
  assign X = left ^ other;
  fewbit_adder_row #(
      .WIDTH(Y_WIDTH),
      .KNOWN(_TECHMAP_CONSTMSK_A_ | _TECHMAP_CONSTMSK_B_ | _TECHMAP_CONSTMSK_CI_)
  ) row (.A(left), .B(other), .CI(CI), .S(Y), .K(CO));
endmodule

module fewbit_adder_row (A, B, CI, S, K);
  parameter WIDTH = 1;
  parameter KNOWN = 0;  // bits with a constant: logic, which ABC makes smaller
  input [WIDTH-1:0] A, B;
  input CI;
  output [WIDTH-1:0] S, K;
  wire [WIDTH-1:0] C;
  localparam [WIDTH-1:0] Known = KNOWN;
  generate if (WIDTH > 1) assign C = {K[WIDTH-2:0], CI}; else assign C = CI; endgenerate
  genvar i;
  generate for (i = 0; i < WIDTH; i = i + 1) begin : bits
    if (Known[i]) begin
      assign S[i] = A[i] ^ B[i] ^ C[i];
      assign K[i] = (A[i] & B[i]) | (C[i] & (A[i] | B[i]));
    end else begin
      )" +
         bit + R"(
    end
  end endgenerate
endmodule
)";
}

std::optional<FullAdder> CellLibrary::full_adder() const {
  std::optional<FullAdder> best;
  for (const auto& [cell_name, cell] : cells) {
    const std::optional<FullAdder> adder = as_full_adder(cell);
    if (adder && (!best || cell.area < cells.at(best->cell).area)) best = adder;
  }
  return best;
}

std::string CellLibrary::verilog() const {
  std::string text;
  for (const auto& [cell_name, cell] : cells) {
    if (cell.is_usable) text += module_text(cell);
  }
  return text;
}

}  // namespace fewbit::flows
