// LUT1 to LUT6 of AMD 7 series and UltraScale+: the bit of INIT that the inputs name.
// SPDX-License-Identifier: Apache-2.0
//
// Yosys' own models are trees of multiplexers, which Verilator and the C++ compiler are slow to
// read; a test proves the two equal.

module LUT1 (
  output O,
  input I0
);
  parameter [1:0] INIT = 0;
  \$lut #(.WIDTH(1), .LUT(INIT)) lut (.A({I0}), .Y(O));
endmodule

module LUT2 (
  output O,
  input I0, I1
);
  parameter [3:0] INIT = 0;
  \$lut #(.WIDTH(2), .LUT(INIT)) lut (.A({I1, I0}), .Y(O));
endmodule

module LUT3 (
  output O,
  input I0, I1, I2
);
  parameter [7:0] INIT = 0;
  \$lut #(.WIDTH(3), .LUT(INIT)) lut (.A({I2, I1, I0}), .Y(O));
endmodule

module LUT4 (
  output O,
  input I0, I1, I2, I3
);
  parameter [15:0] INIT = 0;
  \$lut #(.WIDTH(4), .LUT(INIT)) lut (.A({I3, I2, I1, I0}), .Y(O));
endmodule

module LUT5 (
  output O,
  input I0, I1, I2, I3, I4
);
  parameter [31:0] INIT = 0;
  \$lut #(.WIDTH(5), .LUT(INIT)) lut (.A({I4, I3, I2, I1, I0}), .Y(O));
endmodule

module LUT6 (
  output O,
  input I0, I1, I2, I3, I4, I5
);
  parameter [63:0] INIT = 0;
  \$lut #(.WIDTH(6), .LUT(INIT)) lut (.A({I5, I4, I3, I2, I1, I0}), .Y(O));
endmodule
