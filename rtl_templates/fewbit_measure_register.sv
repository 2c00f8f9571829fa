// fewbit_measure_register - one flip-flop around a core that is measured
//
//   q_o is d_i one cycle later. It keeps its own hierarchy: synthesis can neither merge nor move it,
//   so the cells outside it are the core's.
// SPDX-License-Identifier: Apache-2.0 OR 0BSD
`default_nettype none

(* keep_hierarchy *)
module fewbit_measure_register (
    input  wire  clk_i,
    input  wire  d_i,
    output logic q_o
);

  always_ff @(posedge clk_i) begin
    q_o <= d_i;
  end

endmodule : fewbit_measure_register

`default_nettype wire
