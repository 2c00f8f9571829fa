// fewbit_mac_e4m3fn_e4m3fn_t1024_xilinx - exact multiply-accumulate
//
//   acc_o = a_i * b_i                  where valid_i and first_i
//   acc_o = acc_o + a_i * b_i          where valid_i alone
//
// Formats    a_i, b_i: e4m3fn = 1 sign, 4 exponent, 3 fraction bits, bias 7, subnormals kept, no
//            Inf, NaN = S.1111.111, largest 448
//            acc_o: AccWidth bits, two's complement, in units of 2^-18
// Rounding   none: the result is exact
// Overflow   impossible within 1024 * 2^(AccWidth - 47) terms; beyond that, wraps
// Special    nan_o: set by a special addend, which adds nothing; sticky until first_i
// Timing     latency 2, one operation per cycle; acc_o holds between results
// Reset      async_low; clears the sum and acc_o
// Structure  exact_first, for AMD cells (6-input tables, carry chains)
// Reproduce  fewbit emit mac --a e4m3fn --b e4m3fn --terms 1024 --target xilinx-usp
// Generator  fewbit 0.2.0
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_mac_e4m3fn_e4m3fn_t1024_xilinx #(
  // Bits of the accumulator, 37 to 2048
  parameter int AccWidth = 47
) (
  input  wire  clk_i,
  input  wire  rst_ni,
  input  wire  valid_i,
  input  wire  first_i,
  input  wire  [7:0] a_i,
  input  wire  [7:0] b_i,
  output logic valid_o,
  output logic signed [AccWidth - 1:0] acc_o,
  output logic nan_o
);

  if (AccWidth < 37 || AccWidth > 2048) begin : gen_bad_acc_width
`ifdef __ICARUS__
    AccWidth_must_be_37_to_2048 stop ();  // it knows no $error here
`else
    $error("AccWidth_must_be_37_to_2048");
