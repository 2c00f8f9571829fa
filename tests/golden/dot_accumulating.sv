// fewbit_dot_int4_int4_x4_t256_ecp5 - exact dot product of 4 lanes
//
//   acc_o = sum of a_i[k] * b_i[k], k < 4         where valid_i and first_i
//   acc_o = acc_o + sum of a_i[k] * b_i[k], k < 4 where valid_i alone
//
// Formats    a_i, b_i: int4 = 4 bits, two's complement
//            acc_o: AccWidth bits, two's complement, in units of 2^0
//            lane 0 is in the lowest bits
// Rounding   none: the result is exact
// Overflow   impossible within 256 * 2^(AccWidth - 18) terms; beyond that, wraps
// Timing     latency 2, one operation per cycle; acc_o holds between results
// Reset      async_low; clears the sum and acc_o
// Structure  exact_first, for ECP5 cells (4-input tables, 2-bit carries)
// Reproduce  fewbit emit dot --a int4 --b int4 --lanes 4 --terms 256 --target ecp5
// Generator  fewbit 0.2.0
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_dot_int4_int4_x4_t256_ecp5 #(
  // Bits of the accumulator, 11 to 2048
  parameter int AccWidth = 18
) (
  input  wire  clk_i,
  input  wire  rst_ni,
  input  wire  valid_i,
  input  wire  first_i,
  input  wire  [15:0] a_i,
  input  wire  [15:0] b_i,
  output logic valid_o,
  output logic signed [AccWidth - 1:0] acc_o
);

  if (AccWidth < 11 || AccWidth > 2048) begin : gen_bad_acc_width
`ifdef __ICARUS__
    AccWidth_must_be_11_to_2048 stop ();  // it knows no $error here
`else
    $error("AccWidth_must_be_11_to_2048");
