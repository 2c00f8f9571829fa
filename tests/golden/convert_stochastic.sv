// fewbit_convert_binary16_to_e4m3fn_stochastic_b_r8 - converter
//
//   result_o = round(a_i)
//
// Formats    a_i: binary16 = 1 sign, 5 exponent, 10 fraction bits, bias 15, subnormals kept, Inf =
//            S.11111.0000000000, NaN = S.11111 with a fraction other than 0, largest 65504
//            random_i: uint8 = 8 bits, unsigned
//            result_o: e4m3fn = 1 sign, 4 exponent, 3 fraction bits, bias 7, subnormals kept, no
//            Inf, NaN = S.1111.111, largest 448
// Rounding   stochastic_b of P3109 with the bits of random_i
// Overflow   largest finite value of the sign
// Special    a NaN operand gives NaN
// Timing     combinational: latency 0
// Structure  exact_first, for iCE40 cells (a 4-input table with a carry)
// Reproduce  fewbit emit convert --a binary16 --result e4m3fn --rounding stochastic_b --random-bits 8
// Generator  fewbit 0.2.0
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_convert_binary16_to_e4m3fn_stochastic_b_r8 (
  input  wire  [15:0] a_i,
  input  wire  [7:0] random_i,
  output logic [7:0] result_o
);

  // Unpack
  wire a_negative = a_i[15];
  wire a_hidden = |a_i[14:10];
  wire [10:0] a_significand = {a_hidden, a_i[9:0]};
  wire a_exponent_low = a_i[10] | ~a_hidden;
  wire a_nan = (&a_i[14:10]) & (|a_i[9:0]);
  wire a_infinite = a_i[14:0] == 15'h7c00;
  wire [4:0] exponent = {a_i[14:11], a_exponent_low};

  // Normalise
  wire [5:0] room = {1'b0, exponent} + 6'b110111;
  wire [13:0] normal_kept = {a_significand, 3'b000};
  wire [4:0] index_or_zero = room[4:0] & {5{~room[5]}};
  wire [13:0] below_one = room[5] ? {1'b0, normal_kept[13:2], |normal_kept[1:0]} : normal_kept;
  wire [3:0] below = ~room[3:0] & {4{room[5]}};
  wire [13:0] subnormal_0 = below[0] ? {1'b0, below_one[13:2], |below_one[1:0]} : below_one;
  wire [13:0] subnormal_1 = below[1] ? {2'b00, subnormal_0[13:3], |subnormal_0[2:0]} : subnormal_0;
  wire [13:0] subnormal_2 = below[2]
      ? {4'b0000, subnormal_1[13:5], |subnormal_1[4:0]} : subnormal_1;
  wire [13:0] subnormal_3 = below[3]
      ? {8'b00000000, subnormal_2[13:9], |subnormal_2[8:0]} : subnormal_2;
  wire [4:0] index = index_or_zero & {5{subnormal_3[13]}};

  // Round: exponent, fraction and increment in one carry chain
  wire [3:0] significand = subnormal_3[13:10];
  wire [8:0] guards = subnormal_3[9:1];
  wire [9:0] random_sum = {1'b0, guards} + {1'b0, random_i, 1'b1};
  wire round_up = random_sum[9];
  wire [9:0] rounded = {2'b00, index, significand[2:0]} + {6'b000000, significand[3], 3'b000}
      + {{9{1'b0}}, round_up};

  // Pack: overflow, then special values last
  wire [10:0] overflow_borrow = 11'h7e - {1'b0, rounded};
  wire overflow = overflow_borrow[10];
  wire [6:0] code_limited = overflow ? 7'b1111110 : rounded[6:0];
  wire [6:0] code_or_infinity = a_infinite ? 7'b1111110 : code_limited;
  wire [7:0] result = a_nan ? 8'b01111111 : {a_negative, code_or_infinity};

  // Bits that nothing reads, named so that linters know it is meant
  wire unused_bits = ^{subnormal_3[0], random_sum[8:0], overflow_borrow[9:0]};

  assign result_o = result;

endmodule : fewbit_convert_binary16_to_e4m3fn_stochastic_b_r8

`default_nettype wire
