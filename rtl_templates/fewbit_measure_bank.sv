// fewbit_measure_bank - Width registers around a core that is measured
// SPDX-License-Identifier: Apache-2.0 OR 0BSD
`default_nettype none

module fewbit_measure_bank #(
    // Bits of the port that it registers
    parameter int Width = 1
) (
    input  wire              clk_i,
    input  wire  [Width-1:0] d_i,
    output logic [Width-1:0] q_o
);

  for (genvar i = 0; i < Width; i++) begin : gen_bit
    fewbit_measure_register u_bit (
        .clk_i(clk_i),
        .d_i  (d_i[i]),
        .q_o  (q_o[i])
    );
  end : gen_bit

endmodule : fewbit_measure_bank

`default_nettype wire
