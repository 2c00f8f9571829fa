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
// Structure  aligned, for ECP5 cells (4-input tables, 2-bit carries)
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
  logic [15:0] addend_q;
  logic first_q;
  logic [15:0] acc_q;

  // The addend in the format of the sum
  wire addend_a_hidden = |a_i[6:3];
  wire [3:0] addend_a_significand = {addend_a_hidden, a_i[2:0]};
  wire addend_a_exponent_low = a_i[3] | ~addend_a_hidden;
  wire addend_a_nan = &a_i[6:0];
  wire addend_b_hidden = |b_i[6:3];
  wire [3:0] addend_b_significand = {addend_b_hidden, b_i[2:0]};
  wire addend_b_exponent_low = b_i[3] | ~addend_b_hidden;
  wire addend_b_nan = &b_i[6:0];
  wire addend_is_nan = addend_a_nan | addend_b_nan;

  // Exact product
  wire [5:0] addend_partial_0_index = {addend_b_significand[1:0], addend_a_significand};
  // TwoBitRow: a times two bits of b, by {bits of b, a}
  localparam logic [63:0] TwoBitRow5 = 64'hf800000000000000;
  wire addend_partial_0_5 = TwoBitRow5[addend_partial_0_index];
  localparam logic [63:0] TwoBitRow4 = 64'h7c0ff0000000000;
  wire addend_partial_0_4 = TwoBitRow4[addend_partial_0_index];
  localparam logic [63:0] TwoBitRow3 = 64'hc738f0f0ff000000;
  wire addend_partial_0_3 = TwoBitRow3[addend_partial_0_index];
  localparam logic [63:0] TwoBitRow2 = 64'hb4b4ccccf0f00000;
  wire addend_partial_0_2 = TwoBitRow2[addend_partial_0_index];
  localparam logic [63:0] TwoBitRow1 = 64'h6666aaaacccc0000;
  wire addend_partial_0_1 = TwoBitRow1[addend_partial_0_index];
  localparam logic [63:0] TwoBitRow0 = 64'haaaa0000aaaa0000;
  wire addend_partial_0_0 = TwoBitRow0[addend_partial_0_index];
  wire [5:0] addend_partial_0 = {addend_partial_0_5, addend_partial_0_4, addend_partial_0_3,
      addend_partial_0_2, addend_partial_0_1, addend_partial_0_0};
  wire [5:0] addend_partial_1_index = {addend_b_significand[3:2], addend_a_significand};
  wire addend_partial_1_5 = TwoBitRow5[addend_partial_1_index];
  wire addend_partial_1_4 = TwoBitRow4[addend_partial_1_index];
  wire addend_partial_1_3 = TwoBitRow3[addend_partial_1_index];
  wire addend_partial_1_2 = TwoBitRow2[addend_partial_1_index];
  wire addend_partial_1_1 = TwoBitRow1[addend_partial_1_index];
  wire addend_partial_1_0 = TwoBitRow0[addend_partial_1_index];
  wire [5:0] addend_partial_1 = {addend_partial_1_5, addend_partial_1_4, addend_partial_1_3,
      addend_partial_1_2, addend_partial_1_1, addend_partial_1_0};
  wire [5:0] addend_row_1 = {2'b00, addend_partial_0[5:2]} + addend_partial_1;
  wire [7:0] addend_product = {addend_row_1, addend_partial_0[1:0]};
  wire [4:0] addend_exponent = {1'b0, a_i[6:4], addend_a_exponent_low}
      + {1'b0, b_i[6:4], addend_b_exponent_low};
  wire addend_product_sign = a_i[7] ^ b_i[7];

  // Normalise
  wire [7:0] addend_room = {3'b000, addend_exponent} + 8'b01110001;
  wire addend_normal_2_clear = ~(|addend_product[7:4]);
  wire [7:0] addend_normal_2 = addend_normal_2_clear
      ? {addend_product[3:0], 4'b0000} : addend_product;
  wire addend_normal_1_clear = ~(|addend_normal_2[7:6]);
  wire [7:0] addend_normal_1 = addend_normal_1_clear
      ? {addend_normal_2[5:0], 2'b00} : addend_normal_2;
  wire addend_normal_0_clear = ~addend_normal_1[7];
  wire [7:0] addend_normal_0 = addend_normal_0_clear
      ? {addend_normal_1[6:0], 1'b0} : addend_normal_1;
  wire [9:0] addend_normal_kept = {addend_normal_0, 2'b00};
  wire [7:0] addend_index_or_zero = addend_room
      - {5'b00000, addend_normal_2_clear, addend_normal_1_clear, addend_normal_0_clear};
  wire [7:0] addend_index = addend_index_or_zero & {8{addend_normal_kept[9]}};

  // Round: exponent, fraction and increment in one carry chain
  wire [7:0] addend_significand = addend_normal_kept[9:2];
  wire [16:0] addend_rounded = {2'b00, addend_index, addend_significand[6:0]}
      + {{9{1'b0}}, addend_significand[7], 7'b0000000};

  // Pack: overflow, then special values last
  wire [15:0] addend_code = addend_is_nan ? 16'h7fc0 : {addend_product_sign, addend_rounded[14:0]};

  // The operand with the larger magnitude code is the base
  wire b_larger_0 = (acc_q[0] & ~addend_q[0]) | (addend_q[15] & ~(addend_q[0] & ~acc_q[0]));
  wire b_larger_1 = (acc_q[1] & ~addend_q[1]) | (b_larger_0 & ~(addend_q[1] & ~acc_q[1]));
  wire b_larger_2 = (acc_q[2] & ~addend_q[2]) | (b_larger_1 & ~(addend_q[2] & ~acc_q[2]));
  wire b_larger_3 = (acc_q[3] & ~addend_q[3]) | (b_larger_2 & ~(addend_q[3] & ~acc_q[3]));
  wire b_larger_4 = (acc_q[4] & ~addend_q[4]) | (b_larger_3 & ~(addend_q[4] & ~acc_q[4]));
  wire b_larger_5 = (acc_q[5] & ~addend_q[5]) | (b_larger_4 & ~(addend_q[5] & ~acc_q[5]));
  wire b_larger_6 = (acc_q[6] & ~addend_q[6]) | (b_larger_5 & ~(addend_q[6] & ~acc_q[6]));
  wire b_larger_7 = (acc_q[7] & ~addend_q[7]) | (b_larger_6 & ~(addend_q[7] & ~acc_q[7]));
  wire b_larger_8 = (acc_q[8] & ~addend_q[8]) | (b_larger_7 & ~(addend_q[8] & ~acc_q[8]));
  wire b_larger_9 = (acc_q[9] & ~addend_q[9]) | (b_larger_8 & ~(addend_q[9] & ~acc_q[9]));
  wire b_larger_10 = (acc_q[10] & ~addend_q[10]) | (b_larger_9 & ~(addend_q[10] & ~acc_q[10]));
  wire b_larger_11 = (acc_q[11] & ~addend_q[11]) | (b_larger_10 & ~(addend_q[11] & ~acc_q[11]));
  wire b_larger_12 = (acc_q[12] & ~addend_q[12]) | (b_larger_11 & ~(addend_q[12] & ~acc_q[12]));
  wire b_larger_13 = (acc_q[13] & ~addend_q[13]) | (b_larger_12 & ~(addend_q[13] & ~acc_q[13]));
  wire b_larger_14 = (acc_q[14] & ~addend_q[14]) | (b_larger_13 & ~(addend_q[14] & ~acc_q[14]));
  wire subtract = addend_q[15] ^ acc_q[15];
  wire with_b = ~first_q;
  wire swap_with_b = b_larger_14 & with_b;
  wire [7:0] a_field = addend_q[14:7];
  wire [7:0] b_field = acc_q[14:7];
  wire a_hidden = |a_field;
  wire b_hidden = (|b_field) & with_b;
  wire subtract_b = subtract & with_b;
  wire [14:0] large_code = swap_with_b ? acc_q[14:0] : addend_q[14:0];
  wire [6:0] small_fraction = swap_with_b ? addend_q[6:0] : acc_q[6:0];
  wire large_hidden = a_hidden | b_hidden;
  wire small_hidden = a_hidden & b_hidden;
  wire large_sign = swap_with_b ? acc_q[15] : addend_q[15];

  // Distance of the exponents; subnormal numbers have exponent 1
  wire one_less = a_hidden ^ b_hidden;
  wire [7:0] small_field = swap_with_b ? a_field : b_field;
  wire [7:0] distance = large_code[14:7] + ~small_field + {{7{1'b0}}, ~one_less};

  // Align the small significand
  wire special = &large_code[14:7];
  wire [10:0] aligned_0 = distance[0]
      ? {1'b0, small_hidden, small_fraction, 2'b00} : {small_hidden, small_fraction, 3'b000};
  wire [10:0] aligned_1 = distance[1] ? {2'b00, aligned_0[10:2]} : aligned_0;
  wire [10:0] aligned_2 = distance[2] ? {4'b0000, aligned_1[10:5], |aligned_1[4:0]} : aligned_1;
  wire [10:0] aligned_3 = distance[3] ? {8'b00000000, aligned_2[10:9], |aligned_2[8:2]} : aligned_2;
  wire near = ~(special | first_q | (|{distance[4], distance[5], distance[6], distance[7]}));
  wire [9:0] aligned = aligned_3[10:1] & {10{near}};

  // Add or subtract
  wire [7:0] large_significand = {large_hidden, large_code[6:0]};
  wire below_last_place = aligned[1] | aligned[0] | aligned_3[0];
  wire no_borrow = subtract_b & ~below_last_place;
  wire [8:0] addend = {subtract_b, aligned[9:2] ^ {8{subtract_b}}};
  wire [8:0] sum = {1'b0, large_significand} + addend + {{8{1'b0}}, no_borrow};
  wire guard = aligned[1] ^ (subtract_b & (aligned[0] | aligned_3[0]));
  wire round = aligned[0] ^ (subtract_b & aligned_3[0]);

  // Normalise: one place right, or left to the leading one or the least exponent
  wire [7:0] exponent = {large_code[14:8], large_code[7] | ~large_hidden};
  wire left_0 = sum[8] | sum[7]
      | ~(|{large_code[8], large_code[9], large_code[10], large_code[11], large_code[12],
      large_code[13], large_code[14]});
  wire left_1 = sum[6]
      | ~(|{large_code[7], large_code[9], large_code[10], large_code[11], large_code[12],
      large_code[13], large_code[14]});
  wire left_3 = sum[4]
      | ~(|{large_code[7], large_code[8], large_code[10], large_code[11], large_code[12],
      large_code[13], large_code[14]});
  wire left_5 = sum[2]
      | ~(|{large_code[7], large_code[10], large_code[11], large_code[12], large_code[13],
      large_code[14]});
  wire left_7 = sum[0]
      | ~(|{large_code[7], large_code[8], large_code[9], large_code[11], large_code[12],
      large_code[13], large_code[14]});
  wire left_1_or_2 = sum[6] | sum[5]
      | ~(|{large_code[9], large_code[10], large_code[11], large_code[12], large_code[13],
      large_code[14]});
  wire left_3_or_4 = sum[4] | sum[3]
      | ~(|{large_code[8], large_code[10], large_code[11], large_code[12], large_code[13],
      large_code[14]});
  wire left_5_or_6 = sum[2] | sum[1]
      | ~(|{large_code[10], large_code[11], large_code[12], large_code[13], large_code[14]});
  wire [7:0] significand = left_0
      ? (sum[8] ? sum[8:1] : sum[7:0])
      : (left_1_or_2
      ? (left_1 ? {sum[6:0], guard} : {sum[5:0], guard, 1'b0})
      : (left_3_or_4
      ? (left_3 ? {sum[4:0], guard, 2'b00} : {sum[3:0], guard, 3'b000})
      : (left_5_or_6
      ? (left_5 ? {sum[2:0], guard, 4'b0000} : {sum[1:0], guard, 5'b00000})
      : (left_7 ? {sum[0], guard, 6'b000000} : {guard, 7'b0000000}))));
  wire round_bit = left_0
      ? (sum[8] ? sum[0] : guard) : (left_1_or_2 ? (left_1 ? round : 1'b0) : 1'b0);
  wire below_round_bit = left_0 ? (sum[8] ? guard | round : round) : 1'b0;
  wire [7:0] exponent_change = left_0
      ? (sum[8] ? 8'b00000001 : 8'b00000000)
      : (left_1_or_2
      ? (left_1 ? 8'b11111111 : 8'b11111110)
      : (left_3_or_4
      ? (left_3 ? 8'b11111101 : 8'b11111100)
      : (left_5_or_6
      ? (left_5 ? 8'b11111011 : 8'b11111010) : (left_7 ? 8'b11111001 : 8'b11111000))));

  // Round: exponent change and increment in one carry chain
  wire round_up = round_bit & (aligned_3[0] | below_round_bit | significand[0]);
  wire [14:0] rounded = {exponent, 6'b000000, round_up} + {exponent_change, significand[6:0]};

  // Pack: special values last
  wire keep = significand[7];
  wire [7:0] field = rounded[14:7] & {8{keep}};
  wire field_ones = &field;
  wire operands_nan = special & ((|large_code[6:0]) | ((&small_field) & subtract_b));
  wire [15:0] next = {large_sign & ~operands_nan, field,
      (rounded[6:0] & {7{~field_ones}}) | {operands_nan, 6'b000000}};

  // Bits that nothing reads, named so that linters know it is meant
  wire unused_bits = ^{addend_normal_kept[1:0], addend_rounded[16:15]};

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
    addend_q <= addend_code;
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
