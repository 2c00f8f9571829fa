// fewbit_mxdot_e2m1_e2m1_e8m0_x4_to_bfloat16 - correctly rounded block-scaled dot product of 4 lanes
//
//   result_o = round(scale_a_i * scale_b_i * sum of a_i[k] * b_i[k], k < 4)
//
// Formats    a_i, b_i: e2m1 = 1 sign, 2 exponent, 1 fraction bits, bias 1, subnormals kept, no Inf,
//            no NaN, largest 6
//            scale_a_i, scale_b_i: e8m0 = unsigned, 8 exponent, 0 fraction bits, bias 127, no zero,
//            no Inf, NaN = 11111111, largest 1.70141e+38
//            result_o: bfloat16 = 1 sign, 8 exponent, 7 fraction bits, bias 127, subnormals kept,
//            Inf = S.11111111.0000000, NaN = S.11111111 with a fraction other than 0, largest
//            3.38953e+38
//            lane 0 is in the lowest bits
// Rounding   to nearest, ties to even
// Overflow   infinity, or the largest finite value where the rounding says so
// Special    a NaN operand gives NaN
// Timing     combinational: latency 0
// Structure  exact_first, for iCE40 cells (a 4-input table with a carry)
// Reproduce  fewbit emit mxdot --a e2m1 --b e2m1 --scale e8m0 --lanes 4 --result bfloat16
// Generator  fewbit 0.2.0
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_mxdot_e2m1_e2m1_e8m0_x4_to_bfloat16 (
  input  wire  [15:0] a_i,
  input  wire  [15:0] b_i,
  input  wire  [7:0] scale_a_i,
  input  wire  [7:0] scale_b_i,
  output logic [15:0] result_o
);

  // Lane 0: unpack
  wire [3:0] lane_0_a = a_i[3:0];
  wire [3:0] lane_0_b = b_i[3:0];
  wire lane_0_a_negative = lane_0_a[3];
  wire lane_0_a_hidden = |lane_0_a[2:1];
  wire [1:0] lane_0_a_significand = {lane_0_a_hidden, lane_0_a[0]};
  wire lane_0_b_negative = lane_0_b[3];
  wire lane_0_b_hidden = |lane_0_b[2:1];
  wire [1:0] lane_0_b_significand = {lane_0_b_hidden, lane_0_b[0]};

  // Lane 1: unpack
  wire [3:0] lane_1_a = a_i[7:4];
  wire [3:0] lane_1_b = b_i[7:4];
  wire lane_1_a_negative = lane_1_a[3];
  wire lane_1_a_hidden = |lane_1_a[2:1];
  wire [1:0] lane_1_a_significand = {lane_1_a_hidden, lane_1_a[0]};
  wire lane_1_b_negative = lane_1_b[3];
  wire lane_1_b_hidden = |lane_1_b[2:1];
  wire [1:0] lane_1_b_significand = {lane_1_b_hidden, lane_1_b[0]};

  // Lane 2: unpack
  wire [3:0] lane_2_a = a_i[11:8];
  wire [3:0] lane_2_b = b_i[11:8];
  wire lane_2_a_negative = lane_2_a[3];
  wire lane_2_a_hidden = |lane_2_a[2:1];
  wire [1:0] lane_2_a_significand = {lane_2_a_hidden, lane_2_a[0]};
  wire lane_2_b_negative = lane_2_b[3];
  wire lane_2_b_hidden = |lane_2_b[2:1];
  wire [1:0] lane_2_b_significand = {lane_2_b_hidden, lane_2_b[0]};

  // Lane 3: unpack
  wire [3:0] lane_3_a = a_i[15:12];
  wire [3:0] lane_3_b = b_i[15:12];
  wire lane_3_a_negative = lane_3_a[3];
  wire lane_3_a_hidden = |lane_3_a[2:1];
  wire [1:0] lane_3_a_significand = {lane_3_a_hidden, lane_3_a[0]};
  wire lane_3_b_negative = lane_3_b[3];
  wire lane_3_b_hidden = |lane_3_b[2:1];
  wire [1:0] lane_3_b_significand = {lane_3_b_hidden, lane_3_b[0]};

  // Lane 0: product
  wire lane_0_negative = lane_0_a_negative ^ lane_0_b_negative;
  wire [3:0] lane_0_partial_0_index = {lane_0_b_significand, lane_0_a_significand};
  // TwoBitRow: a times two bits of b, by {bits of b, a}
  localparam logic [15:0] TwoBitRow3 = 16'h8000;
  wire lane_0_partial_0_3 = TwoBitRow3[lane_0_partial_0_index];
  localparam logic [15:0] TwoBitRow2 = 16'h4c00;
  wire lane_0_partial_0_2 = TwoBitRow2[lane_0_partial_0_index];
  localparam logic [15:0] TwoBitRow1 = 16'h6ac0;
  wire lane_0_partial_0_1 = TwoBitRow1[lane_0_partial_0_index];
  localparam logic [15:0] TwoBitRow0 = 16'ha0a0;
  wire lane_0_partial_0_0 = TwoBitRow0[lane_0_partial_0_index];
  wire [3:0] lane_0_partial_0 = {lane_0_partial_0_3, lane_0_partial_0_2, lane_0_partial_0_1,
      lane_0_partial_0_0};
  wire [3:0] lane_0_stay_index = {lane_0_a[2:1], lane_0_b[2:1]};
  // Stay: places that the product does not move, by both exponents
  localparam logic [15:0] Stay2 = 16'hc800;
  wire lane_0_stay_2 = Stay2[lane_0_stay_index];
  localparam logic [15:0] Stay1 = 16'hb488;
  wire lane_0_stay_1 = Stay1[lane_0_stay_index];
  localparam logic [15:0] Stay0 = 16'hffcc;
  wire lane_0_stay_0 = Stay0[lane_0_stay_index];
  wire [2:0] lane_0_stay = {lane_0_stay_2, lane_0_stay_1, lane_0_stay_0};
  wire [4:0] lane_0_aligned_0 = lane_0_stay[0]
      ? {lane_0_partial_0, 1'b0} : {1'b0, lane_0_partial_0};
  wire [5:0] lane_0_aligned_1 = lane_0_stay[1]
      ? {lane_0_aligned_0, 1'b0} : {1'b0, lane_0_aligned_0};
  wire [7:0] lane_0_aligned_2 = lane_0_stay[2]
      ? {lane_0_aligned_1, 2'b00} : {2'b00, lane_0_aligned_1};
  wire [7:0] lane_0_product_signed = lane_0_aligned_2 ^ {8{lane_0_negative}};
  wire [8:0] lane_0_term = {lane_0_negative, lane_0_product_signed};
  wire lane_0_term_carry = lane_0_negative;

  // Lane 1: product
  wire lane_1_negative = lane_1_a_negative ^ lane_1_b_negative;
  wire [3:0] lane_1_partial_0_index = {lane_1_b_significand, lane_1_a_significand};
  wire lane_1_partial_0_3 = TwoBitRow3[lane_1_partial_0_index];
  wire lane_1_partial_0_2 = TwoBitRow2[lane_1_partial_0_index];
  wire lane_1_partial_0_1 = TwoBitRow1[lane_1_partial_0_index];
  wire lane_1_partial_0_0 = TwoBitRow0[lane_1_partial_0_index];
  wire [3:0] lane_1_partial_0 = {lane_1_partial_0_3, lane_1_partial_0_2, lane_1_partial_0_1,
      lane_1_partial_0_0};
  wire [3:0] lane_1_stay_index = {lane_1_a[2:1], lane_1_b[2:1]};
  wire lane_1_stay_2 = Stay2[lane_1_stay_index];
  wire lane_1_stay_1 = Stay1[lane_1_stay_index];
  wire lane_1_stay_0 = Stay0[lane_1_stay_index];
  wire [2:0] lane_1_stay = {lane_1_stay_2, lane_1_stay_1, lane_1_stay_0};
  wire [4:0] lane_1_aligned_0 = lane_1_stay[0]
      ? {lane_1_partial_0, 1'b0} : {1'b0, lane_1_partial_0};
  wire [5:0] lane_1_aligned_1 = lane_1_stay[1]
      ? {lane_1_aligned_0, 1'b0} : {1'b0, lane_1_aligned_0};
  wire [7:0] lane_1_aligned_2 = lane_1_stay[2]
      ? {lane_1_aligned_1, 2'b00} : {2'b00, lane_1_aligned_1};
  wire [7:0] lane_1_product_signed = lane_1_aligned_2 ^ {8{lane_1_negative}};
  wire [8:0] lane_1_term = {lane_1_negative, lane_1_product_signed};
  wire lane_1_term_carry = lane_1_negative;

  // Lane 2: product
  wire lane_2_negative = lane_2_a_negative ^ lane_2_b_negative;
  wire [3:0] lane_2_partial_0_index = {lane_2_b_significand, lane_2_a_significand};
  wire lane_2_partial_0_3 = TwoBitRow3[lane_2_partial_0_index];
  wire lane_2_partial_0_2 = TwoBitRow2[lane_2_partial_0_index];
  wire lane_2_partial_0_1 = TwoBitRow1[lane_2_partial_0_index];
  wire lane_2_partial_0_0 = TwoBitRow0[lane_2_partial_0_index];
  wire [3:0] lane_2_partial_0 = {lane_2_partial_0_3, lane_2_partial_0_2, lane_2_partial_0_1,
      lane_2_partial_0_0};
  wire [3:0] lane_2_stay_index = {lane_2_a[2:1], lane_2_b[2:1]};
  wire lane_2_stay_2 = Stay2[lane_2_stay_index];
  wire lane_2_stay_1 = Stay1[lane_2_stay_index];
  wire lane_2_stay_0 = Stay0[lane_2_stay_index];
  wire [2:0] lane_2_stay = {lane_2_stay_2, lane_2_stay_1, lane_2_stay_0};
  wire [4:0] lane_2_aligned_0 = lane_2_stay[0]
      ? {lane_2_partial_0, 1'b0} : {1'b0, lane_2_partial_0};
  wire [5:0] lane_2_aligned_1 = lane_2_stay[1]
      ? {lane_2_aligned_0, 1'b0} : {1'b0, lane_2_aligned_0};
  wire [7:0] lane_2_aligned_2 = lane_2_stay[2]
      ? {lane_2_aligned_1, 2'b00} : {2'b00, lane_2_aligned_1};
  wire [7:0] lane_2_product_signed = lane_2_aligned_2 ^ {8{lane_2_negative}};
  wire [8:0] lane_2_term = {lane_2_negative, lane_2_product_signed};
  wire lane_2_term_carry = lane_2_negative;

  // Lane 3: product
  wire lane_3_negative = lane_3_a_negative ^ lane_3_b_negative;
  wire [2:0] lane_3_signed_significand_index = {lane_3_negative, lane_3_a_significand};
  // SignedSignificand: the significand or its negative, by {negative, significand}
  localparam logic [7:0] SignedSignificand2 = 8'he0;
  wire lane_3_signed_significand_2 = SignedSignificand2[lane_3_signed_significand_index];
  localparam logic [7:0] SignedSignificand1 = 8'h6c;
  wire lane_3_signed_significand_1 = SignedSignificand1[lane_3_signed_significand_index];
  localparam logic [7:0] SignedSignificand0 = 8'haa;
  wire lane_3_signed_significand_0 = SignedSignificand0[lane_3_signed_significand_index];
  wire [2:0] lane_3_signed_significand = {lane_3_signed_significand_2, lane_3_signed_significand_1,
      lane_3_signed_significand_0};
  wire [2:0] lane_3_row_0 = lane_3_signed_significand & {3{lane_3_b_significand[0]}};
  wire [3:0] lane_3_row_1_start = {{2{lane_3_row_0[2]}}, lane_3_row_0[2:1]};
  wire [3:0] lane_3_row_1_sum = lane_3_row_1_start
      + {lane_3_signed_significand[2], lane_3_signed_significand};
  wire [3:0] lane_3_row_1 = lane_3_b_significand[1] ? lane_3_row_1_sum : lane_3_row_1_start;
  wire [4:0] lane_3_product = {lane_3_row_1, lane_3_row_0[0]};
  wire [3:0] lane_3_stay_index = {lane_3_a[2:1], lane_3_b[2:1]};
  wire lane_3_stay_2 = Stay2[lane_3_stay_index];
  wire lane_3_stay_1 = Stay1[lane_3_stay_index];
  wire lane_3_stay_0 = Stay0[lane_3_stay_index];
  wire [2:0] lane_3_stay = {lane_3_stay_2, lane_3_stay_1, lane_3_stay_0};
  wire [5:0] lane_3_aligned_0 = lane_3_stay[0]
      ? {lane_3_product, 1'b0} : {lane_3_product[4], lane_3_product};
  wire [6:0] lane_3_aligned_1 = lane_3_stay[1]
      ? {lane_3_aligned_0, 1'b0} : {lane_3_aligned_0[5], lane_3_aligned_0};
  wire [8:0] lane_3_term = lane_3_stay[2]
      ? {lane_3_aligned_1, 2'b00} : {{2{lane_3_aligned_1[6]}}, lane_3_aligned_1};

  // Exact sum of all lanes
  wire [10:0] sum_0_0_wide = {lane_0_term[8], lane_0_term, 1'b1}
      + {lane_1_term[8], lane_1_term, lane_2_term_carry};
  wire [9:0] sum_0_0 = sum_0_0_wide[10:1];
  wire [10:0] sum_0_1_wide = {lane_2_term[8], lane_2_term, 1'b1}
      + {lane_3_term[8], lane_3_term, lane_1_term_carry};
  wire [9:0] sum_0_1 = sum_0_1_wide[10:1];
  wire [11:0] sum_1_0_wide = {sum_0_0[9], sum_0_0, 1'b1} + {sum_0_1[9], sum_0_1, lane_0_term_carry};
  wire [10:0] sum_1_0 = sum_1_0_wide[11:1];

  // Scale of both blocks
  wire scale_a_nan = &scale_a_i;
  wire scale_b_nan = &scale_b_i;
  wire [8:0] scale_exponent = {1'b0, scale_a_i} + {1'b0, scale_b_i};
  wire scale_is_nan = scale_a_nan | scale_b_nan;

  // Scaled sum
  wire [10:0] magnitude = (sum_1_0 ^ {11{sum_1_0[10]}}) + {{10{1'b0}}, sum_1_0[10]};
  wire sum_negative = sum_1_0[10];
  wire not_zero = |magnitude;
  wire result_negative = sum_negative & not_zero;

  // Normalise
  wire [9:0] room = {1'b0, scale_exponent} + 10'h388;
  wire [3:0] room_left = (room[3:0] | {4{|room[8:4]}}) & {4{~room[9]}};
  wire normal_3_clear = ~(|magnitude[10:3]);
  wire normal_3_move = normal_3_clear & room_left[3];
  wire normal_3_room_decides = normal_3_clear & ~room_left[3];
  wire normal_3_zeros_decide = ~normal_3_clear & room_left[3];
  wire [10:0] normal_3 = normal_3_move ? {magnitude[2:0], 8'b00000000} : magnitude;
  wire normal_2_clear = ~(|normal_3[10:7]);
  wire normal_2_move = (normal_2_clear | normal_3_room_decides)
      & (room_left[2] | normal_3_zeros_decide);
  wire normal_2_room_decides = normal_3_room_decides
      | (normal_2_clear & ~room_left[2] & ~normal_3_zeros_decide);
  wire normal_2_zeros_decide = normal_3_zeros_decide
      | (~normal_2_clear & room_left[2] & ~normal_3_room_decides);
  wire [10:0] normal_2 = normal_2_move ? {normal_3[6:0], 4'b0000} : normal_3;
  wire normal_1_clear = ~(|normal_2[10:9]);
  wire normal_1_move = (normal_1_clear | normal_2_room_decides)
      & (room_left[1] | normal_2_zeros_decide);
  wire normal_1_room_decides = normal_2_room_decides
      | (normal_1_clear & ~room_left[1] & ~normal_2_zeros_decide);
  wire normal_1_zeros_decide = normal_2_zeros_decide
      | (~normal_1_clear & room_left[1] & ~normal_2_room_decides);
  wire [10:0] normal_1 = normal_1_move ? {normal_2[8:0], 2'b00} : normal_2;
  wire normal_0_clear = ~normal_1[10];
  wire normal_0_move = (normal_0_clear | normal_1_room_decides)
      & (room_left[0] | normal_1_zeros_decide);
  wire [9:0] normal_0 = normal_0_move ? normal_1[9:0] : {normal_1[10:2], |normal_1[1:0]};
  wire [8:0] index_or_zero = (room[8:0] & {9{~room[9]}})
      - {5'b00000, normal_3_move, normal_2_move, normal_1_move, normal_0_move};
  wire [9:0] below_one = room[9] ? {1'b0, normal_0[9:2], |normal_0[1:0]} : normal_0;
  wire [6:0] below = ~room[6:0] & {7{room[9]}};
  wire [9:0] subnormal_0 = below[0] ? {1'b0, below_one[9:2], |below_one[1:0]} : below_one;
  wire [9:0] subnormal_1 = below[1] ? {2'b00, subnormal_0[9:3], |subnormal_0[2:0]} : subnormal_0;
  wire [9:0] subnormal_2 = below[2] ? {4'b0000, subnormal_1[9:5], |subnormal_1[4:0]} : subnormal_1;
  wire [9:0] subnormal_3 = below[3]
      ? {8'b00000000, subnormal_2[9], |subnormal_2[8:0]} : subnormal_2;
  wire [2:0] subnormal_far_bits = {below[4], below[5], below[6]};
  wire subnormal_far = |subnormal_far_bits;
  wire [9:0] subnormal_or_far = subnormal_far ? {{9{1'b0}}, |subnormal_3} : subnormal_3;
  wire [8:0] index = index_or_zero & {9{subnormal_or_far[9]}};

  // Round: exponent, fraction and increment in one carry chain
  wire [7:0] significand = subnormal_or_far[9:2];
  wire guards = subnormal_or_far[1];
  wire sticky = subnormal_or_far[0];
  wire round_up = guards & (sticky | significand[0]);
  wire [17:0] rounded = {2'b00, index, significand[6:0]} + {{10{1'b0}}, significand[7], 7'b0000000}
      + {{17{1'b0}}, round_up};

  // Pack: overflow, then special values last
  wire [18:0] overflow_borrow = 19'h7f7f - {1'b0, rounded};
  wire overflow = overflow_borrow[18];
  wire [14:0] code_limited = overflow ? 15'h7f80 : rounded[14:0];
  wire [15:0] result = scale_is_nan ? 16'h7fc0 : {result_negative, code_limited};

  // Bits that nothing reads, named so that linters know it is meant
  wire unused_bits = ^{sum_0_0_wide[0], sum_0_1_wide[0], sum_1_0_wide[0], overflow_borrow[17:0]};

  assign result_o = result;

endmodule : fewbit_mxdot_e2m1_e2m1_e8m0_x4_to_bfloat16

`default_nettype wire
