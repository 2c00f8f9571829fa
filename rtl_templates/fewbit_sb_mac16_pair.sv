// fewbit_sb_mac16_pair - two products in one SB_MAC16 of Lattice iCE40
//
//   p_o[k] = a_i[k] * b_i[k], k < 2
//
// Formats    a_i, b_i: 8 bits each, number 0 lowest, two's complement with ASigned or BSigned
//            p_o: 16 bits each, two's complement where a factor is
// Structure  with SYNTHESIS an SB_MAC16 in its 8 x 8 mode, without registers. Otherwise, or with
//            FEWBIT_BEHAVIOURAL, the same products in plain SystemVerilog
// Timing     combinational: latency 0
// SPDX-License-Identifier: Apache-2.0 OR 0BSD
`default_nettype none

`ifdef SYNTHESIS
`ifndef FEWBIT_BEHAVIOURAL
`define FEWBIT_PRIMITIVE
`endif
`endif

module fewbit_sb_mac16_pair #(
    // 1: a_i is in two's complement
    parameter int ASigned = 1,
    // 1: b_i is in two's complement
    parameter int BSigned = 1
) (
    input  logic [15:0] a_i,
    input  logic [15:0] b_i,
    output logic [31:0] p_o
);
`ifdef FEWBIT_PRIMITIVE
  // ice40_dsp of Yosys takes any SB_MAC16 whose O[0] is read for a 16 x 16 multiplier and changes its
  // mode; so a gate makes that bit.
  logic [31:0] o;
  assign p_o = {o[31:1], a_i[0] & b_i[0]};
  SB_MAC16 #(
      .NEG_TRIGGER(1'b0),
      .C_REG(1'b0),
      .A_REG(1'b0),
      .B_REG(1'b0),
      .D_REG(1'b0),
      .TOP_8x8_MULT_REG(1'b0),
      .BOT_8x8_MULT_REG(1'b0),
      .PIPELINE_16x16_MULT_REG1(1'b0),
      .PIPELINE_16x16_MULT_REG2(1'b0),
      .TOPOUTPUT_SELECT(2'b10),
      .TOPADDSUB_LOWERINPUT(2'b00),
      .TOPADDSUB_UPPERINPUT(1'b0),
      .TOPADDSUB_CARRYSELECT(2'b00),
      .BOTOUTPUT_SELECT(2'b10),
      .BOTADDSUB_LOWERINPUT(2'b00),
      .BOTADDSUB_UPPERINPUT(1'b0),
      .BOTADDSUB_CARRYSELECT(2'b00),
      .MODE_8x8(1'b1),
      .A_SIGNED((ASigned != 0) ? 1'b1 : 1'b0),
      .B_SIGNED((BSigned != 0) ? 1'b1 : 1'b0)
  ) u_block (
      .A(a_i),
      .B(b_i),
      .O(o)
  );
`else
  for (genvar k = 0; k < 2; k++) begin : gen_product
    logic [15:0] a, b;
    assign a = {{8{(ASigned != 0) && a_i[8*k+7]}}, a_i[8*k+:8]};
    assign b = {{8{(BSigned != 0) && b_i[8*k+7]}}, b_i[8*k+:8]};
    assign p_o[16*k+:16] = a * b;
  end
`endif
endmodule : fewbit_sb_mac16_pair

`ifdef FEWBIT_PRIMITIVE
`undef FEWBIT_PRIMITIVE
`endif
`default_nettype wire
