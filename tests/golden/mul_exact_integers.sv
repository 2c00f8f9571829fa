// fewbit_mul_int8_int8_ecp5 - exact multiplier
//
//   result_o = a_i * b_i
//
// Formats    a_i, b_i: int8 = 8 bits, two's complement
//            result_o: 16 bits, two's complement, in units of 2^0
// Rounding   none: the result is exact
// Overflow   impossible
// Timing     combinational: latency 0
// Structure  exact_first, for ECP5 cells (4-input tables, 2-bit carries)
// Reproduce  fewbit emit mul --a int8 --b int8 --target ecp5
// Generator  fewbit 0.2.0
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_mul_int8_int8_ecp5 (
  input  wire  signed [7:0] a_i,
  input  wire  signed [7:0] b_i,
  output logic signed [15:0] result_o
);

  // Exact product
  wire booth_0_one = b_i[0];
  wire booth_0_any = booth_0_one | (b_i[1] ^ b_i[0]);
  wire [8:0] booth_0_magnitude = (booth_0_one ? {a_i[7], a_i} : {a_i, 1'b0}) & {9{booth_0_any}};
  wire [8:0] booth_0_digit = booth_0_magnitude ^ {9{b_i[1]}};
  wire booth_1_one = b_i[2] ^ b_i[1];
  wire booth_1_any = booth_1_one | (b_i[3] ^ b_i[2]);
  wire [8:0] booth_1_magnitude = (booth_1_one ? {a_i[7], a_i} : {a_i, 1'b0}) & {9{booth_1_any}};
  wire [8:0] booth_1_digit = booth_1_magnitude ^ {9{b_i[3]}};
  wire [9:0] row_1 = {{3{booth_0_digit[8]}}, booth_0_digit[8:2]} + {booth_1_digit[8], booth_1_digit}
      + {{9{1'b0}}, b_i[3]};
  wire booth_2_one = b_i[4] ^ b_i[3];
  wire booth_2_any = booth_2_one | (b_i[5] ^ b_i[4]);
  wire [8:0] booth_2_magnitude = (booth_2_one ? {a_i[7], a_i} : {a_i, 1'b0}) & {9{booth_2_any}};
  wire [8:0] booth_2_digit = booth_2_magnitude ^ {9{b_i[5]}};
  wire [9:0] row_2 = {{2{row_1[9]}}, row_1[9:2]} + {booth_2_digit[8], booth_2_digit}
      + {{9{1'b0}}, b_i[5]};
  wire booth_3_one = b_i[6] ^ b_i[5];
  wire booth_3_any = booth_3_one | (b_i[7] ^ b_i[6]);
  wire [8:0] booth_3_magnitude = (booth_3_one ? {a_i[7], a_i} : {a_i, 1'b0}) & {9{booth_3_any}};
  wire [8:0] booth_3_digit = booth_3_magnitude ^ {9{b_i[7]}};
  wire [9:0] row_3 = {{2{row_2[9]}}, row_2[9:2]} + {booth_3_digit[8], booth_3_digit}
      + {{9{1'b0}}, b_i[7]};
  wire [15:0] product = {row_3, row_2[1:0], row_1[1:0], booth_0_digit[1:0]};
  wire carry_held = b_i[1];
  wire [15:0] result = product + {16{1'b0}} + {{15{1'b0}}, carry_held};

  assign result_o = result;

endmodule : fewbit_mul_int8_int8_ecp5

`default_nettype wire
