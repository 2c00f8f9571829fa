// fewbit_max_e4m3fn_e4m3fn_to_e4m3fn - correctly rounded maximum
//
//   result_o = round(max(a_i, b_i))
//
// Formats    a_i, b_i: e4m3fn = 1 sign, 4 exponent, 3 fraction bits, bias 7, subnormals kept, no
//            Inf, NaN = S.1111.111, largest 448
//            result_o: e4m3fn = 1 sign, 4 exponent, 3 fraction bits, bias 7, subnormals kept, no
//            Inf, NaN = S.1111.111, largest 448
// Rounding   to nearest, ties to even
// Overflow   largest finite value of the sign
// Special    a NaN operand gives NaN
// Zero       -0 is below +0
// Timing     combinational: latency 0
// Structure  exact_first, for iCE40 cells (a 4-input table with a carry)
// Reproduce  fewbit emit max --a e4m3fn --b e4m3fn --result e4m3fn
// Generator  fewbit 0.2.0
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_max_e4m3fn_e4m3fn_to_e4m3fn (
  input  wire  [7:0] a_i,
  input  wire  [7:0] b_i,
  output logic [7:0] result_o
);

  // Which code is the larger number
  wire a_nan = &a_i[6:0];
  wire b_nan = &b_i[6:0];
  wire a_magnitude_below = a_i[6:0] < b_i[6:0];
  wire b_larger = (a_i[7] & ~b_i[7]) | (~(a_i[7] ^ b_i[7]) & (a_i[7] ^ a_magnitude_below));
  wire [7:0] chosen = b_larger ? b_i : a_i;

  // One code for NaN
  wire is_nan = a_nan | b_nan;
  wire [7:0] result = is_nan ? 8'b01111111 : chosen;

  assign result_o = result;

endmodule : fewbit_max_e4m3fn_e4m3fn_to_e4m3fn

`default_nettype wire
