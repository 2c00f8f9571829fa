// fewbit_dot_e4m3fn_e4m3fn_x4 - exact dot product of 4 lanes
//
//   result_o = sum of a_i[k] * b_i[k], k < 4
//
// Formats    a_i, b_i: e4m3fn = 1 sign, 4 exponent, 3 fraction bits, bias 7, subnormals kept, no
//            Inf, NaN = S.1111.111, largest 448
//            result_o: 39 bits, two's complement, in units of 2^-18
//            lane 0 is in the lowest bits
// Rounding   none: the result is exact
// Overflow   impossible
// Special    nan_o: set by a special result; result_o is unspecified then
// Timing     combinational: latency 0
// Reproduce  fewbit emit dot --a e4m3fn --b e4m3fn --lanes 4 --target xilinx-usp
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_dot_e4m3fn_e4m3fn_x4 (
  input  wire  [31:0] a_i,
  input  wire  [31:0] b_i,
  output logic signed [38:0] result_o,
  output logic nan_o
);

  // Lane 0
  wire [7:0] a_0 = a_i[7:0];
  wire [7:0] b_0 = b_i[7:0];
  wire a_0_negative = a_0[7];
  wire a_0_hidden = |a_0[6:3];
  wire [3:0] a_0_significand = {a_0_hidden, a_0[2:0]};
  wire a_0_exponent_low = a_0[3] | ~a_0_hidden;
  wire a_0_nan = &a_0[6:0];
  wire b_0_negative = b_0[7];
  wire b_0_hidden = |b_0[6:3];
  wire [3:0] b_0_significand = {b_0_hidden, b_0[2:0]};
  wire b_0_exponent_low = b_0[3] | ~b_0_hidden;
  wire b_0_nan = &b_0[6:0];
  wire lane_0_is_nan = a_0_nan | b_0_nan;

  // Lane 1
  wire [7:0] a_1 = a_i[15:8];
  wire [7:0] b_1 = b_i[15:8];
  wire a_1_negative = a_1[7];
  wire a_1_hidden = |a_1[6:3];
  wire [3:0] a_1_significand = {a_1_hidden, a_1[2:0]};
  wire a_1_exponent_low = a_1[3] | ~a_1_hidden;
  wire a_1_nan = &a_1[6:0];
  wire b_1_negative = b_1[7];
  wire b_1_hidden = |b_1[6:3];
  wire [3:0] b_1_significand = {b_1_hidden, b_1[2:0]};
  wire b_1_exponent_low = b_1[3] | ~b_1_hidden;
  wire b_1_nan = &b_1[6:0];
  wire lane_1_is_nan = a_1_nan | b_1_nan;

  // Lane 2
  wire [7:0] a_2 = a_i[23:16];
  wire [7:0] b_2 = b_i[23:16];
  wire a_2_negative = a_2[7];
  wire a_2_hidden = |a_2[6:3];
  wire [3:0] a_2_significand = {a_2_hidden, a_2[2:0]};
  wire a_2_exponent_low = a_2[3] | ~a_2_hidden;
  wire a_2_nan = &a_2[6:0];
  wire b_2_negative = b_2[7];
  wire b_2_hidden = |b_2[6:3];
  wire [3:0] b_2_significand = {b_2_hidden, b_2[2:0]};
  wire b_2_exponent_low = b_2[3] | ~b_2_hidden;
  wire b_2_nan = &b_2[6:0];
  wire lane_2_is_nan = a_2_nan | b_2_nan;

  // Lane 3
  wire [7:0] a_3 = a_i[31:24];
  wire [7:0] b_3 = b_i[31:24];
  wire a_3_negative = a_3[7];
  wire a_3_hidden = |a_3[6:3];
  wire [3:0] a_3_significand = {a_3_hidden, a_3[2:0]};
  wire a_3_exponent_low = a_3[3] | ~a_3_hidden;
  wire a_3_nan = &a_3[6:0];
  wire b_3_negative = b_3[7];
  wire b_3_hidden = |b_3[6:3];
  wire [3:0] b_3_significand = {b_3_hidden, b_3[2:0]};
  wire b_3_exponent_low = b_3[3] | ~b_3_hidden;
  wire b_3_nan = &b_3[6:0];
  wire lane_3_is_nan = a_3_nan | b_3_nan;

  // Product of lane 0
  wire negative = a_0_negative ^ b_0_negative;
  wire [5:0] partial_0_index = {b_0_significand[1:0], a_0_significand};
  localparam logic [63:0] Partial05Table = 64'hf800000000000000;
  wire partial_0_5 = Partial05Table[partial_0_index];
  localparam logic [63:0] Partial04Table = 64'h7c0ff0000000000;
  wire partial_0_4 = Partial04Table[partial_0_index];
  localparam logic [63:0] Partial03Table = 64'hc738f0f0ff000000;
  wire partial_0_3 = Partial03Table[partial_0_index];
  localparam logic [63:0] Partial02Table = 64'hb4b4ccccf0f00000;
  wire partial_0_2 = Partial02Table[partial_0_index];
  localparam logic [63:0] Partial01Table = 64'h6666aaaacccc0000;
  wire partial_0_1 = Partial01Table[partial_0_index];
  localparam logic [63:0] Partial00Table = 64'haaaa0000aaaa0000;
  wire partial_0_0 = Partial00Table[partial_0_index];
  wire [5:0] partial_0 = {partial_0_5, partial_0_4, partial_0_3, partial_0_2, partial_0_1,
      partial_0_0};
  wire [5:0] partial_1_index = {b_0_significand[3:2], a_0_significand};
  localparam logic [63:0] Partial15Table = 64'hf800000000000000;
  wire partial_1_5 = Partial15Table[partial_1_index];
  localparam logic [63:0] Partial14Table = 64'h7c0ff0000000000;
  wire partial_1_4 = Partial14Table[partial_1_index];
  localparam logic [63:0] Partial13Table = 64'hc738f0f0ff000000;
  wire partial_1_3 = Partial13Table[partial_1_index];
  localparam logic [63:0] Partial12Table = 64'hb4b4ccccf0f00000;
  wire partial_1_2 = Partial12Table[partial_1_index];
  localparam logic [63:0] Partial11Table = 64'h6666aaaacccc0000;
  wire partial_1_1 = Partial11Table[partial_1_index];
  localparam logic [63:0] Partial10Table = 64'haaaa0000aaaa0000;
  wire partial_1_0 = Partial10Table[partial_1_index];
  wire [5:0] partial_1 = {partial_1_5, partial_1_4, partial_1_3, partial_1_2, partial_1_1,
      partial_1_0};
  wire [5:0] row_1 = {2'b00, partial_0[5:2]} + partial_1;
  wire [7:0] product = {row_1, partial_0[1:0]};
  wire stay_low = ~(a_0_exponent_low ^ b_0_exponent_low);
  wire stay_carry = a_0_exponent_low | b_0_exponent_low;
  wire [4:0] stay_sum = {1'b0, a_0[6:4], 1'b1} + {1'b0, b_0[6:4], stay_carry};
  wire [4:0] stay = {stay_sum[4:1], stay_low};
  wire [8:0] aligned_0 = stay[0] ? {product, 1'b0} : {1'b0, product};
  wire [10:0] aligned_1 = stay[1] ? {aligned_0, 2'b00} : {2'b00, aligned_0};
  wire [14:0] aligned_2 = stay[2] ? {aligned_1, 4'b0000} : {4'b0000, aligned_1};
  wire [14:0] product_shifted = aligned_2;
  wire negative_held = negative;
  wire [1:0] stay_held = stay[4:3];
  wire [22:0] aligned_3 = stay_held[0] ? {product_shifted, 8'b00000000} : {8'b00000000,
      product_shifted};
  wire [35:0] aligned_4 = stay_held[1] ? {aligned_3, {13{1'b0}}} : {{16{1'b0}}, aligned_3[22:3]};
  wire [35:0] addend = aligned_4 ^ {36{negative_held}};
  wire [38:0] term_0 = {{3{negative_held}}, addend};
  wire term_carry_0 = negative_held;

  // Product of lane 1
  wire negative_2 = a_1_negative ^ b_1_negative;
  wire [5:0] partial_0_index_2 = {b_1_significand[1:0], a_1_significand};
  localparam logic [63:0] Partial052Table = 64'hf800000000000000;
  wire partial_0_5_2 = Partial052Table[partial_0_index_2];
  localparam logic [63:0] Partial042Table = 64'h7c0ff0000000000;
  wire partial_0_4_2 = Partial042Table[partial_0_index_2];
  localparam logic [63:0] Partial032Table = 64'hc738f0f0ff000000;
  wire partial_0_3_2 = Partial032Table[partial_0_index_2];
  localparam logic [63:0] Partial022Table = 64'hb4b4ccccf0f00000;
  wire partial_0_2_2 = Partial022Table[partial_0_index_2];
  localparam logic [63:0] Partial012Table = 64'h6666aaaacccc0000;
  wire partial_0_1_2 = Partial012Table[partial_0_index_2];
  localparam logic [63:0] Partial002Table = 64'haaaa0000aaaa0000;
  wire partial_0_0_2 = Partial002Table[partial_0_index_2];
  wire [5:0] partial_0_6 = {partial_0_5_2, partial_0_4_2, partial_0_3_2, partial_0_2_2,
      partial_0_1_2, partial_0_0_2};
  wire [5:0] partial_1_index_2 = {b_1_significand[3:2], a_1_significand};
  localparam logic [63:0] Partial152Table = 64'hf800000000000000;
  wire partial_1_5_2 = Partial152Table[partial_1_index_2];
  localparam logic [63:0] Partial142Table = 64'h7c0ff0000000000;
  wire partial_1_4_2 = Partial142Table[partial_1_index_2];
  localparam logic [63:0] Partial132Table = 64'hc738f0f0ff000000;
  wire partial_1_3_2 = Partial132Table[partial_1_index_2];
  localparam logic [63:0] Partial122Table = 64'hb4b4ccccf0f00000;
  wire partial_1_2_2 = Partial122Table[partial_1_index_2];
  localparam logic [63:0] Partial112Table = 64'h6666aaaacccc0000;
  wire partial_1_1_2 = Partial112Table[partial_1_index_2];
  localparam logic [63:0] Partial102Table = 64'haaaa0000aaaa0000;
  wire partial_1_0_2 = Partial102Table[partial_1_index_2];
  wire [5:0] partial_1_6 = {partial_1_5_2, partial_1_4_2, partial_1_3_2, partial_1_2_2,
      partial_1_1_2, partial_1_0_2};
  wire [5:0] row_1_2 = {2'b00, partial_0_6[5:2]} + partial_1_6;
  wire [7:0] product_2 = {row_1_2, partial_0_6[1:0]};
  wire stay_low_2 = ~(a_1_exponent_low ^ b_1_exponent_low);
  wire stay_carry_2 = a_1_exponent_low | b_1_exponent_low;
  wire [4:0] stay_sum_2 = {1'b0, a_1[6:4], 1'b1} + {1'b0, b_1[6:4], stay_carry_2};
  wire [4:0] stay_2 = {stay_sum_2[4:1], stay_low_2};
  wire [8:0] aligned_0_2 = stay_2[0] ? {product_2, 1'b0} : {1'b0, product_2};
  wire [10:0] aligned_1_2 = stay_2[1] ? {aligned_0_2, 2'b00} : {2'b00, aligned_0_2};
  wire [14:0] aligned_2_2 = stay_2[2] ? {aligned_1_2, 4'b0000} : {4'b0000, aligned_1_2};
  wire [14:0] product_shifted_2 = aligned_2_2;
  wire negative_held_2 = negative_2;
  wire [1:0] stay_held_2 = stay_2[4:3];
  wire [22:0] aligned_3_2 = stay_held_2[0] ? {product_shifted_2, 8'b00000000} : {8'b00000000,
      product_shifted_2};
  wire [35:0] aligned_4_2 = stay_held_2[1] ? {aligned_3_2, {13{1'b0}}} : {{16{1'b0}},
      aligned_3_2[22:3]};
  wire [35:0] addend_2 = aligned_4_2 ^ {36{negative_held_2}};
  wire [38:0] term_1 = {{3{negative_held_2}}, addend_2};
  wire term_carry_1 = negative_held_2;

  // Product of lane 2
  wire negative_3 = a_2_negative ^ b_2_negative;
  wire [5:0] partial_0_index_3 = {b_2_significand[1:0], a_2_significand};
  localparam logic [63:0] Partial053Table = 64'hf800000000000000;
  wire partial_0_5_3 = Partial053Table[partial_0_index_3];
  localparam logic [63:0] Partial043Table = 64'h7c0ff0000000000;
  wire partial_0_4_3 = Partial043Table[partial_0_index_3];
  localparam logic [63:0] Partial033Table = 64'hc738f0f0ff000000;
  wire partial_0_3_3 = Partial033Table[partial_0_index_3];
  localparam logic [63:0] Partial023Table = 64'hb4b4ccccf0f00000;
  wire partial_0_2_3 = Partial023Table[partial_0_index_3];
  localparam logic [63:0] Partial013Table = 64'h6666aaaacccc0000;
  wire partial_0_1_3 = Partial013Table[partial_0_index_3];
  localparam logic [63:0] Partial003Table = 64'haaaa0000aaaa0000;
  wire partial_0_0_3 = Partial003Table[partial_0_index_3];
  wire [5:0] partial_0_7 = {partial_0_5_3, partial_0_4_3, partial_0_3_3, partial_0_2_3,
      partial_0_1_3, partial_0_0_3};
  wire [5:0] partial_1_index_3 = {b_2_significand[3:2], a_2_significand};
  localparam logic [63:0] Partial153Table = 64'hf800000000000000;
  wire partial_1_5_3 = Partial153Table[partial_1_index_3];
  localparam logic [63:0] Partial143Table = 64'h7c0ff0000000000;
  wire partial_1_4_3 = Partial143Table[partial_1_index_3];
  localparam logic [63:0] Partial133Table = 64'hc738f0f0ff000000;
  wire partial_1_3_3 = Partial133Table[partial_1_index_3];
  localparam logic [63:0] Partial123Table = 64'hb4b4ccccf0f00000;
  wire partial_1_2_3 = Partial123Table[partial_1_index_3];
  localparam logic [63:0] Partial113Table = 64'h6666aaaacccc0000;
  wire partial_1_1_3 = Partial113Table[partial_1_index_3];
  localparam logic [63:0] Partial103Table = 64'haaaa0000aaaa0000;
  wire partial_1_0_3 = Partial103Table[partial_1_index_3];
  wire [5:0] partial_1_7 = {partial_1_5_3, partial_1_4_3, partial_1_3_3, partial_1_2_3,
      partial_1_1_3, partial_1_0_3};
  wire [5:0] row_1_3 = {2'b00, partial_0_7[5:2]} + partial_1_7;
  wire [7:0] product_3 = {row_1_3, partial_0_7[1:0]};
  wire stay_low_3 = ~(a_2_exponent_low ^ b_2_exponent_low);
  wire stay_carry_3 = a_2_exponent_low | b_2_exponent_low;
  wire [4:0] stay_sum_3 = {1'b0, a_2[6:4], 1'b1} + {1'b0, b_2[6:4], stay_carry_3};
  wire [4:0] stay_3 = {stay_sum_3[4:1], stay_low_3};
  wire [8:0] aligned_0_3 = stay_3[0] ? {product_3, 1'b0} : {1'b0, product_3};
  wire [10:0] aligned_1_3 = stay_3[1] ? {aligned_0_3, 2'b00} : {2'b00, aligned_0_3};
  wire [14:0] aligned_2_3 = stay_3[2] ? {aligned_1_3, 4'b0000} : {4'b0000, aligned_1_3};
  wire [14:0] product_shifted_3 = aligned_2_3;
  wire negative_held_3 = negative_3;
  wire [1:0] stay_held_3 = stay_3[4:3];
  wire [22:0] aligned_3_3 = stay_held_3[0] ? {product_shifted_3, 8'b00000000} : {8'b00000000,
      product_shifted_3};
  wire [35:0] aligned_4_3 = stay_held_3[1] ? {aligned_3_3, {13{1'b0}}} : {{16{1'b0}},
      aligned_3_3[22:3]};
  wire [35:0] addend_3 = aligned_4_3 ^ {36{negative_held_3}};
  wire [38:0] term_2 = {{3{negative_held_3}}, addend_3};
  wire term_carry_2 = negative_held_3;

  // Product of lane 3
  wire negative_4 = a_3_negative ^ b_3_negative;
  wire [5:0] partial_0_index_4 = {b_3_significand[1:0], a_3_significand};
  localparam logic [63:0] Partial054Table = 64'hf800000000000000;
  wire partial_0_5_4 = Partial054Table[partial_0_index_4];
  localparam logic [63:0] Partial044Table = 64'h7c0ff0000000000;
  wire partial_0_4_4 = Partial044Table[partial_0_index_4];
  localparam logic [63:0] Partial034Table = 64'hc738f0f0ff000000;
  wire partial_0_3_4 = Partial034Table[partial_0_index_4];
  localparam logic [63:0] Partial024Table = 64'hb4b4ccccf0f00000;
  wire partial_0_2_4 = Partial024Table[partial_0_index_4];
  localparam logic [63:0] Partial014Table = 64'h6666aaaacccc0000;
  wire partial_0_1_4 = Partial014Table[partial_0_index_4];
  localparam logic [63:0] Partial004Table = 64'haaaa0000aaaa0000;
  wire partial_0_0_4 = Partial004Table[partial_0_index_4];
  wire [5:0] partial_0_8 = {partial_0_5_4, partial_0_4_4, partial_0_3_4, partial_0_2_4,
      partial_0_1_4, partial_0_0_4};
  wire [5:0] partial_1_index_4 = {b_3_significand[3:2], a_3_significand};
  localparam logic [63:0] Partial154Table = 64'hf800000000000000;
  wire partial_1_5_4 = Partial154Table[partial_1_index_4];
  localparam logic [63:0] Partial144Table = 64'h7c0ff0000000000;
  wire partial_1_4_4 = Partial144Table[partial_1_index_4];
  localparam logic [63:0] Partial134Table = 64'hc738f0f0ff000000;
  wire partial_1_3_4 = Partial134Table[partial_1_index_4];
  localparam logic [63:0] Partial124Table = 64'hb4b4ccccf0f00000;
  wire partial_1_2_4 = Partial124Table[partial_1_index_4];
  localparam logic [63:0] Partial114Table = 64'h6666aaaacccc0000;
  wire partial_1_1_4 = Partial114Table[partial_1_index_4];
  localparam logic [63:0] Partial104Table = 64'haaaa0000aaaa0000;
  wire partial_1_0_4 = Partial104Table[partial_1_index_4];
  wire [5:0] partial_1_8 = {partial_1_5_4, partial_1_4_4, partial_1_3_4, partial_1_2_4,
      partial_1_1_4, partial_1_0_4};
  wire [5:0] row_1_4 = {2'b00, partial_0_8[5:2]} + partial_1_8;
  wire [7:0] product_4 = {row_1_4, partial_0_8[1:0]};
  wire stay_low_4 = ~(a_3_exponent_low ^ b_3_exponent_low);
  wire stay_carry_4 = a_3_exponent_low | b_3_exponent_low;
  wire [4:0] stay_sum_4 = {1'b0, a_3[6:4], 1'b1} + {1'b0, b_3[6:4], stay_carry_4};
  wire [4:0] stay_4 = {stay_sum_4[4:1], stay_low_4};
  wire [8:0] aligned_0_4 = stay_4[0] ? {product_4, 1'b0} : {1'b0, product_4};
  wire [10:0] aligned_1_4 = stay_4[1] ? {aligned_0_4, 2'b00} : {2'b00, aligned_0_4};
  wire [14:0] aligned_2_4 = stay_4[2] ? {aligned_1_4, 4'b0000} : {4'b0000, aligned_1_4};
  wire [14:0] product_shifted_4 = aligned_2_4;
  wire negative_held_4 = negative_4;
  wire [1:0] stay_held_4 = stay_4[4:3];
  wire [22:0] aligned_3_4 = stay_held_4[0] ? {product_shifted_4, 8'b00000000} : {8'b00000000,
      product_shifted_4};
  wire [35:0] aligned_4_4 = stay_held_4[1] ? {aligned_3_4, {13{1'b0}}} : {{16{1'b0}},
      aligned_3_4[22:3]};
  wire [35:0] addend_4 = aligned_4_4 ^ {36{negative_held_4}};
  wire [38:0] term_3 = {{3{negative_held_4}}, addend_4};
  wire term_carry_3 = negative_held_4;

  // Exact sum of all lanes
  wire [39:0] sum_0_0_wide = {term_0, 1'b1} + {term_1, term_carry_3};
  wire [38:0] sum_0_0 = sum_0_0_wide[39:1];
  wire [39:0] sum_0_1_wide = {term_2, 1'b1} + {term_3, term_carry_2};
  wire [38:0] sum_0_1 = sum_0_1_wide[39:1];
  wire [39:0] sum_1_0_wide = {sum_0_0, 1'b1} + {sum_0_1, term_carry_1};
  wire [38:0] sum_1_0 = sum_1_0_wide[39:1];
  wire [38:0] sum_complete = sum_1_0 + {39{1'b0}} + {{(38){1'b0}}, term_carry_0};
  wire [38:0] lanes_sum = sum_complete;
  wire lanes_nan = lane_0_is_nan | lane_1_is_nan | lane_2_is_nan | lane_3_is_nan;

  // Bits that nothing reads, named so that linters know it is meant
  wire unused_bits = ^{stay_sum[0], stay_sum_2[0], stay_sum_3[0], stay_sum_4[0], sum_0_0_wide[0],
      sum_0_1_wide[0], sum_1_0_wide[0]};

  assign result_o = lanes_sum;
  assign nan_o = lanes_nan;

endmodule : fewbit_dot_e4m3fn_e4m3fn_x4

`default_nettype wire
