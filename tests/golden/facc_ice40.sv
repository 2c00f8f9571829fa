// fewbit_facc_e4m3fn_to_binary16 - accumulator, rounded at each step
//
//   acc_o = round(a_i)                 where valid_i and first_i
//   acc_o = round(acc_o + a_i)         where valid_i alone
//
// Formats    a_i: e4m3fn = 1 sign, 4 exponent, 3 fraction bits, bias 7, subnormals kept, no Inf,
//            NaN = S.1111.111, largest 448
//            acc_o: binary16 = 1 sign, 5 exponent, 10 fraction bits, bias 15, subnormals kept, Inf
//            = S.11111.0000000000, NaN = S.11111 with a fraction other than 0, largest 65504
// Rounding   to nearest, ties to even
// Overflow   infinity, or the largest finite value where the rounding says so
// Special    a NaN operand gives NaN
// Timing     latency 2, one operation per cycle; acc_o holds between results
// Reset      async_low; clears the sum and acc_o
// Structure  exact_first, for iCE40 cells (a 4-input table with a carry)
// Reproduce  fewbit emit facc --a e4m3fn --result binary16
// Generator  fewbit 0.2.0
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_facc_e4m3fn_to_binary16 (
  input  wire  clk_i,
  input  wire  rst_ni,
  input  wire  valid_i,
  input  wire  first_i,
  input  wire  [7:0] a_i,
  output logic valid_o,
  output logic [15:0] acc_o
);

  logic valid_q;
  logic result_valid_q;
  logic [3:0] magnitude_q;
  logic negative_q;
  logic [3:0] exponent_q;
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
  wire [3:0] exponent = {a_i[6:4], a_exponent_low};

  // Stage 2: the sum of before, without it where a new one starts
  wire keep = ~first_q;
  wire acc_hidden = |acc_q[14:10];
  wire [10:0] acc_significand = {acc_hidden, acc_q[9:0]};
  wire acc_exponent_low = acc_q[10] | ~acc_hidden;
  wire acc_nan = (&acc_q[14:10]) & (|acc_q[9:0]);
  wire acc_infinite = acc_q[14:0] == 15'h7c00;
  wire [10:0] acc_kept = acc_significand & {11{keep}};
  wire acc_kept_nan = acc_nan & keep;
  wire acc_kept_infinite = acc_infinite & keep;
  wire acc_sign = first_q ? sign_q : acc_q[15];
  wire sum_nan = nan_q | acc_kept_nan;
  wire sum_infinite = acc_kept_infinite & ~sum_nan;
  wire [4:0] acc_value_exponent = {acc_q[14:11], acc_exponent_low};

  // Larger exponent first; a zero comes last
  wire [4:0] exponent_a = {1'b0, exponent_q} + 5'b01111;
  wire [5:0] a_ahead = {1'b0, exponent_a} - {1'b0, acc_value_exponent};
  wire [4:0] b_ahead = acc_value_exponent - exponent_a;
  wire magnitude_a_zero = ~(|magnitude_q);
  wire magnitude_b_zero = ~(|acc_kept);
  wire swap = (magnitude_a_zero | (a_ahead[5] & ~magnitude_b_zero)) & keep;
  wire [4:0] distance = swap ? b_ahead : a_ahead[4:0];
  wire [4:0] exponent_large = swap ? acc_value_exponent : exponent_a;
  wire [10:0] large_ = swap ? acc_kept : {7'b0000000, magnitude_q};
  wire [10:0] small_ = swap ? {7'b0000000, magnitude_q} : acc_kept;
  wire large_negative = swap ? acc_sign : negative_q;
  wire subtract = negative_q ^ acc_sign;

  // Align the smaller one, add
  wire [23:0] small_placed = {small_, {13{1'b0}}};
  wire [23:0] small_0 = distance[0] ? {1'b0, small_placed[23:2], |small_placed[1:0]} : small_placed;
  wire [23:0] small_1 = distance[1] ? {2'b00, small_0[23:3], |small_0[2:0]} : small_0;
  wire [23:0] small_2 = distance[2] ? {4'b0000, small_1[23:5], |small_1[4:0]} : small_1;
  wire [23:0] small_3 = distance[3] ? {8'b00000000, small_2[23:9], |small_2[8:0]} : small_2;
  wire [23:0] small_4 = distance[4] ? {{16{1'b0}}, small_3[23:17], |small_3[16:0]} : small_3;
  wire [25:0] addend = {2'b00, small_4} ^ {26{subtract}};
  wire [25:0] sum = {2'b00, large_, {13{1'b0}}} + addend + {{25{1'b0}}, subtract};
  wire [24:0] magnitude = (sum[24:0] ^ {25{sum[25]}}) + {{24{1'b0}}, sum[25]};
  wire sum_zero = ~(|magnitude);
  wire sum_sign = large_negative ^ sum[25];
  wire result_negative = sum_infinite ? acc_sign : (sum_zero ? sign_q & acc_sign : sum_sign);

  // Normalise
  wire normal_4_clear = ~(|magnitude[24:9]);
  wire normal_4_move = normal_4_clear & exponent_large[4];
  wire normal_4_room_decides = normal_4_clear & ~exponent_large[4];
  wire normal_4_zeros_decide = ~normal_4_clear & exponent_large[4];
  wire [24:0] normal_4 = normal_4_move ? {magnitude[8:0], {16{1'b0}}} : magnitude;
  wire normal_3_clear = ~(|normal_4[24:17]);
  wire normal_3_move = (normal_3_clear | normal_4_room_decides)
      & (exponent_large[3] | normal_4_zeros_decide);
  wire normal_3_room_decides = normal_4_room_decides
      | (normal_3_clear & ~exponent_large[3] & ~normal_4_zeros_decide);
  wire normal_3_zeros_decide = normal_4_zeros_decide
      | (~normal_3_clear & exponent_large[3] & ~normal_4_room_decides);
  wire [19:0] normal_3 = normal_3_move
      ? {normal_4[16:0], 3'b000} : {normal_4[24:6], |normal_4[5:0]};
  wire normal_2_clear = ~(|normal_3[19:16]);
  wire normal_2_move = (normal_2_clear | normal_3_room_decides)
      & (exponent_large[2] | normal_3_zeros_decide);
  wire normal_2_room_decides = normal_3_room_decides
      | (normal_2_clear & ~exponent_large[2] & ~normal_3_zeros_decide);
  wire normal_2_zeros_decide = normal_3_zeros_decide
      | (~normal_2_clear & exponent_large[2] & ~normal_3_room_decides);
  wire [15:0] normal_2 = normal_2_move ? normal_3[15:0] : {normal_3[19:5], |normal_3[4:0]};
  wire normal_1_clear = ~(|normal_2[15:14]);
  wire normal_1_move = (normal_1_clear | normal_2_room_decides)
      & (exponent_large[1] | normal_2_zeros_decide);
  wire normal_1_room_decides = normal_2_room_decides
      | (normal_1_clear & ~exponent_large[1] & ~normal_2_zeros_decide);
  wire normal_1_zeros_decide = normal_2_zeros_decide
      | (~normal_1_clear & exponent_large[1] & ~normal_2_room_decides);
  wire [13:0] normal_1 = normal_1_move ? normal_2[13:0] : {normal_2[15:3], |normal_2[2:0]};
  wire normal_0_clear = ~normal_1[13];
  wire normal_0_move = (normal_0_clear | normal_1_room_decides)
      & (exponent_large[0] | normal_1_zeros_decide);
  wire [12:0] normal_0 = normal_0_move ? normal_1[12:0] : {normal_1[13:2], |normal_1[1:0]};
  wire [4:0] index_or_zero = exponent_large
      - {normal_4_move, normal_3_move, normal_2_move, normal_1_move, normal_0_move};
  wire [4:0] index = index_or_zero & {5{normal_0[12]}};

  // Round: exponent, fraction and increment in one carry chain
  wire [10:0] significand = normal_0[12:2];
  wire guards = normal_0[1];
  wire sticky = normal_0[0];
  wire round_up = guards & (sticky | significand[0]);
  wire [16:0] rounded = {2'b00, index, significand[9:0]} + {6'b000000, significand[10], {10{1'b0}}}
      + {{16{1'b0}}, round_up};

  // Pack: overflow, then special values last
  wire [17:0] overflow_borrow = 18'h7bff - {1'b0, rounded};
  wire overflow = overflow_borrow[17];
  wire [14:0] code_limited = overflow ? 15'h7c00 : rounded[14:0];
  wire [14:0] code_or_infinity = sum_infinite ? 15'h7c00 : code_limited;
  wire [15:0] next = sum_nan ? 16'h7e00 : {result_negative, code_or_infinity};

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
    magnitude_q <= a_significand;
    negative_q <= a_negative;
    exponent_q <= exponent;
    sign_q <= a_i[7];
    nan_q <= a_nan;
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

endmodule : fewbit_facc_e4m3fn_to_binary16

`default_nettype wire
