// SB_LUT4 of Lattice iCE40: the bit of LUT_INIT that the inputs name.
// SPDX-License-Identifier: Apache-2.0
//
// Yosys' own model is a tree of multiplexers, which Verilator and the C++ compiler are slow to read;
// a test proves the two equal.

module SB_LUT4 (
  output O,
  input I0, I1, I2, I3
);
  parameter [15:0] LUT_INIT = 0;
  \$lut #(.WIDTH(4), .LUT(LUT_INIT)) lut (.A({I3, I2, I1, I0}), .Y(O));
endmodule