`endif
  end

  logic valid_q;
  logic result_valid_q;
  logic [9:0] lanes_sum_held_q;
  logic fresh_q;
  logic [AccWidth - 1:0] sum_q;
  logic [AccWidth - 1:0] acc_q;

  // Lane 0: unpack
  wire [3:0] lane_0_a = a_i[3:0];
  wire [3:0] lane_0_b = b_i[3:0];

  // Lane 1: unpack
  wire [3:0] lane_1_a = a_i[7:4];
  wire [3:0] lane_1_b = b_i[7:4];

  // Lane 2: unpack
  wire [3:0] lane_2_a = a_i[11:8];
  wire [3:0] lane_2_b = b_i[11:8];

  // Lane 3: unpack
  wire [3:0] lane_3_a = a_i[15:12];
  wire [3:0] lane_3_b = b_i[15:12];

  // Products of lanes 0 to 3 in one running sum
  wire lanes_0_row_0_0_one = lane_0_b[0];
  wire lanes_0_row_0_0_any = lanes_0_row_0_0_one | (lane_0_b[1] ^ lane_0_b[0]);
  wire [4:0] lanes_0_row_0_0_magnitude = (lanes_0_row_0_0_one
      ? {lane_0_a[3], lane_0_a} : {lane_0_a, 1'b0}) & {5{lanes_0_row_0_0_any}};
  wire [4:0] lanes_0_row_0_0_digit = lanes_0_row_0_0_magnitude ^ {5{lane_0_b[1]}};
  wire [5:0] lanes_0_row_0_0 = 6'b000000 + {lanes_0_row_0_0_digit[4], lanes_0_row_0_0_digit}
      + {{5{1'b0}}, lane_0_b[1]};
  wire lanes_0_row_0_1_one = lane_1_b[0];
  wire lanes_0_row_0_1_any = lanes_0_row_0_1_one | (lane_1_b[1] ^ lane_1_b[0]);
  wire [4:0] lanes_0_row_0_1_magnitude = (lanes_0_row_0_1_one
      ? {lane_1_a[3], lane_1_a} : {lane_1_a, 1'b0}) & {5{lanes_0_row_0_1_any}};
  wire [4:0] lanes_0_row_0_1_digit = lanes_0_row_0_1_magnitude ^ {5{lane_1_b[1]}};
  wire [7:0] lanes_0_row_0_1_wide = {lanes_0_row_0_0[5], lanes_0_row_0_0, 1'b1}
      + {{2{lanes_0_row_0_1_digit[4]}}, lanes_0_row_0_1_digit, lane_1_b[1]};
  wire [6:0] lanes_0_row_0_1 = lanes_0_row_0_1_wide[7:1];
  wire lanes_0_row_0_2_one = lane_2_b[0];
  wire lanes_0_row_0_2_any = lanes_0_row_0_2_one | (lane_2_b[1] ^ lane_2_b[0]);
  wire [4:0] lanes_0_row_0_2_magnitude = (lanes_0_row_0_2_one
      ? {lane_2_a[3], lane_2_a} : {lane_2_a, 1'b0}) & {5{lanes_0_row_0_2_any}};
  wire [4:0] lanes_0_row_0_2_digit = lanes_0_row_0_2_magnitude ^ {5{lane_2_b[1]}};
  wire [7:0] lanes_0_row_0_2_wide = {lanes_0_row_0_1, 1'b1}
      + {{2{lanes_0_row_0_2_digit[4]}}, lanes_0_row_0_2_digit, lane_2_b[1]};
  wire [6:0] lanes_0_row_0_2 = lanes_0_row_0_2_wide[7:1];
  wire lanes_0_row_0_3_one = lane_3_b[0];
  wire lanes_0_row_0_3_any = lanes_0_row_0_3_one | (lane_3_b[1] ^ lane_3_b[0]);
  wire [4:0] lanes_0_row_0_3_magnitude = (lanes_0_row_0_3_one
      ? {lane_3_a[3], lane_3_a} : {lane_3_a, 1'b0}) & {5{lanes_0_row_0_3_any}};
  wire [4:0] lanes_0_row_0_3_digit = lanes_0_row_0_3_magnitude ^ {5{lane_3_b[1]}};
  wire [7:0] lanes_0_row_0_3 = {lanes_0_row_0_2[6], lanes_0_row_0_2}
      + {{3{lanes_0_row_0_3_digit[4]}}, lanes_0_row_0_3_digit} + {{7{1'b0}}, lane_3_b[1]};
  wire lanes_0_row_1_0_one = lane_0_b[2] ^ lane_0_b[1];
  wire lanes_0_row_1_0_any = lanes_0_row_1_0_one | (lane_0_b[3] ^ lane_0_b[2]);
  wire [4:0] lanes_0_row_1_0_magnitude = (lanes_0_row_1_0_one
      ? {lane_0_a[3], lane_0_a} : {lane_0_a, 1'b0}) & {5{lanes_0_row_1_0_any}};
  wire [4:0] lanes_0_row_1_0_digit = lanes_0_row_1_0_magnitude ^ {5{lane_0_b[3]}};
  wire [5:0] lanes_0_row_1_0 = lanes_0_row_0_3[7:2]
      + {lanes_0_row_1_0_digit[4], lanes_0_row_1_0_digit} + {{5{1'b0}}, lane_0_b[3]};
  wire lanes_0_row_1_1_one = lane_1_b[2] ^ lane_1_b[1];
  wire lanes_0_row_1_1_any = lanes_0_row_1_1_one | (lane_1_b[3] ^ lane_1_b[2]);
  wire [4:0] lanes_0_row_1_1_magnitude = (lanes_0_row_1_1_one
      ? {lane_1_a[3], lane_1_a} : {lane_1_a, 1'b0}) & {5{lanes_0_row_1_1_any}};
  wire [4:0] lanes_0_row_1_1_digit = lanes_0_row_1_1_magnitude ^ {5{lane_1_b[3]}};
  wire [7:0] lanes_0_row_1_1_wide = {lanes_0_row_1_0[5], lanes_0_row_1_0, 1'b1}
      + {{2{lanes_0_row_1_1_digit[4]}}, lanes_0_row_1_1_digit, lane_1_b[3]};
  wire [6:0] lanes_0_row_1_1 = lanes_0_row_1_1_wide[7:1];
  wire lanes_0_row_1_2_one = lane_2_b[2] ^ lane_2_b[1];
  wire lanes_0_row_1_2_any = lanes_0_row_1_2_one | (lane_2_b[3] ^ lane_2_b[2]);
  wire [4:0] lanes_0_row_1_2_magnitude = (lanes_0_row_1_2_one
      ? {lane_2_a[3], lane_2_a} : {lane_2_a, 1'b0}) & {5{lanes_0_row_1_2_any}};
  wire [4:0] lanes_0_row_1_2_digit = lanes_0_row_1_2_magnitude ^ {5{lane_2_b[3]}};
  wire [7:0] lanes_0_row_1_2_wide = {lanes_0_row_1_1, 1'b1}
      + {{2{lanes_0_row_1_2_digit[4]}}, lanes_0_row_1_2_digit, lane_2_b[3]};
  wire [6:0] lanes_0_row_1_2 = lanes_0_row_1_2_wide[7:1];
  wire lanes_0_row_1_3_one = lane_3_b[2] ^ lane_3_b[1];
  wire lanes_0_row_1_3_any = lanes_0_row_1_3_one | (lane_3_b[3] ^ lane_3_b[2]);
  wire [4:0] lanes_0_row_1_3_magnitude = (lanes_0_row_1_3_one
      ? {lane_3_a[3], lane_3_a} : {lane_3_a, 1'b0}) & {5{lanes_0_row_1_3_any}};
  wire [4:0] lanes_0_row_1_3_digit = lanes_0_row_1_3_magnitude ^ {5{lane_3_b[3]}};
  wire [7:0] lanes_0_row_1_3 = {lanes_0_row_1_2[6], lanes_0_row_1_2}
      + {{3{lanes_0_row_1_3_digit[4]}}, lanes_0_row_1_3_digit} + {{7{1'b0}}, lane_3_b[3]};
  wire [9:0] lanes_0 = {lanes_0_row_1_3, lanes_0_row_0_3[1:0]};

  // Exact sum
  wire clear = (valid_i & first_i) | fresh_q;
  wire [AccWidth - 1:0] step_addend = {{(AccWidth - 10){lanes_sum_held_q[9]}}, lanes_sum_held_q};
  wire [AccWidth - 1:0] sum = sum_q + step_addend;

  // Bits that nothing reads, named so that linters know it is meant
  wire unused_bits = ^{lanes_0_row_0_1_wide[0], lanes_0_row_0_2_wide[0], lanes_0_row_1_1_wide[0],
      lanes_0_row_1_2_wide[0]};

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
    lanes_sum_held_q <= lanes_0;
  end

  always_ff @(posedge clk_i) begin
    if (clear) begin
      sum_q <= {(AccWidth){1'b0}};
    end else if (valid_q) begin
      sum_q <= sum;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      acc_q <= {(AccWidth){1'b0}};
    end else if (valid_q) begin
      acc_q <= sum;
    end
  end

  assign valid_o = result_valid_q;
  assign acc_o = acc_q;

endmodule : fewbit_dot_int4_int4_x4_t256_ecp5

`default_nettype wire
