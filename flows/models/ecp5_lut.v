// LUT4 of Lattice ECP5: the bit of INIT that the inputs name.
// SPDX-License-Identifier: Apache-2.0
//
// Yosys' own model is a tree of multiplexers, which Verilator and the C++ compiler are slow to read;
// a test proves the two equal.

module LUT4 (
  input A, B, C, D,
  output Z
);
  parameter [15:0] INIT = 0;
  \$lut #(.WIDTH(4), .LUT(INIT)) lut (.A({D, C, B, A}), .Y(Z));
endmodule