`endif
  end

  logic valid_q;
  logic result_valid_q;
  logic [14:0] product_shifted_q;
  logic negative_held_q;
  logic [1:0] stay_held_q;
  logic fresh_q;
  logic [AccWidth - 1:0] sum_q;
  logic [AccWidth - 1:0] acc_q;
  logic nan_event_q;
  logic nan_q;
  logic nan_seen_q;

  // Unpack
  wire a_negative = a_i[7];
  wire a_hidden = |a_i[6:3];
  wire [3:0] a_significand = {a_hidden, a_i[2:0]};
  wire a_exponent_low = a_i[3] | ~a_hidden;
  wire a_nan = &a_i[6:0];
  wire b_negative = b_i[7];
  wire b_hidden = |b_i[6:3];
  wire [3:0] b_significand = {b_hidden, b_i[2:0]};
  wire b_exponent_low = b_i[3] | ~b_hidden;
  wire b_nan = &b_i[6:0];
  wire is_nan = a_nan | b_nan;

  // Exact product
  wire negative = a_negative ^ b_negative;
  wire [5:0] partial_0_index = {b_significand[1:0], a_significand};
  // TwoBitRow: a times two bits of b, by {bits of b, a}
  localparam logic [63:0] TwoBitRow5 = 64'hf800000000000000;
  wire partial_0_5 = TwoBitRow5[partial_0_index];
  localparam logic [63:0] TwoBitRow4 = 64'h7c0ff0000000000;
  wire partial_0_4 = TwoBitRow4[partial_0_index];
  localparam logic [63:0] TwoBitRow3 = 64'hc738f0f0ff000000;
  wire partial_0_3 = TwoBitRow3[partial_0_index];
  localparam logic [63:0] TwoBitRow2 = 64'hb4b4ccccf0f00000;
  wire partial_0_2 = TwoBitRow2[partial_0_index];
  localparam logic [63:0] TwoBitRow1 = 64'h6666aaaacccc0000;
  wire partial_0_1 = TwoBitRow1[partial_0_index];
  localparam logic [63:0] TwoBitRow0 = 64'haaaa0000aaaa0000;
  wire partial_0_0 = TwoBitRow0[partial_0_index];
  wire [5:0] partial_0 = {partial_0_5, partial_0_4, partial_0_3, partial_0_2, partial_0_1,
      partial_0_0};
  wire [5:0] partial_1_index = {b_significand[3:2], a_significand};
  wire partial_1_5 = TwoBitRow5[partial_1_index];
  wire partial_1_4 = TwoBitRow4[partial_1_index];
  wire partial_1_3 = TwoBitRow3[partial_1_index];
  wire partial_1_2 = TwoBitRow2[partial_1_index];
  wire partial_1_1 = TwoBitRow1[partial_1_index];
  wire partial_1_0 = TwoBitRow0[partial_1_index];
  wire [5:0] partial_1 = {partial_1_5, partial_1_4, partial_1_3, partial_1_2, partial_1_1,
      partial_1_0};
  wire [5:0] row_1 = {2'b00, partial_0[5:2]} + partial_1;
  wire [7:0] product = {row_1, partial_0[1:0]};
  wire stay_low = ~(a_exponent_low ^ b_exponent_low);
  wire stay_carry = a_exponent_low | b_exponent_low;
  wire [4:0] stay_sum = {1'b0, a_i[6:4], 1'b1} + {1'b0, b_i[6:4], stay_carry};
  wire [4:0] stay = {stay_sum[4:1], stay_low};
  wire [8:0] aligned_0 = stay[0] ? {product, 1'b0} : {1'b0, product};
  wire [10:0] aligned_1 = stay[1] ? {aligned_0, 2'b00} : {2'b00, aligned_0};
  wire [14:0] aligned_2 = stay[2] ? {aligned_1, 4'b0000} : {4'b0000, aligned_1};
  wire [22:0] aligned_3 = stay_held_q[0]
      ? {product_shifted_q, 8'b00000000} : {8'b00000000, product_shifted_q};
  wire [35:0] aligned_4 = stay_held_q[1] ? {aligned_3, {13{1'b0}}} : {{16{1'b0}}, aligned_3[22:3]};
  wire [35:0] addend = aligned_4 ^ {36{negative_held_q}};

  // Exact sum
  wire clear = (valid_i & first_i) | fresh_q;
  wire [AccWidth - 1:0] step_addend = {{(AccWidth - 36){negative_held_q}}, addend};
  wire step_carry = negative_held_q;
  wire [AccWidth - 1:0] sum_addend_inverted = ~step_addend;
  wire [AccWidth:0] sum_and_carry = {sum_q, 1'b0} - {sum_addend_inverted, ~step_carry};
  wire [AccWidth - 1:0] sum = sum_and_carry[AccWidth:1];

  // Sticky flags, cleared like the sum
  wire nan_seen = nan_seen_q | nan_event_q;

  // Bits that nothing reads, named so that linters know it is meant
  wire unused_bits = ^{stay_sum[0], sum_and_carry[0]};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
      result_valid_q <= 1'b0;
      fresh_q <= 1'b1;
    end else begin
      valid_q <= valid_i;
      result_valid_q <= valid_q;
      fresh_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (is_nan) begin
      product_shifted_q <= {15{1'b0}};
      negative_held_q <= 1'b0;
      stay_held_q <= {2{1'b0}};
    end else begin
      product_shifted_q <= aligned_2;
      negative_held_q <= negative;
      stay_held_q <= stay[4:3];
    end
  end

  always_ff @(posedge clk_i) begin
    if (clear) begin
      sum_q <= {(AccWidth){1'b0}};
      nan_seen_q <= 1'b0;
    end else if (valid_q) begin
      sum_q <= sum;
      nan_seen_q <= nan_seen;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      acc_q <= {(AccWidth){1'b0}};
      nan_q <= 1'b0;
    end else if (valid_q) begin
      acc_q <= sum;
      nan_q <= nan_seen;
    end
  end

  always_ff @(posedge clk_i) begin
    nan_event_q <= is_nan;
  end

  assign valid_o = result_valid_q;
  assign acc_o = acc_q;
  assign nan_o = nan_q;

endmodule : fewbit_mac_e4m3fn_e4m3fn_t1024_xilinx

`default_nettype wire
