// fewbit_acc_e4m3fn_sat_w24_sync_high - exact accumulator
//
//   acc_o = a_i                        where valid_i and first_i
//   acc_o = acc_o + a_i                where valid_i alone
//
// Formats    a_i: e4m3fn = 1 sign, 4 exponent, 3 fraction bits, bias 7, subnormals kept, no Inf,
//            NaN = S.1111.111, largest 448
//            acc_o: AccWidth bits, two's complement, in units of 2^-9
// Rounding   none: the result is exact
// Overflow   the accumulator stays at its nearest end, at each step
// Special    nan_o: set by a special addend, which adds nothing; sticky until first_i
// Timing     latency 2, one operation per cycle; acc_o holds between results
// Reset      sync_high; clears the sum and acc_o
// Structure  exact_first, for iCE40 cells (a 4-input table with a carry)
// Reproduce  fewbit emit acc --a e4m3fn --overflow saturate --acc-width 24 --reset sync_high
// Generator  fewbit 0.2.0
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_acc_e4m3fn_sat_w24_sync_high #(
  // Bits of the accumulator, 19 to 2048
  parameter int AccWidth = 24
) (
  input  wire  clk_i,
  input  wire  rst_i,
  input  wire  valid_i,
  input  wire  first_i,
  input  wire  [7:0] a_i,
  output logic valid_o,
  output logic signed [AccWidth - 1:0] acc_o,
  output logic nan_o
);

  if (AccWidth < 19 || AccWidth > 2048) begin : gen_bad_acc_width
`ifdef __ICARUS__
    AccWidth_must_be_19_to_2048 stop ();  // it knows no $error here
`else
    $error("AccWidth_must_be_19_to_2048");
`endif
  end

  logic valid_q;
  logic result_valid_q;
  logic [6:0] signed_product_q;
  logic negative_q;
  logic block_0_keep_q;
  logic block_1_keep_q;
  logic block_1_pick_q;
  logic block_2_keep_q;
  logic block_2_pick_q;
  logic block_3_keep_q;
  logic block_3_pick_q;
  logic block_4_keep_q;
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

  // Operand as a fixed-point number
  wire [3:0] stay = {a_i[6:4], a_exponent_low};
  wire [4:0] aligned_0 = stay[0] ? {a_significand, 1'b0} : {1'b0, a_significand};
  wire [6:0] aligned_1 = stay[1] ? {aligned_0, 2'b00} : {2'b00, aligned_0};
  wire [1:0] stay_digit = stay[3:2];
  wire [3:0] block_0 = block_0_keep_q ? signed_product_q[6:3] : {4{negative_q}};
  wire block_1_first = stay_digit == 2'b10;
  wire block_1_used = block_1_first | (stay_digit == 2'b11);
  wire [3:0] block_1 = block_1_keep_q
      ? (block_1_pick_q ? signed_product_q[6:3] : {signed_product_q[2:0], negative_q})
      : {4{block_1_pick_q}};
  wire block_2_first = stay_digit == 2'b01;
  wire block_2_used = block_2_first | (stay_digit == 2'b10);
  wire [3:0] block_2 = block_2_keep_q
      ? (block_2_pick_q ? signed_product_q[6:3] : {signed_product_q[2:0], negative_q})
      : {4{block_2_pick_q}};
  wire block_3_first = stay_digit == 2'b00;
  wire block_3_used = block_3_first | (stay_digit == 2'b01);
  wire [3:0] block_3 = block_3_keep_q
      ? (block_3_pick_q ? signed_product_q[6:3] : {signed_product_q[2:0], negative_q})
      : {4{block_3_pick_q}};
  wire [1:0] block_4 = block_4_keep_q ? signed_product_q[2:1] : {2{negative_q}};
  wire [17:0] addend = {block_0, block_1, block_2, block_3, block_4};

  // Exact sum
  wire clear = (valid_i & first_i) | fresh_q;
  wire [AccWidth:0] step_addend = {{(AccWidth - 17){negative_q}}, addend};
  wire step_carry = negative_q;
  wire [AccWidth + 1:0] sum_and_carry = {sum_q[AccWidth - 1], sum_q, 1'b1}
      + {step_addend, step_carry};
  wire [AccWidth:0] sum = sum_and_carry[AccWidth + 1:1];
  wire [AccWidth - 1:0] sum_low = sum[AccWidth - 1:0];
  wire overflow = sum[AccWidth] ^ sum_low[AccWidth - 1];
  wire [AccWidth - 1:0] sum_saturated = overflow
      ? {sum[AccWidth], {(AccWidth - 1){~sum[AccWidth]}}} : sum_low;

  // Sticky flags, cleared like the sum
  wire nan_seen = nan_seen_q | nan_event_q;

  // Bits that nothing reads, named so that linters know it is meant
  wire unused_bits = ^{sum_and_carry[0]};

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
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
    if (a_nan) begin
      signed_product_q <= {7{1'b0}};
      negative_q <= 1'b0;
      block_0_keep_q <= 1'b0;
      block_1_keep_q <= 1'b0;
      block_1_pick_q <= 1'b0;
      block_2_keep_q <= 1'b0;
      block_2_pick_q <= 1'b0;
      block_3_keep_q <= 1'b0;
      block_3_pick_q <= 1'b0;
      block_4_keep_q <= 1'b0;
    end else begin
      signed_product_q <= aligned_1 ^ {7{a_negative}};
      negative_q <= a_negative;
      block_0_keep_q <= stay_digit == 2'b11;
      block_1_keep_q <= block_1_used;
      block_1_pick_q <= block_1_used ? block_1_first : a_negative;
      block_2_keep_q <= block_2_used;
      block_2_pick_q <= block_2_used ? block_2_first : a_negative;
      block_3_keep_q <= block_3_used;
      block_3_pick_q <= block_3_used ? block_3_first : a_negative;
      block_4_keep_q <= stay_digit == 2'b00;
    end
  end

  always_ff @(posedge clk_i) begin
    if (clear) begin
      sum_q <= {(AccWidth){1'b0}};
      nan_seen_q <= 1'b0;
    end else if (valid_q) begin
      sum_q <= sum_saturated;
      nan_seen_q <= nan_seen;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      acc_q <= {(AccWidth){1'b0}};
      nan_q <= 1'b0;
    end else if (valid_q) begin
      acc_q <= sum_saturated;
      nan_q <= nan_seen;
    end
  end

  always_ff @(posedge clk_i) begin
    nan_event_q <= a_nan;
  end

  assign valid_o = result_valid_q;
  assign acc_o = acc_q;
  assign nan_o = nan_q;

endmodule : fewbit_acc_e4m3fn_sat_w24_sync_high

`default_nettype wire
