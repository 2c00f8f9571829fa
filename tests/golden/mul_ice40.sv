// fewbit_mul_e4m3fn_e4m3fn_to_e4m3fn - correctly rounded multiplier
//
//   result_o = round(a_i * b_i)
//
// Formats    a_i, b_i: e4m3fn = 1 sign, 4 exponent, 3 fraction bits, bias 7, subnormals kept, no
//            Inf, NaN = S.1111.111, largest 448
//            result_o: e4m3fn = 1 sign, 4 exponent, 3 fraction bits, bias 7, subnormals kept, no
//            Inf, NaN = S.1111.111, largest 448
// Rounding   to nearest, ties to even
// Overflow   largest finite value of the sign
// Special    a NaN operand gives NaN
// Timing     combinational: latency 0
// Structure  code_sum, for iCE40 cells (a 4-input table with a carry)
// Reproduce  fewbit emit mul --a e4m3fn --b e4m3fn --result e4m3fn
// Generator  fewbit 0.2.0
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_mul_e4m3fn_e4m3fn_to_e4m3fn (
  input  wire  [7:0] a_i,
  input  wire  [7:0] b_i,
  output logic [7:0] result_o
);

  // Unpack
  wire [3:0] a_field = a_i[6:3];
  wire [2:0] a_fraction = a_i[2:0];
  wire a_subnormal = ~(|a_field);
  wire [3:0] b_field = b_i[6:3];
  wire [2:0] b_fraction = b_i[2:0];
  wire b_subnormal = ~(|b_field);

  // Subnormal operands made normal
  wire a_below = a_subnormal & ~a_fraction[2];
  wire [3:0] a_normal_index = {a_subnormal, a_fraction};
  // NormalFraction: the fraction; of a subnormal, behind its leading one
  localparam logic [15:0] NormalFraction2 = 16'hc8f0;
  wire a_normal_2 = NormalFraction2[a_normal_index];
  localparam logic [15:0] NormalFraction1 = 16'ha0cc;
  wire a_normal_1 = NormalFraction1[a_normal_index];
  localparam logic [15:0] NormalFraction0 = 16'haa;
  wire a_normal_0 = NormalFraction0[a_normal_index];
  wire [2:0] a_normal = {a_normal_2, a_normal_1, a_normal_0};
  wire a_ones = a_below & (|a_fraction[1:0]);
  wire [3:0] a_exponent = {a_field[3:1] | {3{a_ones}}, a_field[0] | (a_below & a_fraction[1])};
  wire b_below = b_subnormal & ~b_fraction[2];
  wire [3:0] b_normal_index = {b_subnormal, b_fraction};
  wire b_normal_2 = NormalFraction2[b_normal_index];
  wire b_normal_1 = NormalFraction1[b_normal_index];
  wire b_normal_0 = NormalFraction0[b_normal_index];
  wire [2:0] b_normal = {b_normal_2, b_normal_1, b_normal_0};
  wire b_ones = b_below & (|b_fraction[1:0]);
  wire [3:0] b_exponent = {b_field[3:1] | {3{b_ones}}, b_field[0] | (b_below & b_fraction[1])};

  // Exponents, fractions and rounding in one sum
  wire [5:0] fractions = {a_normal, b_normal};
  // TieUp: whether a tie at a subnormal result's last place goes up, by both fractions
  localparam logic [63:0] TieUp = 64'hfff1c4cd9bb68ed8;
  wire tie_up = TieUp[fractions];
  // Increment: whether the product's fraction is one more than the sum of both
  localparam logic [63:0] Increment = 64'he3e3e7c787000;
  wire increment = Increment[fractions];
  wire [9:0] code_sum_and_carry = {a_below, a_below, a_exponent, a_normal, 1'b1}
      + {b_below, b_below, b_exponent, b_normal, increment};
  wire [8:0] code_sum = code_sum_and_carry[9:1];
  wire [2:0] sum_fraction = code_sum[2:0];
  wire [5:0] sum_exponent = code_sum[8:3];
  wire below_normal = sum_exponent[5] | ~(sum_exponent[4] | sum_exponent[3]);

  // Subnormal result: rounded again
  wire far_below = sum_exponent[5] | ~sum_exponent[2];
  wire [5:0] again_index = {sum_exponent[1:0], tie_up, sum_fraction};
  // Again: a subnormal result's code, by {places below, tie_up, fraction}
  localparam logic [63:0] Again3 = 64'h8000000000000000;
  wire again_3 = Again3[again_index];
  localparam logic [63:0] Again2 = 64'h7fffc08000000000;
  wire again_2 = Again2[again_index];
  localparam logic [63:0] Again1 = 64'h78f03f7ff0e00000;
  wire again_1 = Again1[again_index];
  localparam logic [63:0] Again0 = 64'h66cc3c780f1ffffe;
  wire again_0 = Again0[again_index];
  wire [3:0] again = {again_3, again_2, again_1, again_0};

  // Pack
  wire [3:0] normal_field = {~(sum_exponent[3] ^ (&sum_exponent[2:0])),
      sum_exponent[2] ^ (&sum_exponent[1:0]), sum_exponent[1] ^ sum_exponent[0], ~sum_exponent[0]};
  wire may_be_large = sum_exponent[4] & ~sum_exponent[5];
  wire over = may_be_large & (sum_exponent[3] | (&sum_exponent[2:0]));
  wire all_but_last = may_be_large & ~sum_exponent[3] & (&sum_exponent[2:1]) & (&sum_fraction[2:1]);
  wire sign = a_i[7] ^ b_i[7];
  wire is_nan = (&a_i[6:0]) | (&b_i[6:0]);
  wire all_ones = over | is_nan;
  wire [3:0] subnormal = again & {4{~far_below}};
  wire [6:0] rounded = below_normal
      ? {3'b000, subnormal} : {normal_field, sum_fraction[2:1], sum_fraction[0] & ~all_but_last};
  wire [6:0] code = {rounded[6] | all_ones, rounded[5] | all_ones, rounded[4] | all_ones,
      rounded[3] | all_ones, rounded[2] | all_ones, rounded[1] | all_ones,
      (rounded[0] & ~all_ones) | is_nan};
  wire [7:0] result = {sign & ~is_nan, code};

  // Bits that nothing reads, named so that linters know it is meant
  wire unused_bits = ^{code_sum_and_carry[0]};

  assign result_o = result;

endmodule : fewbit_mul_e4m3fn_e4m3fn_to_e4m3fn

`default_nettype wire
