// fewbit_mac_e4m3fn_e4m3fn_t1024 - exact multiply-accumulate
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
// Structure  exact_first, for iCE40 cells (a 4-input table with a carry)
// Reproduce  fewbit emit mac --a e4m3fn --b e4m3fn --terms 1024
// Generator  fewbit 0.2.0
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_mac_e4m3fn_e4m3fn_t1024 #(
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
  logic [14:0] signed_product_q;
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
  wire b_negative = b_i[7];
  wire b_hidden = |b_i[6:3];
  wire [3:0] b_significand = {b_hidden, b_i[2:0]};
  wire b_exponent_low = b_i[3] | ~b_hidden;
  wire b_nan = &b_i[6:0];
  wire is_nan = a_nan | b_nan;

  // Exact product
  wire negative = a_negative ^ b_negative;
  wire [3:0] row_0 = a_significand & {4{b_significand[0]}};
  wire [4:0] row_1_start = {2'b00, row_0[3:1]};
  wire [4:0] row_1_sum = row_1_start + {1'b0, a_significand};
  wire [4:0] row_1 = b_significand[1] ? row_1_sum : row_1_start;
  wire [4:0] row_2_start = {1'b0, row_1[4:1]};
  wire [4:0] row_2_sum = row_2_start + {1'b0, a_significand};
  wire [4:0] row_2 = b_significand[2] ? row_2_sum : row_2_start;
  wire [4:0] row_3_start = {1'b0, row_2[4:1]};
  wire [4:0] row_3_sum = row_3_start + {1'b0, a_significand};
  wire [4:0] row_3 = b_significand[3] ? row_3_sum : row_3_start;
  wire [7:0] product = {row_3, row_2[0], row_1[0], row_0[0]};
  wire stay_low = ~(a_exponent_low ^ b_exponent_low);
  wire stay_carry = a_exponent_low | b_exponent_low;
  wire [4:0] stay_sum = {1'b0, a_i[6:4], 1'b1} + {1'b0, b_i[6:4], stay_carry};
  wire [4:0] stay = {stay_sum[4:1], stay_low};
  wire [8:0] aligned_0 = stay[0] ? {product, 1'b0} : {1'b0, product};
  wire [10:0] aligned_1 = stay[1] ? {aligned_0, 2'b00} : {2'b00, aligned_0};
  wire [14:0] aligned_2 = stay[2] ? {aligned_1, 4'b0000} : {4'b0000, aligned_1};
  wire [1:0] stay_digit = stay[4:3];
  wire [7:0] block_0 = block_0_keep_q ? signed_product_q[14:7] : {8{negative_q}};
  wire block_1_first = stay_digit == 2'b10;
  wire block_1_used = block_1_first | (stay_digit == 2'b11);
  wire [7:0] block_1 = block_1_keep_q
      ? (block_1_pick_q ? signed_product_q[14:7] : {signed_product_q[6:0], negative_q})
      : {8{block_1_pick_q}};
  wire block_2_first = stay_digit == 2'b01;
  wire block_2_used = block_2_first | (stay_digit == 2'b10);
  wire [7:0] block_2 = block_2_keep_q
      ? (block_2_pick_q ? signed_product_q[14:7] : {signed_product_q[6:0], negative_q})
      : {8{block_2_pick_q}};
  wire block_3_first = stay_digit == 2'b00;
  wire block_3_used = block_3_first | (stay_digit == 2'b01);
  wire [7:0] block_3 = block_3_keep_q
      ? (block_3_pick_q ? signed_product_q[14:7] : {signed_product_q[6:0], negative_q})
      : {8{block_3_pick_q}};
  wire [3:0] block_4 = block_4_keep_q ? signed_product_q[6:3] : {4{negative_q}};
  wire [35:0] addend = {block_0, block_1, block_2, block_3, block_4};

  // Exact sum
  wire clear = (valid_i & first_i) | fresh_q;
  wire [AccWidth - 1:0] step_addend = {{(AccWidth - 36){negative_q}}, addend};
  wire step_carry = negative_q;
  wire [AccWidth:0] sum_and_carry = {sum_q, 1'b1} + {step_addend, step_carry};
  wire [AccWidth - 1:0] sum = sum_and_carry[AccWidth:1];
  wire [AccWidth - 1:0] sum_held = valid_q ? sum : sum_q;

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
      signed_product_q <= {15{1'b0}};
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
      signed_product_q <= aligned_2 ^ {15{negative}};
      negative_q <= negative;
      block_0_keep_q <= stay_digit == 2'b11;
      block_1_keep_q <= block_1_used;
      block_1_pick_q <= block_1_used ? block_1_first : negative;
      block_2_keep_q <= block_2_used;
      block_2_pick_q <= block_2_used ? block_2_first : negative;
      block_3_keep_q <= block_3_used;
      block_3_pick_q <= block_3_used ? block_3_first : negative;
      block_4_keep_q <= stay_digit == 2'b00;
    end
  end

  always_ff @(posedge clk_i) begin
    if (clear) begin
      sum_q <= {(AccWidth){1'b0}};
    end else begin
      sum_q <= sum_held;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      acc_q <= {(AccWidth){1'b0}};
      nan_q <= 1'b0;
    end else if (valid_q) begin
      acc_q <= sum_held;
      nan_q <= nan_seen;
    end
  end

  always_ff @(posedge clk_i) begin
    nan_event_q <= is_nan;
  end

  always_ff @(posedge clk_i) begin
    if (clear) begin
      nan_seen_q <= 1'b0;
    end else if (valid_q) begin
      nan_seen_q <= nan_seen;
    end
  end

  assign valid_o = result_valid_q;
  assign acc_o = acc_q;
  assign nan_o = nan_q;

endmodule : fewbit_mac_e4m3fn_e4m3fn_t1024

`default_nettype wire
