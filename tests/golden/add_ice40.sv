// fewbit_add_e4m3fn_e4m3fn_to_e4m3fn - correctly rounded adder
//
//   result_o = round(a_i + b_i)
//
// Formats    a_i, b_i: e4m3fn = 1 sign, 4 exponent, 3 fraction bits, bias 7, subnormals kept, no
//            Inf, NaN = S.1111.111, largest 448
//            result_o: e4m3fn = 1 sign, 4 exponent, 3 fraction bits, bias 7, subnormals kept, no
//            Inf, NaN = S.1111.111, largest 448
// Rounding   to nearest, ties to even
// Overflow   largest finite value of the sign
// Special    a NaN operand gives NaN
// Timing     combinational: latency 0
// Structure  aligned, for iCE40 cells (a 4-input table with a carry)
// Reproduce  fewbit emit add --a e4m3fn --b e4m3fn --result e4m3fn
// Generator  fewbit 0.2.0
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_add_e4m3fn_e4m3fn_to_e4m3fn (
  input  wire  [7:0] a_i,
  input  wire  [7:0] b_i,
  output logic [7:0] result_o
);

  // The operand with the larger magnitude code is the base
  wire [7:0] code_difference = {1'b0, a_i[6:0]} + {1'b0, ~b_i[6:0]} + {{7{1'b0}}, ~a_i[7]};
  wire swap = ~code_difference[7];
  wire subtract = a_i[7] ^ b_i[7];
  wire [3:0] a_field = a_i[6:3];
  wire [3:0] b_field = b_i[6:3];
  wire a_hidden = |a_field;
  wire b_hidden = |b_field;
  wire [6:0] large_code = swap ? b_i[6:0] : a_i[6:0];
  wire [2:0] small_fraction = swap ? a_i[2:0] : b_i[2:0];
  wire large_hidden = a_hidden | b_hidden;
  wire small_hidden = a_hidden & b_hidden;
  wire large_sign = swap ? b_i[7] : a_i[7];

  // Distance of the exponents; subnormal numbers have exponent 1
  wire one_less = a_hidden ^ b_hidden;
  wire distance_carry = ~(swap ^ one_less);
  wire [3:0] field_difference = a_field + ~b_field + {{3{1'b0}}, distance_carry};
  wire [3:0] distance = field_difference ^ {4{swap}};

  // Align the small significand
  wire special = &large_code;
  wire [6:0] aligned_0 = distance[0]
      ? {1'b0, small_hidden, small_fraction, 2'b00} : {small_hidden, small_fraction, 3'b000};
  wire [6:0] aligned_1 = distance[1] ? {2'b00, aligned_0[6:2]} : aligned_0;
  wire [6:0] aligned_2 = distance[2] ? {4'b0000, aligned_1[6:5], |aligned_1[4:2]} : aligned_1;
  wire near = ~(special | distance[3]);
  wire [5:0] aligned = aligned_2[6:1] & {6{near}};

  // Add or subtract
  wire [3:0] large_significand = {large_hidden, large_code[2:0]};
  wire below_last_place = aligned[1] | aligned[0] | aligned_2[0];
  wire no_borrow = subtract & ~below_last_place;
  wire [4:0] addend = {subtract, aligned[5:2] ^ {4{subtract}}};
  wire [4:0] sum = {1'b0, large_significand} + addend + {{4{1'b0}}, no_borrow};
  wire guard = aligned[1] ^ (subtract & (aligned[0] | aligned_2[0]));
  wire round = aligned[0] ^ (subtract & aligned_2[0]);

  // Normalise: one place right, or left to the leading one or the least exponent
  wire [3:0] exponent = {large_code[6:4], large_code[3] | ~large_hidden};
  wire left_0 = sum[4] | sum[3] | ~(|{large_code[4], large_code[5], large_code[6]});
  wire left_1 = sum[2] | ~(|{large_code[3], large_code[5], large_code[6]});
  wire left_3 = sum[0] | ~(|{large_code[3], large_code[4], large_code[6]});
  wire left_1_or_2 = sum[2] | sum[1] | ~(|{large_code[5], large_code[6]});
  wire [3:0] significand = left_0
      ? (sum[4] ? sum[4:1] : sum[3:0])
      : (left_1_or_2
      ? (left_1 ? {sum[2:0], guard} : {sum[1:0], guard, 1'b0})
      : (left_3 ? {sum[0], guard, 2'b00} : {guard, 3'b000}));
  wire round_bit = left_0
      ? (sum[4] ? sum[0] : guard) : (left_1_or_2 ? (left_1 ? round : 1'b0) : 1'b0);
  wire below_round_bit = left_0 ? (sum[4] ? guard | round : round) : 1'b0;
  wire [4:0] exponent_change = left_0
      ? (sum[4] ? 5'b00001 : 5'b00000)
      : (left_1_or_2 ? (left_1 ? 5'b11111 : 5'b11110) : (left_3 ? 5'b11101 : 5'b11100));

  // Round: exponent change and increment in one carry chain
  wire round_up = round_bit & (aligned_2[0] | below_round_bit | significand[0]);
  wire [7:0] rounded = {1'b0, exponent, 2'b00, round_up} + {exponent_change, significand[2:0]};

  // Pack: special values last
  wire keep = significand[3];
  wire too_large = rounded[7] & significand[3];
  wire [6:0] code = {rounded[6:3] & {4{keep}}, rounded[2:0]};
  wire limit = (too_large | (&code[6:1])) & ~special;
  wire [7:0] result = {large_sign & ~special, code[6:1] | {6{too_large}}, code[0] & ~limit};

  // Bits that nothing reads, named so that linters know it is meant
  wire unused_bits = ^{code_difference[6:0]};

  assign result_o = result;

endmodule : fewbit_add_e4m3fn_e4m3fn_to_e4m3fn

`default_nettype wire
