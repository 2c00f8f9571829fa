// fewbit_dot_e4m3fn_e4m3fn_x4_xilinx_lane - one lane of fewbit_dot_e4m3fn_e4m3fn_x4_xilinx
//
//   a_i * b_i = (term_o + carry_o) * 2^-18, term_o in two's complement

`default_nettype none

module fewbit_dot_e4m3fn_e4m3fn_x4_xilinx_lane (
  input  wire  [7:0] a_i,
  input  wire  [7:0] b_i,
  output logic [38:0] term_o,
  output logic carry_o,
  output logic nan_o
);

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

  // Product
  wire negative = a_negative ^ b_negative;
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
  wire stay_low = ~(a_exponent_low ^ b_exponent_low);
  wire stay_carry = a_exponent_low | b_exponent_low;
  wire [4:0] stay_sum = {1'b0, a_i[6:4], 1'b1} + {1'b0, b_i[6:4], stay_carry};
  wire [4:0] stay = {stay_sum[4:1], stay_low};
  wire [8:0] aligned_0 = stay[0] ? {product, 1'b0} : {1'b0, product};
  wire [10:0] aligned_1 = stay[1] ? {aligned_0, 2'b00} : {2'b00, aligned_0};
  wire [14:0] aligned_2 = stay[2] ? {aligned_1, 4'b0000} : {4'b0000, aligned_1};
  wire [14:0] product_shifted = aligned_2;
  wire negative_held = negative;
  wire [1:0] stay_held = stay[4:3];
  wire [22:0] aligned_3 = stay_held[0]
      ? {product_shifted, 8'b00000000} : {8'b00000000, product_shifted};
  wire [35:0] aligned_4 = stay_held[1] ? {aligned_3, {13{1'b0}}} : {{16{1'b0}}, aligned_3[22:3]};
  wire [35:0] addend = aligned_4 ^ {36{negative_held}};
  wire [38:0] term = {{3{negative_held}}, addend};

  // Bits that nothing reads, named so that linters know it is meant
  wire unused_bits = ^{stay_sum[0]};

  assign term_o = term;
  assign carry_o = negative_held;
  assign nan_o = is_nan;

endmodule : fewbit_dot_e4m3fn_e4m3fn_x4_xilinx_lane

`default_nettype wire
// fewbit_dot_e4m3fn_e4m3fn_x4_xilinx - exact dot product of 4 lanes
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
// Structure  exact_first, for AMD cells (6-input tables, carry chains)
// Reproduce  fewbit emit dot --a e4m3fn --b e4m3fn --lanes 4 --target xilinx-usp
// Generator  fewbit 0.2.0
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_dot_e4m3fn_e4m3fn_x4_xilinx (
  input  wire  [31:0] a_i,
  input  wire  [31:0] b_i,
  output logic signed [38:0] result_o,
  output logic nan_o
);

  // Lanes
  wire [38:0] lane_0_term;
  wire lane_0_carry;
  wire lane_0_nan;
  wire [38:0] lane_1_term;
  wire lane_1_carry;
  wire lane_1_nan;
  wire [38:0] lane_2_term;
  wire lane_2_carry;
  wire lane_2_nan;
  wire [38:0] lane_3_term;
  wire lane_3_carry;
  wire lane_3_nan;
  fewbit_dot_e4m3fn_e4m3fn_x4_xilinx_lane u_lane_0 (.a_i(a_i[7:0]), .b_i(b_i[7:0]),
      .term_o(lane_0_term), .carry_o(lane_0_carry), .nan_o(lane_0_nan));
  fewbit_dot_e4m3fn_e4m3fn_x4_xilinx_lane u_lane_1 (.a_i(a_i[15:8]), .b_i(b_i[15:8]),
      .term_o(lane_1_term), .carry_o(lane_1_carry), .nan_o(lane_1_nan));
  fewbit_dot_e4m3fn_e4m3fn_x4_xilinx_lane u_lane_2 (.a_i(a_i[23:16]), .b_i(b_i[23:16]),
      .term_o(lane_2_term), .carry_o(lane_2_carry), .nan_o(lane_2_nan));
  fewbit_dot_e4m3fn_e4m3fn_x4_xilinx_lane u_lane_3 (.a_i(a_i[31:24]), .b_i(b_i[31:24]),
      .term_o(lane_3_term), .carry_o(lane_3_carry), .nan_o(lane_3_nan));

  // Exact sum of all lanes
  wire [39:0] sum_0_0_wide = {lane_0_term, 1'b1} + {lane_1_term, lane_3_carry};
  wire [38:0] sum_0_0 = sum_0_0_wide[39:1];
  wire [39:0] sum_0_1_wide = {lane_2_term, 1'b1} + {lane_3_term, lane_2_carry};
  wire [38:0] sum_0_1 = sum_0_1_wide[39:1];
  wire [39:0] sum_1_0_wide = {sum_0_0, 1'b1} + {sum_0_1, lane_1_carry};
  wire [38:0] sum_1_0 = sum_1_0_wide[39:1];
  wire [38:0] sum_complete = sum_1_0 + {39{1'b0}} + {{38{1'b0}}, lane_0_carry};
  wire lanes_nan = lane_0_nan | lane_1_nan | lane_2_nan | lane_3_nan;

  // Bits that nothing reads, named so that linters know it is meant
  wire unused_bits = ^{sum_0_0_wide[0], sum_0_1_wide[0], sum_1_0_wide[0]};

  assign result_o = sum_complete;
  assign nan_o = lanes_nan;

endmodule : fewbit_dot_e4m3fn_e4m3fn_x4_xilinx

`default_nettype wire
