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
// Structure  aligned, for iCE40 cells (a 4-input table with a carry)
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
  logic [8:0] addend_q;
  logic first_q;
  logic [15:0] acc_q;

  // The addend in the format of the sum
  wire addend_a_hidden = |a_i[6:3];
  wire [3:0] addend_a_significand = {addend_a_hidden, a_i[2:0]};
  wire addend_a_exponent_low = a_i[3] | ~addend_a_hidden;
  wire addend_a_nan = &a_i[6:0];
  wire [3:0] addend_exponent = {a_i[6:4], addend_a_exponent_low};

  // Normalise
  wire [4:0] addend_room = {1'b0, addend_exponent} + 5'b00111;
  wire addend_normal_1_clear = ~(|addend_a_significand[3:2]);
  wire [3:0] addend_normal_1 = addend_normal_1_clear
      ? {addend_a_significand[1:0], 2'b00} : addend_a_significand;
  wire addend_normal_0_clear = ~addend_normal_1[3];
  wire [3:0] addend_normal_0 = addend_normal_0_clear
      ? {addend_normal_1[2:0], 1'b0} : addend_normal_1;
  wire [12:0] addend_normal_kept = {addend_normal_0, {9{1'b0}}};
  wire [4:0] addend_index_or_zero = addend_room
      - {3'b000, addend_normal_1_clear, addend_normal_0_clear};
  wire [4:0] addend_index = addend_index_or_zero & {5{addend_normal_kept[12]}};

  // Round: exponent, fraction and increment in one carry chain
  wire [10:0] addend_significand = addend_normal_kept[12:2];
  wire [16:0] addend_rounded = {2'b00, addend_index, addend_significand[9:0]}
      + {6'b000000, addend_significand[10], {10{1'b0}}};

  // Pack: overflow, then special values last
  wire [15:0] addend_code = addend_a_nan ? 16'h7e00 : {a_i[7], addend_rounded[14:0]};

  // The operand with the larger magnitude code is the base
  wire [15:0] code_difference = {1'b0, addend_q[7:0], 7'b0000000} + {1'b0, ~acc_q[14:0]}
      + {{15{1'b0}}, ~addend_q[8]};
  wire swap = ~code_difference[15];
  wire subtract = addend_q[8] ^ acc_q[15];
  wire with_b = ~first_q;
  wire swap_with_b = swap & with_b;
  wire [4:0] a_field = addend_q[7:3];
  wire [4:0] b_field = acc_q[14:10];
  wire a_hidden = |a_field;
  wire b_hidden = (|b_field) & with_b;
  wire subtract_b = subtract & with_b;
  wire [14:0] large_code = swap_with_b ? acc_q[14:0] : {addend_q[7:0], 7'b0000000};
  wire [9:0] small_fraction = swap_with_b ? {addend_q[2:0], 7'b0000000} : acc_q[9:0];
  wire large_hidden = a_hidden | b_hidden;
  wire small_hidden = a_hidden & b_hidden;
  wire large_sign = swap_with_b ? acc_q[15] : addend_q[8];

  // Distance of the exponents; subnormal numbers have exponent 1
  wire one_less = a_hidden ^ b_hidden;
  wire distance_carry = ~(swap_with_b ^ one_less);
  wire [4:0] field_difference = a_field + ~b_field + {{4{1'b0}}, distance_carry};
  wire [4:0] distance = field_difference ^ {5{swap_with_b}};

  // Align the small significand
  wire special = &large_code[14:10];
  wire [13:0] aligned_0 = distance[0]
      ? {1'b0, small_hidden, small_fraction, 2'b00} : {small_hidden, small_fraction, 3'b000};
  wire [13:0] aligned_1 = distance[1] ? {2'b00, aligned_0[13:2]} : aligned_0;
  wire [13:0] aligned_2 = distance[2] ? {4'b0000, aligned_1[13:5], |aligned_1[4:0]} : aligned_1;
  wire [13:0] aligned_3 = distance[3] ? {8'b00000000, aligned_2[13:9], |aligned_2[8:0]} : aligned_2;
  wire near = ~(special | first_q | distance[4]);
  wire [12:0] aligned = aligned_3[13:1] & {13{near}};

  // Add or subtract
  wire [10:0] large_significand = {large_hidden, large_code[9:0]};
  wire below_last_place = aligned[1] | aligned[0] | aligned_3[0];
  wire no_borrow = subtract_b & ~below_last_place;
  wire [11:0] addend = {subtract_b, aligned[12:2] ^ {11{subtract_b}}};
  wire [11:0] sum = {1'b0, large_significand} + addend + {{11{1'b0}}, no_borrow};
  wire guard = aligned[1] ^ (subtract_b & (aligned[0] | aligned_3[0]));
  wire round = aligned[0] ^ (subtract_b & aligned_3[0]);

  // Normalise: one place right, or left to the leading one or the least exponent
  wire [4:0] exponent = {large_code[14:11], large_code[10] | ~large_hidden};
  wire left_0 = sum[11] | sum[10]
      | ~(|{large_code[11], large_code[12], large_code[13], large_code[14]});
  wire left_1 = sum[9] | ~(|{large_code[10], large_code[12], large_code[13], large_code[14]});
  wire left_3 = sum[7] | ~(|{large_code[10], large_code[11], large_code[13], large_code[14]});
  wire left_5 = sum[5] | ~(|{large_code[10], large_code[13], large_code[14]});
  wire left_7 = sum[3] | ~(|{large_code[10], large_code[11], large_code[12], large_code[14]});
  wire left_9 = sum[1] | ~(|{large_code[10], large_code[12], large_code[14]});
  wire left_1_or_2 = sum[9] | sum[8] | ~(|{large_code[12], large_code[13], large_code[14]});
  wire left_3_or_4 = sum[7] | sum[6] | ~(|{large_code[11], large_code[13], large_code[14]});
  wire left_5_or_6 = sum[5] | sum[4] | ~(|{large_code[13], large_code[14]});
  wire left_7_or_8 = sum[3] | sum[2] | ~(|{large_code[11], large_code[12], large_code[14]});
  wire left_9_or_10 = sum[1] | sum[0] | ~(|{large_code[12], large_code[14]});
  wire [10:0] significand = left_0
      ? (sum[11] ? sum[11:1] : sum[10:0])
      : (left_1_or_2
      ? (left_1 ? {sum[9:0], guard} : {sum[8:0], guard, 1'b0})
      : (left_3_or_4
      ? (left_3 ? {sum[7:0], guard, 2'b00} : {sum[6:0], guard, 3'b000})
      : (left_5_or_6
      ? (left_5 ? {sum[5:0], guard, 4'b0000} : {sum[4:0], guard, 5'b00000})
      : (left_7_or_8
      ? (left_7 ? {sum[3:0], guard, 6'b000000} : {sum[2:0], guard, 7'b0000000})
      : (left_9_or_10
      ? (left_9 ? {sum[1:0], guard, 8'b00000000} : {sum[0], guard, {9{1'b0}}})
      : {guard, {10{1'b0}}})))));
  wire round_bit = left_0
      ? (sum[11] ? sum[0] : guard) : (left_1_or_2 ? (left_1 ? round : 1'b0) : 1'b0);
  wire below_round_bit = left_0 ? (sum[11] ? guard | round : round) : 1'b0;
  wire [4:0] exponent_change = left_0
      ? (sum[11] ? 5'b00001 : 5'b00000)
      : (left_1_or_2
      ? (left_1 ? 5'b11111 : 5'b11110)
      : (left_3_or_4
      ? (left_3 ? 5'b11101 : 5'b11100)
      : (left_5_or_6
      ? (left_5 ? 5'b11011 : 5'b11010)
      : (left_7_or_8
      ? (left_7 ? 5'b11001 : 5'b11000)
      : (left_9_or_10 ? (left_9 ? 5'b10111 : 5'b10110) : 5'b10101)))));

  // Round: exponent change and increment in one carry chain
  wire round_up = round_bit & (aligned_3[0] | below_round_bit | significand[0]);
  wire [14:0] rounded = {exponent, {9{1'b0}}, round_up} + {exponent_change, significand[9:0]};

  // Pack: special values last
  wire keep = significand[10];
  wire [4:0] field = rounded[14:10] & {5{keep}};
  wire field_ones = &field;
  wire operands_nan = special & ((|large_code[9:0]) | ((&a_field) & (&b_field) & subtract_b));
  wire [15:0] next = {large_sign & ~operands_nan, field,
      (rounded[9:0] & {10{~field_ones}}) | {operands_nan, {9{1'b0}}}};

  // Bits that nothing reads, named so that linters know it is meant
  wire unused_bits = ^{addend_normal_kept[1:0], addend_rounded[16:15], addend_code[6:0],
      code_difference[14:0]};

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
    addend_q <= addend_code[15:7];
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
