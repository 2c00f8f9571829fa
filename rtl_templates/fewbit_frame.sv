// fewbit_frame - two magnitudes of any exponents in one fixed-point frame, for one rounding
//
//   a_o * 2^base_o = a_i * 2^a_position_i, and likewise b: exact, or with what is below 2^base_o
//   as a last bit that is 1, where Reach more places than it are below the other one
//
// Formats    a_i, b_i: unsigned, of the same unit; positions: how far they are moved up
// Rounding   none: a sum or difference of a_o and b_o rounds to at most Reach - SigWidth - 2 bits as
//            the exact one does
// Zero       a zero has the other one's position
// Timing     combinational
// SPDX-License-Identifier: Apache-2.0 OR 0BSD
`default_nettype none

// Stops elaboration with a message; Icarus 11 takes no $error there and stops at the missing module
`ifdef __ICARUS__
`define FEWBIT_STOP(message) message stop ();
`else
`define FEWBIT_STOP(message) $error(`"message`");
`endif

module fewbit_frame #(
    // Bits of both magnitudes
    parameter int SigWidth      = 8,
    // Bits of the positions
    parameter int PositionWidth = 8,
    // Places below the higher one of both that are kept
    parameter int Reach         = 24
) (
    input  logic [      SigWidth-1:0] a_i,
    input  logic [ PositionWidth-1:0] a_position_i,
    input  logic [      SigWidth-1:0] b_i,
    input  logic [ PositionWidth-1:0] b_position_i,
    output logic [Reach+SigWidth-1:0] a_o,
    output logic [Reach+SigWidth-1:0] b_o,
    output logic [ PositionWidth-1:0] base_o
);
  // Legal ranges of the parameters
  if (SigWidth < 1 || SigWidth > 4096) begin : gen_bad_sig_width
    `FEWBIT_STOP(SigWidth_must_be_1_to_4096)
  end
  if (PositionWidth < 1 || PositionWidth > 24) begin : gen_bad_position_width
    `FEWBIT_STOP(PositionWidth_must_be_1_to_24)
  end
  if (Reach < SigWidth + 4 || Reach > 8192) begin : gen_bad_reach
    `FEWBIT_STOP(Reach_must_be_SigWidth_and_4_to_8192)
  end

  // The higher position decides where the frame begins
  localparam int FrameWidth = Reach + SigWidth;
  localparam int LongWidth = PositionWidth + 14;
  logic [LongWidth-1:0] a_position, b_position, top, base;
  assign a_position = (a_i == '0) ? '0 : LongWidth'(a_position_i);
  assign b_position = (b_i == '0) ? '0 : LongWidth'(b_position_i);
  assign top = (a_position > b_position) ? a_position : b_position;
  assign base = (top > LongWidth'(Reach)) ? top - LongWidth'(Reach) : '0;
  assign base_o = base[PositionWidth-1:0];
  // No more than a position
  logic unused_base;
  assign unused_base = ^base;

  // A magnitude in the frame
  function automatic logic [FrameWidth-1:0] placed(input logic [SigWidth-1:0] magnitude,
                                                   input logic [LongWidth-1:0] position,
                                                   input logic [LongWidth-1:0] lowest);
    logic [2*SigWidth-1:0] moved;
    logic [LongWidth-1:0] below;
    logic sticky;
    below = (position < lowest) ? lowest - position : '0;
    if (below > LongWidth'(SigWidth)) below = LongWidth'(SigWidth);
    moved = {magnitude, {SigWidth{1'b0}}} >> below;
    sticky = moved[SigWidth-1:0] != '0;
    placed = FrameWidth'(moved[2*SigWidth-1:SigWidth]);
    if (position > lowest) placed = placed << (position - lowest);
    placed = placed | FrameWidth'(sticky);
  endfunction
  assign a_o = placed(a_i, a_position, base);
  assign b_o = placed(b_i, b_position, base);
endmodule : fewbit_frame

`undef FEWBIT_STOP
`default_nettype wire
