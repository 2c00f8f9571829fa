// fewbit_sub_e5m2_e5m2_to_e5m2_xilinx - correctly rounded subtractor
//
//   result_o = round(a_i - b_i)
//
// Formats    a_i, b_i: e5m2 = 1 sign, 5 exponent, 2 fraction bits, bias 15, subnormals kept, Inf =
//            S.11111.00, NaN = S.11111 with a fraction other than 0, largest 57344
//            result_o: e5m2 = 1 sign, 5 exponent, 2 fraction bits, bias 15, subnormals kept, Inf =
//            S.11111.00, NaN = S.11111 with a fraction other than 0, largest 57344
// Rounding   to nearest, ties to even
// Overflow   infinity, or the largest finite value where the rounding says so
// Special    a NaN operand gives NaN
// Timing     combinational: latency 0
// Structure  aligned, for AMD cells (6-input tables, carry chains)
// Reproduce  fewbit emit sub --a e5m2 --b e5m2 --result e5m2 --target xilinx-usp
// Generator  fewbit 0.2.0
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_sub_e5m2_e5m2_to_e5m2_xilinx (
  input  wire  [7:0] a_i,
  input  wire  [7:0] b_i,
  output logic [7:0] result_o
);

  wire b_sign = ~b_i[7];

  // The operand with the larger magnitude code is the base
  wire [8:0] code_difference_and_carry = {1'b0, a_i[6:0], 1'b1} + {1'b0, ~b_i[6:0], ~a_i[7]};
  wire [7:0] code_difference = code_difference_and_carry[8:1];
  wire swap = ~code_difference[7];
  wire subtract = a_i[7] ^ b_sign;
  wire [4:0] a_field = a_i[6:2];
  wire [4:0] b_field = b_i[6:2];
  wire a_hidden = |a_field;
  wire b_hidden = |b_field;
  wire [6:0] large_code = swap ? b_i[6:0] : a_i[6:0];
  wire [1:0] small_fraction = swap ? a_i[1:0] : b_i[1:0];
  wire large_hidden = a_hidden | b_hidden;
  wire small_hidden = a_hidden & b_hidden;
  wire large_sign = swap ? b_sign : a_i[7];

  // Distance of the exponents; subnormal numbers have exponent 1
  wire one_less = a_hidden ^ b_hidden;
  wire [4:0] small_field = swap ? a_field : b_field;
  wire [4:0] distance = large_code[6:2] + ~small_field + {{4{1'b0}}, ~one_less};

  // Align the small significand
  wire special = &large_code[6:2];
  wire [5:0] aligned_0 = distance[0]
      ? {1'b0, small_hidden, small_fraction, 2'b00} : {small_hidden, small_fraction, 3'b000};
  wire [5:0] aligned_1 = distance[1] ? {2'b00, aligned_0[5:2]} : aligned_0;
  wire [5:0] aligned_2 = distance[2] ? {4'b0000, aligned_1[5], |aligned_1[4:3]} : aligned_1;
  wire near = ~(special | (|{distance[3], distance[4]}));
  wire [4:0] aligned = aligned_2[5:1] & {5{near}};

  // Add or subtract
  wire [2:0] large_significand = {large_hidden, large_code[1:0]};
  wire below_last_place = aligned[1] | aligned[0] | aligned_2[0];
  wire no_borrow = subtract & ~below_last_place;
  wire [3:0] addend = {subtract, aligned[4:2] ^ {3{subtract}}};
  wire [4:0] sum_and_carry = {1'b0, large_significand, 1'b1} + {addend, no_borrow};
  wire [3:0] sum = sum_and_carry[4:1];
  wire guard = aligned[1] ^ (subtract & (aligned[0] | aligned_2[0]));
  wire round = aligned[0] ^ (subtract & aligned_2[0]);

  // Normalise: one place right, or left to the leading one or the least exponent
  wire [4:0] exponent = {large_code[6:3], large_code[2] | ~large_hidden};
  wire left_0 = sum[3] | sum[2] | ~(|{large_code[3], large_code[4], large_code[5], large_code[6]});
  wire left_1 = sum[1] | ~(|{large_code[2], large_code[4], large_code[5], large_code[6]});
  wire left_1_or_2 = sum[1] | sum[0] | ~(|{large_code[4], large_code[5], large_code[6]});
  wire [2:0] significand = left_0
      ? (sum[3] ? sum[3:1] : sum[2:0])
      : (left_1_or_2 ? (left_1 ? {sum[1:0], guard} : {sum[0], guard, 1'b0}) : {guard, 2'b00});
  wire round_bit = left_0
      ? (sum[3] ? sum[0] : guard) : (left_1_or_2 ? (left_1 ? round : 1'b0) : 1'b0);
  wire below_round_bit = left_0 ? (sum[3] ? guard | round : round) : 1'b0;
  wire [4:0] exponent_change = left_0
      ? (sum[3] ? 5'b00001 : 5'b00000) : (left_1_or_2 ? (left_1 ? 5'b11111 : 5'b11110) : 5'b11101);

  // Round: exponent change and increment in one carry chain
  wire round_up = round_bit & (aligned_2[0] | below_round_bit | significand[0]);
  wire [6:0] rounded = {exponent, 1'b0, round_up} + {exponent_change, significand[1:0]};

  // Pack: special values last
  wire keep = significand[2];
  wire [4:0] field = rounded[6:2] & {5{keep}};
  wire field_ones = &field;
  wire operands_nan = special & ((|large_code[1:0]) | ((&small_field) & subtract));
  wire [7:0] result = {large_sign & ~operands_nan, field,
      (rounded[1:0] & {2{~field_ones}}) | {operands_nan, 1'b0}};

  // Bits that nothing reads, named so that linters know it is meant
  wire unused_bits = ^{code_difference_and_carry[0], code_difference[6:0], sum_and_carry[0]};

  assign result_o = result;

endmodule : fewbit_sub_e5m2_e5m2_to_e5m2_xilinx

`default_nettype wire
