// fewbit_min_e4m3fn_int8_to_e5m2_ignore_nan_xilinx - correctly rounded minimum
//
//   result_o = round(min(a_i, b_i))
//
// Formats    a_i: e4m3fn = 1 sign, 4 exponent, 3 fraction bits, bias 7, subnormals kept, no Inf,
//            NaN = S.1111.111, largest 448
//            b_i: int8 = 8 bits, two's complement
//            result_o: e5m2 = 1 sign, 5 exponent, 2 fraction bits, bias 15, subnormals kept, Inf =
//            S.11111.00, NaN = S.11111 with a fraction other than 0, largest 57344
// Rounding   to nearest, ties to even
// Overflow   infinity, or the largest finite value where the rounding says so
// Special    NaN operands alone give NaN
// NaN        beside a number: the number
// Zero       -0 is below +0
// Timing     combinational: latency 0
// Structure  exact_first, for AMD cells (6-input tables, carry chains)
// Reproduce  fewbit emit min --a e4m3fn --b int8 --result e5m2 --nan ignore --target xilinx-usp
// Generator  fewbit 0.2.0
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_min_e4m3fn_int8_to_e5m2_ignore_nan_xilinx (
  input  wire  [7:0] a_i,
  input  wire  signed [7:0] b_i,
  output logic [7:0] result_o
);

  // Unpack
  wire a_hidden = |a_i[6:3];
  wire [3:0] a_significand = {a_hidden, a_i[2:0]};
  wire a_exponent_low = a_i[3] | ~a_hidden;
  wire a_nan = &a_i[6:0];
  wire b_negative = b_i[7];
  wire [7:0] b_magnitude = (b_i ^ {8{b_negative}}) + {7'b0000000, b_negative};

  // Which number is larger
  wire [3:0] a_value_stay = {a_i[6:4], a_exponent_low};
  wire [4:0] a_value_aligned_0 = a_value_stay[0] ? {a_significand, 1'b0} : {1'b0, a_significand};
  wire [6:0] a_value_aligned_1 = a_value_stay[1]
      ? {a_value_aligned_0, 2'b00} : {2'b00, a_value_aligned_0};
  wire [10:0] a_value_aligned_2 = a_value_stay[2]
      ? {a_value_aligned_1, 4'b0000} : {4'b0000, a_value_aligned_1};
  wire [17:0] a_value_aligned_3 = a_value_stay[3]
      ? {a_value_aligned_2, 7'b0000000} : {8'b00000000, a_value_aligned_2[10:1]};
  wire [17:0] b_placed = {1'b0, b_magnitude, {9{1'b0}}};
  wire a_magnitude_below = a_value_aligned_3 < b_placed;
  wire b_larger = (a_i[7] & ~b_i[7]) | (~(a_i[7] ^ b_i[7]) & (a_i[7] ^ a_magnitude_below));
  wire take_b = a_nan | ~b_larger;
  wire [17:0] magnitude = take_b ? b_placed : a_value_aligned_3;
  wire negative = take_b ? b_i[7] : a_i[7];

  // Normalise
  wire normal_0_stay = |magnitude[17:11];
  wire [19:0] normal_0 = normal_0_stay
      ? {{9{1'b0}}, magnitude[17:8], |magnitude[7:0]} : {magnitude[10:0], {9{1'b0}}};
  wire normal_1_stay = |normal_0[19:12];
  wire [11:0] normal_1 = normal_1_stay ? {normal_0[19:9], |normal_0[8:0]} : normal_0[11:0];
  wire normal_2_stay = |normal_1[11:8];
  wire [7:0] normal_2 = normal_2_stay ? {normal_1[11:5], |normal_1[4:0]} : normal_1[7:0];
  wire normal_3_stay = |normal_2[7:6];
  wire [5:0] normal_3 = normal_3_stay ? {normal_2[7:3], |normal_2[2:0]} : normal_2[5:0];
  wire normal_4_stay = normal_3[5];
  wire [4:0] normal_4 = normal_4_stay ? {normal_3[5:2], |normal_3[1:0]} : normal_3[4:0];

  // Round: exponent, fraction and increment in one carry chain
  wire [2:0] significand = normal_4[4:2];
  wire guards = normal_4[1];
  wire sticky = normal_4[0];
  wire round_up = guards & (sticky | significand[0]);
  wire [8:0] rounded = {2'b00, normal_0_stay, normal_1_stay, normal_2_stay, normal_3_stay,
      normal_4_stay, significand[1:0]} + {6'b000000, significand[2], 2'b00} + {{8{1'b0}}, round_up};

  // Pack: overflow, then special values last
  wire [9:0] overflow_borrow = 10'h7b - {1'b0, rounded};
  wire overflow = overflow_borrow[9];
  wire [6:0] code_limited = overflow ? 7'b1111100 : rounded[6:0];
  wire [7:0] result = {negative, code_limited};

  // Bits that nothing reads, named so that linters know it is meant
  wire unused_bits = ^{overflow_borrow[8:0]};

  assign result_o = result;

endmodule : fewbit_min_e4m3fn_int8_to_e5m2_ignore_nan_xilinx

`default_nettype wire
