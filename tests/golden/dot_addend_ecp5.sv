// fewbit_dot_e4m3fn_e4m3fn_bfloat16_x2_to_bfloat16_ecp5 - correctly rounded dot product of 2 lanes and an addend
//
//   result_o = round(c_i + sum of a_i[k] * b_i[k], k < 2)
//
// Formats    a_i, b_i: e4m3fn = 1 sign, 4 exponent, 3 fraction bits, bias 7, subnormals kept, no
//            Inf, NaN = S.1111.111, largest 448
//            c_i: bfloat16 = 1 sign, 8 exponent, 7 fraction bits, bias 127, subnormals kept, Inf =
//            S.11111111.0000000, NaN = S.11111111 with a fraction other than 0, largest 3.38953e+38
//            result_o: bfloat16 = 1 sign, 8 exponent, 7 fraction bits, bias 127, subnormals kept,
//            Inf = S.11111111.0000000, NaN = S.11111111 with a fraction other than 0, largest
//            3.38953e+38
//            lane 0 is in the lowest bits
// Rounding   to nearest, ties to even
// Overflow   infinity, or the largest finite value where the rounding says so
// Special    a NaN operand gives NaN
// Timing     combinational: latency 0
// Structure  exact_first, for ECP5 cells (4-input tables, 2-bit carries)
// Reproduce  fewbit emit dot --a e4m3fn --b e4m3fn --c bfloat16 --lanes 2 --result bfloat16 --target ecp5
// Generator  fewbit 0.2.0
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_dot_e4m3fn_e4m3fn_bfloat16_x2_to_bfloat16_ecp5 (
  input  wire  [15:0] a_i,
  input  wire  [15:0] b_i,
  input  wire  [15:0] c_i,
  output logic [15:0] result_o
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
  wire [22:0] lane_0_aligned_3 = lane_0_stay[3]
      ? {lane_0_aligned_2, 8'b00000000} : {8'b00000000, lane_0_aligned_2};
  wire [35:0] lane_0_aligned_4 = lane_0_stay[4]
      ? {lane_0_aligned_3, {13{1'b0}}} : {{16{1'b0}}, lane_0_aligned_3[22:3]};
  wire [35:0] lane_0_product_signed = lane_0_aligned_4 ^ {36{lane_0_negative}};
  wire [37:0] lane_0_term = {{2{lane_0_negative}}, lane_0_product_signed};
  wire lane_0_term_carry = lane_0_negative;

  // Lane 1: product
  wire lane_1_negative = lane_1_a_negative ^ lane_1_b_negative;
  wire [4:0] lane_1_signed_significand_index = {lane_1_negative, lane_1_a_significand};
  // SignedSignificand: the significand or its negative, by {negative, significand}
  localparam logic [31:0] SignedSignificand4 = 32'hfffe0000;
  wire lane_1_signed_significand_4 = SignedSignificand4[lane_1_signed_significand_index];
  localparam logic [31:0] SignedSignificand3 = 32'h1feff00;
  wire lane_1_signed_significand_3 = SignedSignificand3[lane_1_signed_significand_index];
  localparam logic [31:0] SignedSignificand2 = 32'h1e1ef0f0;
  wire lane_1_signed_significand_2 = SignedSignificand2[lane_1_signed_significand_index];
  localparam logic [31:0] SignedSignificand1 = 32'h6666cccc;
  wire lane_1_signed_significand_1 = SignedSignificand1[lane_1_signed_significand_index];
  localparam logic [31:0] SignedSignificand0 = 32'haaaaaaaa;
  wire lane_1_signed_significand_0 = SignedSignificand0[lane_1_signed_significand_index];
  wire [4:0] lane_1_signed_significand = {lane_1_signed_significand_4, lane_1_signed_significand_3,
      lane_1_signed_significand_2, lane_1_signed_significand_1, lane_1_signed_significand_0};
  wire [4:0] lane_1_row_0 = lane_1_signed_significand & {5{lane_1_b_significand[0]}};
  wire [4:0] lane_1_row_1_partial = lane_1_signed_significand & {5{lane_1_b_significand[1]}};
  wire [5:0] lane_1_row_1 = {{2{lane_1_row_0[4]}}, lane_1_row_0[4:1]}
      + {lane_1_row_1_partial[4], lane_1_row_1_partial};
  wire [4:0] lane_1_row_2_partial = lane_1_signed_significand & {5{lane_1_b_significand[2]}};
  wire [5:0] lane_1_row_2 = {lane_1_row_1[5], lane_1_row_1[5:1]}
      + {lane_1_row_2_partial[4], lane_1_row_2_partial};
  wire [4:0] lane_1_row_3_partial = lane_1_signed_significand & {5{lane_1_b_significand[3]}};
  wire [5:0] lane_1_row_3 = {lane_1_row_2[5], lane_1_row_2[5:1]}
      + {lane_1_row_3_partial[4], lane_1_row_3_partial};
  wire [8:0] lane_1_product = {lane_1_row_3, lane_1_row_2[0], lane_1_row_1[0], lane_1_row_0[0]};
  wire lane_1_stay_low = ~(lane_1_a_exponent_low ^ lane_1_b_exponent_low);
  wire lane_1_stay_carry = lane_1_a_exponent_low | lane_1_b_exponent_low;
  wire [4:0] lane_1_stay_sum = {1'b0, lane_1_a[6:4], 1'b1}
      + {1'b0, lane_1_b[6:4], lane_1_stay_carry};
  wire [4:0] lane_1_stay = {lane_1_stay_sum[4:1], lane_1_stay_low};
  wire [9:0] lane_1_aligned_0 = lane_1_stay[0]
      ? {lane_1_product, 1'b0} : {lane_1_product[8], lane_1_product};
  wire [11:0] lane_1_aligned_1 = lane_1_stay[1]
      ? {lane_1_aligned_0, 2'b00} : {{2{lane_1_aligned_0[9]}}, lane_1_aligned_0};
  wire [15:0] lane_1_aligned_2 = lane_1_stay[2]
      ? {lane_1_aligned_1, 4'b0000} : {{4{lane_1_aligned_1[11]}}, lane_1_aligned_1};
  wire [23:0] lane_1_aligned_3 = lane_1_stay[3]
      ? {lane_1_aligned_2, 8'b00000000} : {{8{lane_1_aligned_2[15]}}, lane_1_aligned_2};
  wire [36:0] lane_1_aligned_4 = lane_1_stay[4]
      ? {lane_1_aligned_3, {13{1'b0}}} : {{16{lane_1_aligned_3[23]}}, lane_1_aligned_3[23:3]};
  wire [37:0] lane_1_term = {lane_1_aligned_4[36], lane_1_aligned_4};

  // Exact sum of all lanes
  wire [38:0] sum_0_0_wide = {lane_0_term, 1'b1} + {lane_1_term, lane_0_term_carry};
  wire [37:0] sum_0_0 = sum_0_0_wide[38:1];
  wire lanes_nan = lane_0_is_nan | lane_1_is_nan;

  // Sign and magnitude
  wire [37:0] magnitude = (sum_0_0 ^ {38{sum_0_0[37]}}) + {{37{1'b0}}, sum_0_0[37]};

  // Addend
  wire c_negative = c_i[15];
  wire c_hidden = |c_i[14:7];
  wire [7:0] c_significand = {c_hidden, c_i[6:0]};
  wire c_exponent_low = c_i[7] | ~c_hidden;
  wire c_nan = (&c_i[14:7]) & (|c_i[6:0]);
  wire c_infinite = c_i[14:0] == 15'h7f80;
  wire [7:0] c_value_exponent = {c_i[14:8], c_exponent_low};
  wire lanes_zero = ~(|magnitude);

  // Exponents: of the frame around the product, and how far the addend is below its top
  wire [8:0] sum_distance = 9'h9c - {1'b0, c_value_exponent};
  wire sum_addend_at_top = sum_distance[8] | lanes_zero;
  wire [7:0] sum_shift = sum_distance[7:0] & {8{~sum_addend_at_top}};
  wire [7:0] sum_frame_exponent = sum_addend_at_top ? c_value_exponent : 8'b10011100;

  // Align the addend alone
  wire [57:0] sum_addend_placed = {c_significand, {50{1'b0}}};
  wire [57:0] sum_addend_0 = sum_shift[0]
      ? {1'b0, sum_addend_placed[57:2], |sum_addend_placed[1:0]} : sum_addend_placed;
  wire [57:0] sum_addend_1 = sum_shift[1]
      ? {2'b00, sum_addend_0[57:3], |sum_addend_0[2:0]} : sum_addend_0;
  wire [57:0] sum_addend_2 = sum_shift[2]
      ? {4'b0000, sum_addend_1[57:5], |sum_addend_1[4:0]} : sum_addend_1;
  wire [57:0] sum_addend_3 = sum_shift[3]
      ? {8'b00000000, sum_addend_2[57:9], |sum_addend_2[8:0]} : sum_addend_2;
  wire [57:0] sum_addend_4 = sum_shift[4]
      ? {{16{1'b0}}, sum_addend_3[57:17], |sum_addend_3[16:0]} : sum_addend_3;
  wire [57:0] sum_addend_5 = sum_shift[5]
      ? {{32{1'b0}}, sum_addend_4[57:33], |sum_addend_4[32:0]} : sum_addend_4;
  wire [1:0] sum_addend_far_bits = {sum_shift[6], sum_shift[7]};
  wire sum_addend_far = |sum_addend_far_bits;
  wire [57:0] sum_addend_or_far = sum_addend_far ? {{57{1'b0}}, |sum_addend_5} : sum_addend_5;
  wire sum_sticky_addend = sum_addend_or_far[0];

  // Add, or subtract the smaller one
  wire sum_subtract = sum_0_0[37] ^ c_negative;
  wire [56:0] sum_summand = sum_addend_or_far[57:1] ^ {57{sum_subtract}};
  wire [56:0] sum_product_framed = {{10{1'b0}}, magnitude, {9{1'b0}}};
  wire sum_no_borrow = sum_subtract & ~sum_sticky_addend;
  wire [47:0] sum_compared = {1'b0, sum_product_framed[46:0]} + {1'b0, sum_summand[46:0]}
      + {{47{1'b0}}, sum_no_borrow};
  wire sum_addend_larger = sum_subtract & ((|sum_addend_or_far[57:48]) | ~sum_compared[47]);
  wire sum_carry = sum_no_borrow & ~sum_addend_larger;
  wire [56:0] sum_sum = sum_product_framed + sum_summand + {{56{1'b0}}, sum_carry};
  wire [57:0] sum_magnitude = {sum_sum ^ {57{sum_addend_larger}}, sum_sticky_addend};
  wire sum_sum_zero = ~(|sum_magnitude);
  wire sum_sum_sign = sum_0_0[37] ^ sum_addend_larger;

  // Special values; an exact zero is +0, rounded downward -0
  wire sum_nan = lanes_nan | c_nan;
  wire sum_infinite = c_infinite & ~sum_nan;
  wire sum_infinity_negative = c_i[15];
  wire result_negative = sum_infinite
      ? sum_infinity_negative : (sum_sum_zero ? 1'b0 : sum_sum_sign);

  // Normalise
  wire [7:0] room = sum_frame_exponent + 8'b11111111;
  wire [5:0] room_left = room[5:0] | {6{|room[7:6]}};
  wire normal_5_clear = ~(|sum_magnitude[57:26]);
  wire normal_5_move = normal_5_clear & room_left[5];
  wire normal_5_room_decides = normal_5_clear & ~room_left[5];
  wire normal_5_zeros_decide = ~normal_5_clear & room_left[5];
  wire [40:0] normal_5 = normal_5_move
      ? {sum_magnitude[25:0], {15{1'b0}}} : {sum_magnitude[57:18], |sum_magnitude[17:0]};
  wire normal_4_clear = ~(|normal_5[40:25]);
  wire normal_4_move = (normal_4_clear | normal_5_room_decides)
      & (room_left[4] | normal_5_zeros_decide);
  wire normal_4_room_decides = normal_5_room_decides
      | (normal_4_clear & ~room_left[4] & ~normal_5_zeros_decide);
  wire normal_4_zeros_decide = normal_5_zeros_decide
      | (~normal_4_clear & room_left[4] & ~normal_5_room_decides);
  wire [24:0] normal_4 = normal_4_move ? normal_5[24:0] : {normal_5[40:17], |normal_5[16:0]};
  wire normal_3_clear = ~(|normal_4[24:17]);
  wire normal_3_move = (normal_3_clear | normal_4_room_decides)
      & (room_left[3] | normal_4_zeros_decide);
  wire normal_3_room_decides = normal_4_room_decides
      | (normal_3_clear & ~room_left[3] & ~normal_4_zeros_decide);
  wire normal_3_zeros_decide = normal_4_zeros_decide
      | (~normal_3_clear & room_left[3] & ~normal_4_room_decides);
  wire [16:0] normal_3 = normal_3_move ? normal_4[16:0] : {normal_4[24:9], |normal_4[8:0]};
  wire normal_2_clear = ~(|normal_3[16:13]);
  wire normal_2_move = (normal_2_clear | normal_3_room_decides)
      & (room_left[2] | normal_3_zeros_decide);
  wire normal_2_room_decides = normal_3_room_decides
      | (normal_2_clear & ~room_left[2] & ~normal_3_zeros_decide);
  wire normal_2_zeros_decide = normal_3_zeros_decide
      | (~normal_2_clear & room_left[2] & ~normal_3_room_decides);
  wire [12:0] normal_2 = normal_2_move ? normal_3[12:0] : {normal_3[16:5], |normal_3[4:0]};
  wire normal_1_clear = ~(|normal_2[12:11]);
  wire normal_1_move = (normal_1_clear | normal_2_room_decides)
      & (room_left[1] | normal_2_zeros_decide);
  wire normal_1_room_decides = normal_2_room_decides
      | (normal_1_clear & ~room_left[1] & ~normal_2_zeros_decide);
  wire normal_1_zeros_decide = normal_2_zeros_decide
      | (~normal_1_clear & room_left[1] & ~normal_2_room_decides);
  wire [10:0] normal_1 = normal_1_move ? normal_2[10:0] : {normal_2[12:3], |normal_2[2:0]};
  wire normal_0_clear = ~normal_1[10];
  wire normal_0_move = (normal_0_clear | normal_1_room_decides)
      & (room_left[0] | normal_1_zeros_decide);
  wire [9:0] normal_0 = normal_0_move ? normal_1[9:0] : {normal_1[10:2], |normal_1[1:0]};
  wire [7:0] index_or_zero = room
      - {2'b00, normal_5_move, normal_4_move, normal_3_move, normal_2_move, normal_1_move,
      normal_0_move};
  wire [7:0] index = index_or_zero & {8{normal_0[9]}};

  // Round: exponent, fraction and increment in one carry chain
  wire [7:0] significand = normal_0[9:2];
  wire guards = normal_0[1];
  wire sticky = normal_0[0];
  wire round_up = guards & (sticky | significand[0]);
  wire [16:0] rounded = {2'b00, index, significand[6:0]} + {{9{1'b0}}, significand[7], 7'b0000000}
      + {{16{1'b0}}, round_up};

  // Pack: overflow, then special values last
  wire [17:0] overflow_borrow = 18'h7f7f - {1'b0, rounded};
  wire overflow = overflow_borrow[17];
  wire [14:0] code_limited = overflow ? 15'h7f80 : rounded[14:0];
  wire [14:0] code_or_infinity = sum_infinite ? 15'h7f80 : code_limited;
  wire [15:0] result = sum_nan ? 16'h7fc0 : {result_negative, code_or_infinity};

  // Bits that nothing reads, named so that linters know it is meant
  wire unused_bits = ^{lane_0_stay_sum[0], lane_1_stay_sum[0], sum_0_0_wide[0], sum_compared[46:0],
      overflow_borrow[16:0]};

  assign result_o = result;

endmodule : fewbit_dot_e4m3fn_e4m3fn_bfloat16_x2_to_bfloat16_ecp5

`default_nettype wire
