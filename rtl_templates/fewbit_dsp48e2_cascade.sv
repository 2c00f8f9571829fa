// fewbit_dsp48e2_cascade - products that DSP48E2 blocks of AMD UltraScale+ add up on their way
//
//   p_o = sum over blocks k of (plus_i[k] - minus_i[k]) * x_i[k]
//
// Formats    two's complement: plus_i, minus_i 27 bits a block, x_i 18 bits a block, block 0 lowest
// Overflow   wraps: the difference to 27 bits, p_o to 48 bits
// Structure  with SYNTHESIS a DSP48E2 for each block: plus_i at D and minus_i at A of the preadder,
//            x_i at B, and P by the cascade to the next block; no registers. Otherwise, or with
//            FEWBIT_BEHAVIOURAL, the same sum in plain SystemVerilog
// Timing     combinational: latency 0; the adders of all blocks are behind each other
// SPDX-License-Identifier: Apache-2.0 OR 0BSD
`default_nettype none

`ifdef SYNTHESIS
`ifndef FEWBIT_BEHAVIOURAL
`define FEWBIT_PRIMITIVE
`endif
`endif

module fewbit_dsp48e2_cascade #(
    // Blocks in the cascade
    parameter int Count = 1
) (
    input  logic [Count*27-1:0] plus_i,
    input  logic [Count*27-1:0] minus_i,
    input  logic [Count*18-1:0] x_i,
    output logic [        47:0] p_o
);
`ifdef FEWBIT_PRIMITIVE
  logic [Count*48-1:0] p;
  logic [Count*48-1:0] cascade;
  for (genvar k = 0; k < Count; k++) begin : gen_block
    logic [47:0] below;
    if (k == 0) begin : gen_first
      assign below = 48'b0;
    end else begin : gen_next
      assign below = cascade[(k-1)*48+:48];
    end
    DSP48E2 #(
        .ACASCREG(0),
        .ADREG(0),
        .ALUMODEREG(0),
        .AMULTSEL("AD"),
        .AREG(0),
        .A_INPUT("DIRECT"),
        .BCASCREG(0),
        .BMULTSEL("B"),
        .BREG(0),
        .B_INPUT("DIRECT"),
        .CARRYINREG(0),
        .CARRYINSELREG(0),
        .CREG(0),
        .DREG(0),
        .INMODEREG(0),
        .MREG(0),
        .OPMODEREG(0),
        .PREADDINSEL("A"),
        .PREG(0),
        .USE_MULT("MULTIPLY"),
        .USE_SIMD("ONE48")
    ) u_block (
        .A({3'b0, minus_i[k*27+:27]}),
        .ACIN(30'b0),
        .ALUMODE(4'b0000),
        .B(x_i[k*18+:18]),
        .BCIN(18'b0),
        .C(48'b0),
        .CARRYIN(1'b0),
        .CARRYINSEL(3'b000),
        .D(plus_i[k*27+:27]),
        .INMODE(5'b01100),
        .OPMODE((k == 0) ? 9'b000000101 : 9'b000010101),
        .PCIN(below),
        .PCOUT(cascade[k*48+:48]),
        .P(p[k*48+:48])
    );
  end
  assign p_o = p[(Count-1)*48+:48];
`else
  function automatic logic [47:0] sum_of(input logic [Count*27-1:0] plus,
                                         input logic [Count*27-1:0] minus,
                                         input logic [Count*18-1:0] x);
    logic signed [26:0] factor;
    logic signed [17:0] other;
    logic signed [47:0] sum;
    sum = 48'sd0;
    for (int k = 0; k < Count; k++) begin
      factor = plus[k*27+:27] - minus[k*27+:27];
      other = x[k*18+:18];
      sum = sum + factor * other;
    end
    sum_of = sum;
  endfunction
  assign p_o = sum_of(plus_i, minus_i, x_i);
`endif
endmodule : fewbit_dsp48e2_cascade

`ifdef FEWBIT_PRIMITIVE
`undef FEWBIT_PRIMITIVE
`endif
`default_nettype wire
