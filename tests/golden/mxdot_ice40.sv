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
// Reproduce  fewbit emit mxdot --a e2m1 --b e2m1 --scale e8m0 --lanes 4 --result bfloat16
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_mxdot_e2m1_e2m1_e8m0_x4_to_bfloat16 (
  input  wire  [15:0] a_i,
  input  wire  [15:0] b_i,
  input  wire  [7:0] scale_a_i,
  input  wire  [7:0] scale_b_i,
  output logic [15:0] result_o
);

  // Lane 0
  wire [3:0] a_0 = a_i[3:0];
  wire [3:0] b_0 = b_i[3:0];
  wire a_0_negative = a_0[3];
  wire a_0_hidden = |a_0[2:1];
  wire [1:0] a_0_significand = {a_0_hidden, a_0[0]};
  wire b_0_negative = b_0[3];
  wire b_0_hidden = |b_0[2:1];
  wire [1:0] b_0_significand = {b_0_hidden, b_0[0]};

  // Lane 1
  wire [3:0] a_1 = a_i[7:4];
  wire [3:0] b_1 = b_i[7:4];
  wire a_1_negative = a_1[3];
  wire a_1_hidden = |a_1[2:1];
  wire [1:0] a_1_significand = {a_1_hidden, a_1[0]};
  wire b_1_negative = b_1[3];
  wire b_1_hidden = |b_1[2:1];
  wire [1:0] b_1_significand = {b_1_hidden, b_1[0]};

  // Lane 2
  wire [3:0] a_2 = a_i[11:8];
  wire [3:0] b_2 = b_i[11:8];
  wire a_2_negative = a_2[3];
  wire a_2_hidden = |a_2[2:1];
  wire [1:0] a_2_significand = {a_2_hidden, a_2[0]};
  wire b_2_negative = b_2[3];
  wire b_2_hidden = |b_2[2:1];
  wire [1:0] b_2_significand = {b_2_hidden, b_2[0]};

  // Lane 3
  wire [3:0] a_3 = a_i[15:12];
  wire [3:0] b_3 = b_i[15:12];
  wire a_3_negative = a_3[3];
  wire a_3_hidden = |a_3[2:1];
  wire [1:0] a_3_significand = {a_3_hidden, a_3[0]};
  wire b_3_negative = b_3[3];
  wire b_3_hidden = |b_3[2:1];
  wire [1:0] b_3_significand = {b_3_hidden, b_3[0]};

  // Product of lane 0
  wire negative = a_0_negative ^ b_0_negative;
  wire [3:0] partial_0_index = {b_0_significand, a_0_significand};
  localparam logic [15:0] Partial03Table = 16'h8000;
  wire partial_0_3 = Partial03Table[partial_0_index];
  localparam logic [15:0] Partial02Table = 16'h4c00;
  wire partial_0_2 = Partial02Table[partial_0_index];
  localparam logic [15:0] Partial01Table = 16'h6ac0;
  wire partial_0_1 = Partial01Table[partial_0_index];
  localparam logic [15:0] Partial00Table = 16'ha0a0;
  wire partial_0_0 = Partial00Table[partial_0_index];
  wire [3:0] partial_0 = {partial_0_3, partial_0_2, partial_0_1, partial_0_0};
  wire [3:0] product = partial_0;
  wire [3:0] stay_index = {a_0[2:1], b_0[2:1]};
  localparam logic [15:0] Stay2Table = 16'hc800;
  wire stay_2 = Stay2Table[stay_index];
  localparam logic [15:0] Stay1Table = 16'hb488;
  wire stay_1 = Stay1Table[stay_index];
  localparam logic [15:0] Stay0Table = 16'hffcc;
  wire stay_0 = Stay0Table[stay_index];
  wire [2:0] stay = {stay_2, stay_1, stay_0};
  wire [4:0] aligned_0 = stay[0] ? {product, 1'b0} : {1'b0, product};
  wire [5:0] aligned_1 = stay[1] ? {aligned_0, 1'b0} : {1'b0, aligned_0};
  wire [7:0] aligned_2 = stay[2] ? {aligned_1, 2'b00} : {2'b00, aligned_1};
  wire [7:0] product_signed = aligned_2 ^ {8{negative}};
  wire [7:0] product_held = product_signed;
  wire negative_held = negative;
  wire [8:0] term_0 = {negative_held, product_held};
  wire term_carry_0 = negative_held;

  // Product of lane 1
  wire negative_2 = a_1_negative ^ b_1_negative;
  wire [3:0] partial_0_index_2 = {b_1_significand, a_1_significand};
  localparam logic [15:0] Partial032Table = 16'h8000;
  wire partial_0_3_2 = Partial032Table[partial_0_index_2];
  localparam logic [15:0] Partial022Table = 16'h4c00;
  wire partial_0_2_2 = Partial022Table[partial_0_index_2];
  localparam logic [15:0] Partial012Table = 16'h6ac0;
  wire partial_0_1_2 = Partial012Table[partial_0_index_2];
  localparam logic [15:0] Partial002Table = 16'ha0a0;
  wire partial_0_0_2 = Partial002Table[partial_0_index_2];
  wire [3:0] partial_0_4 = {partial_0_3_2, partial_0_2_2, partial_0_1_2, partial_0_0_2};
  wire [3:0] product_2 = partial_0_4;
  wire [3:0] stay_index_2 = {a_1[2:1], b_1[2:1]};
  localparam logic [15:0] Stay22Table = 16'hc800;
  wire stay_2_2 = Stay22Table[stay_index_2];
  localparam logic [15:0] Stay12Table = 16'hb488;
  wire stay_1_2 = Stay12Table[stay_index_2];
  localparam logic [15:0] Stay02Table = 16'hffcc;
  wire stay_0_2 = Stay02Table[stay_index_2];
  wire [2:0] stay_3 = {stay_2_2, stay_1_2, stay_0_2};
  wire [4:0] aligned_0_2 = stay_3[0] ? {product_2, 1'b0} : {1'b0, product_2};
  wire [5:0] aligned_1_2 = stay_3[1] ? {aligned_0_2, 1'b0} : {1'b0, aligned_0_2};
  wire [7:0] aligned_2_2 = stay_3[2] ? {aligned_1_2, 2'b00} : {2'b00, aligned_1_2};
  wire [7:0] product_signed_2 = aligned_2_2 ^ {8{negative_2}};
  wire [7:0] product_held_2 = product_signed_2;
  wire negative_held_2 = negative_2;
  wire [8:0] term_1 = {negative_held_2, product_held_2};
  wire term_carry_1 = negative_held_2;

  // Product of lane 2
  wire negative_3 = a_2_negative ^ b_2_negative;
  wire [3:0] partial_0_index_3 = {b_2_significand, a_2_significand};
  localparam logic [15:0] Partial033Table = 16'h8000;
  wire partial_0_3_3 = Partial033Table[partial_0_index_3];
  localparam logic [15:0] Partial023Table = 16'h4c00;
  wire partial_0_2_3 = Partial023Table[partial_0_index_3];
  localparam logic [15:0] Partial013Table = 16'h6ac0;
  wire partial_0_1_3 = Partial013Table[partial_0_index_3];
  localparam logic [15:0] Partial003Table = 16'ha0a0;
  wire partial_0_0_3 = Partial003Table[partial_0_index_3];
  wire [3:0] partial_0_5 = {partial_0_3_3, partial_0_2_3, partial_0_1_3, partial_0_0_3};
  wire [3:0] product_3 = partial_0_5;
  wire [3:0] stay_index_3 = {a_2[2:1], b_2[2:1]};
  localparam logic [15:0] Stay23Table = 16'hc800;
  wire stay_2_3 = Stay23Table[stay_index_3];
  localparam logic [15:0] Stay13Table = 16'hb488;
  wire stay_1_3 = Stay13Table[stay_index_3];
  localparam logic [15:0] Stay03Table = 16'hffcc;
  wire stay_0_3 = Stay03Table[stay_index_3];
  wire [2:0] stay_4 = {stay_2_3, stay_1_3, stay_0_3};
  wire [4:0] aligned_0_3 = stay_4[0] ? {product_3, 1'b0} : {1'b0, product_3};
  wire [5:0] aligned_1_3 = stay_4[1] ? {aligned_0_3, 1'b0} : {1'b0, aligned_0_3};
  wire [7:0] aligned_2_3 = stay_4[2] ? {aligned_1_3, 2'b00} : {2'b00, aligned_1_3};
  wire [7:0] product_signed_3 = aligned_2_3 ^ {8{negative_3}};
  wire [7:0] product_held_3 = product_signed_3;
  wire negative_held_3 = negative_3;
  wire [8:0] term_2 = {negative_held_3, product_held_3};
  wire term_carry_2 = negative_held_3;

  // Product of lane 3
  wire negative_4 = a_3_negative ^ b_3_negative;
  wire [2:0] signed_significand_index = {negative_4, a_3_significand};
  localparam logic [7:0] SignedSignificand2Table = 8'he0;
  wire signed_significand_2 = SignedSignificand2Table[signed_significand_index];
  localparam logic [7:0] SignedSignificand1Table = 8'h6c;
  wire signed_significand_1 = SignedSignificand1Table[signed_significand_index];
  localparam logic [7:0] SignedSignificand0Table = 8'haa;
  wire signed_significand_0 = SignedSignificand0Table[signed_significand_index];
  wire [2:0] signed_significand = {signed_significand_2, signed_significand_1,
      signed_significand_0};
  wire [2:0] row_0 = signed_significand & {3{b_3_significand[0]}};
  wire [3:0] row_1_start = {{2{row_0[2]}}, row_0[2:1]};
  wire [3:0] row_1_sum = row_1_start + {signed_significand[2], signed_significand};
  wire [3:0] row_1 = b_3_significand[1] ? row_1_sum : row_1_start;
  wire [4:0] product_4 = {row_1, row_0[0]};
  wire [3:0] stay_index_4 = {a_3[2:1], b_3[2:1]};
  localparam logic [15:0] Stay24Table = 16'hc800;
  wire stay_2_4 = Stay24Table[stay_index_4];
  localparam logic [15:0] Stay14Table = 16'hb488;
  wire stay_1_4 = Stay14Table[stay_index_4];
  localparam logic [15:0] Stay04Table = 16'hffcc;
  wire stay_0_4 = Stay04Table[stay_index_4];
  wire [2:0] stay_5 = {stay_2_4, stay_1_4, stay_0_4};
  wire [5:0] aligned_0_4 = stay_5[0] ? {product_4, 1'b0} : {product_4[4], product_4};
  wire [6:0] aligned_1_4 = stay_5[1] ? {aligned_0_4, 1'b0} : {aligned_0_4[5], aligned_0_4};
  wire [8:0] aligned_2_4 = stay_5[2] ? {aligned_1_4, 2'b00} : {{2{aligned_1_4[6]}}, aligned_1_4};
  wire [8:0] product_held_4 = aligned_2_4;
  wire [8:0] term_3 = product_held_4;

  // Exact sum of all lanes
  wire [10:0] sum_0_0_wide = {term_0[8], term_0, 1'b1} + {term_1[8], term_1, term_carry_2};
  wire [9:0] sum_0_0 = sum_0_0_wide[10:1];
  wire [10:0] sum_0_1_wide = {term_2[8], term_2, 1'b1} + {term_3[8], term_3, term_carry_1};
  wire [9:0] sum_0_1 = sum_0_1_wide[10:1];
  wire [11:0] sum_1_0_wide = {sum_0_0[9], sum_0_0, 1'b1} + {sum_0_1[9], sum_0_1, term_carry_0};
  wire [10:0] sum_1_0 = sum_1_0_wide[11:1];
  wire [10:0] lanes_sum = sum_1_0;

  // Scale of both blocks
  wire scale_a_nan = &scale_a_i;
  wire scale_b_nan = &scale_b_i;
  wire [8:0] exponent = {1'b0, scale_a_i} + {1'b0, scale_b_i};
  wire scale_is_nan = scale_a_nan | scale_b_nan;

  // Special values
  wire result_nan = scale_is_nan;

  // Scaled sum
  wire [10:0] magnitude = (lanes_sum ^ {11{lanes_sum[10]}}) + {{10{1'b0}}, lanes_sum[10]};
  wire sum_negative = lanes_sum[10];
  wire not_zero = |magnitude;
  wire result_negative = sum_negative & not_zero;

  // Normalise
  wire [9:0] room = {1'b0, exponent} + 10'h388;
  wire [3:0] room_left = (room[3:0] | {4{|room[8:4]}}) & {4{~room[9]}};
  wire normal_3_clear = ~(|magnitude[10:3]);
  wire normal_3_move = normal_3_clear & room_left[3];
  wire normal_3_room_decides = normal_3_clear & ~room_left[3];
  wire normal_3_zeros_decide = ~normal_3_clear & room_left[3];
  wire [10:0] normal_3 = normal_3_move ? {magnitude[2:0], 8'b00000000} : magnitude;
  wire normal_2_clear = ~(|normal_3[10:7]);
  wire normal_2_move = (normal_2_clear | normal_3_room_decides) & (room_left[2] |
      normal_3_zeros_decide);
  wire normal_2_room_decides = normal_3_room_decides | (normal_2_clear & ~room_left[2] &
      ~normal_3_zeros_decide);
  wire normal_2_zeros_decide = normal_3_zeros_decide | (~normal_2_clear & room_left[2] &
      ~normal_3_room_decides);
  wire [10:0] normal_2 = normal_2_move ? {normal_3[6:0], 4'b0000} : normal_3;
  wire normal_1_clear = ~(|normal_2[10:9]);
  wire normal_1_move = (normal_1_clear | normal_2_room_decides) & (room_left[1] |
      normal_2_zeros_decide);
  wire normal_1_room_decides = normal_2_room_decides | (normal_1_clear & ~room_left[1] &
      ~normal_2_zeros_decide);
  wire normal_1_zeros_decide = normal_2_zeros_decide | (~normal_1_clear & room_left[1] &
      ~normal_2_room_decides);
  wire [10:0] normal_1 = normal_1_move ? {normal_2[8:0], 2'b00} : normal_2;
  wire normal_0_clear = ~normal_1[10];
  wire normal_0_move = (normal_0_clear | normal_1_room_decides) & (room_left[0] |
      normal_1_zeros_decide);
  wire [9:0] normal_0 = normal_0_move ? normal_1[9:0] : {normal_1[10:2], |normal_1[1:0]};
  wire [9:0] normal_kept = normal_0;
  wire [8:0] index_or_zero = (room[8:0] & {9{~room[9]}}) - {5'b00000, normal_3_move, normal_2_move,
      normal_1_move, normal_0_move};
  wire [9:0] below_one = room[9] ? {1'b0, normal_kept[9:2], |normal_kept[1:0]} : normal_kept;
  wire [6:0] below = ~room[6:0] & {7{room[9]}};
  wire [9:0] subnormal_0 = below[0] ? {1'b0, below_one[9:2], |below_one[1:0]} : below_one;
  wire [9:0] subnormal_1 = below[1] ? {2'b00, subnormal_0[9:3], |subnormal_0[2:0]} : subnormal_0;
  wire [9:0] subnormal_2 = below[2] ? {4'b0000, subnormal_1[9:5], |subnormal_1[4:0]} : subnormal_1;
  wire [9:0] subnormal_3 = below[3] ? {8'b00000000, subnormal_2[9], |subnormal_2[8:0]} :
      subnormal_2;
  wire [2:0] subnormal_far_bits = {below[4], below[5], below[6]};
  wire subnormal_far = |subnormal_far_bits;
  wire [9:0] subnormal_or_far = subnormal_far ? {{9{1'b0}}, |subnormal_3} : subnormal_3;
  wire [9:0] normal = subnormal_or_far;
  wire [8:0] index = index_or_zero & {9{normal[9]}};

  // Round: exponent, fraction and increment in one carry chain
  wire [7:0] significand = normal[9:2];
  wire guards = normal[1];
  wire sticky = normal[0];
  wire round_up = guards & (sticky | significand[0]);
  wire [17:0] rounded = {2'b00, index, significand[6:0]} + {{10{1'b0}}, significand[7], 7'b0000000}
      + {{(17){1'b0}}, round_up};

  // Pack: overflow, then special values last
  wire [18:0] overflow_borrow = 19'h7f7f - {1'b0, rounded};
  wire overflow = overflow_borrow[18];
  wire [14:0] code_limited = overflow ? 15'h7f80 : rounded[14:0];
  wire [15:0] result = result_nan ? 16'h7fc0 : {result_negative, code_limited};

  // Bits that nothing reads, named so that linters know it is meant
  wire unused_bits = ^{sum_0_0_wide[0], sum_0_1_wide[0], sum_1_0_wide[0], overflow_borrow[17:0]};

  assign result_o = result;

endmodule : fewbit_mxdot_e2m1_e2m1_e8m0_x4_to_bfloat16

`default_nettype wire
