// Designs written by hand, parts of which a test can write otherwise: multipliers, accumulators,
// tables.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include "fewbit/sim/model/operators.h"
#include "fewbit/sim/verify/verify.h"

namespace fewbit::verify {

using rtl::Direction;
using rtl::PortRole;

inline Subject subject_of(const OperatorRequest& request, const std::string& module,
                          const std::string& text) {
  Subject subject;
  subject.spec = make_operator_spec(request).value();
  subject.label = module;
  subject.design.files = {{module + ".sv", text}};
  subject.design.signature.module = module;
  return subject;
}

inline void add_port(Subject& subject, const char* name, Direction direction, PortRole role,
                     int width = 1, const char* width_parameter = "") {
  subject.design.signature.ports.push_back(
      {name, direction, role, width, false, "", 0, 1, width_parameter});
}

/// Signed, exact: what a test can write otherwise.
struct MulText {
  int bits = 3;
  int result_port_bits = 2 * bits;
  std::string product = "assign product = $signed(a_i) * $signed(b_i);";
  std::string result = "assign result_o = product;";
};

inline Subject mul(const std::string& module, const MulText& text = {}) {
  OperatorRequest request;
  request.op = "mul";
  request.a = request.b = fmt::format("int{}", text.bits);
  Subject subject = subject_of(request, module,
                               fmt::format(R"(
module {} (input logic [{}:0] a_i, b_i, output logic [{}:0] result_o);
  logic signed [{}:0] product;
  {}
  {}
endmodule
)",
                                           module, text.bits - 1, text.result_port_bits - 1,
                                           2 * text.bits - 1, text.product, text.result));
  add_port(subject, "a_i", Direction::kInput, PortRole::kOperand, text.bits);
  add_port(subject, "b_i", Direction::kInput, PortRole::kOperand, text.bits);
  add_port(subject, "result_o", Direction::kOutput, PortRole::kResult, 2 * text.bits);
  return subject;
}

struct ResetText {
  std::string ports;  ///< clock and reset
  std::string edges;
  std::string active;
};
inline const ResetText kAsyncLow = {"clk_i, rst_i", "posedge clk_i or negedge rst_i", "!rst_i"};
inline const ResetText kSyncHigh = {"clk_i, rst_i", "posedge clk_i", "rst_i"};
inline const ResetText kNoReset = {"clk_i", "posedge clk_i", "1'b0"};

/// int4 x int4, latency 2: what a test can write otherwise.
struct MacText {
  ResetText reset = kAsyncLow;
  std::string more;  ///< declarations
  std::string starts = "first_q";
  std::string next = "sum";
  std::string reset_valid = "valid_q <= 1'b0;";
  std::string reset_sum = "acc_q <= '0;";
  std::string out = "valid_o <= valid_q;";
  std::string step = "if (valid_q) acc_q <= next;";
  std::string capture = "first_q <= first_i;";
};
inline constexpr const char* kMac = R"(
module {module} #(parameter int AccWidth = 12) (
  input logic {ports}, valid_i, first_i, input logic [3:0] a_i, b_i,
  output logic valid_o, output logic [AccWidth-1:0] acc_o);
  logic signed [7:0] product_q;
  logic first_q, valid_q;
  logic signed [AccWidth-1:0] acc_q, base, addend, sum, next;
  {more}
  assign base = {starts} ? '0 : acc_q;
  assign addend = {{{{(AccWidth-8){{product_q[7]}}}}, product_q}};
  assign sum = base + addend;
  assign next = {next};
  assign acc_o = acc_q;
  always_ff @({edges}) begin
    if ({active}) begin
      {reset_valid}
      valid_o <= 1'b0;
      {reset_sum}
    end else begin
      valid_q <= valid_i;
      {out}
      {step}
    end
  end
  always_ff @(posedge clk_i) begin
    product_q <= $signed(a_i) * $signed(b_i);
    {capture}
  end
endmodule
)";

inline constexpr const char* kSaturated =
    "base[AccWidth-1] == addend[AccWidth-1] && sum[AccWidth-1] != base[AccWidth-1] ?"
    " {base[AccWidth-1], {(AccWidth-1){!base[AccWidth-1]}}} : sum";

inline void add_clock_reset_and_valid(Subject& subject) {
  add_port(subject, "clk_i", Direction::kInput, PortRole::kClock);
  if (subject.spec.reset != ResetKind::kNone) {
    add_port(subject, "rst_i", Direction::kInput, PortRole::kReset);
  }
  add_port(subject, "valid_i", Direction::kInput, PortRole::kValid);
}

