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
// Structure  exact_first, for iCE40 cells (a 4-input table with a carry)
// Reproduce  fewbit emit dot --a e4m3fn --b e4m3fn --lanes 4
// Generator  fewbit 0.2.0
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_dot_e4m3fn_e4m3fn_x4 (
  input  wire  [31:0] a_i,
  input  wire  [31:0] b_i,
  output logic signed [38:0] result_o,
  output logic nan_o
);

  // Lane 0: unpack
  wire [7:0] lane_0_a = a_i[7:0];
  wire [7:0] lane_0_b = b_i[7:0];
  wire lane_0_a_negative = lane_0_a[7];
  wire lane_0_a_hidden = |lane_0_a[6:3];
  wire [3:0] lane_0_a_significand = {lane_0_a_hidden, lane_0_a[2:0]};
  wire lane_0_a_exponent_low = lane_0_a[3] | ~lane_0_a_hidden;
  wire lane_0_a_nan = &lane_0_a[6:0];
  wire lane_0_b_negative = lane_0_b[7];
  wire lane_0_b_hidden = |lane_0_b[6:3];
  wire [3:0] lane_0_b_significand = {lane_0_b_hidden, lane_0_b[2:0]};
  wire lane_0_b_exponent_low = lane_0_b[3] | ~lane_0_b_hidden;
  wire lane_0_b_nan = &lane_0_b[6:0];
  wire lane_0_is_nan = lane_0_a_nan | lane_0_b_nan;

  // Lane 1: unpack
  wire [7:0] lane_1_a = a_i[15:8];
  wire [7:0] lane_1_b = b_i[15:8];
  wire lane_1_a_negative = lane_1_a[7];
  wire lane_1_a_hidden = |lane_1_a[6:3];
  wire [3:0] lane_1_a_significand = {lane_1_a_hidden, lane_1_a[2:0]};
  wire lane_1_a_exponent_low = lane_1_a[3] | ~lane_1_a_hidden;
  wire lane_1_a_nan = &lane_1_a[6:0];
  wire lane_1_b_negative = lane_1_b[7];
  wire lane_1_b_hidden = |lane_1_b[6:3];
  wire [3:0] lane_1_b_significand = {lane_1_b_hidden, lane_1_b[2:0]};
  wire lane_1_b_exponent_low = lane_1_b[3] | ~lane_1_b_hidden;
  wire lane_1_b_nan = &lane_1_b[6:0];
  wire lane_1_is_nan = lane_1_a_nan | lane_1_b_nan;

  // Lane 2: unpack
  wire [7:0] lane_2_a = a_i[23:16];
  wire [7:0] lane_2_b = b_i[23:16];
  wire lane_2_a_negative = lane_2_a[7];
  wire lane_2_a_hidden = |lane_2_a[6:3];
  wire [3:0] lane_2_a_significand = {lane_2_a_hidden, lane_2_a[2:0]};
  wire lane_2_a_exponent_low = lane_2_a[3] | ~lane_2_a_hidden;
  wire lane_2_a_nan = &lane_2_a[6:0];
  wire lane_2_b_negative = lane_2_b[7];
  wire lane_2_b_hidden = |lane_2_b[6:3];
  wire [3:0] lane_2_b_significand = {lane_2_b_hidden, lane_2_b[2:0]};
  wire lane_2_b_exponent_low = lane_2_b[3] | ~lane_2_b_hidden;
  wire lane_2_b_nan = &lane_2_b[6:0];
  wire lane_2_is_nan = lane_2_a_nan | lane_2_b_nan;

  // Lane 3: unpack
  wire [7:0] lane_3_a = a_i[31:24];
  wire [7:0] lane_3_b = b_i[31:24];
  wire lane_3_a_negative = lane_3_a[7];
  wire lane_3_a_hidden = |lane_3_a[6:3];
  wire [3:0] lane_3_a_significand = {lane_3_a_hidden, lane_3_a[2:0]};
  wire lane_3_a_exponent_low = lane_3_a[3] | ~lane_3_a_hidden;
  wire lane_3_a_nan = &lane_3_a[6:0];
  wire lane_3_b_negative = lane_3_b[7];
  wire lane_3_b_hidden = |lane_3_b[6:3];
  wire [3:0] lane_3_b_significand = {lane_3_b_hidden, lane_3_b[2:0]};
  wire lane_3_b_exponent_low = lane_3_b[3] | ~lane_3_b_hidden;
  wire lane_3_b_nan = &lane_3_b[6:0];
  wire lane_3_is_nan = lane_3_a_nan | lane_3_b_nan;

  // Lane 0: product, added where it is used
  wire lane_0_stay_low = ~(lane_0_a_exponent_low ^ lane_0_b_exponent_low);
  wire lane_0_stay_carry = lane_0_a_exponent_low | lane_0_b_exponent_low;
  wire [4:0] lane_0_stay_sum = {1'b0, lane_0_a[6:4], 1'b1}
      + {1'b0, lane_0_b[6:4], lane_0_stay_carry};
  wire [4:0] lane_0_stay = {lane_0_stay_sum[4:1], lane_0_stay_low};
  wire [3:0] lane_0_row_0 = lane_0_a_significand & {4{lane_0_b_significand[0]}};
  wire [4:0] lane_0_row_1_start = {2'b00, lane_0_row_0[3:1]};
  wire [4:0] lane_0_row_1_sum = lane_0_row_1_start + {1'b0, lane_0_a_significand};
  wire [4:0] lane_0_row_1 = lane_0_b_significand[1] ? lane_0_row_1_sum : lane_0_row_1_start;
  wire [4:0] lane_0_row_2_start = {1'b0, lane_0_row_1[4:1]};
  wire [4:0] lane_0_row_2_sum = lane_0_row_2_start + {1'b0, lane_0_a_significand};
  wire [4:0] lane_0_row_2 = lane_0_b_significand[2] ? lane_0_row_2_sum : lane_0_row_2_start;
  wire [4:0] lane_0_row_3_start = {1'b0, lane_0_row_2[4:1]};
  wire [4:0] lane_0_row_3_sum = lane_0_row_3_start + {1'b0, lane_0_a_significand};
  wire [4:0] lane_0_row_3 = lane_0_b_significand[3] ? lane_0_row_3_sum : lane_0_row_3_start;
  wire [7:0] lane_0_product = {lane_0_row_3, lane_0_row_2[0], lane_0_row_1[0], lane_0_row_0[0]};
  wire lane_0_term_late_carry = lane_0_a_negative ^ lane_0_b_negative;
  wire [8:0] lane_0_aligned_0 = lane_0_stay[0] ? {lane_0_product, 1'b0} : {1'b0, lane_0_product};
  wire [8:0] lane_0_product_signed = lane_0_aligned_0 ^ {9{lane_0_term_late_carry}};
  wire [10:0] lane_0_aligned_1 = lane_0_stay[1]
      ? {lane_0_product_signed, {2{lane_0_term_late_carry}}}
      : {{2{lane_0_term_late_carry}}, lane_0_product_signed};
  wire [14:0] lane_0_aligned_2 = lane_0_stay[2]
      ? {lane_0_aligned_1, {4{lane_0_term_late_carry}}}
      : {{4{lane_0_term_late_carry}}, lane_0_aligned_1};
  wire [22:0] lane_0_aligned_3 = lane_0_stay[3]
      ? {lane_0_aligned_2, {8{lane_0_term_late_carry}}}
      : {{8{lane_0_term_late_carry}}, lane_0_aligned_2};
  wire lane_0_digit = ~lane_0_stay[4];
  wire lane_0_term_at_13_used = lane_0_digit == 1'b0;
  wire [22:0] lane_0_term_at_13 = lane_0_aligned_3;
  wire lane_0_term_at_0_used = lane_0_digit == 1'b1;
  wire [19:0] lane_0_term_at_0 = lane_0_aligned_3[22:3];
  wire [23:0] lane_0_sum_0 = {lane_0_term_late_carry, lane_0_term_at_13}
      & {24{lane_0_term_at_13_used}};
  wire lane_0_carry_0 = lane_0_term_late_carry & lane_0_term_at_13_used;
  wire [20:0] lane_0_sum_1 = {lane_0_term_late_carry, lane_0_term_at_0}
      & {21{lane_0_term_at_0_used}};
  wire lane_0_carry_1 = lane_0_term_late_carry & lane_0_term_at_0_used;

  // Lane 1: product, added where it is used
  wire lane_1_stay_low = ~(lane_1_a_exponent_low ^ lane_1_b_exponent_low);
  wire lane_1_stay_carry = lane_1_a_exponent_low | lane_1_b_exponent_low;
  wire [4:0] lane_1_stay_sum = {1'b0, lane_1_a[6:4], 1'b1}
      + {1'b0, lane_1_b[6:4], lane_1_stay_carry};
  wire [4:0] lane_1_stay = {lane_1_stay_sum[4:1], lane_1_stay_low};
  wire [3:0] lane_1_row_0 = lane_1_a_significand & {4{lane_1_b_significand[0]}};
  wire [4:0] lane_1_row_1_start = {2'b00, lane_1_row_0[3:1]};
  wire [4:0] lane_1_row_1_sum = lane_1_row_1_start + {1'b0, lane_1_a_significand};
  wire [4:0] lane_1_row_1 = lane_1_b_significand[1] ? lane_1_row_1_sum : lane_1_row_1_start;
  wire [4:0] lane_1_row_2_start = {1'b0, lane_1_row_1[4:1]};
  wire [4:0] lane_1_row_2_sum = lane_1_row_2_start + {1'b0, lane_1_a_significand};
  wire [4:0] lane_1_row_2 = lane_1_b_significand[2] ? lane_1_row_2_sum : lane_1_row_2_start;
  wire [4:0] lane_1_row_3_start = {1'b0, lane_1_row_2[4:1]};
  wire [4:0] lane_1_row_3_sum = lane_1_row_3_start + {1'b0, lane_1_a_significand};
  wire [4:0] lane_1_row_3 = lane_1_b_significand[3] ? lane_1_row_3_sum : lane_1_row_3_start;
  wire [7:0] lane_1_product = {lane_1_row_3, lane_1_row_2[0], lane_1_row_1[0], lane_1_row_0[0]};
  wire lane_1_term_carry = lane_1_a_negative ^ lane_1_b_negative;
  wire [8:0] lane_1_aligned_0 = lane_1_stay[0] ? {lane_1_product, 1'b0} : {1'b0, lane_1_product};
  wire [8:0] lane_1_product_signed = lane_1_aligned_0 ^ {9{lane_1_term_carry}};
  wire [10:0] lane_1_aligned_1 = lane_1_stay[1]
      ? {lane_1_product_signed, {2{lane_1_term_carry}}}
      : {{2{lane_1_term_carry}}, lane_1_product_signed};
  wire [14:0] lane_1_aligned_2 = lane_1_stay[2]
      ? {lane_1_aligned_1, {4{lane_1_term_carry}}} : {{4{lane_1_term_carry}}, lane_1_aligned_1};
  wire [22:0] lane_1_aligned_3 = lane_1_stay[3]
      ? {lane_1_aligned_2, {8{lane_1_term_carry}}} : {{8{lane_1_term_carry}}, lane_1_aligned_2};
  wire lane_1_digit = ~lane_1_stay[4];
  wire lane_1_term_at_13_used = lane_1_digit == 1'b0;
  wire [22:0] lane_1_term_at_13 = lane_1_aligned_3;
  wire lane_1_term_at_0_used = lane_1_digit == 1'b1;
  wire [19:0] lane_1_term_at_0 = lane_1_aligned_3[22:3];
  wire [24:0] lane_1_sum_0_before = {lane_0_sum_0[23], lane_0_sum_0};
  wire [25:0] lane_1_sum_0_wide = {lane_1_sum_0_before, 1'b1}
      + {{2{lane_1_term_carry}}, lane_1_term_at_13, lane_1_term_carry};
  wire [24:0] lane_1_sum_0 = lane_1_term_at_13_used ? lane_1_sum_0_wide[25:1] : lane_1_sum_0_before;
  wire [21:0] lane_1_sum_1_before = {lane_0_sum_1[20], lane_0_sum_1};
  wire [22:0] lane_1_sum_1_wide = {lane_1_sum_1_before, 1'b1}
      + {{2{lane_1_term_carry}}, lane_1_term_at_0, lane_1_term_carry};
  wire [21:0] lane_1_sum_1 = lane_1_term_at_0_used ? lane_1_sum_1_wide[22:1] : lane_1_sum_1_before;

  // Lane 2: product, added where it is used
  wire lane_2_stay_low = ~(lane_2_a_exponent_low ^ lane_2_b_exponent_low);
  wire lane_2_stay_carry = lane_2_a_exponent_low | lane_2_b_exponent_low;
  wire [4:0] lane_2_stay_sum = {1'b0, lane_2_a[6:4], 1'b1}
      + {1'b0, lane_2_b[6:4], lane_2_stay_carry};
  wire [4:0] lane_2_stay = {lane_2_stay_sum[4:1], lane_2_stay_low};
  wire [3:0] lane_2_row_0 = lane_2_a_significand & {4{lane_2_b_significand[0]}};
  wire [4:0] lane_2_row_1_start = {2'b00, lane_2_row_0[3:1]};
  wire [4:0] lane_2_row_1_sum = lane_2_row_1_start + {1'b0, lane_2_a_significand};
  wire [4:0] lane_2_row_1 = lane_2_b_significand[1] ? lane_2_row_1_sum : lane_2_row_1_start;
  wire [4:0] lane_2_row_2_start = {1'b0, lane_2_row_1[4:1]};
  wire [4:0] lane_2_row_2_sum = lane_2_row_2_start + {1'b0, lane_2_a_significand};
  wire [4:0] lane_2_row_2 = lane_2_b_significand[2] ? lane_2_row_2_sum : lane_2_row_2_start;
  wire [4:0] lane_2_row_3_start = {1'b0, lane_2_row_2[4:1]};
  wire [4:0] lane_2_row_3_sum = lane_2_row_3_start + {1'b0, lane_2_a_significand};
  wire [4:0] lane_2_row_3 = lane_2_b_significand[3] ? lane_2_row_3_sum : lane_2_row_3_start;
  wire [7:0] lane_2_product = {lane_2_row_3, lane_2_row_2[0], lane_2_row_1[0], lane_2_row_0[0]};
  wire lane_2_term_carry = lane_2_a_negative ^ lane_2_b_negative;
  wire [8:0] lane_2_aligned_0 = lane_2_stay[0] ? {lane_2_product, 1'b0} : {1'b0, lane_2_product};
  wire [8:0] lane_2_product_signed = lane_2_aligned_0 ^ {9{lane_2_term_carry}};
  wire [10:0] lane_2_aligned_1 = lane_2_stay[1]
      ? {lane_2_product_signed, {2{lane_2_term_carry}}}
      : {{2{lane_2_term_carry}}, lane_2_product_signed};
  wire [14:0] lane_2_aligned_2 = lane_2_stay[2]
      ? {lane_2_aligned_1, {4{lane_2_term_carry}}} : {{4{lane_2_term_carry}}, lane_2_aligned_1};
  wire [22:0] lane_2_aligned_3 = lane_2_stay[3]
      ? {lane_2_aligned_2, {8{lane_2_term_carry}}} : {{8{lane_2_term_carry}}, lane_2_aligned_2};
  wire lane_2_digit = ~lane_2_stay[4];
  wire lane_2_term_at_13_used = lane_2_digit == 1'b0;
  wire [22:0] lane_2_term_at_13 = lane_2_aligned_3;
  wire lane_2_term_at_0_used = lane_2_digit == 1'b1;
  wire [19:0] lane_2_term_at_0 = lane_2_aligned_3[22:3];
  wire [25:0] lane_2_sum_0_before = {lane_1_sum_0[24], lane_1_sum_0};
  wire [26:0] lane_2_sum_0_wide = {lane_2_sum_0_before, 1'b1}
      + {{3{lane_2_term_carry}}, lane_2_term_at_13, lane_2_term_carry};
  wire [25:0] lane_2_sum_0 = lane_2_term_at_13_used ? lane_2_sum_0_wide[26:1] : lane_2_sum_0_before;
  wire [22:0] lane_2_sum_1_before = {lane_1_sum_1[21], lane_1_sum_1};
  wire [23:0] lane_2_sum_1_wide = {lane_2_sum_1_before, 1'b1}
      + {{3{lane_2_term_carry}}, lane_2_term_at_0, lane_2_term_carry};
  wire [22:0] lane_2_sum_1 = lane_2_term_at_0_used ? lane_2_sum_1_wide[23:1] : lane_2_sum_1_before;

  // Lane 3: product, added where it is used
  wire lane_3_stay_low = ~(lane_3_a_exponent_low ^ lane_3_b_exponent_low);
  wire lane_3_stay_carry = lane_3_a_exponent_low | lane_3_b_exponent_low;
  wire [4:0] lane_3_stay_sum = {1'b0, lane_3_a[6:4], 1'b1}
      + {1'b0, lane_3_b[6:4], lane_3_stay_carry};
  wire [4:0] lane_3_stay = {lane_3_stay_sum[4:1], lane_3_stay_low};
  wire [3:0] lane_3_row_0 = lane_3_a_significand & {4{lane_3_b_significand[0]}};
  wire [4:0] lane_3_row_1_start = {2'b00, lane_3_row_0[3:1]};
  wire [4:0] lane_3_row_1_sum = lane_3_row_1_start + {1'b0, lane_3_a_significand};
  wire [4:0] lane_3_row_1 = lane_3_b_significand[1] ? lane_3_row_1_sum : lane_3_row_1_start;
  wire [4:0] lane_3_row_2_start = {1'b0, lane_3_row_1[4:1]};
  wire [4:0] lane_3_row_2_sum = lane_3_row_2_start + {1'b0, lane_3_a_significand};
  wire [4:0] lane_3_row_2 = lane_3_b_significand[2] ? lane_3_row_2_sum : lane_3_row_2_start;
  wire [4:0] lane_3_row_3_start = {1'b0, lane_3_row_2[4:1]};
  wire [4:0] lane_3_row_3_sum = lane_3_row_3_start + {1'b0, lane_3_a_significand};
  wire [4:0] lane_3_row_3 = lane_3_b_significand[3] ? lane_3_row_3_sum : lane_3_row_3_start;
  wire [7:0] lane_3_product = {lane_3_row_3, lane_3_row_2[0], lane_3_row_1[0], lane_3_row_0[0]};
  wire lane_3_term_carry = lane_3_a_negative ^ lane_3_b_negative;
  wire [8:0] lane_3_aligned_0 = lane_3_stay[0] ? {lane_3_product, 1'b0} : {1'b0, lane_3_product};
  wire [8:0] lane_3_product_signed = lane_3_aligned_0 ^ {9{lane_3_term_carry}};
  wire [10:0] lane_3_aligned_1 = lane_3_stay[1]
      ? {lane_3_product_signed, {2{lane_3_term_carry}}}
      : {{2{lane_3_term_carry}}, lane_3_product_signed};
  wire [14:0] lane_3_aligned_2 = lane_3_stay[2]
      ? {lane_3_aligned_1, {4{lane_3_term_carry}}} : {{4{lane_3_term_carry}}, lane_3_aligned_1};
  wire [22:0] lane_3_aligned_3 = lane_3_stay[3]
      ? {lane_3_aligned_2, {8{lane_3_term_carry}}} : {{8{lane_3_term_carry}}, lane_3_aligned_2};
  wire lane_3_digit = ~lane_3_stay[4];
  wire lane_3_term_at_13_used = lane_3_digit == 1'b0;
  wire [22:0] lane_3_term_at_13 = lane_3_aligned_3;
  wire lane_3_term_at_0_used = lane_3_digit == 1'b1;
  wire [19:0] lane_3_term_at_0 = lane_3_aligned_3[22:3];
  wire [26:0] lane_3_sum_0_wide = {lane_2_sum_0, 1'b1}
      + {{3{lane_3_term_carry}}, lane_3_term_at_13, lane_3_term_carry};
  wire [25:0] lane_3_sum_0 = lane_3_term_at_13_used ? lane_3_sum_0_wide[26:1] : lane_2_sum_0;
  wire [23:0] lane_3_sum_1_wide = {lane_2_sum_1, 1'b1}
      + {{3{lane_3_term_carry}}, lane_3_term_at_0, lane_3_term_carry};
  wire [22:0] lane_3_sum_1 = lane_3_term_at_0_used ? lane_3_sum_1_wide[23:1] : lane_2_sum_1;

  // Exact sum of all lanes
  wire sum_from_0_carry = lane_0_carry_0 | lane_0_carry_1;
  wire [39:0] sum_from_0_wide = {{16{lane_3_sum_1[22]}}, lane_3_sum_1, 1'b1}
      + {lane_3_sum_0, {13{lane_0_carry_0}}, sum_from_0_carry};
  wire [38:0] sum_from_0 = sum_from_0_wide[39:1];
  wire lanes_nan = lane_0_is_nan | lane_1_is_nan | lane_2_is_nan | lane_3_is_nan;

  // Bits that nothing reads, named so that linters know it is meant
  wire unused_bits = ^{lane_0_stay_sum[0], lane_1_stay_sum[0], lane_1_sum_0_wide[0],
      lane_1_sum_1_wide[0], lane_2_stay_sum[0], lane_2_sum_0_wide[0], lane_2_sum_1_wide[0],
      lane_3_stay_sum[0], lane_3_sum_0_wide[0], lane_3_sum_1_wide[0], sum_from_0_wide[0]};

  assign result_o = sum_from_0;
  assign nan_o = lanes_nan;

endmodule : fewbit_dot_e4m3fn_e4m3fn_x4

`default_nettype wire
