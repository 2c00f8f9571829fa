// fewbit_dot_e4m3fn_e4m3fn_x4 - exact dot product of 4 lanes
//
//   result_o = sum of a_i[k] * b_i[k], k < 4
//
// Formats    a_i, b_i: e4m3fn = 1 sign, 4 exponent, 3 fraction bits, bias 7, subnormals kept, no
//            Inf, NaN = S.1111.111, largest 448
//            result_o: 39 bits, two's complement, in units of 2^-18
//            lane 0 is in the lowest bits
// Rounding   none: the result is exact
// Overflow   impossible
// Special    nan_o: set by a special result; result_o is unspecified then
// Timing     combinational: latency 0
// Reproduce  fewbit emit dot --a e4m3fn --b e4m3fn --lanes 4
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_dot_e4m3fn_e4m3fn_x4 (
  input  wire  [31:0] a_i,
  input  wire  [31:0] b_i,
  output logic signed [38:0] result_o,
  output logic nan_o
);

  // Lane 0
  wire [7:0] a_0 = a_i[7:0];
  wire [7:0] b_0 = b_i[7:0];
  wire a_0_negative = a_0[7];
  wire a_0_hidden = |a_0[6:3];
  wire [3:0] a_0_significand = {a_0_hidden, a_0[2:0]};
  wire a_0_exponent_low = a_0[3] | ~a_0_hidden;
  wire a_0_nan = &a_0[6:0];
  wire b_0_negative = b_0[7];
  wire b_0_hidden = |b_0[6:3];
  wire [3:0] b_0_significand = {b_0_hidden, b_0[2:0]};
  wire b_0_exponent_low = b_0[3] | ~b_0_hidden;
  wire b_0_nan = &b_0[6:0];
  wire lane_0_is_nan = a_0_nan | b_0_nan;

  // Lane 1
  wire [7:0] a_1 = a_i[15:8];
  wire [7:0] b_1 = b_i[15:8];
  wire a_1_negative = a_1[7];
  wire a_1_hidden = |a_1[6:3];
  wire [3:0] a_1_significand = {a_1_hidden, a_1[2:0]};
  wire a_1_exponent_low = a_1[3] | ~a_1_hidden;
  wire a_1_nan = &a_1[6:0];
  wire b_1_negative = b_1[7];
  wire b_1_hidden = |b_1[6:3];
  wire [3:0] b_1_significand = {b_1_hidden, b_1[2:0]};
  wire b_1_exponent_low = b_1[3] | ~b_1_hidden;
  wire b_1_nan = &b_1[6:0];
  wire lane_1_is_nan = a_1_nan | b_1_nan;

  // Lane 2
  wire [7:0] a_2 = a_i[23:16];
  wire [7:0] b_2 = b_i[23:16];
  wire a_2_negative = a_2[7];
  wire a_2_hidden = |a_2[6:3];
  wire [3:0] a_2_significand = {a_2_hidden, a_2[2:0]};
  wire a_2_exponent_low = a_2[3] | ~a_2_hidden;
  wire a_2_nan = &a_2[6:0];
  wire b_2_negative = b_2[7];
  wire b_2_hidden = |b_2[6:3];
  wire [3:0] b_2_significand = {b_2_hidden, b_2[2:0]};
  wire b_2_exponent_low = b_2[3] | ~b_2_hidden;
  wire b_2_nan = &b_2[6:0];
  wire lane_2_is_nan = a_2_nan | b_2_nan;

  // Lane 3
  wire [7:0] a_3 = a_i[31:24];
  wire [7:0] b_3 = b_i[31:24];
  wire a_3_negative = a_3[7];
  wire a_3_hidden = |a_3[6:3];
  wire [3:0] a_3_significand = {a_3_hidden, a_3[2:0]};
  wire a_3_exponent_low = a_3[3] | ~a_3_hidden;
  wire a_3_nan = &a_3[6:0];
  wire b_3_negative = b_3[7];
  wire b_3_hidden = |b_3[6:3];
  wire [3:0] b_3_significand = {b_3_hidden, b_3[2:0]};
  wire b_3_exponent_low = b_3[3] | ~b_3_hidden;
  wire b_3_nan = &b_3[6:0];
  wire lane_3_is_nan = a_3_nan | b_3_nan;

  // Lane 0
  wire stay_low = ~(a_0_exponent_low ^ b_0_exponent_low);
  wire stay_carry = a_0_exponent_low | b_0_exponent_low;
  wire [4:0] stay_sum = {1'b0, a_0[6:4], 1'b1} + {1'b0, b_0[6:4], stay_carry};
  wire [4:0] stay = {stay_sum[4:1], stay_low};
  wire [3:0] row_0 = a_0_significand & {4{b_0_significand[0]}};
  wire [4:0] row_1_start = {2'b00, row_0[3:1]};
  wire [4:0] row_1_sum = row_1_start + {1'b0, a_0_significand};
  wire [4:0] row_1 = b_0_significand[1] ? row_1_sum : row_1_start;
  wire [4:0] row_2_start = {1'b0, row_1[4:1]};
  wire [4:0] row_2_sum = row_2_start + {1'b0, a_0_significand};
  wire [4:0] row_2 = b_0_significand[2] ? row_2_sum : row_2_start;
  wire [4:0] row_3_start = {1'b0, row_2[4:1]};
  wire [4:0] row_3_sum = row_3_start + {1'b0, a_0_significand};
  wire [4:0] row_3 = b_0_significand[3] ? row_3_sum : row_3_start;
  wire [7:0] product = {row_3, row_2[0], row_1[0], row_0[0]};
  wire term_late_carry_0 = a_0_negative ^ b_0_negative;
  wire [8:0] aligned_0 = stay[0] ? {product, 1'b0} : {1'b0, product};
  wire [8:0] signed_ = aligned_0 ^ {9{term_late_carry_0}};
  wire [10:0] aligned_1 = stay[1] ? {signed_, {2{term_late_carry_0}}} : {{2{term_late_carry_0}},
      signed_};
  wire [14:0] aligned_2 = stay[2] ? {aligned_1, {4{term_late_carry_0}}} : {{4{term_late_carry_0}},
      aligned_1};
  wire [22:0] aligned_3 = stay[3] ? {aligned_2, {8{term_late_carry_0}}} : {{8{term_late_carry_0}},
      aligned_2};
  wire digit_0 = ~stay[4];
  wire term_0_at_13_used = digit_0 == 1'b0;
  wire [22:0] term_0_at_13 = aligned_3;
  wire term_0_at_0_used = digit_0 == 1'b1;
  wire [19:0] term_0_at_0 = aligned_3[22:3];
  wire [23:0] lanes_0_sum_0_start = {term_late_carry_0, term_0_at_13} & {24{term_0_at_13_used}};
  wire lanes_0_carry_0 = term_late_carry_0 & term_0_at_13_used;
  wire [20:0] lanes_0_sum_1_start = {term_late_carry_0, term_0_at_0} & {21{term_0_at_0_used}};
  wire lanes_0_carry_1 = term_late_carry_0 & term_0_at_0_used;

  // Lane 1
  wire stay_low_2 = ~(a_1_exponent_low ^ b_1_exponent_low);
  wire stay_carry_2 = a_1_exponent_low | b_1_exponent_low;
  wire [4:0] stay_sum_2 = {1'b0, a_1[6:4], 1'b1} + {1'b0, b_1[6:4], stay_carry_2};
  wire [4:0] stay_2 = {stay_sum_2[4:1], stay_low_2};
  wire [3:0] row_0_2 = a_1_significand & {4{b_1_significand[0]}};
  wire [4:0] row_1_start_2 = {2'b00, row_0_2[3:1]};
  wire [4:0] row_1_sum_2 = row_1_start_2 + {1'b0, a_1_significand};
  wire [4:0] row_1_2 = b_1_significand[1] ? row_1_sum_2 : row_1_start_2;
  wire [4:0] row_2_start_2 = {1'b0, row_1_2[4:1]};
  wire [4:0] row_2_sum_2 = row_2_start_2 + {1'b0, a_1_significand};
  wire [4:0] row_2_2 = b_1_significand[2] ? row_2_sum_2 : row_2_start_2;
  wire [4:0] row_3_start_2 = {1'b0, row_2_2[4:1]};
  wire [4:0] row_3_sum_2 = row_3_start_2 + {1'b0, a_1_significand};
  wire [4:0] row_3_2 = b_1_significand[3] ? row_3_sum_2 : row_3_start_2;
  wire [7:0] product_2 = {row_3_2, row_2_2[0], row_1_2[0], row_0_2[0]};
  wire term_carry_1 = a_1_negative ^ b_1_negative;
  wire [8:0] aligned_0_2 = stay_2[0] ? {product_2, 1'b0} : {1'b0, product_2};
  wire [8:0] signed__2 = aligned_0_2 ^ {9{term_carry_1}};
  wire [10:0] aligned_1_2 = stay_2[1] ? {signed__2, {2{term_carry_1}}} : {{2{term_carry_1}},
      signed__2};
  wire [14:0] aligned_2_2 = stay_2[2] ? {aligned_1_2, {4{term_carry_1}}} : {{4{term_carry_1}},
      aligned_1_2};
  wire [22:0] aligned_3_2 = stay_2[3] ? {aligned_2_2, {8{term_carry_1}}} : {{8{term_carry_1}},
      aligned_2_2};
  wire digit_1 = ~stay_2[4];
  wire term_1_at_13_used = digit_1 == 1'b0;
  wire [22:0] term_1_at_13 = aligned_3_2;
  wire term_1_at_0_used = digit_1 == 1'b1;
  wire [19:0] term_1_at_0 = aligned_3_2[22:3];
  wire [24:0] lanes_0_sum_0_with_1_start = {lanes_0_sum_0_start[23], lanes_0_sum_0_start};
  wire [25:0] lanes_0_sum_0_with_1_wide = {lanes_0_sum_0_with_1_start, 1'b1} + {{2{term_carry_1}},
      term_1_at_13, term_carry_1};
  wire [24:0] lanes_0_sum_0_with_1 = term_1_at_13_used ? lanes_0_sum_0_with_1_wide[25:1] :
      lanes_0_sum_0_with_1_start;
  wire [21:0] lanes_0_sum_1_with_1_start = {lanes_0_sum_1_start[20], lanes_0_sum_1_start};
  wire [22:0] lanes_0_sum_1_with_1_wide = {lanes_0_sum_1_with_1_start, 1'b1} + {{2{term_carry_1}},
      term_1_at_0, term_carry_1};
  wire [21:0] lanes_0_sum_1_with_1 = term_1_at_0_used ? lanes_0_sum_1_with_1_wide[22:1] :
      lanes_0_sum_1_with_1_start;

  // Lane 2
  wire stay_low_3 = ~(a_2_exponent_low ^ b_2_exponent_low);
  wire stay_carry_3 = a_2_exponent_low | b_2_exponent_low;
  wire [4:0] stay_sum_3 = {1'b0, a_2[6:4], 1'b1} + {1'b0, b_2[6:4], stay_carry_3};
  wire [4:0] stay_3 = {stay_sum_3[4:1], stay_low_3};
  wire [3:0] row_0_3 = a_2_significand & {4{b_2_significand[0]}};
  wire [4:0] row_1_start_3 = {2'b00, row_0_3[3:1]};
  wire [4:0] row_1_sum_3 = row_1_start_3 + {1'b0, a_2_significand};
  wire [4:0] row_1_3 = b_2_significand[1] ? row_1_sum_3 : row_1_start_3;
  wire [4:0] row_2_start_3 = {1'b0, row_1_3[4:1]};
  wire [4:0] row_2_sum_3 = row_2_start_3 + {1'b0, a_2_significand};
  wire [4:0] row_2_3 = b_2_significand[2] ? row_2_sum_3 : row_2_start_3;
  wire [4:0] row_3_start_3 = {1'b0, row_2_3[4:1]};
  wire [4:0] row_3_sum_3 = row_3_start_3 + {1'b0, a_2_significand};
  wire [4:0] row_3_3 = b_2_significand[3] ? row_3_sum_3 : row_3_start_3;
  wire [7:0] product_3 = {row_3_3, row_2_3[0], row_1_3[0], row_0_3[0]};
  wire term_carry_2 = a_2_negative ^ b_2_negative;
  wire [8:0] aligned_0_3 = stay_3[0] ? {product_3, 1'b0} : {1'b0, product_3};
  wire [8:0] signed__3 = aligned_0_3 ^ {9{term_carry_2}};
  wire [10:0] aligned_1_3 = stay_3[1] ? {signed__3, {2{term_carry_2}}} : {{2{term_carry_2}},
      signed__3};
  wire [14:0] aligned_2_3 = stay_3[2] ? {aligned_1_3, {4{term_carry_2}}} : {{4{term_carry_2}},
      aligned_1_3};
  wire [22:0] aligned_3_3 = stay_3[3] ? {aligned_2_3, {8{term_carry_2}}} : {{8{term_carry_2}},
      aligned_2_3};
  wire digit_2 = ~stay_3[4];
  wire term_2_at_13_used = digit_2 == 1'b0;
  wire [22:0] term_2_at_13 = aligned_3_3;
  wire term_2_at_0_used = digit_2 == 1'b1;
  wire [19:0] term_2_at_0 = aligned_3_3[22:3];
  wire [25:0] lanes_0_sum_0_with_2_start = {lanes_0_sum_0_with_1[24], lanes_0_sum_0_with_1};
  wire [26:0] lanes_0_sum_0_with_2_wide = {lanes_0_sum_0_with_2_start, 1'b1} + {{3{term_carry_2}},
      term_2_at_13, term_carry_2};
  wire [25:0] lanes_0_sum_0_with_2 = term_2_at_13_used ? lanes_0_sum_0_with_2_wide[26:1] :
      lanes_0_sum_0_with_2_start;
  wire [22:0] lanes_0_sum_1_with_2_start = {lanes_0_sum_1_with_1[21], lanes_0_sum_1_with_1};
  wire [23:0] lanes_0_sum_1_with_2_wide = {lanes_0_sum_1_with_2_start, 1'b1} + {{3{term_carry_2}},
      term_2_at_0, term_carry_2};
  wire [22:0] lanes_0_sum_1_with_2 = term_2_at_0_used ? lanes_0_sum_1_with_2_wide[23:1] :
      lanes_0_sum_1_with_2_start;

  // Lane 3
  wire stay_low_4 = ~(a_3_exponent_low ^ b_3_exponent_low);
  wire stay_carry_4 = a_3_exponent_low | b_3_exponent_low;
  wire [4:0] stay_sum_4 = {1'b0, a_3[6:4], 1'b1} + {1'b0, b_3[6:4], stay_carry_4};
  wire [4:0] stay_4 = {stay_sum_4[4:1], stay_low_4};
  wire [3:0] row_0_4 = a_3_significand & {4{b_3_significand[0]}};
  wire [4:0] row_1_start_4 = {2'b00, row_0_4[3:1]};
  wire [4:0] row_1_sum_4 = row_1_start_4 + {1'b0, a_3_significand};
  wire [4:0] row_1_4 = b_3_significand[1] ? row_1_sum_4 : row_1_start_4;
  wire [4:0] row_2_start_4 = {1'b0, row_1_4[4:1]};
  wire [4:0] row_2_sum_4 = row_2_start_4 + {1'b0, a_3_significand};
  wire [4:0] row_2_4 = b_3_significand[2] ? row_2_sum_4 : row_2_start_4;
  wire [4:0] row_3_start_4 = {1'b0, row_2_4[4:1]};
  wire [4:0] row_3_sum_4 = row_3_start_4 + {1'b0, a_3_significand};
  wire [4:0] row_3_4 = b_3_significand[3] ? row_3_sum_4 : row_3_start_4;
  wire [7:0] product_4 = {row_3_4, row_2_4[0], row_1_4[0], row_0_4[0]};
  wire term_carry_3 = a_3_negative ^ b_3_negative;
  wire [8:0] aligned_0_4 = stay_4[0] ? {product_4, 1'b0} : {1'b0, product_4};
  wire [8:0] signed__4 = aligned_0_4 ^ {9{term_carry_3}};
  wire [10:0] aligned_1_4 = stay_4[1] ? {signed__4, {2{term_carry_3}}} : {{2{term_carry_3}},
      signed__4};
  wire [14:0] aligned_2_4 = stay_4[2] ? {aligned_1_4, {4{term_carry_3}}} : {{4{term_carry_3}},
      aligned_1_4};
  wire [22:0] aligned_3_4 = stay_4[3] ? {aligned_2_4, {8{term_carry_3}}} : {{8{term_carry_3}},
      aligned_2_4};
  wire digit_3 = ~stay_4[4];
  wire term_3_at_13_used = digit_3 == 1'b0;
  wire [22:0] term_3_at_13 = aligned_3_4;
  wire term_3_at_0_used = digit_3 == 1'b1;
  wire [19:0] term_3_at_0 = aligned_3_4[22:3];
  wire [25:0] lanes_0_sum_0_with_3_start = lanes_0_sum_0_with_2;
  wire [26:0] lanes_0_sum_0_with_3_wide = {lanes_0_sum_0_with_3_start, 1'b1} + {{3{term_carry_3}},
      term_3_at_13, term_carry_3};
  wire [25:0] lanes_0_sum_0_with_3 = term_3_at_13_used ? lanes_0_sum_0_with_3_wide[26:1] :
      lanes_0_sum_0_with_3_start;
  wire [22:0] lanes_0_sum_1_with_3_start = lanes_0_sum_1_with_2;
  wire [23:0] lanes_0_sum_1_with_3_wide = {lanes_0_sum_1_with_3_start, 1'b1} + {{3{term_carry_3}},
      term_3_at_0, term_carry_3};
  wire [22:0] lanes_0_sum_1_with_3 = term_3_at_0_used ? lanes_0_sum_1_with_3_wide[23:1] :
      lanes_0_sum_1_with_3_start;

  // Exact sum of all lanes
  wire sum_from_0_carry = lanes_0_carry_0 | lanes_0_carry_1;
  wire [39:0] sum_from_0_wide = {{16{lanes_0_sum_1_with_3[22]}}, lanes_0_sum_1_with_3, 1'b1} +
      {lanes_0_sum_0_with_3, {13{lanes_0_carry_0}}, sum_from_0_carry};
  wire [38:0] sum_from_0 = sum_from_0_wide[39:1];
  wire [38:0] lanes_sum = sum_from_0;
  wire lanes_nan = lane_0_is_nan | lane_1_is_nan | lane_2_is_nan | lane_3_is_nan;

  // Bits that nothing reads, named so that linters know it is meant
  wire unused_bits = ^{stay_sum[0], stay_sum_2[0], lanes_0_sum_0_with_1_wide[0],
      lanes_0_sum_1_with_1_wide[0], stay_sum_3[0], lanes_0_sum_0_with_2_wide[0],
      lanes_0_sum_1_with_2_wide[0], stay_sum_4[0], lanes_0_sum_0_with_3_wide[0],
      lanes_0_sum_1_with_3_wide[0], sum_from_0_wide[0]};

  assign result_o = lanes_sum;
  assign nan_o = lanes_nan;

endmodule : fewbit_dot_e4m3fn_e4m3fn_x4

`default_nettype wire
