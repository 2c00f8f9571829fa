// fewbit_register - flip-flops with an enable and one of four kinds of reset
//
//   q_o = d_i of the last cycle with enable_i, 0 after reset
//
// Reset      ResetKind says what rst_i is
// Timing     latency 1
// SPDX-License-Identifier: Apache-2.0 OR 0BSD
`default_nettype none

// Stops elaboration with a message; Icarus 11 takes no $error there and stops at the missing module
`ifdef __ICARUS__
`define FEWBIT_STOP(message) message stop ();
`else
`define FEWBIT_STOP(message) $error(`"message`");
`endif

module fewbit_register #(
    // Bits
    parameter int Width     = 1,
    // 0: asynchronous, active low; 1: synchronous, active high; 2: synchronous, active low; 3: none
    parameter int ResetKind = 0
) (
    input  logic             clk_i,
    input  logic             rst_i,
    input  logic             enable_i,
    input  logic [Width-1:0] d_i,
    output logic [Width-1:0] q_o
);
  // Legal ranges of the parameters
  if (Width < 1 || Width > 4096) begin : gen_bad_width
    `FEWBIT_STOP(Width_must_be_1_to_4096)
  end
  if (ResetKind < 0 || ResetKind > 3) begin : gen_bad_reset_kind
    `FEWBIT_STOP(ResetKind_must_be_0_to_3)
  end

  logic [Width-1:0] state_q;
  assign q_o = state_q;

  if (ResetKind == 0) begin : gen_async_low
    always_ff @(posedge clk_i or negedge rst_i) begin
      if (!rst_i) state_q <= '0;
      else if (enable_i) state_q <= d_i;
    end
  end else if (ResetKind == 1) begin : gen_sync_high
    always_ff @(posedge clk_i) begin
      if (rst_i) state_q <= '0;
      else if (enable_i) state_q <= d_i;
    end
  end else if (ResetKind == 2) begin : gen_sync_low
    always_ff @(posedge clk_i) begin
      if (!rst_i) state_q <= '0;
      else if (enable_i) state_q <= d_i;
    end
  end else begin : gen_no_reset
    logic unused_rst;
    assign unused_rst = rst_i;
    always_ff @(posedge clk_i) begin
      if (enable_i) state_q <= d_i;
    end
  end
endmodule : fewbit_register

`undef FEWBIT_STOP
`default_nettype wire
