// Simulation model of AMD UltraScale DSP48E2 as a plain multiplier: no register, no cascade.
// SPDX-License-Identifier: Apache-2.0
//
// Written after AMD UG579, "UltraScale Architecture DSP Slice": with every register off, operands A
// and B, and OPMODE X = Y = M, Z = W = 0, the result is P = A[26:0] x B in two's complement. A
// parameter that asks for more stops elaboration; an input that does makes every result bit wrong.

module DSP48E2 (
  input [29:0] A, ACIN,
  input [3:0] ALUMODE,
  input [17:0] B, BCIN,
  input [47:0] C, PCIN,
  input CARRYIN,
  input [2:0] CARRYINSEL,
  input [26:0] D,
  input [4:0] INMODE,
  input [8:0] OPMODE,
  output [47:0] P
);
  parameter integer ACASCREG = 1;
  parameter integer ADREG = 1;
  parameter integer ALUMODEREG = 1;
  parameter AMULTSEL = "A";
  parameter integer AREG = 1;
  parameter A_INPUT = "DIRECT";
  parameter integer BCASCREG = 1;
  parameter BMULTSEL = "B";
  parameter integer BREG = 1;
  parameter B_INPUT = "DIRECT";
  parameter integer CARRYINREG = 1;
  parameter integer CARRYINSELREG = 1;
  parameter integer CREG = 1;
  parameter integer DREG = 1;
  parameter integer INMODEREG = 1;
  parameter integer MREG = 1;
  parameter integer OPMODEREG = 1;
  parameter integer PREG = 1;
  parameter USE_MULT = "MULTIPLY";
  parameter USE_SIMD = "ONE48";

  generate
    if (ADREG != 0 || ALUMODEREG != 0 || AREG != 0 || BREG != 0 || CARRYINREG != 0 ||
        CARRYINSELREG != 0 || CREG != 0 || DREG != 0 || INMODEREG != 0 || MREG != 0 ||
        OPMODEREG != 0 || PREG != 0 || ACASCREG != 0 || BCASCREG != 0) begin
      $fatal(1, "DSP48E2 with registers has no simulation model here");
    end
    if (AMULTSEL != "A" || BMULTSEL != "B" || A_INPUT != "DIRECT" || B_INPUT != "DIRECT" ||
        USE_MULT != "MULTIPLY" || USE_SIMD != "ONE48") begin
      $fatal(1, "DSP48E2 other than a multiplier of A and B has no simulation model here");
    end
  endgenerate

  wire signed [47:0] a_wide = {{21{A[26]}}, A[26:0]};
  wire signed [47:0] b_wide = {{30{B[17]}}, B};
  wire is_modelled = ALUMODE == 4'b0000 && INMODE == 5'b00000 && OPMODE == 9'b000000101 &&
                     CARRYINSEL == 3'b000 && !CARRYIN;
  assign P = (a_wide * b_wide) ^ {48{~is_modelled}};
endmodule