inline void add_accumulator_ports(Subject& subject) {
  const int width = subject.spec.acc_width;
  subject.design.signature.reset = std::string(to_string(subject.spec.reset));
  subject.design.signature.latency_cycles = 2;
  add_clock_reset_and_valid(subject);
  add_port(subject, "first_i", Direction::kInput, PortRole::kFirst);
  add_port(subject, "a_i", Direction::kInput, PortRole::kOperand, subject.spec.a.bits());
  if (subject.spec.b) {
    add_port(subject, "b_i", Direction::kInput, PortRole::kOperand, subject.spec.b->bits());
  }
  add_port(subject, "valid_o", Direction::kOutput, PortRole::kValid);
  add_port(subject, "acc_o", Direction::kOutput, PortRole::kResult, width, "AccWidth");
}

/// Sized for 16 terms (sums from -896 to 1024: 12 bits), or of `acc_width` bits.
inline Subject mac(const std::string& module, const MacText& text = {},
                   const char* reset = "async_low", std::optional<long long> acc_width = {},
                   const char* overflow = "") {
  OperatorRequest request;
  request.op = "mac";
  request.a = request.b = "int4";
  if (!acc_width) request.terms = 16;
  request.acc_width = acc_width;
  request.overflow = overflow;
  request.reset = reset;
  Subject subject = subject_of(
      request, module,
      fmt::format(kMac, fmt::arg("module", module), fmt::arg("ports", text.reset.ports),
                  fmt::arg("more", text.more), fmt::arg("starts", text.starts),
                  fmt::arg("next", text.next), fmt::arg("edges", text.reset.edges),
                  fmt::arg("active", text.reset.active), fmt::arg("reset_valid", text.reset_valid),
                  fmt::arg("reset_sum", text.reset_sum), fmt::arg("out", text.out),
                  fmt::arg("step", text.step), fmt::arg("capture", text.capture)));
  if (acc_width) subject.parameters["AccWidth"] = *acc_width;
  add_accumulator_ports(subject);
  return subject;
}

// Binary4p2sf: 1 sign, 2 exponent, 1 fraction bit; NaN = 8. Sized for 8 terms of up to +/-12: 8
// bits.
inline constexpr const char* kAcc = R"(
module {module} #(parameter int AccWidth = 8) (
  input logic clk_i, rst_i, valid_i, first_i, input logic [3:0] a_i,
  output logic valid_o, output logic [AccWidth-1:0] acc_o, output logic nan_o);
  logic [3:0] magnitude;
  logic signed [7:0] addend_q;
  logic first_q, valid_q, is_nan_q;
  always_comb begin
    case (a_i[2:1])
      2'd0: magnitude = {{3'd0, a_i[0]}};
      2'd1: magnitude = {{2'd0, 1'b1, a_i[0]}};
      2'd2: magnitude = {{1'd0, 1'b1, a_i[0], 1'b0}};
      default: magnitude = {{1'b1, a_i[0], 2'b0}};
    endcase
  end
  always_ff @(posedge clk_i or negedge rst_i) begin
    if (!rst_i) begin
      valid_q <= 1'b0;
      valid_o <= 1'b0;
      acc_o <= '0;
      nan_o <= 1'b0;
    end else begin
      valid_q <= valid_i;
      valid_o <= valid_q;
      if (valid_q) begin
        acc_o <= (first_q ? 8'd0 : acc_o) + addend_q;
        nan_o <= {nan};
      end
    end
  end
  always_ff @(posedge clk_i) begin
    addend_q <= a_i[3] ? -{{4'd0, magnitude}} : {{4'd0, magnitude}};
    is_nan_q <= a_i == 4'd8;
    first_q <= first_i;
  end
endmodule
)";

inline Subject acc(const std::string& module,
                   const std::string& nan = "is_nan_q || (!first_q && nan_o)") {
  OperatorRequest request;
  request.op = "acc";
  request.a = "binary4p2sf";
  request.terms = 8;
  Subject subject = subject_of(request, module,
                               fmt::format(kAcc, fmt::arg("module", module), fmt::arg("nan", nan)));
  add_accumulator_ports(subject);
  add_port(subject, "nan_o", Direction::kOutput, PortRole::kNan);
  return subject;
}

