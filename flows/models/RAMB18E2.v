// Simulation model of AMD UltraScale+ RAMB18E2 as one read port and one write port of one clock.
// SPDX-License-Identifier: Apache-2.0
//
// Written after AMD UG573, "UltraScale Architecture Memory Resources": of a word that is written at
// the same edge of the same clock a read gives the old one where WRITE_MODE is READ_FIRST, else x. A
// parameter that asks for more stops elaboration.

module RAMB18E2 (
  output [15:0] DOUTADOUT, DOUTBDOUT,
  output [1:0] DOUTPADOUTP, DOUTPBDOUTP,
  input [13:0] ADDRARDADDR, ADDRBWRADDR,
  input ADDRENA, ADDRENB, CLKARDCLK, CLKBWRCLK, ENARDEN, ENBWREN, REGCEAREGCE, REGCEB, RSTRAMARSTRAM,
  input RSTRAMB, RSTREGARSTREG, RSTREGB, SLEEP,
  input [15:0] DINADIN, DINBDIN,
  input [1:0] DINPADINP, DINPBDINP, WEA,
  input [3:0] WEBWE
);
  parameter integer DOA_REG = 1;
  parameter integer DOB_REG = 1;
  parameter integer READ_WIDTH_A = 0;
  parameter integer READ_WIDTH_B = 0;
  parameter integer WRITE_WIDTH_A = 0;
  parameter integer WRITE_WIDTH_B = 0;
  parameter WRITE_MODE_A = "NO_CHANGE";
  parameter WRITE_MODE_B = "NO_CHANGE";
  parameter CLOCK_DOMAINS = "INDEPENDENT";
  parameter [71:0] INIT_A = 0;
  parameter [71:0] INIT_B = 0;
  parameter [71:0] SRVAL_A = 0;
  parameter [71:0] SRVAL_B = 0;
  parameter [255:0] INIT_00 = 0;
  parameter [255:0] INIT_01 = 0;
  parameter [255:0] INIT_02 = 0;
  parameter [255:0] INIT_03 = 0;
  parameter [255:0] INIT_04 = 0;
  parameter [255:0] INIT_05 = 0;
  parameter [255:0] INIT_06 = 0;
  parameter [255:0] INIT_07 = 0;
  parameter [255:0] INIT_08 = 0;
  parameter [255:0] INIT_09 = 0;
  parameter [255:0] INIT_0A = 0;
  parameter [255:0] INIT_0B = 0;
  parameter [255:0] INIT_0C = 0;
  parameter [255:0] INIT_0D = 0;
  parameter [255:0] INIT_0E = 0;
  parameter [255:0] INIT_0F = 0;
  parameter [255:0] INIT_10 = 0;
  parameter [255:0] INIT_11 = 0;
  parameter [255:0] INIT_12 = 0;
  parameter [255:0] INIT_13 = 0;
  parameter [255:0] INIT_14 = 0;
  parameter [255:0] INIT_15 = 0;
  parameter [255:0] INIT_16 = 0;
  parameter [255:0] INIT_17 = 0;
  parameter [255:0] INIT_18 = 0;
  parameter [255:0] INIT_19 = 0;
  parameter [255:0] INIT_1A = 0;
  parameter [255:0] INIT_1B = 0;
  parameter [255:0] INIT_1C = 0;
  parameter [255:0] INIT_1D = 0;
  parameter [255:0] INIT_1E = 0;
  parameter [255:0] INIT_1F = 0;
  parameter [255:0] INIT_20 = 0;
  parameter [255:0] INIT_21 = 0;
  parameter [255:0] INIT_22 = 0;
  parameter [255:0] INIT_23 = 0;
  parameter [255:0] INIT_24 = 0;
  parameter [255:0] INIT_25 = 0;
  parameter [255:0] INIT_26 = 0;
  parameter [255:0] INIT_27 = 0;
  parameter [255:0] INIT_28 = 0;
  parameter [255:0] INIT_29 = 0;
  parameter [255:0] INIT_2A = 0;
  parameter [255:0] INIT_2B = 0;
  parameter [255:0] INIT_2C = 0;
  parameter [255:0] INIT_2D = 0;
  parameter [255:0] INIT_2E = 0;
  parameter [255:0] INIT_2F = 0;
  parameter [255:0] INIT_30 = 0;
  parameter [255:0] INIT_31 = 0;
  parameter [255:0] INIT_32 = 0;
  parameter [255:0] INIT_33 = 0;
  parameter [255:0] INIT_34 = 0;
  parameter [255:0] INIT_35 = 0;
  parameter [255:0] INIT_36 = 0;
  parameter [255:0] INIT_37 = 0;
  parameter [255:0] INIT_38 = 0;
  parameter [255:0] INIT_39 = 0;
  parameter [255:0] INIT_3A = 0;
  parameter [255:0] INIT_3B = 0;
  parameter [255:0] INIT_3C = 0;
  parameter [255:0] INIT_3D = 0;
  parameter [255:0] INIT_3E = 0;
  parameter [255:0] INIT_3F = 0;
  parameter [255:0] INITP_00 = 0;
  parameter [255:0] INITP_01 = 0;
  parameter [255:0] INITP_02 = 0;
  parameter [255:0] INITP_03 = 0;
  parameter [255:0] INITP_04 = 0;
  parameter [255:0] INITP_05 = 0;
  parameter [255:0] INITP_06 = 0;
  parameter [255:0] INITP_07 = 0;

  generate
    if (DOA_REG != 0 || DOB_REG != 0 || (READ_WIDTH_A != 0) == (READ_WIDTH_B != 0) ||
        (READ_WIDTH_A != 0 ? WRITE_WIDTH_A : WRITE_WIDTH_B) != 0) begin : gen_more
      RAMB18E2_with_more_than_this_model_has check ();
    end
  endgenerate

  // Bytes of 8 bits, and a ninth bit of each
  reg [7:0] data [0:2047];
  reg parity [0:2047];
  wire [16383:0] data_contents = {INIT_3F, INIT_3E, INIT_3D, INIT_3C, INIT_3B, INIT_3A, INIT_39,
    INIT_38, INIT_37, INIT_36, INIT_35, INIT_34, INIT_33, INIT_32, INIT_31, INIT_30, INIT_2F,
    INIT_2E, INIT_2D, INIT_2C, INIT_2B, INIT_2A, INIT_29, INIT_28, INIT_27, INIT_26, INIT_25,
    INIT_24, INIT_23, INIT_22, INIT_21, INIT_20, INIT_1F, INIT_1E, INIT_1D, INIT_1C, INIT_1B,
    INIT_1A, INIT_19, INIT_18, INIT_17, INIT_16, INIT_15, INIT_14, INIT_13, INIT_12, INIT_11,
    INIT_10, INIT_0F, INIT_0E, INIT_0D, INIT_0C, INIT_0B, INIT_0A, INIT_09, INIT_08, INIT_07,
    INIT_06, INIT_05, INIT_04, INIT_03, INIT_02, INIT_01, INIT_00};
  wire [2047:0] parity_contents = {INITP_07, INITP_06, INITP_05, INITP_04, INITP_03, INITP_02,
    INITP_01, INITP_00};
  integer i;
  initial begin
    for (i = 0; i < 2048; i = i + 1) begin
      data[i] = data_contents[8 * i +: 8];
      parity[i] = parity_contents[i];
    end
  end

  // Which port reads; 36 bits take the data pins of both
  localparam AReads = READ_WIDTH_A != 0;
  localparam ReadWidth = AReads ? READ_WIDTH_A : READ_WIDTH_B;
  localparam WriteWidth = AReads ? WRITE_WIDTH_B : WRITE_WIDTH_A;
  wire [13:0] read_at = AReads ? ADDRARDADDR : ADDRBWRADDR;
  wire [13:0] write_at = AReads ? ADDRBWRADDR : ADDRARDADDR;
  wire reads = AReads ? ENARDEN : ENBWREN;
  wire writes = AReads ? ENBWREN : ENARDEN;
  wire [31:0] in = WriteWidth == 36 ? {DINBDIN, DINADIN} : AReads ? DINBDIN : DINADIN;
  wire [3:0] in_parity = WriteWidth == 36 ? {DINPBDINP, DINPADINP} :
      AReads ? DINPBDINP : DINPADINP;
  wire [3:0] bytes = AReads ? WEBWE : {2'b0, WEA};
  wire [3:0] enables = WriteWidth == 36 ? bytes : WriteWidth == 18 ? bytes & 4'h3 : bytes & 4'h1;

  function [10:0] first_byte(input [13:0] address, input integer width);
    first_byte = width == 36 ? {address[13:5], 2'b0} :
        width == 18 ? {address[13:4], 1'b0} : address[13:3];
  endfunction
  function [2:0] first_bit(input [13:0] address, input integer width);
    first_bit = width == 4 ? {address[2], 2'b0} : width == 2 ? {address[2:1], 1'b0} :
        width == 1 ? address[2:0] : 3'b0;
  endfunction
  wire [10:0] from = first_byte(read_at, ReadWidth);
  wire [10:0] to = first_byte(write_at, WriteWidth);
  wire [2:0] shift = first_bit(write_at, WriteWidth);
  wire [7:0] mask = (WriteWidth >= 9 ? 8'hff : (8'd1 << WriteWidth) - 8'd1) << shift;
  wire is_old = WRITE_MODE_A == "READ_FIRST" && WRITE_MODE_B == "READ_FIRST";
  wire collides = writes && |enables && read_at[13:5] == write_at[13:5] && !is_old;

  reg [31:0] out = 0;
  reg [3:0] out_parity = 0;
  assign {DOUTBDOUT, DOUTADOUT} = AReads ? out : {out[15:0], 16'b0};
  assign {DOUTPBDOUTP, DOUTPADOUTP} = AReads ? out_parity : {out_parity[1:0], 2'b0};
  integer k;
  always @(posedge CLKARDCLK) begin
    for (k = 0; k < 4; k = k + 1) begin
      if (writes && enables[k]) begin
        data[to + k] <= WriteWidth >= 9 ? in[8 * k +: 8] :
            data[to] & ~mask | (in[7:0] << shift) & mask;
        parity[to + k] <= in_parity[k];
      end
    end
  end
  always @(posedge CLKBWRCLK) begin
    if (reads) begin
      out <= collides ? {32{1'bx}} :
          {data[from + 11'd3], data[from + 11'd2], data[from + 11'd1], data[from]} >>
              first_bit(read_at, ReadWidth);
      out_parity <= {parity[from + 11'd3], parity[from + 11'd2], parity[from + 11'd1],
                     parity[from]};
    end
  end
endmodule
