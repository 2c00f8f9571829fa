// fewbit_fmac_e4m3fn_e4m3fn_to_bfloat16_ecp5 - multiply-accumulate, rounded at each step
//
//   acc_o = round(a_i * b_i)           where valid_i and first_i
//   acc_o = round(acc_o + a_i * b_i)   where valid_i alone
//
// Formats    a_i, b_i: e4m3fn = 1 sign, 4 exponent, 3 fraction bits, bias 7, subnormals kept, no
//            Inf, NaN = S.1111.111, largest 448
//            acc_o: bfloat16 = 1 sign, 8 exponent, 7 fraction bits, bias 127, subnormals kept, Inf
//            = S.11111111.0000000, NaN = S.11111111 with a fraction other than 0, largest
//            3.38953e+38
// Rounding   to nearest, ties to even
// Overflow   infinity, or the largest finite value where the rounding says so
// Special    a NaN operand gives NaN
// Timing     latency 2, one operation per cycle; acc_o holds between results
// Reset      async_low; clears the sum and acc_o
// Structure  exact_first, for ECP5 cells (4-input tables, 2-bit carries)
// Reproduce  fewbit emit fmac --a e4m3fn --b e4m3fn --result bfloat16 --target ecp5
// Generator  fewbit 0.2.0
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_fmac_e4m3fn_e4m3fn_to_bfloat16_ecp5 (
  input  wire  clk_i,
  input  wire  rst_ni,
  input  wire  valid_i,
  input  wire  first_i,
  input  wire  [7:0] a_i,
  input  wire  [7:0] b_i,
  output logic valid_o,
  output logic [15:0] acc_o
);

  logic valid_q;
  logic result_valid_q;
  logic [7:0] magnitude_q;
  logic negative_q;
  logic [4:0] exponent_q;
  logic sign_q;
  logic nan_q;
  logic first_q;
  logic [15:0] acc_q;

  // Unpack
  wire a_negative = a_i[7];
  wire a_hidden = |a_i[6:3];
  wire [3:0] a_significand = {a_hidden, a_i[2:0]};
  wire a_exponent_low = a_i[3] | ~a_hidden;
  wire a_nan = &a_i[6:0];
  wire b_negative = b_i[7];
  wire b_hidden = |b_i[6:3];
  wire [3:0] b_significand = {b_hidden, b_i[2:0]};
  wire b_exponent_low = b_i[3] | ~b_hidden;
  wire b_nan = &b_i[6:0];
  wire is_nan = a_nan | b_nan;

  // Exact product
  wire [5:0] partial_0_index = {b_significand[1:0], a_significand};
  // TwoBitRow: a times two bits of b, by {bits of b, a}
  localparam logic [63:0] TwoBitRow5 = 64'hf800000000000000;
  wire partial_0_5 = TwoBitRow5[partial_0_index];
  localparam logic [63:0] TwoBitRow4 = 64'h7c0ff0000000000;
  wire partial_0_4 = TwoBitRow4[partial_0_index];
  localparam logic [63:0] TwoBitRow3 = 64'hc738f0f0ff000000;
  wire partial_0_3 = TwoBitRow3[partial_0_index];
  localparam logic [63:0] TwoBitRow2 = 64'hb4b4ccccf0f00000;
  wire partial_0_2 = TwoBitRow2[partial_0_index];
  localparam logic [63:0] TwoBitRow1 = 64'h6666aaaacccc0000;
  wire partial_0_1 = TwoBitRow1[partial_0_index];
  localparam logic [63:0] TwoBitRow0 = 64'haaaa0000aaaa0000;
  wire partial_0_0 = TwoBitRow0[partial_0_index];
  wire [5:0] partial_0 = {partial_0_5, partial_0_4, partial_0_3, partial_0_2, partial_0_1,
      partial_0_0};
  wire [5:0] partial_1_index = {b_significand[3:2], a_significand};
  wire partial_1_5 = TwoBitRow5[partial_1_index];
  wire partial_1_4 = TwoBitRow4[partial_1_index];
  wire partial_1_3 = TwoBitRow3[partial_1_index];
  wire partial_1_2 = TwoBitRow2[partial_1_index];
  wire partial_1_1 = TwoBitRow1[partial_1_index];
  wire partial_1_0 = TwoBitRow0[partial_1_index];
  wire [5:0] partial_1 = {partial_1_5, partial_1_4, partial_1_3, partial_1_2, partial_1_1,
      partial_1_0};
  wire [5:0] row_1 = {2'b00, partial_0[5:2]} + partial_1;
  wire [7:0] product = {row_1, partial_0[1:0]};
  wire negative = a_negative ^ b_negative;
  wire [4:0] exponent = {1'b0, a_i[6:4], a_exponent_low} + {1'b0, b_i[6:4], b_exponent_low};

  // Stage 2: the sum of before, without it where a new one starts
  wire keep = ~first_q;
  wire acc_hidden = |acc_q[14:7];
  wire [7:0] acc_significand = {acc_hidden, acc_q[6:0]};
  wire acc_exponent_low = acc_q[7] | ~acc_hidden;
  wire acc_nan = (&acc_q[14:7]) & (|acc_q[6:0]);
  wire acc_infinite = acc_q[14:0] == 15'h7f80;
  wire [7:0] acc_kept = acc_significand & {8{keep}};
  wire acc_kept_nan = acc_nan & keep;
  wire acc_kept_infinite = acc_infinite & keep;
  wire acc_sign = first_q ? sign_q : acc_q[15];
  wire sum_nan = nan_q | acc_kept_nan;
  wire sum_infinite = acc_kept_infinite & ~sum_nan;
  wire [7:0] acc_value_exponent = {acc_q[14:8], acc_exponent_low};

  // Larger exponent first; a zero comes last
  wire [7:0] exponent_a = {3'b000, exponent_q} + 8'b01110010;
  wire [8:0] a_ahead = {1'b0, exponent_a} - {1'b0, acc_value_exponent};
  wire [7:0] b_ahead = acc_value_exponent - exponent_a;
  wire magnitude_a_zero = ~(|magnitude_q);
  wire magnitude_b_zero = ~(|acc_kept);
  wire swap = (magnitude_a_zero | (a_ahead[8] & ~magnitude_b_zero)) & keep;
  wire [7:0] distance = swap ? b_ahead : a_ahead[7:0];
  wire [7:0] exponent_large = swap ? acc_value_exponent : exponent_a;
  wire [7:0] large_ = swap ? acc_kept : magnitude_q;
  wire [7:0] small_ = swap ? magnitude_q : acc_kept;
  wire large_negative = swap ? acc_sign : negative_q;
  wire subtract = negative_q ^ acc_sign;

  // Align the smaller one, add
  wire [17:0] small_placed = {small_, {10{1'b0}}};
  wire [17:0] small_0 = distance[0] ? {1'b0, small_placed[17:2], |small_placed[1:0]} : small_placed;
  wire [17:0] small_1 = distance[1] ? {2'b00, small_0[17:3], |small_0[2:0]} : small_0;
  wire [17:0] small_2 = distance[2] ? {4'b0000, small_1[17:5], |small_1[4:0]} : small_1;
  wire [17:0] small_3 = distance[3] ? {8'b00000000, small_2[17:9], |small_2[8:0]} : small_2;
  wire [17:0] small_4 = distance[4] ? {{16{1'b0}}, small_3[17], |small_3[16:0]} : small_3;
  wire [2:0] small_far_bits = {distance[5], distance[6], distance[7]};
  wire small_far = |small_far_bits;
  wire [17:0] small_or_far = small_far ? {{17{1'b0}}, |small_4} : small_4;
  wire [19:0] addend = {2'b00, small_or_far} ^ {20{subtract}};
  wire [19:0] sum = {2'b00, large_, {10{1'b0}}} + addend + {{19{1'b0}}, subtract};
  wire [18:0] magnitude = (sum[18:0] ^ {19{sum[19]}}) + {{18{1'b0}}, sum[19]};
  wire sum_zero = ~(|magnitude);
  wire sum_sign = large_negative ^ sum[19];
  wire result_negative = sum_infinite ? acc_sign : (sum_zero ? sign_q & acc_sign : sum_sign);

  // Normalise
  wire [4:0] room_left = exponent_large[4:0] | {5{|exponent_large[7:5]}};
  wire normal_4_clear = ~(|magnitude[18:3]);
  wire normal_4_move = normal_4_clear & room_left[4];
  wire normal_4_room_decides = normal_4_clear & ~room_left[4];
  wire normal_4_zeros_decide = ~normal_4_clear & room_left[4];
  wire [18:0] normal_4 = normal_4_move ? {magnitude[2:0], {16{1'b0}}} : magnitude;
  wire normal_3_clear = ~(|normal_4[18:11]);
  wire normal_3_move = (normal_3_clear | normal_4_room_decides)
      & (room_left[3] | normal_4_zeros_decide);
  wire normal_3_room_decides = normal_4_room_decides
      | (normal_3_clear & ~room_left[3] & ~normal_4_zeros_decide);
  wire normal_3_zeros_decide = normal_4_zeros_decide
      | (~normal_3_clear & room_left[3] & ~normal_4_room_decides);
  wire [16:0] normal_3 = normal_3_move
      ? {normal_4[10:0], 6'b000000} : {normal_4[18:3], |normal_4[2:0]};
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
  wire [7:0] index_or_zero = exponent_large
      - {3'b000, normal_4_move, normal_3_move, normal_2_move, normal_1_move, normal_0_move};
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
  wire [15:0] next = sum_nan ? 16'h7fc0 : {result_negative, code_or_infinity};

  // Bits that nothing reads, named so that linters know it is meant
  wire unused_bits = ^{overflow_borrow[16:0]};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
      result_valid_q <= 1'b0;
    end else begin
      valid_q <= valid_i;
      result_valid_q <= valid_q;
    end
  end

  always_ff @(posedge clk_i) begin
    magnitude_q <= product;
    negative_q <= negative;
    exponent_q <= exponent;
    sign_q <= a_i[7] ^ b_i[7];
    nan_q <= is_nan;
    first_q <= first_i;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      acc_q <= {16{1'b0}};
    end else if (valid_q) begin
      acc_q <= next;
    end
  end

  assign valid_o = result_valid_q;
  assign acc_o = acc_q;

endmodule : fewbit_fmac_e4m3fn_e4m3fn_to_bfloat16_ecp5

`default_nettype wire
