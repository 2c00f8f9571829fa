// fewbit_measure_bank - Width registers around a core that is measured
// SPDX-License-Identifier: Apache-2.0 OR 0BSD
`default_nettype none

// Stops elaboration with a message; Icarus 11 takes no $error there and stops at the missing module
`ifdef __ICARUS__
`define FEWBIT_STOP(message) message stop ();
`else
`define FEWBIT_STOP(message) $error(`"message`");
`endif

module fewbit_measure_bank #(
    // Bits of the port that it registers
    parameter int Width = 1
) (
    input  wire              clk_i,
    input  wire  [Width-1:0] d_i,
    output logic [Width-1:0] q_o
);

  // Legal ranges of the parameters
  if (Width < 1 || Width > 65536) begin : gen_bad_width
    `FEWBIT_STOP(Width_must_be_1_to_65536)
  end

  for (genvar i = 0; i < Width; i++) begin : gen_bit
    fewbit_measure_register u_bit (
        .clk_i(clk_i),
        .d_i  (d_i[i]),
        .q_o  (q_o[i])
    );
  end : gen_bit

endmodule : fewbit_measure_bank

`undef FEWBIT_STOP
`default_nettype wire
