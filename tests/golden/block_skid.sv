// fewbit_skid_w8_last - two places that cut every path between both sides, at full rate
//
//   out = in
//
// --data-bits        8: Bits of the data of a beat
// --last             yes: Beats have last, the end of a packet
// --reset            async_low: Reset
// Streams    a beat moves where valid and ready are 1 at a clock edge; it stays until it
//            has moved; no ready_o depends on a ready_i without a register between
// Reproduce  fewbit emit skid --data-bits 8 --last yes
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_skid_w8_last (
  input  wire  clk_i,
  input  wire  rst_ni,
  input  wire  in_valid_i,
  input  wire  [7:0] in_data_i,
  input  wire  in_last_i,
  input  wire  out_ready_i,
  output logic in_ready_o,
  output logic out_valid_o,
  output logic [7:0] out_data_o,
  output logic out_last_o
);

  logic valid_q;
  logic spare_valid_q;
  logic [8:0] spare_q;
  logic [8:0] beat_q;
  wire in_ready;

  // Two places: beats pass through the second one where the first one stands
  wire [8:0] in_beat = {in_last_i, in_data_i};
  assign in_ready = ~spare_valid_q;
  wire move = out_ready_i | ~valid_q;
  wire offered = in_valid_i | spare_valid_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
      spare_valid_q <= 1'b0;
    end else begin
      valid_q <= offered | ~move;
      spare_valid_q <= offered & ~move;
    end
  end

  always_ff @(posedge clk_i) begin
    if (~spare_valid_q) begin
      spare_q <= in_beat;
    end
  end

  always_ff @(posedge clk_i) begin
    if (move) begin
      beat_q <= spare_valid_q ? spare_q : in_beat;
    end
  end

  assign in_ready_o = in_ready;
  assign out_valid_o = valid_q;
  assign out_data_o = beat_q[7:0];
  assign out_last_o = beat_q[8];

endmodule : fewbit_skid_w8_last

`default_nettype wire
