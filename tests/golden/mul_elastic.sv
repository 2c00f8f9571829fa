// fewbit_mul_e3m2_e3m2_valid_ready_tag3 - exact multiplier
//
//   result_o = a_i * b_i
//
// Formats    a_i, b_i: e3m2 = 1 sign, 3 exponent, 2 fraction bits, bias 3, subnormals kept, no Inf,
//            no NaN, largest 28
//            result_o: 19 bits, two's complement, in units of 2^-8
// Rounding   none: the result is exact
// Overflow   impossible
// Timing     latency 1, one operation per cycle; result_o holds between results
// Handshake  an operand moves where valid_i and ready_o, a result where valid_o and ready_i; while
//            a result waits everything stands still
// Tag        tag_o is the tag_i of the result, where valid_o
// Reset      async_low; clears valid_o
// Structure  exact_first, for iCE40 cells (a 4-input table with a carry)
// Reproduce  fewbit emit mul --a e3m2 --b e3m2 --handshake valid_ready --tag-bits 3
// Generator  fewbit 0.2.0
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_mul_e3m2_e3m2_valid_ready_tag3 (
  input  wire  clk_i,
  input  wire  rst_ni,
  input  wire  valid_i,
  input  wire  ready_i,
  input  wire  [2:0] tag_i,
  input  wire  [5:0] a_i,
  input  wire  [5:0] b_i,
  output logic ready_o,
  output logic valid_o,
  output logic signed [18:0] result_o,
  output logic [2:0] tag_o
);

  logic valid_q;
  logic [18:0] result_q;
  logic [2:0] tag_q;

  // Handshake
  wire advance = ready_i | ~valid_q;

  // Unpack
  wire a_negative = a_i[5];
  wire a_hidden = |a_i[4:2];
  wire [2:0] a_significand = {a_hidden, a_i[1:0]};
  wire a_exponent_low = a_i[2] | ~a_hidden;
  wire b_negative = b_i[5];
  wire b_hidden = |b_i[4:2];
  wire [2:0] b_significand = {b_hidden, b_i[1:0]};
  wire b_exponent_low = b_i[2] | ~b_hidden;

  // Exact product
  wire negative = a_negative ^ b_negative;
  wire [4:0] partial_0_index = {b_significand[1:0], a_significand};
  // TwoBitRow: a times two bits of b, by {bits of b, a}
  localparam logic [31:0] TwoBitRow4 = 32'hc0000000;
  wire partial_0_4 = TwoBitRow4[partial_0_index];
  localparam logic [31:0] TwoBitRow3 = 32'h38f00000;
  wire partial_0_3 = TwoBitRow3[partial_0_index];
  localparam logic [31:0] TwoBitRow2 = 32'hb4ccf000;
  wire partial_0_2 = TwoBitRow2[partial_0_index];
  localparam logic [31:0] TwoBitRow1 = 32'h66aacc00;
  wire partial_0_1 = TwoBitRow1[partial_0_index];
  localparam logic [31:0] TwoBitRow0 = 32'haa00aa00;
  wire partial_0_0 = TwoBitRow0[partial_0_index];
  wire [4:0] partial_0 = {partial_0_4, partial_0_3, partial_0_2, partial_0_1, partial_0_0};
  wire [3:0] partial_1_index = {b_significand[2], a_significand};
  // OneBitRow: a times one bit of b, by {bit of b, a}
  localparam logic [15:0] OneBitRow2 = 16'hf000;
  wire partial_1_2 = OneBitRow2[partial_1_index];
  localparam logic [15:0] OneBitRow1 = 16'hcc00;
  wire partial_1_1 = OneBitRow1[partial_1_index];
  localparam logic [15:0] OneBitRow0 = 16'haa00;
  wire partial_1_0 = OneBitRow0[partial_1_index];
  wire [3:0] partial_1 = {1'b0, partial_1_2, partial_1_1, partial_1_0};
  wire [3:0] row_1 = {1'b0, partial_0[4:2]} + partial_1;
  wire [5:0] product = {row_1, partial_0[1:0]};
  wire stay_low = ~(a_exponent_low ^ b_exponent_low);
  wire stay_carry = a_exponent_low | b_exponent_low;
  wire [3:0] stay_sum = {1'b0, a_i[4:3], 1'b1} + {1'b0, b_i[4:3], stay_carry};
  wire [3:0] stay = {stay_sum[3:1], stay_low};
  wire [6:0] aligned_0 = stay[0] ? {product, 1'b0} : {1'b0, product};
  wire [8:0] aligned_1 = stay[1] ? {aligned_0, 2'b00} : {2'b00, aligned_0};
  wire [12:0] aligned_2 = stay[2] ? {aligned_1, 4'b0000} : {4'b0000, aligned_1};
  wire [17:0] aligned_3 = stay[3] ? {aligned_2, 5'b00000} : {8'b00000000, aligned_2[12:3]};
  wire [17:0] product_signed = aligned_3 ^ {18{negative}};
  wire [18:0] result = {negative, product_signed} + {19{1'b0}} + {{18{1'b0}}, negative};

  // Result register
  wire take = valid_i & advance;

  // Bits that nothing reads, named so that linters know it is meant
  wire unused_bits = ^{stay_sum[0]};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
    end else begin
      valid_q <= advance ? valid_i : valid_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (take) begin
      result_q <= result;
    end
  end

  always_ff @(posedge clk_i) begin
    if (advance) begin
      tag_q <= tag_i;
    end
  end

  assign ready_o = advance;
  assign valid_o = valid_q;
  assign result_o = result_q;
  assign tag_o = tag_q;

endmodule : fewbit_mul_e3m2_e3m2_valid_ready_tag3

`default_nettype wire
