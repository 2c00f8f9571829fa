// What nextpnr-nexus wants of a carry chain's first cell: no net on CIN, not even a constant.
// SPDX-License-Identifier: Apache-2.0
//
// Yosys 0.70 leaves CIN open, and abc9 ties it to 0. A techmap: constants as values, then the cells.

module VHI (output Z);
  assign Z = 1'b1;
endmodule

module VLO (output Z);
  assign Z = 1'b0;
endmodule

(* techmap_celltype = "CCU2" *)
module first_of_chain (
  input CIN, A0, B0, C0, D0, A1, B1, C1, D1,
  output S0, S1, COUT
);
  parameter INJECT = "YES";
  parameter INIT0 = "0x0000";
  parameter INIT1 = "0x0000";
  parameter _TECHMAP_CONSTMSK_CIN_ = 1'b0;
  parameter _TECHMAP_CONSTVAL_CIN_ = 1'b0;
  wire _TECHMAP_FAIL_ = _TECHMAP_CONSTMSK_CIN_ !== 1'b1 || _TECHMAP_CONSTVAL_CIN_ !== 1'b0;
  CCU2 #(
    .INJECT(INJECT),
    .INIT0(INIT0),
    .INIT1(INIT1)
  ) _TECHMAP_REPLACE_ (
    .A0(A0), .B0(B0), .C0(C0), .D0(D0),
    .A1(A1), .B1(B1), .C1(C1), .D1(D1),
    .S0(S0), .S1(S1), .COUT(COUT)
  );
endmodule
