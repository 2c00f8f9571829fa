// fewbit_mul_e2m1_e2m1_to_e2m1 - correctly rounded multiplier
//
//   result_o = round(a_i * b_i)
//
// Formats    a_i, b_i: e2m1 = 1 sign, 2 exponent, 1 fraction bits, bias 1, subnormals kept, no Inf,
//            no NaN, largest 6
//            result_o: e2m1 = 1 sign, 2 exponent, 1 fraction bits, bias 1, subnormals kept, no Inf,
//            no NaN, largest 6
// Rounding   to nearest, ties to even
// Overflow   largest finite value of the sign
// Timing     combinational: latency 0
// Structure  table, for iCE40 cells (a 4-input table with a carry)
// Reproduce  fewbit emit mul --a e2m1 --b e2m1 --result e2m1
// Generator  fewbit 0.2.0
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_mul_e2m1_e2m1_to_e2m1 (
  input  wire  [3:0] a_i,
  input  wire  [3:0] b_i,
  output logic [3:0] result_o
);

  // Rounded magnitude, by those of both operands
  wire [5:0] magnitude_index = {a_i[2:0], b_i[2:0]};
  // Cell: four-input cells that a search found; together the rounded product of both magnitudes
  localparam logic [15:0] Cell0 = 16'h97aa;
  wire magnitude_cell_0 = Cell0[{magnitude_index[4], magnitude_index[1:0], magnitude_index[5]}];
  localparam logic [15:0] Cell1 = 16'hf8ec;
  wire magnitude_cell_1 = Cell1[{magnitude_cell_0, magnitude_index[2], magnitude_index[5],
      magnitude_index[1]}];
  localparam logic [15:0] Cell2 = 16'hdcc8;
  wire magnitude_cell_2 = Cell2[{magnitude_index[4:3], magnitude_cell_1, magnitude_cell_0}];
  localparam logic [15:0] Cell3 = 16'h166e;
  wire magnitude_cell_3 = Cell3[{magnitude_index[4], magnitude_index[0], magnitude_index[2],
      magnitude_cell_2}];
  localparam logic [15:0] Cell4 = 16'h75e8;
  wire magnitude_cell_4 = Cell4[{magnitude_cell_3, magnitude_index[1], magnitude_index[3],
      magnitude_index[5]}];
  localparam logic [15:0] Cell5 = 16'hc974;
  wire magnitude_cell_5 = Cell5[{magnitude_index[3], magnitude_index[5], magnitude_index[0],
      magnitude_cell_3}];
  localparam logic [15:0] Cell6 = 16'h87e8;
  wire magnitude_cell_6 = Cell6[{magnitude_cell_3, magnitude_cell_5, magnitude_cell_4,
      magnitude_index[2]}];
  localparam logic [15:0] Cell7 = 16'h81d2;
  wire magnitude_cell_7 = Cell7[{magnitude_cell_6, magnitude_index[0], magnitude_cell_0,
      magnitude_cell_5}];
  localparam logic [15:0] Cell8 = 16'h4a84;
  wire magnitude_cell_8 = Cell8[{magnitude_index[1], magnitude_cell_7, magnitude_index[3],
      magnitude_index[4]}];
  localparam logic [15:0] Cell9 = 16'hfda8;
  wire magnitude_cell_9 = Cell9[{magnitude_cell_8, magnitude_index[2], magnitude_cell_7,
      magnitude_index[5]}];
  wire [2:0] magnitude = {magnitude_cell_2, magnitude_cell_9, magnitude_cell_6};
  wire [3:0] result = {a_i[3] ^ b_i[3], magnitude};

  assign result_o = result;

endmodule : fewbit_mul_e2m1_e2m1_to_e2m1

`default_nettype wire
