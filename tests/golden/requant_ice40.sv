// fewbit_requant_int20_s5_to_int8 - requantizer
//
//   result_o = round(a_i / 2^shift_i)
//
// Formats    a_i: int20 = 20 bits, two's complement
//            shift_i: uint5 = 5 bits, unsigned
//            result_o: int8 = 8 bits, two's complement
// Rounding   to nearest, ties to even
// Overflow   largest finite value of the sign
// Timing     combinational: latency 0
// Structure  exact_first, for iCE40 cells (a 4-input table with a carry)
// Reproduce  fewbit emit requant --a int20 --shift-bits 5 --result int8
// Generator  fewbit 0.2.0
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_requant_int20_s5_to_int8 (
  input  wire  signed [19:0] a_i,
  input  wire  [4:0] shift_i,
  output logic signed [7:0] result_o
);

  // Shift, coarse first; the bit below the last place is the one that rounds
  wire outside_4 = (|{{16{a_i[19]}}, a_i[19]}) & ~(&{{16{a_i[19]}}, a_i[19]}) & ~shift_i[4];
  wire sticky_4 = (|{a_i[14:0], 1'b0}) & shift_i[4];
  wire [20:0] shifted_4 = shift_i[4] ? {{16{a_i[19]}}, a_i[19:15]} : {a_i, 1'b0};
  wire outside_3 = outside_4
      | ((|{{3{shifted_4[20]}}, shifted_4[20:15]}) & ~(&{{3{shifted_4[20]}}, shifted_4[20:15]})
      & ~shift_i[3]);
  wire sticky_3 = sticky_4 | ((|shifted_4[7:0]) & shift_i[3]);
  wire [15:0] shifted_3 = shift_i[3] ? {{3{shifted_4[20]}}, shifted_4[20:8]} : shifted_4[15:0];
  wire outside_2 = outside_3 | ((|shifted_3[15:11]) & ~(&shifted_3[15:11]) & ~shift_i[2]);
  wire sticky_2 = sticky_3 | ((|shifted_3[3:0]) & shift_i[2]);
  wire [11:0] shifted_2 = shift_i[2] ? shifted_3[15:4] : shifted_3[11:0];
  wire outside_1 = outside_2 | ((|shifted_2[11:9]) & ~(&shifted_2[11:9]) & ~shift_i[1]);
  wire sticky_1 = sticky_2 | ((|shifted_2[1:0]) & shift_i[1]);
  wire [9:0] shifted_1 = shift_i[1] ? shifted_2[11:2] : shifted_2[9:0];
  wire outside_0 = outside_1 | ((|shifted_1[9:8]) & ~(&shifted_1[9:8]) & ~shift_i[0]);
  wire sticky_0 = sticky_1 | (shifted_1[0] & shift_i[0]);
  wire [8:0] shifted_0 = shift_i[0] ? shifted_1[9:1] : shifted_1[8:0];

  // Round, then the range
  wire round_up = shifted_0[0] & (sticky_0 | shifted_0[1]);
  wire [8:0] rounded = {shifted_0[8], shifted_0[8:1]} + {8'b00000000, round_up};
  wire is_outside = outside_0 | (rounded[8] ^ rounded[7]);
  wire [7:0] result = is_outside ? (a_i[19] ? 8'b10000000 : 8'b01111111) : rounded[7:0];

  assign result_o = result;

endmodule : fewbit_requant_int20_s5_to_int8

`default_nettype wire