/// int3 x int3 behind a register, with back-pressure and a tag: what a test can write otherwise.
struct ElasticText {
  ResetText reset = kAsyncLow;
  std::string more;  ///< declarations
  std::string ready = "moves";
  std::string reset_valid = "valid_o <= 1'b0;";
  std::string valid_moves = "if (moves)";
  std::string valid = "valid_i";
  std::string result_moves = "if (moves && valid_i)";
  std::string tag = "if (moves && valid_i) tag_o <= tag_i;";
};
inline constexpr const char* kElasticMul = R"(
module {module} (
  input logic {ports}, valid_i, ready_i, input logic [4:0] tag_i, input logic [2:0] a_i, b_i,
  output logic ready_o, valid_o, output logic [5:0] result_o, output logic [4:0] tag_o);
  logic moves;
  {more}
  assign moves = ready_i || !valid_o;
  assign ready_o = {ready};
  always_ff @({edges}) begin
    if ({active}) begin
      {reset_valid}
    end else {valid_moves} begin
      valid_o <= {valid};
    end
  end
  always_ff @(posedge clk_i) begin
    {result_moves} result_o <= $signed(a_i) * $signed(b_i);
    {tag}
  end
endmodule
)";

inline Subject elastic_mul(const std::string& module, const ElasticText& text = {},
                           const char* reset = "async_low") {
  OperatorRequest request;
  request.op = "mul";
  request.a = request.b = "int3";
  request.handshake = "valid_ready";
  request.tag_bits = 5;
  request.reset = reset;
  Subject subject = subject_of(
      request, module,
      fmt::format(kElasticMul, fmt::arg("module", module), fmt::arg("ports", text.reset.ports),
                  fmt::arg("more", text.more), fmt::arg("ready", text.ready),
                  fmt::arg("edges", text.reset.edges), fmt::arg("active", text.reset.active),
                  fmt::arg("reset_valid", text.reset_valid),
                  fmt::arg("valid_moves", text.valid_moves), fmt::arg("valid", text.valid),
                  fmt::arg("result_moves", text.result_moves), fmt::arg("tag", text.tag)));
  subject.design.signature.reset = reset;
  subject.design.signature.handshake = "valid_ready";
  subject.design.signature.latency_cycles = 1;
  add_clock_reset_and_valid(subject);
  add_port(subject, "ready_i", Direction::kInput, PortRole::kReady);
  add_port(subject, "tag_i", Direction::kInput, PortRole::kTag, 5);
  add_port(subject, "a_i", Direction::kInput, PortRole::kOperand, 3);
  add_port(subject, "b_i", Direction::kInput, PortRole::kOperand, 3);
  add_port(subject, "ready_o", Direction::kOutput, PortRole::kReady);
  add_port(subject, "valid_o", Direction::kOutput, PortRole::kValid);
  add_port(subject, "result_o", Direction::kOutput, PortRole::kResult, 6);
  add_port(subject, "tag_o", Direction::kOutput, PortRole::kTag, 5);
  return subject;
}

/// An operator as a table of what the model says; where all operands side by side, the first on
/// top, are `wrong`, bit 1 of the result is, or bit 0 of the scale.
inline Subject table(const OperatorRequest& request, const std::string& module, int wrong = -1) {
  Subject subject = subject_of(request, module, fmt::format("module {} (", module));
  const std::vector<OperandPort> ports = operand_ports(subject.spec);
  const bool has_scale = subject.spec.makes_block();
  const int width = output_format(subject.spec).bits() * output_lanes(subject.spec);
  std::string inputs, outputs = has_scale ? "scale_o, result_o" : "result_o";
  std::string& text = subject.design.files[0].text;
  for (const OperandPort& port : ports) {
    text += fmt::format("input logic [{}:0] {},\n", port.bits() - 1, port.name);
    inputs += (inputs.empty() ? "" : ", ") + port.name;
    add_port(subject, port.name.c_str(), Direction::kInput, PortRole::kOperand, port.bits());
  }
  add_port(subject, "result_o", Direction::kOutput, PortRole::kResult, width);
  if (has_scale) {
    text += "output logic [7:0] scale_o,\n";
    add_port(subject, "scale_o", Direction::kOutput, PortRole::kScale, 8);
  }
  const int operand_width = operand_bits(subject.spec);
  const int output_width = width + (has_scale ? 8 : 0);
  text +=
      fmt::format("output logic [{}:0] result_o);\nalways_comb case ({{{}}})\n", width - 1, inputs);
  for (int code = 0; code < 1 << operand_width; ++code) {
    model::Operands operands;
    int below = operand_width;
    for (const OperandPort& port : ports) {
      below -= port.bits();
      operands.emplace_back((code >> below) & ((1 << port.bits()) - 1));
    }
    const model::Outputs right = model::evaluate(subject.spec, operands);
    BigInt outputs_code = right.result | (right.scale << width);
    if (code == wrong) outputs_code ^= BigInt(has_scale ? pow2(width) : 2);
    text += fmt::format("  {}'d{}: {{{}}} = {}'d{};\n", operand_width, code, outputs, output_width,
                        outputs_code.str());
  }
  text += "endcase\nendmodule\n";
  return subject;
}

}  // namespace fewbit::verify
