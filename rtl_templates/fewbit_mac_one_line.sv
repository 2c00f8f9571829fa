// fewbit_mac_one_line - sum of products of signed integers, as one would write it
//
//   acc_o = a_i * b_i                   where valid_i and first_i
//   acc_o = acc_o + a_i * b_i           where valid_i alone
//
// What the structures that fewbit builds are measured against; not what it emits.
//
// Formats    a_i, b_i, acc_o: two's complement
// Overflow   wraps modulo 2^AccWidth
// Reset      asynchronous, active low
// Timing     latency 1, one operation per cycle; acc_o holds in between
// SPDX-License-Identifier: Apache-2.0 OR 0BSD
`default_nettype none

// Stops elaboration with a message; Icarus 11 takes no $error there and stops at the missing module
`ifdef __ICARUS__
`define FEWBIT_STOP(message) message stop ();
`else
`define FEWBIT_STOP(message) $error(`"message`");
`endif

module fewbit_mac_one_line #(
    // Bits of a
    parameter int AWidth   = 8,
    // Bits of b
    parameter int BWidth   = 8,
    // Bits of the accumulator
    parameter int AccWidth = 26
) (
    input  logic                       clk_i,
    input  logic                       rst_ni,
    input  logic                       valid_i,
    input  logic                       first_i,
    input  logic signed [  AWidth-1:0] a_i,
    input  logic signed [  BWidth-1:0] b_i,
    output logic                       valid_o,
    output logic signed [AccWidth-1:0] acc_o
);

  // Legal ranges of the parameters
  if (AWidth < 1 || AWidth > 32) begin : gen_bad_a_width
    `FEWBIT_STOP(AWidth_must_be_1_to_32)
  end
  if (BWidth < 1 || BWidth > 32) begin : gen_bad_b_width
    `FEWBIT_STOP(BWidth_must_be_1_to_32)
  end
  if (AccWidth < AWidth + BWidth || AccWidth > 2048) begin : gen_bad_acc_width
    `FEWBIT_STOP(AccWidth_must_be_AWidth_and_BWidth_to_2048)
  end

  // The whole sum is computed in the accumulator's width, and signed.
  logic signed [AccWidth-1:0] a;
  logic signed [AccWidth-1:0] b;
  assign a = AccWidth'(a_i);
  assign b = AccWidth'(b_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_o <= 1'b0;
      acc_o   <= {AccWidth{1'b0}};
    end else begin
      valid_o <= valid_i;
      if (valid_i) begin
        if (first_i) acc_o <= a * b;
        else acc_o <= acc_o + a * b;
      end
    end
  end

endmodule : fewbit_mac_one_line

`undef FEWBIT_STOP
`default_nettype wire
