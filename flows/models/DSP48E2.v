// Simulation model of AMD UltraScale DSP48E2 as a multiplier with preadder and cascade: no register.
// SPDX-License-Identifier: Apache-2.0
//
// Written after AMD UG579, "UltraScale Architecture DSP Slice": with every register off and OPMODE
// X = Y = M, W = 0, the result is P = Z + F x B in two's complement. Z is 0, or PCIN where
// OPMODE[6:4] is 001. F is A[26:0], or with AMULTSEL = AD the preadder's D + A or D - A, where
// INMODE[2] lets D in and INMODE[3] subtracts. A parameter that asks for more stops elaboration; an
// input that does makes every result bit wrong.

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
  output [47:0] P, PCOUT
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
  parameter PREADDINSEL = "A";
  parameter integer PREG = 1;
  parameter USE_MULT = "MULTIPLY";
  parameter USE_SIMD = "ONE48";

  generate
    if (ADREG != 0 || ALUMODEREG != 0 || AREG != 0 || BREG != 0 || CARRYINREG != 0 ||
        CARRYINSELREG != 0 || CREG != 0 || DREG != 0 || INMODEREG != 0 || MREG != 0 ||
        OPMODEREG != 0 || PREG != 0 || ACASCREG != 0 || BCASCREG != 0) begin : gen_registers
      DSP48E2_with_registers_has_no_simulation_model check ();
    end
    if ((AMULTSEL != "A" && AMULTSEL != "AD") || PREADDINSEL != "A" || BMULTSEL != "B" ||
        A_INPUT != "DIRECT" || B_INPUT != "DIRECT" || USE_MULT != "MULTIPLY" ||
        USE_SIMD != "ONE48") begin : gen_more
      DSP48E2_other_than_a_multiplier_has_no_simulation_model check ();
    end
  endgenerate

  // The preadder, 27 bits wide
  wire [26:0] d_gated = INMODE[2] ? D : 27'b0;
  wire [26:0] preadder = INMODE[3] ? d_gated - A[26:0] : d_gated + A[26:0];
  wire [26:0] factor = AMULTSEL == "AD" ? preadder : A[26:0];
  wire signed [47:0] a_wide = {{21{factor[26]}}, factor};
  wire signed [47:0] b_wide = {{30{B[17]}}, B};
  // Z: 0, or P of the block below
  wire [47:0] z = OPMODE[6:4] == 3'b001 ? PCIN : 48'b0;
  wire has_inmode = AMULTSEL == "AD" ? {INMODE[4], INMODE[1:0]} == 3'b000 : INMODE == 5'b00000;
  wire has_opmode = OPMODE[8:7] == 2'b00 && OPMODE[6:5] == 2'b00 && OPMODE[3:0] == 4'b0101;
  wire is_modelled =
      ALUMODE == 4'b0000 && has_inmode && has_opmode && CARRYINSEL == 3'b000 && !CARRYIN;
  assign P = (z + a_wide * b_wide) ^ {48{~is_modelled}};
  assign PCOUT = P;
endmodule
