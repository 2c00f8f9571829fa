// fewbit_mac_int4_int4_t16_bram - exact multiply-accumulate
//
//   acc_o = a_i * b_i                  where valid_i and first_i
//   acc_o = acc_o + a_i * b_i          where valid_i alone
//
// Formats    a_i, b_i: int4 = 4 bits, two's complement
//            acc_o: AccWidth bits, two's complement, in units of 2^0
// Rounding   none: the result is exact
// Overflow   impossible within 16 * 2^(AccWidth - 12) terms; beyond that, wraps
// Timing     latency 3, one operation per cycle; acc_o holds between results
// Reset      async_low; clears the sum and acc_o
// Structure  bram, for iCE40 cells (a 4-input table with a carry)
// Reproduce  fewbit emit mac --a int4 --b int4 --terms 16 --strategy bram
// Generator  fewbit 0.2.0
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_mac_int4_int4_t16_bram #(
  // Bits of the accumulator, 9 to 2048
  parameter int AccWidth = 12
) (
  input  wire  clk_i,
  input  wire  rst_ni,
  input  wire  valid_i,
  input  wire  first_i,
  input  wire  signed [3:0] a_i,
  input  wire  signed [3:0] b_i,
  output logic valid_o,
  output logic signed [AccWidth - 1:0] acc_o
);

  if (AccWidth < 9 || AccWidth > 2048) begin : gen_bad_acc_width
`ifdef __ICARUS__
    AccWidth_must_be_9_to_2048 stop ();  // it knows no $error here
`else
    $error("AccWidth_must_be_9_to_2048");
`endif
  end

  logic valid_1_q;
  logic valid_2_q;
  logic result_valid_q;
  logic [7:0] product_q;
  logic [7:0] product_held_q;
  logic start_after_1_q;
  logic start_after_2_q;
  logic [AccWidth - 1:0] sum_q;

  // The significands address a block RAM
  wire [7:0] product_address = {a_i, b_i};

  // Exact sum
  wire [AccWidth - 1:0] step_addend = {{(AccWidth - 8){product_held_q[7]}}, product_held_q};
  wire [AccWidth - 1:0] sum = sum_q + step_addend;

  // Words of a block RAM, which is read but never written
  localparam logic [2047:0] ProductQWords =
      2048'h102030405060708f9fafbfcfdfeff00020406080a0c0e10f2f4f6f8fafcfe000306090c0f121518ebeef1f4f7fafd0004080c1014181c20e4e8ecf0f4f8fc00050a0f14191e2328dde2e7ecf1f6fb00060c12181e242a30d6dce2e8eef4fa00070e151c232a3138cfd6dde4ebf2f9000810182028303840c8d0d8e0e8f0f800f9f2ebe4ddd6cfc8312a231c150e0700faf4eee8e2dcd6d02a241e18120c0600fbf6f1ece7e2ddd8231e19140f0a0500fcf8f4f0ece8e4e01c1814100c080400fdfaf7f4f1eeebe815120f0c09060300fefcfaf8f6f4f2f00e0c0a0806040200fffefdfcfbfaf9f8070605040302010000000000000000000000000000000000;
  (* ram_style = "block" *) logic [7:0] product_q_words [0:255];
  initial begin
    for (int i = 0; i < 256; i = i + 1) begin
      product_q_words[i] = ProductQWords[i*8 +: 8];
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_1_q <= 1'b0;
      valid_2_q <= 1'b0;
      result_valid_q <= 1'b0;
      start_after_1_q <= 1'b0;
      start_after_2_q <= 1'b0;
    end else begin
      valid_1_q <= valid_i;
      valid_2_q <= valid_1_q;
      result_valid_q <= valid_2_q;
      start_after_1_q <= first_i;
      start_after_2_q <= start_after_1_q;
    end
  end

  always_ff @(posedge clk_i) begin
    product_q <= product_q_words[product_address];
    product_held_q <= product_q;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      sum_q <= {(AccWidth){1'b0}};
    end else if (valid_2_q) begin
      sum_q <= start_after_2_q ? step_addend : sum;
    end
  end

  assign valid_o = result_valid_q;
  assign acc_o = sum_q;

endmodule : fewbit_mac_int4_int4_t16_bram

`default_nettype wire
