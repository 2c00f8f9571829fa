// fewbit_dot_e4m3fn_e4m3fn_x4_xilinx - exact dot product of 4 lanes
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
// Structure  exact_first, for AMD cells (6-input tables, carry chains)
// Reproduce  fewbit emit dot --a e4m3fn --b e4m3fn --lanes 4 --target xilinx-usp
// Generator  fewbit 0.2.0
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_dot_e4m3fn_e4m3fn_x4_xilinx (
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

  // Lane 0: product
  wire lane_0_negative = lane_0_a_negative ^ lane_0_b_negative;
  wire [5:0] lane_0_partial_0_index = {lane_0_b_significand[1:0], lane_0_a_significand};
  // TwoBitRow: a times two bits of b, by {bits of b, a}
  localparam logic [63:0] TwoBitRow5 = 64'hf800000000000000;
  wire lane_0_partial_0_5 = TwoBitRow5[lane_0_partial_0_index];
  localparam logic [63:0] TwoBitRow4 = 64'h7c0ff0000000000;
  wire lane_0_partial_0_4 = TwoBitRow4[lane_0_partial_0_index];
  localparam logic [63:0] TwoBitRow3 = 64'hc738f0f0ff000000;
  wire lane_0_partial_0_3 = TwoBitRow3[lane_0_partial_0_index];
  localparam logic [63:0] TwoBitRow2 = 64'hb4b4ccccf0f00000;
  wire lane_0_partial_0_2 = TwoBitRow2[lane_0_partial_0_index];
  localparam logic [63:0] TwoBitRow1 = 64'h6666aaaacccc0000;
  wire lane_0_partial_0_1 = TwoBitRow1[lane_0_partial_0_index];
  localparam logic [63:0] TwoBitRow0 = 64'haaaa0000aaaa0000;
  wire lane_0_partial_0_0 = TwoBitRow0[lane_0_partial_0_index];
  wire [5:0] lane_0_partial_0 = {lane_0_partial_0_5, lane_0_partial_0_4, lane_0_partial_0_3,
      lane_0_partial_0_2, lane_0_partial_0_1, lane_0_partial_0_0};
  wire [5:0] lane_0_partial_1_index = {lane_0_b_significand[3:2], lane_0_a_significand};
  wire lane_0_partial_1_5 = TwoBitRow5[lane_0_partial_1_index];
  wire lane_0_partial_1_4 = TwoBitRow4[lane_0_partial_1_index];
  wire lane_0_partial_1_3 = TwoBitRow3[lane_0_partial_1_index];
  wire lane_0_partial_1_2 = TwoBitRow2[lane_0_partial_1_index];
  wire lane_0_partial_1_1 = TwoBitRow1[lane_0_partial_1_index];
  wire lane_0_partial_1_0 = TwoBitRow0[lane_0_partial_1_index];
  wire [5:0] lane_0_partial_1 = {lane_0_partial_1_5, lane_0_partial_1_4, lane_0_partial_1_3,
      lane_0_partial_1_2, lane_0_partial_1_1, lane_0_partial_1_0};
  wire [5:0] lane_0_row_1 = {2'b00, lane_0_partial_0[5:2]} + lane_0_partial_1;
  wire [7:0] lane_0_product = {lane_0_row_1, lane_0_partial_0[1:0]};
  wire lane_0_stay_low = ~(lane_0_a_exponent_low ^ lane_0_b_exponent_low);
  wire lane_0_stay_carry = lane_0_a_exponent_low | lane_0_b_exponent_low;
  wire [4:0] lane_0_stay_sum = {1'b0, lane_0_a[6:4], 1'b1}
      + {1'b0, lane_0_b[6:4], lane_0_stay_carry};
  wire [4:0] lane_0_stay = {lane_0_stay_sum[4:1], lane_0_stay_low};
  wire [8:0] lane_0_aligned_0 = lane_0_stay[0] ? {lane_0_product, 1'b0} : {1'b0, lane_0_product};
  wire [10:0] lane_0_aligned_1 = lane_0_stay[1]
      ? {lane_0_aligned_0, 2'b00} : {2'b00, lane_0_aligned_0};
  wire [14:0] lane_0_aligned_2 = lane_0_stay[2]
      ? {lane_0_aligned_1, 4'b0000} : {4'b0000, lane_0_aligned_1};
  wire [1:0] lane_0_stay_held = lane_0_stay[4:3];
  wire [22:0] lane_0_aligned_3 = lane_0_stay_held[0]
      ? {lane_0_aligned_2, 8'b00000000} : {8'b00000000, lane_0_aligned_2};
  wire [35:0] lane_0_aligned_4 = lane_0_stay_held[1]
      ? {lane_0_aligned_3, {13{1'b0}}} : {{16{1'b0}}, lane_0_aligned_3[22:3]};
  wire [35:0] lane_0_addend = lane_0_aligned_4 ^ {36{lane_0_negative}};
  wire [38:0] lane_0_term = {{3{lane_0_negative}}, lane_0_addend};
  wire lane_0_term_carry = lane_0_negative;

  // Lane 1: product
  wire lane_1_negative = lane_1_a_negative ^ lane_1_b_negative;
  wire [5:0] lane_1_partial_0_index = {lane_1_b_significand[1:0], lane_1_a_significand};
  wire lane_1_partial_0_5 = TwoBitRow5[lane_1_partial_0_index];
  wire lane_1_partial_0_4 = TwoBitRow4[lane_1_partial_0_index];
  wire lane_1_partial_0_3 = TwoBitRow3[lane_1_partial_0_index];
  wire lane_1_partial_0_2 = TwoBitRow2[lane_1_partial_0_index];
  wire lane_1_partial_0_1 = TwoBitRow1[lane_1_partial_0_index];
  wire lane_1_partial_0_0 = TwoBitRow0[lane_1_partial_0_index];
  wire [5:0] lane_1_partial_0 = {lane_1_partial_0_5, lane_1_partial_0_4, lane_1_partial_0_3,
      lane_1_partial_0_2, lane_1_partial_0_1, lane_1_partial_0_0};
  wire [5:0] lane_1_partial_1_index = {lane_1_b_significand[3:2], lane_1_a_significand};
  wire lane_1_partial_1_5 = TwoBitRow5[lane_1_partial_1_index];
  wire lane_1_partial_1_4 = TwoBitRow4[lane_1_partial_1_index];
  wire lane_1_partial_1_3 = TwoBitRow3[lane_1_partial_1_index];
  wire lane_1_partial_1_2 = TwoBitRow2[lane_1_partial_1_index];
  wire lane_1_partial_1_1 = TwoBitRow1[lane_1_partial_1_index];
  wire lane_1_partial_1_0 = TwoBitRow0[lane_1_partial_1_index];
  wire [5:0] lane_1_partial_1 = {lane_1_partial_1_5, lane_1_partial_1_4, lane_1_partial_1_3,
      lane_1_partial_1_2, lane_1_partial_1_1, lane_1_partial_1_0};
  wire [5:0] lane_1_row_1 = {2'b00, lane_1_partial_0[5:2]} + lane_1_partial_1;
  wire [7:0] lane_1_product = {lane_1_row_1, lane_1_partial_0[1:0]};
  wire lane_1_stay_low = ~(lane_1_a_exponent_low ^ lane_1_b_exponent_low);
  wire lane_1_stay_carry = lane_1_a_exponent_low | lane_1_b_exponent_low;
  wire [4:0] lane_1_stay_sum = {1'b0, lane_1_a[6:4], 1'b1}
      + {1'b0, lane_1_b[6:4], lane_1_stay_carry};
  wire [4:0] lane_1_stay = {lane_1_stay_sum[4:1], lane_1_stay_low};
  wire [8:0] lane_1_aligned_0 = lane_1_stay[0] ? {lane_1_product, 1'b0} : {1'b0, lane_1_product};
  wire [10:0] lane_1_aligned_1 = lane_1_stay[1]
      ? {lane_1_aligned_0, 2'b00} : {2'b00, lane_1_aligned_0};
  wire [14:0] lane_1_aligned_2 = lane_1_stay[2]
      ? {lane_1_aligned_1, 4'b0000} : {4'b0000, lane_1_aligned_1};
  wire [1:0] lane_1_stay_held = lane_1_stay[4:3];
  wire [22:0] lane_1_aligned_3 = lane_1_stay_held[0]
      ? {lane_1_aligned_2, 8'b00000000} : {8'b00000000, lane_1_aligned_2};
  wire [35:0] lane_1_aligned_4 = lane_1_stay_held[1]
      ? {lane_1_aligned_3, {13{1'b0}}} : {{16{1'b0}}, lane_1_aligned_3[22:3]};
  wire [35:0] lane_1_addend = lane_1_aligned_4 ^ {36{lane_1_negative}};
  wire [38:0] lane_1_term = {{3{lane_1_negative}}, lane_1_addend};
  wire lane_1_term_carry = lane_1_negative;

  // Lane 2: product
  wire lane_2_negative = lane_2_a_negative ^ lane_2_b_negative;
  wire [5:0] lane_2_partial_0_index = {lane_2_b_significand[1:0], lane_2_a_significand};
  wire lane_2_partial_0_5 = TwoBitRow5[lane_2_partial_0_index];
  wire lane_2_partial_0_4 = TwoBitRow4[lane_2_partial_0_index];
  wire lane_2_partial_0_3 = TwoBitRow3[lane_2_partial_0_index];
  wire lane_2_partial_0_2 = TwoBitRow2[lane_2_partial_0_index];
  wire lane_2_partial_0_1 = TwoBitRow1[lane_2_partial_0_index];
  wire lane_2_partial_0_0 = TwoBitRow0[lane_2_partial_0_index];
  wire [5:0] lane_2_partial_0 = {lane_2_partial_0_5, lane_2_partial_0_4, lane_2_partial_0_3,
      lane_2_partial_0_2, lane_2_partial_0_1, lane_2_partial_0_0};
  wire [5:0] lane_2_partial_1_index = {lane_2_b_significand[3:2], lane_2_a_significand};
  wire lane_2_partial_1_5 = TwoBitRow5[lane_2_partial_1_index];
  wire lane_2_partial_1_4 = TwoBitRow4[lane_2_partial_1_index];
  wire lane_2_partial_1_3 = TwoBitRow3[lane_2_partial_1_index];
  wire lane_2_partial_1_2 = TwoBitRow2[lane_2_partial_1_index];
  wire lane_2_partial_1_1 = TwoBitRow1[lane_2_partial_1_index];
  wire lane_2_partial_1_0 = TwoBitRow0[lane_2_partial_1_index];
  wire [5:0] lane_2_partial_1 = {lane_2_partial_1_5, lane_2_partial_1_4, lane_2_partial_1_3,
      lane_2_partial_1_2, lane_2_partial_1_1, lane_2_partial_1_0};
  wire [5:0] lane_2_row_1 = {2'b00, lane_2_partial_0[5:2]} + lane_2_partial_1;
  wire [7:0] lane_2_product = {lane_2_row_1, lane_2_partial_0[1:0]};
  wire lane_2_stay_low = ~(lane_2_a_exponent_low ^ lane_2_b_exponent_low);
  wire lane_2_stay_carry = lane_2_a_exponent_low | lane_2_b_exponent_low;
  wire [4:0] lane_2_stay_sum = {1'b0, lane_2_a[6:4], 1'b1}
      + {1'b0, lane_2_b[6:4], lane_2_stay_carry};
  wire [4:0] lane_2_stay = {lane_2_stay_sum[4:1], lane_2_stay_low};
  wire [8:0] lane_2_aligned_0 = lane_2_stay[0] ? {lane_2_product, 1'b0} : {1'b0, lane_2_product};
  wire [10:0] lane_2_aligned_1 = lane_2_stay[1]
      ? {lane_2_aligned_0, 2'b00} : {2'b00, lane_2_aligned_0};
  wire [14:0] lane_2_aligned_2 = lane_2_stay[2]
      ? {lane_2_aligned_1, 4'b0000} : {4'b0000, lane_2_aligned_1};
  wire [1:0] lane_2_stay_held = lane_2_stay[4:3];
  wire [22:0] lane_2_aligned_3 = lane_2_stay_held[0]
      ? {lane_2_aligned_2, 8'b00000000} : {8'b00000000, lane_2_aligned_2};
  wire [35:0] lane_2_aligned_4 = lane_2_stay_held[1]
      ? {lane_2_aligned_3, {13{1'b0}}} : {{16{1'b0}}, lane_2_aligned_3[22:3]};
  wire [35:0] lane_2_addend = lane_2_aligned_4 ^ {36{lane_2_negative}};
  wire [38:0] lane_2_term = {{3{lane_2_negative}}, lane_2_addend};
  wire lane_2_term_carry = lane_2_negative;

  // Lane 3: product
  wire lane_3_negative = lane_3_a_negative ^ lane_3_b_negative;
  wire [5:0] lane_3_partial_0_index = {lane_3_b_significand[1:0], lane_3_a_significand};
  wire lane_3_partial_0_5 = TwoBitRow5[lane_3_partial_0_index];
  wire lane_3_partial_0_4 = TwoBitRow4[lane_3_partial_0_index];
  wire lane_3_partial_0_3 = TwoBitRow3[lane_3_partial_0_index];
  wire lane_3_partial_0_2 = TwoBitRow2[lane_3_partial_0_index];
  wire lane_3_partial_0_1 = TwoBitRow1[lane_3_partial_0_index];
  wire lane_3_partial_0_0 = TwoBitRow0[lane_3_partial_0_index];
  wire [5:0] lane_3_partial_0 = {lane_3_partial_0_5, lane_3_partial_0_4, lane_3_partial_0_3,
      lane_3_partial_0_2, lane_3_partial_0_1, lane_3_partial_0_0};
  wire [5:0] lane_3_partial_1_index = {lane_3_b_significand[3:2], lane_3_a_significand};
  wire lane_3_partial_1_5 = TwoBitRow5[lane_3_partial_1_index];
  wire lane_3_partial_1_4 = TwoBitRow4[lane_3_partial_1_index];
  wire lane_3_partial_1_3 = TwoBitRow3[lane_3_partial_1_index];
  wire lane_3_partial_1_2 = TwoBitRow2[lane_3_partial_1_index];
  wire lane_3_partial_1_1 = TwoBitRow1[lane_3_partial_1_index];
  wire lane_3_partial_1_0 = TwoBitRow0[lane_3_partial_1_index];
  wire [5:0] lane_3_partial_1 = {lane_3_partial_1_5, lane_3_partial_1_4, lane_3_partial_1_3,
      lane_3_partial_1_2, lane_3_partial_1_1, lane_3_partial_1_0};
  wire [5:0] lane_3_row_1 = {2'b00, lane_3_partial_0[5:2]} + lane_3_partial_1;
  wire [7:0] lane_3_product = {lane_3_row_1, lane_3_partial_0[1:0]};
  wire lane_3_stay_low = ~(lane_3_a_exponent_low ^ lane_3_b_exponent_low);
  wire lane_3_stay_carry = lane_3_a_exponent_low | lane_3_b_exponent_low;
  wire [4:0] lane_3_stay_sum = {1'b0, lane_3_a[6:4], 1'b1}
      + {1'b0, lane_3_b[6:4], lane_3_stay_carry};
  wire [4:0] lane_3_stay = {lane_3_stay_sum[4:1], lane_3_stay_low};
  wire [8:0] lane_3_aligned_0 = lane_3_stay[0] ? {lane_3_product, 1'b0} : {1'b0, lane_3_product};
  wire [10:0] lane_3_aligned_1 = lane_3_stay[1]
      ? {lane_3_aligned_0, 2'b00} : {2'b00, lane_3_aligned_0};
  wire [14:0] lane_3_aligned_2 = lane_3_stay[2]
      ? {lane_3_aligned_1, 4'b0000} : {4'b0000, lane_3_aligned_1};
  wire [1:0] lane_3_stay_held = lane_3_stay[4:3];
  wire [22:0] lane_3_aligned_3 = lane_3_stay_held[0]
      ? {lane_3_aligned_2, 8'b00000000} : {8'b00000000, lane_3_aligned_2};
  wire [35:0] lane_3_aligned_4 = lane_3_stay_held[1]
      ? {lane_3_aligned_3, {13{1'b0}}} : {{16{1'b0}}, lane_3_aligned_3[22:3]};
  wire [35:0] lane_3_addend = lane_3_aligned_4 ^ {36{lane_3_negative}};
  wire [38:0] lane_3_term = {{3{lane_3_negative}}, lane_3_addend};
  wire lane_3_term_carry = lane_3_negative;

  // Exact sum of all lanes
  wire [39:0] sum_0_0_wide = {lane_0_term, 1'b1} + {lane_1_term, lane_3_term_carry};
  wire [38:0] sum_0_0 = sum_0_0_wide[39:1];
  wire [39:0] sum_0_1_wide = {lane_2_term, 1'b1} + {lane_3_term, lane_2_term_carry};
  wire [38:0] sum_0_1 = sum_0_1_wide[39:1];
  wire [39:0] sum_1_0_wide = {sum_0_0, 1'b1} + {sum_0_1, lane_1_term_carry};
  wire [38:0] sum_1_0 = sum_1_0_wide[39:1];
  wire [38:0] sum_complete = sum_1_0 + {39{1'b0}} + {{38{1'b0}}, lane_0_term_carry};
  wire lanes_nan = lane_0_is_nan | lane_1_is_nan | lane_2_is_nan | lane_3_is_nan;

  // Bits that nothing reads, named so that linters know it is meant
  wire unused_bits = ^{lane_0_stay_sum[0], lane_1_stay_sum[0], lane_2_stay_sum[0],
      lane_3_stay_sum[0], sum_0_0_wide[0], sum_0_1_wide[0], sum_1_0_wide[0]};

  assign result_o = sum_complete;
  assign nan_o = lanes_nan;

endmodule : fewbit_dot_e4m3fn_e4m3fn_x4_xilinx

`default_nettype wire
