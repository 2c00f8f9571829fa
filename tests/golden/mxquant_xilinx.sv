// fewbit_mxquant_bfloat16_x4_to_e2m1_xilinx - block quantizer of 4 lanes
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
// Structure  exact_first, for AMD cells (6-input tables, carry chains)
// Reproduce  fewbit emit mxquant --a bfloat16 --lanes 4 --result e2m1 --target xilinx-usp
// Generator  fewbit 0.2.0
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_mxquant_bfloat16_x4_to_e2m1_xilinx (
  input  wire  [63:0] a_i,
  output logic [15:0] result_o,
  output logic [7:0] scale_o
);

  // Lane 0: unpack
  wire [15:0] lane_0_a = a_i[15:0];
  wire lane_0_a_negative = lane_0_a[15];
  wire lane_0_a_hidden = |lane_0_a[14:7];
  wire [7:0] lane_0_a_significand = {lane_0_a_hidden, lane_0_a[6:0]};
  wire lane_0_a_exponent_low = lane_0_a[7] | ~lane_0_a_hidden;
  wire lane_0_a_nan = (&lane_0_a[14:7]) & (|lane_0_a[6:0]);
  wire lane_0_a_infinite = lane_0_a[14:0] == 15'h7f80;

  // Lane 1: unpack
  wire [15:0] lane_1_a = a_i[31:16];
  wire lane_1_a_negative = lane_1_a[15];
  wire lane_1_a_hidden = |lane_1_a[14:7];
  wire [7:0] lane_1_a_significand = {lane_1_a_hidden, lane_1_a[6:0]};
  wire lane_1_a_exponent_low = lane_1_a[7] | ~lane_1_a_hidden;
  wire lane_1_a_nan = (&lane_1_a[14:7]) & (|lane_1_a[6:0]);
  wire lane_1_a_infinite = lane_1_a[14:0] == 15'h7f80;

  // Lane 2: unpack
  wire [15:0] lane_2_a = a_i[47:32];
  wire lane_2_a_negative = lane_2_a[15];
  wire lane_2_a_hidden = |lane_2_a[14:7];
  wire [7:0] lane_2_a_significand = {lane_2_a_hidden, lane_2_a[6:0]};
  wire lane_2_a_exponent_low = lane_2_a[7] | ~lane_2_a_hidden;
  wire lane_2_a_nan = (&lane_2_a[14:7]) & (|lane_2_a[6:0]);
  wire lane_2_a_infinite = lane_2_a[14:0] == 15'h7f80;

  // Lane 3: unpack
  wire [15:0] lane_3_a = a_i[63:48];
  wire lane_3_a_negative = lane_3_a[15];
  wire lane_3_a_hidden = |lane_3_a[14:7];
  wire [7:0] lane_3_a_significand = {lane_3_a_hidden, lane_3_a[6:0]};
  wire lane_3_a_exponent_low = lane_3_a[7] | ~lane_3_a_hidden;
  wire lane_3_a_nan = (&lane_3_a[14:7]) & (|lane_3_a[6:0]);
  wire lane_3_a_infinite = lane_3_a[14:0] == 15'h7f80;

  // Largest magnitude, normalised
  wire [15:0] max_0_0_difference = {1'b0, lane_0_a[14:0]} - {1'b0, lane_1_a[14:0]};
  wire [14:0] max_0_0 = max_0_0_difference[15] ? lane_1_a[14:0] : lane_0_a[14:0];
  wire [15:0] max_0_1_difference = {1'b0, lane_2_a[14:0]} - {1'b0, lane_3_a[14:0]};
  wire [14:0] max_0_1 = max_0_1_difference[15] ? lane_3_a[14:0] : lane_2_a[14:0];
  wire [15:0] max_1_0_difference = {1'b0, max_0_0} - {1'b0, max_0_1};
  wire [14:0] max_1_0 = max_1_0_difference[15] ? max_0_1 : max_0_0;
  wire largest_hidden = |max_1_0[14:7];
  wire [7:0] largest_significand = {largest_hidden, max_1_0[6:0]};
  wire largest_clear_2 = ~(|largest_significand[7:4]);
  wire [7:0] largest_normal_2 = largest_clear_2
      ? {largest_significand[3:0], 4'b0000} : largest_significand;
  wire largest_clear_1 = ~(|largest_normal_2[7:6]);
  wire [7:0] largest_normal_1 = largest_clear_1 ? {largest_normal_2[5:0], 2'b00} : largest_normal_2;
  wire largest_clear_0 = ~largest_normal_1[7];
  wire [7:0] largest_normal_0 = largest_clear_0 ? {largest_normal_1[6:0], 1'b0} : largest_normal_1;

  // Scale: exponent of the largest magnitude less that of the largest element
  wire [10:0] largest_exponent = {3'b000, max_1_0[14:8], max_1_0[7] | ~largest_hidden} + 11'h7fe;
  wire [10:0] scale_unlimited = largest_exponent
      - {8'b00000000, largest_clear_2, largest_clear_1, largest_clear_0};
  wire block_zero = ~largest_normal_0[7];
  wire scale_too_small = scale_unlimited[10] | block_zero;
  wire [10:0] scale_room = 11'hfe - scale_unlimited;
  wire [7:0] scale_limited = scale_room[10] & ~scale_unlimited[10]
      ? 8'b11111110 : scale_unlimited[7:0];
  wire [7:0] scale = scale_limited & {8{~scale_too_small}};
  wire [7:0] scale_complement = ~scale;

  // Lane 0: element
  wire [7:0] lane_0_exponent = {lane_0_a[14:8], lane_0_a_exponent_low};
  wire [8:0] lane_0_exponent_of_element = {1'b0, lane_0_exponent} + {1'b0, scale_complement};

  // Lane 0: normalise
  wire [9:0] lane_0_room = {1'b0, lane_0_exponent_of_element} + 10'h301;
  wire [2:0] lane_0_room_left = (lane_0_room[2:0] | {3{|lane_0_room[8:3]}}) & {3{~lane_0_room[9]}};
  wire lane_0_normal_2_clear = ~(|lane_0_a_significand[7:4]);
  wire lane_0_normal_2_move = lane_0_normal_2_clear & lane_0_room_left[2];
  wire lane_0_normal_2_room_decides = lane_0_normal_2_clear & ~lane_0_room_left[2];
  wire lane_0_normal_2_zeros_decide = ~lane_0_normal_2_clear & lane_0_room_left[2];
  wire [6:0] lane_0_normal_2 = lane_0_normal_2_move
      ? {lane_0_a_significand[3:0], 3'b000}
      : {lane_0_a_significand[7:2], |lane_0_a_significand[1:0]};
  wire lane_0_normal_1_clear = ~(|lane_0_normal_2[6:5]);
  wire lane_0_normal_1_move = (lane_0_normal_1_clear | lane_0_normal_2_room_decides)
      & (lane_0_room_left[1] | lane_0_normal_2_zeros_decide);
  wire lane_0_normal_1_room_decides = lane_0_normal_2_room_decides
      | (lane_0_normal_1_clear & ~lane_0_room_left[1] & ~lane_0_normal_2_zeros_decide);
  wire lane_0_normal_1_zeros_decide = lane_0_normal_2_zeros_decide
      | (~lane_0_normal_1_clear & lane_0_room_left[1] & ~lane_0_normal_2_room_decides);
  wire [4:0] lane_0_normal_1 = lane_0_normal_1_move
      ? lane_0_normal_2[4:0] : {lane_0_normal_2[6:3], |lane_0_normal_2[2:0]};
  wire lane_0_normal_0_clear = ~lane_0_normal_1[4];
  wire lane_0_normal_0_move = (lane_0_normal_0_clear | lane_0_normal_1_room_decides)
      & (lane_0_room_left[0] | lane_0_normal_1_zeros_decide);
  wire [3:0] lane_0_normal_0 = lane_0_normal_0_move
      ? lane_0_normal_1[3:0] : {lane_0_normal_1[4:2], |lane_0_normal_1[1:0]};
  wire [7:0] lane_0_index_or_zero = (lane_0_room[7:0] & {8{~lane_0_room[9]}})
      - {5'b00000, lane_0_normal_2_move, lane_0_normal_1_move, lane_0_normal_0_move};
  wire [3:0] lane_0_below_one = lane_0_room[9]
      ? {1'b0, lane_0_normal_0[3:2], |lane_0_normal_0[1:0]} : lane_0_normal_0;
  wire [7:0] lane_0_below = ~lane_0_room[7:0] & {8{lane_0_room[9]}};
  wire [3:0] lane_0_subnormal_0 = lane_0_below[0]
      ? {1'b0, lane_0_below_one[3:2], |lane_0_below_one[1:0]} : lane_0_below_one;
  wire [3:0] lane_0_subnormal_1 = lane_0_below[1]
      ? {2'b00, lane_0_subnormal_0[3], |lane_0_subnormal_0[2:0]} : lane_0_subnormal_0;
  wire [5:0] lane_0_subnormal_far_bits = {lane_0_below[2], lane_0_below[3], lane_0_below[4],
      lane_0_below[5], lane_0_below[6], lane_0_below[7]};
  wire lane_0_subnormal_far = |lane_0_subnormal_far_bits;
  wire [3:0] lane_0_subnormal_or_far = lane_0_subnormal_far
      ? {3'b000, |lane_0_subnormal_1} : lane_0_subnormal_1;
  wire [7:0] lane_0_index = lane_0_index_or_zero & {8{lane_0_subnormal_or_far[3]}};

  // Lane 0: round: exponent, fraction and increment in one carry chain
  wire [1:0] lane_0_significand = lane_0_subnormal_or_far[3:2];
  wire lane_0_guards = lane_0_subnormal_or_far[1];
  wire lane_0_sticky = lane_0_subnormal_or_far[0];
  wire lane_0_round_up = lane_0_guards & (lane_0_sticky | lane_0_significand[0]);
  wire [10:0] lane_0_rounded = {2'b00, lane_0_index, lane_0_significand[0]}
      + {{9{1'b0}}, lane_0_significand[1], 1'b0} + {{10{1'b0}}, lane_0_round_up};

  // Lane 0: pack: overflow, then special values last
  wire [11:0] lane_0_overflow_borrow = 12'h7 - {1'b0, lane_0_rounded};
  wire lane_0_overflow = lane_0_overflow_borrow[11];
  wire [2:0] lane_0_code_limited = lane_0_overflow ? 3'b111 : lane_0_rounded[2:0];
  wire [3:0] lane_0_element = {lane_0_a_negative, lane_0_code_limited};

  // Lane 1: element
  wire [7:0] lane_1_exponent = {lane_1_a[14:8], lane_1_a_exponent_low};
  wire [8:0] lane_1_exponent_of_element = {1'b0, lane_1_exponent} + {1'b0, scale_complement};

  // Lane 1: normalise
  wire [9:0] lane_1_room = {1'b0, lane_1_exponent_of_element} + 10'h301;
  wire [2:0] lane_1_room_left = (lane_1_room[2:0] | {3{|lane_1_room[8:3]}}) & {3{~lane_1_room[9]}};
  wire lane_1_normal_2_clear = ~(|lane_1_a_significand[7:4]);
  wire lane_1_normal_2_move = lane_1_normal_2_clear & lane_1_room_left[2];
  wire lane_1_normal_2_room_decides = lane_1_normal_2_clear & ~lane_1_room_left[2];
  wire lane_1_normal_2_zeros_decide = ~lane_1_normal_2_clear & lane_1_room_left[2];
  wire [6:0] lane_1_normal_2 = lane_1_normal_2_move
      ? {lane_1_a_significand[3:0], 3'b000}
      : {lane_1_a_significand[7:2], |lane_1_a_significand[1:0]};
  wire lane_1_normal_1_clear = ~(|lane_1_normal_2[6:5]);
  wire lane_1_normal_1_move = (lane_1_normal_1_clear | lane_1_normal_2_room_decides)
      & (lane_1_room_left[1] | lane_1_normal_2_zeros_decide);
  wire lane_1_normal_1_room_decides = lane_1_normal_2_room_decides
      | (lane_1_normal_1_clear & ~lane_1_room_left[1] & ~lane_1_normal_2_zeros_decide);
  wire lane_1_normal_1_zeros_decide = lane_1_normal_2_zeros_decide
      | (~lane_1_normal_1_clear & lane_1_room_left[1] & ~lane_1_normal_2_room_decides);
  wire [4:0] lane_1_normal_1 = lane_1_normal_1_move
      ? lane_1_normal_2[4:0] : {lane_1_normal_2[6:3], |lane_1_normal_2[2:0]};
  wire lane_1_normal_0_clear = ~lane_1_normal_1[4];
  wire lane_1_normal_0_move = (lane_1_normal_0_clear | lane_1_normal_1_room_decides)
      & (lane_1_room_left[0] | lane_1_normal_1_zeros_decide);
  wire [3:0] lane_1_normal_0 = lane_1_normal_0_move
      ? lane_1_normal_1[3:0] : {lane_1_normal_1[4:2], |lane_1_normal_1[1:0]};
  wire [7:0] lane_1_index_or_zero = (lane_1_room[7:0] & {8{~lane_1_room[9]}})
      - {5'b00000, lane_1_normal_2_move, lane_1_normal_1_move, lane_1_normal_0_move};
  wire [3:0] lane_1_below_one = lane_1_room[9]
      ? {1'b0, lane_1_normal_0[3:2], |lane_1_normal_0[1:0]} : lane_1_normal_0;
  wire [7:0] lane_1_below = ~lane_1_room[7:0] & {8{lane_1_room[9]}};
  wire [3:0] lane_1_subnormal_0 = lane_1_below[0]
      ? {1'b0, lane_1_below_one[3:2], |lane_1_below_one[1:0]} : lane_1_below_one;
  wire [3:0] lane_1_subnormal_1 = lane_1_below[1]
      ? {2'b00, lane_1_subnormal_0[3], |lane_1_subnormal_0[2:0]} : lane_1_subnormal_0;
  wire [5:0] lane_1_subnormal_far_bits = {lane_1_below[2], lane_1_below[3], lane_1_below[4],
      lane_1_below[5], lane_1_below[6], lane_1_below[7]};
  wire lane_1_subnormal_far = |lane_1_subnormal_far_bits;
  wire [3:0] lane_1_subnormal_or_far = lane_1_subnormal_far
      ? {3'b000, |lane_1_subnormal_1} : lane_1_subnormal_1;
  wire [7:0] lane_1_index = lane_1_index_or_zero & {8{lane_1_subnormal_or_far[3]}};

  // Lane 1: round: exponent, fraction and increment in one carry chain
  wire [1:0] lane_1_significand = lane_1_subnormal_or_far[3:2];
  wire lane_1_guards = lane_1_subnormal_or_far[1];
  wire lane_1_sticky = lane_1_subnormal_or_far[0];
  wire lane_1_round_up = lane_1_guards & (lane_1_sticky | lane_1_significand[0]);
  wire [10:0] lane_1_rounded = {2'b00, lane_1_index, lane_1_significand[0]}
      + {{9{1'b0}}, lane_1_significand[1], 1'b0} + {{10{1'b0}}, lane_1_round_up};

  // Lane 1: pack: overflow, then special values last
  wire [11:0] lane_1_overflow_borrow = 12'h7 - {1'b0, lane_1_rounded};
  wire lane_1_overflow = lane_1_overflow_borrow[11];
  wire [2:0] lane_1_code_limited = lane_1_overflow ? 3'b111 : lane_1_rounded[2:0];
  wire [3:0] lane_1_element = {lane_1_a_negative, lane_1_code_limited};

  // Lane 2: element
  wire [7:0] lane_2_exponent = {lane_2_a[14:8], lane_2_a_exponent_low};
  wire [8:0] lane_2_exponent_of_element = {1'b0, lane_2_exponent} + {1'b0, scale_complement};

  // Lane 2: normalise
  wire [9:0] lane_2_room = {1'b0, lane_2_exponent_of_element} + 10'h301;
  wire [2:0] lane_2_room_left = (lane_2_room[2:0] | {3{|lane_2_room[8:3]}}) & {3{~lane_2_room[9]}};
  wire lane_2_normal_2_clear = ~(|lane_2_a_significand[7:4]);
  wire lane_2_normal_2_move = lane_2_normal_2_clear & lane_2_room_left[2];
  wire lane_2_normal_2_room_decides = lane_2_normal_2_clear & ~lane_2_room_left[2];
  wire lane_2_normal_2_zeros_decide = ~lane_2_normal_2_clear & lane_2_room_left[2];
  wire [6:0] lane_2_normal_2 = lane_2_normal_2_move
      ? {lane_2_a_significand[3:0], 3'b000}
      : {lane_2_a_significand[7:2], |lane_2_a_significand[1:0]};
  wire lane_2_normal_1_clear = ~(|lane_2_normal_2[6:5]);
  wire lane_2_normal_1_move = (lane_2_normal_1_clear | lane_2_normal_2_room_decides)
      & (lane_2_room_left[1] | lane_2_normal_2_zeros_decide);
  wire lane_2_normal_1_room_decides = lane_2_normal_2_room_decides
      | (lane_2_normal_1_clear & ~lane_2_room_left[1] & ~lane_2_normal_2_zeros_decide);
  wire lane_2_normal_1_zeros_decide = lane_2_normal_2_zeros_decide
      | (~lane_2_normal_1_clear & lane_2_room_left[1] & ~lane_2_normal_2_room_decides);
  wire [4:0] lane_2_normal_1 = lane_2_normal_1_move
      ? lane_2_normal_2[4:0] : {lane_2_normal_2[6:3], |lane_2_normal_2[2:0]};
  wire lane_2_normal_0_clear = ~lane_2_normal_1[4];
  wire lane_2_normal_0_move = (lane_2_normal_0_clear | lane_2_normal_1_room_decides)
      & (lane_2_room_left[0] | lane_2_normal_1_zeros_decide);
  wire [3:0] lane_2_normal_0 = lane_2_normal_0_move
      ? lane_2_normal_1[3:0] : {lane_2_normal_1[4:2], |lane_2_normal_1[1:0]};
  wire [7:0] lane_2_index_or_zero = (lane_2_room[7:0] & {8{~lane_2_room[9]}})
      - {5'b00000, lane_2_normal_2_move, lane_2_normal_1_move, lane_2_normal_0_move};
  wire [3:0] lane_2_below_one = lane_2_room[9]
      ? {1'b0, lane_2_normal_0[3:2], |lane_2_normal_0[1:0]} : lane_2_normal_0;
  wire [7:0] lane_2_below = ~lane_2_room[7:0] & {8{lane_2_room[9]}};
  wire [3:0] lane_2_subnormal_0 = lane_2_below[0]
      ? {1'b0, lane_2_below_one[3:2], |lane_2_below_one[1:0]} : lane_2_below_one;
  wire [3:0] lane_2_subnormal_1 = lane_2_below[1]
      ? {2'b00, lane_2_subnormal_0[3], |lane_2_subnormal_0[2:0]} : lane_2_subnormal_0;
  wire [5:0] lane_2_subnormal_far_bits = {lane_2_below[2], lane_2_below[3], lane_2_below[4],
      lane_2_below[5], lane_2_below[6], lane_2_below[7]};
  wire lane_2_subnormal_far = |lane_2_subnormal_far_bits;
  wire [3:0] lane_2_subnormal_or_far = lane_2_subnormal_far
      ? {3'b000, |lane_2_subnormal_1} : lane_2_subnormal_1;
  wire [7:0] lane_2_index = lane_2_index_or_zero & {8{lane_2_subnormal_or_far[3]}};

  // Lane 2: round: exponent, fraction and increment in one carry chain
  wire [1:0] lane_2_significand = lane_2_subnormal_or_far[3:2];
  wire lane_2_guards = lane_2_subnormal_or_far[1];
  wire lane_2_sticky = lane_2_subnormal_or_far[0];
  wire lane_2_round_up = lane_2_guards & (lane_2_sticky | lane_2_significand[0]);
  wire [10:0] lane_2_rounded = {2'b00, lane_2_index, lane_2_significand[0]}
      + {{9{1'b0}}, lane_2_significand[1], 1'b0} + {{10{1'b0}}, lane_2_round_up};

  // Lane 2: pack: overflow, then special values last
  wire [11:0] lane_2_overflow_borrow = 12'h7 - {1'b0, lane_2_rounded};
  wire lane_2_overflow = lane_2_overflow_borrow[11];
  wire [2:0] lane_2_code_limited = lane_2_overflow ? 3'b111 : lane_2_rounded[2:0];
  wire [3:0] lane_2_element = {lane_2_a_negative, lane_2_code_limited};

  // Lane 3: element
  wire [7:0] lane_3_exponent = {lane_3_a[14:8], lane_3_a_exponent_low};
  wire [8:0] lane_3_exponent_of_element = {1'b0, lane_3_exponent} + {1'b0, scale_complement};

  // Lane 3: normalise
  wire [9:0] lane_3_room = {1'b0, lane_3_exponent_of_element} + 10'h301;
  wire [2:0] lane_3_room_left = (lane_3_room[2:0] | {3{|lane_3_room[8:3]}}) & {3{~lane_3_room[9]}};
  wire lane_3_normal_2_clear = ~(|lane_3_a_significand[7:4]);
  wire lane_3_normal_2_move = lane_3_normal_2_clear & lane_3_room_left[2];
  wire lane_3_normal_2_room_decides = lane_3_normal_2_clear & ~lane_3_room_left[2];
  wire lane_3_normal_2_zeros_decide = ~lane_3_normal_2_clear & lane_3_room_left[2];
  wire [6:0] lane_3_normal_2 = lane_3_normal_2_move
      ? {lane_3_a_significand[3:0], 3'b000}
      : {lane_3_a_significand[7:2], |lane_3_a_significand[1:0]};
  wire lane_3_normal_1_clear = ~(|lane_3_normal_2[6:5]);
  wire lane_3_normal_1_move = (lane_3_normal_1_clear | lane_3_normal_2_room_decides)
      & (lane_3_room_left[1] | lane_3_normal_2_zeros_decide);
  wire lane_3_normal_1_room_decides = lane_3_normal_2_room_decides
      | (lane_3_normal_1_clear & ~lane_3_room_left[1] & ~lane_3_normal_2_zeros_decide);
  wire lane_3_normal_1_zeros_decide = lane_3_normal_2_zeros_decide
      | (~lane_3_normal_1_clear & lane_3_room_left[1] & ~lane_3_normal_2_room_decides);
  wire [4:0] lane_3_normal_1 = lane_3_normal_1_move
      ? lane_3_normal_2[4:0] : {lane_3_normal_2[6:3], |lane_3_normal_2[2:0]};
  wire lane_3_normal_0_clear = ~lane_3_normal_1[4];
  wire lane_3_normal_0_move = (lane_3_normal_0_clear | lane_3_normal_1_room_decides)
      & (lane_3_room_left[0] | lane_3_normal_1_zeros_decide);
  wire [3:0] lane_3_normal_0 = lane_3_normal_0_move
      ? lane_3_normal_1[3:0] : {lane_3_normal_1[4:2], |lane_3_normal_1[1:0]};
  wire [7:0] lane_3_index_or_zero = (lane_3_room[7:0] & {8{~lane_3_room[9]}})
      - {5'b00000, lane_3_normal_2_move, lane_3_normal_1_move, lane_3_normal_0_move};
  wire [3:0] lane_3_below_one = lane_3_room[9]
      ? {1'b0, lane_3_normal_0[3:2], |lane_3_normal_0[1:0]} : lane_3_normal_0;
  wire [7:0] lane_3_below = ~lane_3_room[7:0] & {8{lane_3_room[9]}};
  wire [3:0] lane_3_subnormal_0 = lane_3_below[0]
      ? {1'b0, lane_3_below_one[3:2], |lane_3_below_one[1:0]} : lane_3_below_one;
  wire [3:0] lane_3_subnormal_1 = lane_3_below[1]
      ? {2'b00, lane_3_subnormal_0[3], |lane_3_subnormal_0[2:0]} : lane_3_subnormal_0;
  wire [5:0] lane_3_subnormal_far_bits = {lane_3_below[2], lane_3_below[3], lane_3_below[4],
      lane_3_below[5], lane_3_below[6], lane_3_below[7]};
  wire lane_3_subnormal_far = |lane_3_subnormal_far_bits;
  wire [3:0] lane_3_subnormal_or_far = lane_3_subnormal_far
      ? {3'b000, |lane_3_subnormal_1} : lane_3_subnormal_1;
  wire [7:0] lane_3_index = lane_3_index_or_zero & {8{lane_3_subnormal_or_far[3]}};

  // Lane 3: round: exponent, fraction and increment in one carry chain
  wire [1:0] lane_3_significand = lane_3_subnormal_or_far[3:2];
  wire lane_3_guards = lane_3_subnormal_or_far[1];
  wire lane_3_sticky = lane_3_subnormal_or_far[0];
  wire lane_3_round_up = lane_3_guards & (lane_3_sticky | lane_3_significand[0]);
  wire [10:0] lane_3_rounded = {2'b00, lane_3_index, lane_3_significand[0]}
      + {{9{1'b0}}, lane_3_significand[1], 1'b0} + {{10{1'b0}}, lane_3_round_up};

  // Lane 3: pack: overflow, then special values last
  wire [11:0] lane_3_overflow_borrow = 12'h7 - {1'b0, lane_3_rounded};
  wire lane_3_overflow = lane_3_overflow_borrow[11];
  wire [2:0] lane_3_code_limited = lane_3_overflow ? 3'b111 : lane_3_rounded[2:0];
  wire [3:0] lane_3_element = {lane_3_a_negative, lane_3_code_limited};
  wire is_special = lane_0_a_nan | lane_0_a_infinite | lane_1_a_nan | lane_1_a_infinite
      | lane_2_a_nan | lane_2_a_infinite | lane_3_a_nan | lane_3_a_infinite;
  wire [7:0] scale_or_nan = scale | {8{is_special}};

  // Bits that nothing reads, named so that linters know it is meant
  wire unused_bits = ^{max_0_0_difference[14:0], max_0_1_difference[14:0], max_1_0_difference[14:0],
      largest_normal_0[6:0], scale_room[9:0], lane_0_overflow_borrow[10:0],
      lane_1_overflow_borrow[10:0], lane_2_overflow_borrow[10:0], lane_3_overflow_borrow[10:0]};

  assign result_o = {lane_3_element, lane_2_element, lane_1_element, lane_0_element};
  assign scale_o = scale_or_nan;

endmodule : fewbit_mxquant_bfloat16_x4_to_e2m1_xilinx

`default_nettype wire
