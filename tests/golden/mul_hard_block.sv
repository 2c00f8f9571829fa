// fewbit_mul_int8_int8_dsp_ecp5 - exact multiplier
//
//   result_o = a_i * b_i
//
// Formats    a_i, b_i: int8 = 8 bits, two's complement
//            result_o: 16 bits, two's complement, in units of 2^0
// Rounding   none: the result is exact
// Overflow   impossible
// Timing     combinational: latency 0
// Structure  exact_first, products in hard multipliers, for ECP5 cells (4-input tables, 2-bit
//            carries)
// Reproduce  fewbit emit mul --a int8 --b int8 --dsp one --target ecp5
// Generator  fewbit 0.2.0
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_mul_int8_int8_dsp_ecp5 (
  input  wire  signed [7:0] a_i,
  input  wire  signed [7:0] b_i,
  output logic signed [15:0] result_o
);

  // Exact product
  wire [15:0] product = $signed(a_i) * $signed(b_i);

  assign result_o = product;

endmodule : fewbit_mul_int8_int8_dsp_ecp5

`default_nettype wire
