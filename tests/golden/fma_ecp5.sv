// fewbit_fma_e3m2_e3m2_e5m2_to_e5m2_ecp5 - correctly rounded fused multiply-add
//
//   result_o = round(a_i * b_i + c_i)
//
// Formats    a_i, b_i: e3m2 = 1 sign, 3 exponent, 2 fraction bits, bias 3, subnormals kept, no Inf,
//            no NaN, largest 28
//            c_i: e5m2 = 1 sign, 5 exponent, 2 fraction bits, bias 15, subnormals kept, Inf =
//            S.11111.00, NaN = S.11111 with a fraction other than 0, largest 57344
//            result_o: e5m2 = 1 sign, 5 exponent, 2 fraction bits, bias 15, subnormals kept, Inf =
//            S.11111.00, NaN = S.11111 with a fraction other than 0, largest 57344
// Rounding   to nearest, ties to even
// Overflow   infinity, or the largest finite value where the rounding says so
// Special    a NaN operand gives NaN
// Timing     combinational: latency 0
// Structure  exact_first, for ECP5 cells (4-input tables, 2-bit carries)
// Reproduce  fewbit emit fma --a e3m2 --b e3m2 --c e5m2 --result e5m2 --target ecp5
// Generator  fewbit 0.2.0
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_fma_e3m2_e3m2_e5m2_to_e5m2_ecp5 (
  input  wire  [5:0] a_i,
  input  wire  [5:0] b_i,
  input  wire  [7:0] c_i,
  output logic [7:0] result_o
);

  // Unpack
  wire c_negative = c_i[7];
  wire c_hidden = |c_i[6:2];
  wire [2:0] c_significand = {c_hidden, c_i[1:0]};
  wire c_exponent_low = c_i[2] | ~c_hidden;
  wire c_nan = (&c_i[6:2]) & (|c_i[1:0]);
  wire c_infinite = c_i[6:0] == 7'b1111100;
  wire a_negative = a_i[5];
  wire a_hidden = |a_i[4:2];
  wire [2:0] a_significand = {a_hidden, a_i[1:0]};
  wire a_zero = ~(|a_i[4:0]);
  wire a_exponent_low = a_i[2] | ~a_hidden;
  wire b_negative = b_i[5];
  wire b_hidden = |b_i[4:2];
  wire [2:0] b_significand = {b_hidden, b_i[1:0]};
  wire b_zero = ~(|b_i[4:0]);
  wire b_exponent_low = b_i[2] | ~b_hidden;

  // Exact product
  wire [4:0] partial_0_index = {b_significand[1:0], a_significand};
  // TwoBitRow: a times two bits of b, by {bits of b, a}
  localparam logic [31:0] TwoBitRow4 = 32'hc0000000;
  wire partial_0_4 = TwoBitRow4[partial_0_index];
  localparam logic [31:0] TwoBitRow3 = 32'h38f00000;
  wire partial_0_3 = TwoBitRow3[partial_0_index];
  localparam logic [31:0] TwoBitRow2 = 32'hb4ccf000;
  wire partial_0_2 = TwoBitRow2[partial_0_index];
  localparam logic [31:0] TwoBitRow1 = 32'h66aacc00;
  wire partial_0_1 = TwoBitRow1[partial_0_index];
  localparam logic [31:0] TwoBitRow0 = 32'haa00aa00;
  wire partial_0_0 = TwoBitRow0[partial_0_index];
  wire [4:0] partial_0 = {partial_0_4, partial_0_3, partial_0_2, partial_0_1, partial_0_0};
  wire [3:0] partial_1_index = {b_significand[2], a_significand};
  // OneBitRow: a times one bit of b, by {bit of b, a}
  localparam logic [15:0] OneBitRow2 = 16'hf000;
  wire partial_1_2 = OneBitRow2[partial_1_index];
  localparam logic [15:0] OneBitRow1 = 16'hcc00;
  wire partial_1_1 = OneBitRow1[partial_1_index];
  localparam logic [15:0] OneBitRow0 = 16'haa00;
  wire partial_1_0 = OneBitRow0[partial_1_index];
  wire [3:0] partial_1 = {1'b0, partial_1_2, partial_1_1, partial_1_0};
  wire [3:0] row_1 = {1'b0, partial_0[4:2]} + partial_1;
  wire [5:0] product = {row_1, partial_0[1:0]};
  wire negative = a_negative ^ b_negative;
  wire [3:0] exponent = {1'b0, a_i[4:3], a_exponent_low} + {1'b0, b_i[4:3], b_exponent_low};
  wire product_sign = a_i[5] ^ b_i[5];
  wire sum_infinite = c_infinite & ~c_nan;
  wire sum_infinity_negative = c_i[7];
  wire [4:0] c_value_exponent = {c_i[6:3], c_exponent_low};

  // Exponents: of the frame around the product, and how far the addend is below its top
  wire [5:0] product_top = {2'b00, exponent} + 6'b001111;
  wire [5:0] distance = product_top - {1'b0, c_value_exponent};
  wire addend_at_top = distance[5] | a_zero | b_zero;
  wire [4:0] shift = distance[4:0] & {5{~addend_at_top}};
  wire [4:0] frame_exponent = addend_at_top ? c_value_exponent : product_top[4:0];

  // Align the addend alone
  wire [15:0] addend_placed = {c_significand, {13{1'b0}}};
  wire [15:0] addend_0 = shift[0]
      ? {1'b0, addend_placed[15:2], |addend_placed[1:0]} : addend_placed;
  wire [15:0] addend_1 = shift[1] ? {2'b00, addend_0[15:3], |addend_0[2:0]} : addend_0;
  wire [15:0] addend_2 = shift[2] ? {4'b0000, addend_1[15:5], |addend_1[4:0]} : addend_1;
  wire [15:0] addend_3 = shift[3] ? {8'b00000000, addend_2[15:9], |addend_2[8:0]} : addend_2;
  wire addend_far_bits = shift[4];
  wire [15:0] addend_or_far = addend_far_bits ? {{15{1'b0}}, |addend_3} : addend_3;
  wire sticky_addend = addend_or_far[0];

  // Add, or subtract the smaller one
  wire subtract = negative ^ c_negative;
  wire [14:0] summand = addend_or_far[15:1] ^ {15{subtract}};
  wire [14:0] product_framed = {5'b00000, product, 4'b0000};
  wire no_borrow = subtract & ~sticky_addend;
  wire [10:0] compared = {1'b0, product_framed[9:0]} + {1'b0, summand[9:0]}
      + {{10{1'b0}}, no_borrow};
  wire addend_larger = subtract & ((|addend_or_far[15:11]) | ~compared[10]);
  wire carry = no_borrow & ~addend_larger;
  wire [14:0] sum = product_framed + summand + {{14{1'b0}}, carry};
  wire [15:0] magnitude = {sum ^ {15{addend_larger}}, sticky_addend};
  wire sum_zero = ~(|magnitude);
  wire sum_sign = negative ^ addend_larger;
  wire result_negative = sum_infinite
      ? sum_infinity_negative : (sum_zero ? product_sign & c_i[7] : sum_sign);

  // Normalise
  wire [4:0] room = frame_exponent + 5'b11111;
  wire [3:0] room_left = room[3:0] | {4{room[4]}};
  wire normal_3_clear = ~(|magnitude[15:8]);
  wire normal_3_move = normal_3_clear & room_left[3];
  wire normal_3_room_decides = normal_3_clear & ~room_left[3];
  wire normal_3_zeros_decide = ~normal_3_clear & room_left[3];
  wire [11:0] normal_3 = normal_3_move
      ? {magnitude[7:0], 4'b0000} : {magnitude[15:5], |magnitude[4:0]};
  wire normal_2_clear = ~(|normal_3[11:8]);
  wire normal_2_move = (normal_2_clear | normal_3_room_decides)
      & (room_left[2] | normal_3_zeros_decide);
  wire normal_2_room_decides = normal_3_room_decides
      | (normal_2_clear & ~room_left[2] & ~normal_3_zeros_decide);
  wire normal_2_zeros_decide = normal_3_zeros_decide
      | (~normal_2_clear & room_left[2] & ~normal_3_room_decides);
  wire [7:0] normal_2 = normal_2_move ? normal_3[7:0] : {normal_3[11:5], |normal_3[4:0]};
  wire normal_1_clear = ~(|normal_2[7:6]);
  wire normal_1_move = (normal_1_clear | normal_2_room_decides)
      & (room_left[1] | normal_2_zeros_decide);
  wire normal_1_room_decides = normal_2_room_decides
      | (normal_1_clear & ~room_left[1] & ~normal_2_zeros_decide);
  wire normal_1_zeros_decide = normal_2_zeros_decide
      | (~normal_1_clear & room_left[1] & ~normal_2_room_decides);
  wire [5:0] normal_1 = normal_1_move ? normal_2[5:0] : {normal_2[7:3], |normal_2[2:0]};
  wire normal_0_clear = ~normal_1[5];
  wire normal_0_move = (normal_0_clear | normal_1_room_decides)
      & (room_left[0] | normal_1_zeros_decide);
  wire [4:0] normal_0 = normal_0_move ? normal_1[4:0] : {normal_1[5:2], |normal_1[1:0]};
  wire [4:0] index_or_zero = room
      - {1'b0, normal_3_move, normal_2_move, normal_1_move, normal_0_move};
  wire [4:0] index = index_or_zero & {5{normal_0[4]}};

  // Round: exponent, fraction and increment in one carry chain
  wire [2:0] significand = normal_0[4:2];
  wire guards = normal_0[1];
  wire sticky = normal_0[0];
  wire round_up = guards & (sticky | significand[0]);
  wire [8:0] rounded = {2'b00, index, significand[1:0]} + {6'b000000, significand[2], 2'b00}
      + {{8{1'b0}}, round_up};

  // Pack: overflow, then special values last
  wire overflow = (|rounded[8:7]) | (&rounded[6:2]);
  wire [6:0] code_limited = overflow ? 7'b1111100 : rounded[6:0];
  wire [6:0] code_or_infinity = sum_infinite ? 7'b1111100 : code_limited;
  wire [7:0] result = c_nan ? 8'b01111110 : {result_negative, code_or_infinity};

  // Bits that nothing reads, named so that linters know it is meant
  wire unused_bits = ^{compared[9:0]};

  assign result_o = result;

endmodule : fewbit_fma_e3m2_e3m2_e5m2_to_e5m2_ecp5

`default_nettype wire
