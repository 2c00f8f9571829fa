// fewbit_mul_int8_int8_dsp - exact multiplier
//
//   result_o = a_i * b_i
//
// Formats    a_i, b_i: int8 = 8 bits, two's complement
//            result_o: 16 bits, two's complement, in units of 2^0
// Rounding   none: the result is exact
// Overflow   impossible
// Timing     combinational: latency 0
// Reproduce  fewbit emit mul --a int8 --b int8 --dsp one --target ecp5
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_mul_int8_int8_dsp (
  input  wire  signed [7:0] a_i,
  input  wire  signed [7:0] b_i,
  output logic signed [15:0] result_o
);

  // Exact product
  wire [15:0] product = $signed(a_i) * $signed(b_i);

  assign result_o = product;

endmodule : fewbit_mul_int8_int8_dsp

`default_nettype wire
