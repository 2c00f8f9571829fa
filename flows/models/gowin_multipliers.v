// Simulation models of Gowin MULT9X9 and MULT18X18 as plain multipliers: no register, no shift chain.
// SPDX-License-Identifier: Apache-2.0
//
// Written after Gowin UG287, "Gowin DSP User Guide": DOUT = A x B, each factor two's complement where
// its SIGN input is 1. A parameter that asks for a register stops elaboration; ASEL and BSEL (operands
// from the neighbour's SOA and SOB) make every result bit wrong.

module MULT9X9 (
  input [8:0] A, B, SIA, SIB,
  input ASIGN, BSIGN, ASEL, BSEL, CE, CLK, RESET,
  output [17:0] DOUT,
  output [8:0] SOA, SOB
);
  parameter AREG = 1'b0;
  parameter BREG = 1'b0;
  parameter OUT_REG = 1'b0;
  parameter PIPE_REG = 1'b0;
  parameter ASIGN_REG = 1'b0;
  parameter BSIGN_REG = 1'b0;
  parameter SOA_REG = 1'b0;
  parameter MULT_RESET_MODE = "SYNC";

  generate
    if (AREG || BREG || OUT_REG || PIPE_REG || ASIGN_REG || BSIGN_REG || SOA_REG) begin
      $fatal(1, "MULT9X9 with registers has no simulation model here");
    end
  endgenerate

  wire signed [17:0] a_wide = {{9{ASIGN & A[8]}}, A};
  wire signed [17:0] b_wide = {{9{BSIGN & B[8]}}, B};
  wire is_modelled = ~ASEL & ~BSEL;
  assign DOUT = (a_wide * b_wide) ^ {18{~is_modelled}};
endmodule

module MULT18X18 (
  input [17:0] A, B, SIA, SIB,
  input ASIGN, BSIGN, ASEL, BSEL, CE, CLK, RESET,
  output [35:0] DOUT,
  output [17:0] SOA, SOB
);
  parameter AREG = 1'b0;
  parameter BREG = 1'b0;
  parameter OUT_REG = 1'b0;
  parameter PIPE_REG = 1'b0;
  parameter ASIGN_REG = 1'b0;
  parameter BSIGN_REG = 1'b0;
  parameter SOA_REG = 1'b0;
  parameter MULT_RESET_MODE = "SYNC";

  generate
    if (AREG || BREG || OUT_REG || PIPE_REG || ASIGN_REG || BSIGN_REG || SOA_REG) begin
      $fatal(1, "MULT18X18 with registers has no simulation model here");
    end
  endgenerate

  wire signed [35:0] a_wide = {{18{ASIGN & A[17]}}, A};
  wire signed [35:0] b_wide = {{18{BSIGN & B[17]}}, B};
  wire is_modelled = ~ASEL & ~BSEL;
  assign DOUT = (a_wide * b_wide) ^ {36{~is_modelled}};
endmodule
