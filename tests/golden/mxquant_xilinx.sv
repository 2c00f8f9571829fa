// fewbit_mxquant_bfloat16_x4_to_e2m1 - block quantizer of 4 lanes
//
//   result_o[k] = round(a_i[k] / scale_o), k < 4
//   scale_o     = 2^(floor(log2 m) - emax), m the largest magnitude of the block
//
// Formats    a_i: bfloat16 = 1 sign, 8 exponent, 7 fraction bits, bias 127, subnormals kept, Inf =
//            S.11111111.0000000, NaN = S.11111111 with a fraction other than 0, largest 3.38953e+38
//            result_o: e2m1 = 1 sign, 2 exponent, 1 fraction bits, bias 1, subnormals kept, no Inf,
//            no NaN, largest 6
//            scale_o: e8m0, 2^(scale_o - 127), held in 2^-127 .. 2^127, NaN = 0xff
//            lane 0 is in the lowest bits
// Rounding   to nearest, ties to even
// Overflow   largest finite value of the sign
// Special    a NaN or infinite a_i[k] makes scale_o NaN; result_o is unspecified then
// Timing     combinational: latency 0
// Reproduce  fewbit emit mxquant --a bfloat16 --lanes 4 --result e2m1 --target xilinx-usp
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_mxquant_bfloat16_x4_to_e2m1 (
  input  wire  [63:0] a_i,
  output logic [15:0] result_o,
  output logic [7:0] scale_o
);

  // Unpack
  wire [15:0] a_0 = a_i[15:0];
  wire a_0_negative = a_0[15];
  wire a_0_hidden = |a_0[14:7];
  wire [7:0] a_0_significand = {a_0_hidden, a_0[6:0]};
  wire a_0_exponent_low = a_0[7] | ~a_0_hidden;
  wire a_0_nan = (&a_0[14:7]) & (|a_0[6:0]);
  wire a_0_infinite = a_0[14:0] == 15'h7f80;
  wire [15:0] a_1 = a_i[31:16];
  wire a_1_negative = a_1[15];
  wire a_1_hidden = |a_1[14:7];
  wire [7:0] a_1_significand = {a_1_hidden, a_1[6:0]};
  wire a_1_exponent_low = a_1[7] | ~a_1_hidden;
  wire a_1_nan = (&a_1[14:7]) & (|a_1[6:0]);
  wire a_1_infinite = a_1[14:0] == 15'h7f80;
  wire [15:0] a_2 = a_i[47:32];
  wire a_2_negative = a_2[15];
  wire a_2_hidden = |a_2[14:7];
  wire [7:0] a_2_significand = {a_2_hidden, a_2[6:0]};
  wire a_2_exponent_low = a_2[7] | ~a_2_hidden;
  wire a_2_nan = (&a_2[14:7]) & (|a_2[6:0]);
  wire a_2_infinite = a_2[14:0] == 15'h7f80;
  wire [15:0] a_3 = a_i[63:48];
  wire a_3_negative = a_3[15];
  wire a_3_hidden = |a_3[14:7];
  wire [7:0] a_3_significand = {a_3_hidden, a_3[6:0]};
  wire a_3_exponent_low = a_3[7] | ~a_3_hidden;
  wire a_3_nan = (&a_3[14:7]) & (|a_3[6:0]);
  wire a_3_infinite = a_3[14:0] == 15'h7f80;

  // Largest magnitude, normalised
  wire [15:0] max_0_0_difference = {1'b0, a_0[14:0]} - {1'b0, a_1[14:0]};
  wire [14:0] max_0_0 = max_0_0_difference[15] ? a_1[14:0] : a_0[14:0];
  wire [15:0] max_0_1_difference = {1'b0, a_2[14:0]} - {1'b0, a_3[14:0]};
  wire [14:0] max_0_1 = max_0_1_difference[15] ? a_3[14:0] : a_2[14:0];
  wire [15:0] max_1_0_difference = {1'b0, max_0_0} - {1'b0, max_0_1};
  wire [14:0] max_1_0 = max_1_0_difference[15] ? max_0_1 : max_0_0;
  wire [14:0] largest = max_1_0;
  wire largest_hidden = |largest[14:7];
  wire [7:0] largest_significand = {largest_hidden, largest[6:0]};
  wire largest_clear_2 = ~(|largest_significand[7:4]);
  wire [7:0] largest_normal_2 = largest_clear_2 ? {largest_significand[3:0], 4'b0000} :
      largest_significand;
  wire largest_clear_1 = ~(|largest_normal_2[7:6]);
  wire [7:0] largest_normal_1 = largest_clear_1 ? {largest_normal_2[5:0], 2'b00} : largest_normal_2;
  wire largest_clear_0 = ~largest_normal_1[7];
  wire [7:0] largest_normal_0 = largest_clear_0 ? {largest_normal_1[6:0], 1'b0} : largest_normal_1;

  // Scale: exponent of the largest magnitude less that of the largest element
  wire [10:0] largest_exponent = {3'b000, largest[14:8], largest[7] | ~largest_hidden} + 11'h7fe;
  wire [10:0] scale_unlimited = largest_exponent - {8'b00000000, largest_clear_2, largest_clear_1,
      largest_clear_0};
  wire [10:0] scale_wanted = scale_unlimited;
  wire block_zero = ~largest_normal_0[7];
  wire scale_too_small = scale_wanted[10] | block_zero;
  wire [10:0] scale_room = 11'hfe - scale_wanted;
  wire [7:0] scale_limited = scale_room[10] & ~scale_wanted[10] ? 8'b11111110 : scale_wanted[7:0];
  wire [7:0] scale = scale_limited & {8{~scale_too_small}};
  wire [7:0] scale_complement = ~scale;

  // Element 0
  wire negative = a_0_negative;
  wire [7:0] exponent = {a_0[14:8], a_0_exponent_low};
  wire [8:0] exponent_0 = {1'b0, exponent} + {1'b0, scale_complement};

  // Normalise
  wire [9:0] room = {1'b0, exponent_0} + 10'h301;
  wire [2:0] room_left = (room[2:0] | {3{|room[8:3]}}) & {3{~room[9]}};
  wire normal_2_clear = ~(|a_0_significand[7:4]);
  wire normal_2_move = normal_2_clear & room_left[2];
  wire normal_2_room_decides = normal_2_clear & ~room_left[2];
  wire normal_2_zeros_decide = ~normal_2_clear & room_left[2];
  wire [6:0] normal_2 = normal_2_move ? {a_0_significand[3:0], 3'b000} : {a_0_significand[7:2],
      |a_0_significand[1:0]};
  wire normal_1_clear = ~(|normal_2[6:5]);
  wire normal_1_move = (normal_1_clear | normal_2_room_decides) & (room_left[1] |
      normal_2_zeros_decide);
  wire normal_1_room_decides = normal_2_room_decides | (normal_1_clear & ~room_left[1] &
      ~normal_2_zeros_decide);
  wire normal_1_zeros_decide = normal_2_zeros_decide | (~normal_1_clear & room_left[1] &
      ~normal_2_room_decides);
  wire [4:0] normal_1 = normal_1_move ? normal_2[4:0] : {normal_2[6:3], |normal_2[2:0]};
  wire normal_0_clear = ~normal_1[4];
  wire normal_0_move = (normal_0_clear | normal_1_room_decides) & (room_left[0] |
      normal_1_zeros_decide);
  wire [3:0] normal_0 = normal_0_move ? normal_1[3:0] : {normal_1[4:2], |normal_1[1:0]};
  wire [3:0] normal_kept = normal_0;
  wire [7:0] index_or_zero = (room[7:0] & {8{~room[9]}}) - {5'b00000, normal_2_move, normal_1_move,
      normal_0_move};
  wire [3:0] below_one = room[9] ? {1'b0, normal_kept[3:2], |normal_kept[1:0]} : normal_kept;
  wire [7:0] below = ~room[7:0] & {8{room[9]}};
  wire [3:0] subnormal_0 = below[0] ? {1'b0, below_one[3:2], |below_one[1:0]} : below_one;
  wire [3:0] subnormal_1 = below[1] ? {2'b00, subnormal_0[3], |subnormal_0[2:0]} : subnormal_0;
  wire [5:0] subnormal_far_bits = {below[2], below[3], below[4], below[5], below[6], below[7]};
  wire subnormal_far = |subnormal_far_bits;
  wire [3:0] subnormal_or_far = subnormal_far ? {3'b000, |subnormal_1} : subnormal_1;
  wire [3:0] normal = subnormal_or_far;
  wire [7:0] index = index_or_zero & {8{normal[3]}};

  // Round: exponent, fraction and increment in one carry chain
  wire [1:0] significand = normal[3:2];
  wire guards = normal[1];
  wire sticky = normal[0];
  wire round_up = guards & (sticky | significand[0]);
  wire [10:0] rounded = {2'b00, index, significand[0]} + {{9{1'b0}}, significand[1], 1'b0} +
      {{(10){1'b0}}, round_up};

  // Pack: overflow, then special values last
  wire [11:0] overflow_borrow = 12'h7 - {1'b0, rounded};
  wire overflow = overflow_borrow[11];
  wire [2:0] code_limited = overflow ? 3'b111 : rounded[2:0];
  wire [3:0] element_0 = {negative, code_limited};

  // Element 1
  wire negative_2 = a_1_negative;
  wire [7:0] exponent_2 = {a_1[14:8], a_1_exponent_low};
  wire [8:0] exponent_1 = {1'b0, exponent_2} + {1'b0, scale_complement};

  // Normalise
  wire [9:0] room_2 = {1'b0, exponent_1} + 10'h301;
  wire [2:0] room_left_2 = (room_2[2:0] | {3{|room_2[8:3]}}) & {3{~room_2[9]}};
  wire normal_2_clear_2 = ~(|a_1_significand[7:4]);
  wire normal_2_move_2 = normal_2_clear_2 & room_left_2[2];
  wire normal_2_room_decides_2 = normal_2_clear_2 & ~room_left_2[2];
  wire normal_2_zeros_decide_2 = ~normal_2_clear_2 & room_left_2[2];
  wire [6:0] normal_2_2 = normal_2_move_2 ? {a_1_significand[3:0], 3'b000} : {a_1_significand[7:2],
      |a_1_significand[1:0]};
  wire normal_1_clear_2 = ~(|normal_2_2[6:5]);
  wire normal_1_move_2 = (normal_1_clear_2 | normal_2_room_decides_2) & (room_left_2[1] |
      normal_2_zeros_decide_2);
  wire normal_1_room_decides_2 = normal_2_room_decides_2 | (normal_1_clear_2 & ~room_left_2[1] &
      ~normal_2_zeros_decide_2);
  wire normal_1_zeros_decide_2 = normal_2_zeros_decide_2 | (~normal_1_clear_2 & room_left_2[1] &
      ~normal_2_room_decides_2);
  wire [4:0] normal_1_2 = normal_1_move_2 ? normal_2_2[4:0] : {normal_2_2[6:3], |normal_2_2[2:0]};
  wire normal_0_clear_2 = ~normal_1_2[4];
  wire normal_0_move_2 = (normal_0_clear_2 | normal_1_room_decides_2) & (room_left_2[0] |
      normal_1_zeros_decide_2);
  wire [3:0] normal_0_2 = normal_0_move_2 ? normal_1_2[3:0] : {normal_1_2[4:2], |normal_1_2[1:0]};
  wire [3:0] normal_kept_2 = normal_0_2;
  wire [7:0] index_or_zero_2 = (room_2[7:0] & {8{~room_2[9]}}) - {5'b00000, normal_2_move_2,
      normal_1_move_2, normal_0_move_2};
  wire [3:0] below_one_2 = room_2[9] ? {1'b0, normal_kept_2[3:2], |normal_kept_2[1:0]} :
      normal_kept_2;
  wire [7:0] below_2 = ~room_2[7:0] & {8{room_2[9]}};
  wire [3:0] subnormal_0_2 = below_2[0] ? {1'b0, below_one_2[3:2], |below_one_2[1:0]} : below_one_2;
  wire [3:0] subnormal_1_2 = below_2[1] ? {2'b00, subnormal_0_2[3], |subnormal_0_2[2:0]} :
      subnormal_0_2;
  wire [5:0] subnormal_far_bits_2 = {below_2[2], below_2[3], below_2[4], below_2[5], below_2[6],
      below_2[7]};
  wire subnormal_far_2 = |subnormal_far_bits_2;
  wire [3:0] subnormal_or_far_2 = subnormal_far_2 ? {3'b000, |subnormal_1_2} : subnormal_1_2;
  wire [3:0] normal_3 = subnormal_or_far_2;
  wire [7:0] index_2 = index_or_zero_2 & {8{normal_3[3]}};

  // Round: exponent, fraction and increment in one carry chain
  wire [1:0] significand_2 = normal_3[3:2];
  wire guards_2 = normal_3[1];
  wire sticky_2 = normal_3[0];
  wire round_up_2 = guards_2 & (sticky_2 | significand_2[0]);
  wire [10:0] rounded_2 = {2'b00, index_2, significand_2[0]} + {{9{1'b0}}, significand_2[1], 1'b0} +
      {{(10){1'b0}}, round_up_2};

  // Pack: overflow, then special values last
  wire [11:0] overflow_borrow_2 = 12'h7 - {1'b0, rounded_2};
  wire overflow_2 = overflow_borrow_2[11];
  wire [2:0] code_limited_2 = overflow_2 ? 3'b111 : rounded_2[2:0];
  wire [3:0] element_1 = {negative_2, code_limited_2};

  // Element 2
  wire negative_3 = a_2_negative;
  wire [7:0] exponent_3 = {a_2[14:8], a_2_exponent_low};
  wire [8:0] exponent_2_2 = {1'b0, exponent_3} + {1'b0, scale_complement};

  // Normalise
  wire [9:0] room_3 = {1'b0, exponent_2_2} + 10'h301;
  wire [2:0] room_left_3 = (room_3[2:0] | {3{|room_3[8:3]}}) & {3{~room_3[9]}};
  wire normal_2_clear_3 = ~(|a_2_significand[7:4]);
  wire normal_2_move_3 = normal_2_clear_3 & room_left_3[2];
  wire normal_2_room_decides_3 = normal_2_clear_3 & ~room_left_3[2];
  wire normal_2_zeros_decide_3 = ~normal_2_clear_3 & room_left_3[2];
  wire [6:0] normal_2_3 = normal_2_move_3 ? {a_2_significand[3:0], 3'b000} : {a_2_significand[7:2],
      |a_2_significand[1:0]};
  wire normal_1_clear_3 = ~(|normal_2_3[6:5]);
  wire normal_1_move_3 = (normal_1_clear_3 | normal_2_room_decides_3) & (room_left_3[1] |
      normal_2_zeros_decide_3);
  wire normal_1_room_decides_3 = normal_2_room_decides_3 | (normal_1_clear_3 & ~room_left_3[1] &
      ~normal_2_zeros_decide_3);
  wire normal_1_zeros_decide_3 = normal_2_zeros_decide_3 | (~normal_1_clear_3 & room_left_3[1] &
      ~normal_2_room_decides_3);
  wire [4:0] normal_1_3 = normal_1_move_3 ? normal_2_3[4:0] : {normal_2_3[6:3], |normal_2_3[2:0]};
  wire normal_0_clear_3 = ~normal_1_3[4];
  wire normal_0_move_3 = (normal_0_clear_3 | normal_1_room_decides_3) & (room_left_3[0] |
      normal_1_zeros_decide_3);
  wire [3:0] normal_0_3 = normal_0_move_3 ? normal_1_3[3:0] : {normal_1_3[4:2], |normal_1_3[1:0]};
  wire [3:0] normal_kept_3 = normal_0_3;
  wire [7:0] index_or_zero_3 = (room_3[7:0] & {8{~room_3[9]}}) - {5'b00000, normal_2_move_3,
      normal_1_move_3, normal_0_move_3};
  wire [3:0] below_one_3 = room_3[9] ? {1'b0, normal_kept_3[3:2], |normal_kept_3[1:0]} :
      normal_kept_3;
  wire [7:0] below_3 = ~room_3[7:0] & {8{room_3[9]}};
  wire [3:0] subnormal_0_3 = below_3[0] ? {1'b0, below_one_3[3:2], |below_one_3[1:0]} : below_one_3;
  wire [3:0] subnormal_1_3 = below_3[1] ? {2'b00, subnormal_0_3[3], |subnormal_0_3[2:0]} :
      subnormal_0_3;
  wire [5:0] subnormal_far_bits_3 = {below_3[2], below_3[3], below_3[4], below_3[5], below_3[6],
      below_3[7]};
  wire subnormal_far_3 = |subnormal_far_bits_3;
  wire [3:0] subnormal_or_far_3 = subnormal_far_3 ? {3'b000, |subnormal_1_3} : subnormal_1_3;
  wire [3:0] normal_4 = subnormal_or_far_3;
  wire [7:0] index_3 = index_or_zero_3 & {8{normal_4[3]}};

  // Round: exponent, fraction and increment in one carry chain
  wire [1:0] significand_3 = normal_4[3:2];
  wire guards_3 = normal_4[1];
  wire sticky_3 = normal_4[0];
  wire round_up_3 = guards_3 & (sticky_3 | significand_3[0]);
  wire [10:0] rounded_3 = {2'b00, index_3, significand_3[0]} + {{9{1'b0}}, significand_3[1], 1'b0} +
      {{(10){1'b0}}, round_up_3};

  // Pack: overflow, then special values last
  wire [11:0] overflow_borrow_3 = 12'h7 - {1'b0, rounded_3};
  wire overflow_3 = overflow_borrow_3[11];
  wire [2:0] code_limited_3 = overflow_3 ? 3'b111 : rounded_3[2:0];
  wire [3:0] element_2 = {negative_3, code_limited_3};

  // Element 3
  wire negative_4 = a_3_negative;
  wire [7:0] exponent_4 = {a_3[14:8], a_3_exponent_low};
  wire [8:0] exponent_3_2 = {1'b0, exponent_4} + {1'b0, scale_complement};

  // Normalise
  wire [9:0] room_4 = {1'b0, exponent_3_2} + 10'h301;
  wire [2:0] room_left_4 = (room_4[2:0] | {3{|room_4[8:3]}}) & {3{~room_4[9]}};
  wire normal_2_clear_4 = ~(|a_3_significand[7:4]);
  wire normal_2_move_4 = normal_2_clear_4 & room_left_4[2];
  wire normal_2_room_decides_4 = normal_2_clear_4 & ~room_left_4[2];
  wire normal_2_zeros_decide_4 = ~normal_2_clear_4 & room_left_4[2];
  wire [6:0] normal_2_4 = normal_2_move_4 ? {a_3_significand[3:0], 3'b000} : {a_3_significand[7:2],
      |a_3_significand[1:0]};
  wire normal_1_clear_4 = ~(|normal_2_4[6:5]);
  wire normal_1_move_4 = (normal_1_clear_4 | normal_2_room_decides_4) & (room_left_4[1] |
      normal_2_zeros_decide_4);
  wire normal_1_room_decides_4 = normal_2_room_decides_4 | (normal_1_clear_4 & ~room_left_4[1] &
      ~normal_2_zeros_decide_4);
  wire normal_1_zeros_decide_4 = normal_2_zeros_decide_4 | (~normal_1_clear_4 & room_left_4[1] &
      ~normal_2_room_decides_4);
  wire [4:0] normal_1_4 = normal_1_move_4 ? normal_2_4[4:0] : {normal_2_4[6:3], |normal_2_4[2:0]};
  wire normal_0_clear_4 = ~normal_1_4[4];
  wire normal_0_move_4 = (normal_0_clear_4 | normal_1_room_decides_4) & (room_left_4[0] |
      normal_1_zeros_decide_4);
  wire [3:0] normal_0_4 = normal_0_move_4 ? normal_1_4[3:0] : {normal_1_4[4:2], |normal_1_4[1:0]};
  wire [3:0] normal_kept_4 = normal_0_4;
  wire [7:0] index_or_zero_4 = (room_4[7:0] & {8{~room_4[9]}}) - {5'b00000, normal_2_move_4,
      normal_1_move_4, normal_0_move_4};
  wire [3:0] below_one_4 = room_4[9] ? {1'b0, normal_kept_4[3:2], |normal_kept_4[1:0]} :
      normal_kept_4;
  wire [7:0] below_4 = ~room_4[7:0] & {8{room_4[9]}};
  wire [3:0] subnormal_0_4 = below_4[0] ? {1'b0, below_one_4[3:2], |below_one_4[1:0]} : below_one_4;
  wire [3:0] subnormal_1_4 = below_4[1] ? {2'b00, subnormal_0_4[3], |subnormal_0_4[2:0]} :
      subnormal_0_4;
  wire [5:0] subnormal_far_bits_4 = {below_4[2], below_4[3], below_4[4], below_4[5], below_4[6],
      below_4[7]};
  wire subnormal_far_4 = |subnormal_far_bits_4;
  wire [3:0] subnormal_or_far_4 = subnormal_far_4 ? {3'b000, |subnormal_1_4} : subnormal_1_4;
  wire [3:0] normal_5 = subnormal_or_far_4;
  wire [7:0] index_4 = index_or_zero_4 & {8{normal_5[3]}};

  // Round: exponent, fraction and increment in one carry chain
  wire [1:0] significand_4 = normal_5[3:2];
  wire guards_4 = normal_5[1];
  wire sticky_4 = normal_5[0];
  wire round_up_4 = guards_4 & (sticky_4 | significand_4[0]);
  wire [10:0] rounded_4 = {2'b00, index_4, significand_4[0]} + {{9{1'b0}}, significand_4[1], 1'b0} +
      {{(10){1'b0}}, round_up_4};

  // Pack: overflow, then special values last
  wire [11:0] overflow_borrow_4 = 12'h7 - {1'b0, rounded_4};
  wire overflow_4 = overflow_borrow_4[11];
  wire [2:0] code_limited_4 = overflow_4 ? 3'b111 : rounded_4[2:0];
  wire [3:0] element_3 = {negative_4, code_limited_4};
  wire is_special = a_0_nan | a_0_infinite | a_1_nan | a_1_infinite | a_2_nan | a_2_infinite |
      a_3_nan | a_3_infinite;
  wire [7:0] scale_or_nan = scale | {8{is_special}};

  // Bits that nothing reads, named so that linters know it is meant
  wire unused_bits = ^{max_0_0_difference[14:0], max_0_1_difference[14:0], max_1_0_difference[14:0],
      largest_normal_0[6:0], scale_room[9:0], overflow_borrow[10:0], overflow_borrow_2[10:0],
      overflow_borrow_3[10:0], overflow_borrow_4[10:0]};

  assign result_o = {element_3, element_2, element_1, element_0};
  assign scale_o = scale_or_nan;

endmodule : fewbit_mxquant_bfloat16_x4_to_e2m1

`default_nettype wire
