// fewbit_fmac_generic - running sum of products, rounded at each step
//
//   acc_o = round(a_i * b_i)                   where valid_i and first_i
//   acc_o = round(acc_o + a_i * b_i)           where valid_i alone
//
//   With Interleave N there are N sums, to which operations go in turn: the acc_o that is added to is
//   that of N operations before, 0 after a reset.
//
// Formats    a_i, b_i: any integer or minifloat; acc_o: any minifloat, see the parameters
// Rounding   Rounding, once at each step
// Overflow   Overflow
// NaN        a NaN operand, zero times infinity or infinity less infinity gives RNanCode
// Reset      ResetKind says what rst_i is
// Timing     latency 1 + Interleave: stage 1 registers the operands, stage 2 adds; one per cycle.
//            valid_o is valid_i so many cycles later; acc_o holds in between and is +0 after reset. ready_o is
//            ready_i || !valid_o, and nothing moves without it: tie ready_i to 1 where there is no
//            back-pressure
// SPDX-License-Identifier: Apache-2.0 OR 0BSD
`default_nettype none

// Stops elaboration with a message; Icarus 11 takes no $error there and stops at the missing module
`ifdef __ICARUS__
`define FEWBIT_STOP(message) message stop ();
`else
`define FEWBIT_STOP(message) $error(`"message`");
`endif

module fewbit_fmac_generic #(
    // Bits of a; a minifloat has sign (if signed), exponent and fraction, from the top
    parameter int          AWidth        = 8,
    // Top bit of a is a sign (minifloat) or has negative weight (integer)
    parameter bit          ASigned       = 1'b1,
    // Exponent bits of a; 0: an integer, and the next five parameters mean nothing
    parameter int          AExpBits      = 4,
    // Exponent field 0 has no hidden bit; 0 for scales without a zero (E8M0)
    parameter bit          ASubnormals   = 1'b1,
    // Largest finite code without its sign bit; codes above it are NaN, but for infinity
    parameter logic [31:0] AMaxFinite    = 32'h7e,
    // a has infinities
    parameter bit          AHasInfinity  = 1'b0,
    // Code of infinity without its sign bit
    parameter logic [31:0] AInfinity     = 32'h0,
    // The code of minus zero is NaN
    parameter bit          ANegZeroIsNan = 1'b0,
    // Weight of a's lowest bit is 2^this; minifloats: 1 - bias - fraction bits
    parameter int          ALsbExponent  = -9,
    // Bits of b; a minifloat has sign (if signed), exponent and fraction, from the top
    parameter int          BWidth        = 8,
    // Top bit of b is a sign (minifloat) or has negative weight (integer)
    parameter bit          BSigned       = 1'b1,
    // Exponent bits of b; 0: an integer, and the next five parameters mean nothing
    parameter int          BExpBits      = 4,
    // Exponent field 0 has no hidden bit; 0 for scales without a zero (E8M0)
    parameter bit          BSubnormals   = 1'b1,
    // Largest finite code without its sign bit; codes above it are NaN, but for infinity
    parameter logic [31:0] BMaxFinite    = 32'h7e,
    // b has infinities
    parameter bit          BHasInfinity  = 1'b0,
    // Code of infinity without its sign bit
    parameter logic [31:0] BInfinity     = 32'h0,
    // The code of minus zero is NaN
    parameter bit          BNegZeroIsNan = 1'b0,
    // Weight of b's lowest bit is 2^this; minifloats: 1 - bias - fraction bits
    parameter int          BLsbExponent  = -9,
    // Subnormal operands are zeros of their sign
    parameter bit          FlushInputs   = 1'b0,
    // Bits of the result
    parameter int          RWidth        = 8,
    // The result has a sign
    parameter bit          RSigned       = 1'b1,
    // Exponent bits of the result; 0: an integer
    parameter int          RExpBits      = 4,
    // Exponent field 0 has no hidden bit; 0 for scales without a zero (E8M0)
    parameter bit          RSubnormals   = 1'b1,
    // Weight of the result's lowest bit is 2^this; minifloats: 1 - bias - fraction bits
    parameter int          RLsbExponent  = -9,
    // Largest finite code of a minifloat without its sign bit
    parameter logic [31:0] RMaxFinite    = 32'h7e,
    // The minifloat has infinities
    parameter bit          RHasInfinity  = 1'b0,
    // Code of infinity without its sign bit
    parameter logic [31:0] RInfinity     = 32'h0,
    // The minifloat has no minus zero
    parameter bit          RNegZeroIsNan = 1'b0,
    // What a NaN becomes, the whole code; largest finite code where there is no NaN
    parameter logic [31:0] RNanCode      = 32'h7f,
    // A result that rounds to a subnormal is a zero of its sign
    parameter bit          RFlush        = 1'b0,
    // 0 ties_to_even, 1 ties_to_away, 2 toward_zero, 3 toward_positive, 4 toward_negative, 5 to_odd,
    // 6 stochastic_a, 7 stochastic_b, 8 stochastic_c, 9 ties_toward_positive,
    // 10 ties_toward_negative
    parameter int          Rounding      = 0,
    // Bits of random_i, of stochastic rounding
    parameter int          RandomWidth   = 1,
    // A finite value too large; infinity: 0 largest finite; same. 1 infinity, or largest finite if
    // rounding toward zero; infinity. 2 NaN; NaN. 3 low bits (integers); end of the range.
    // 4 largest finite; infinity. 5 largest finite; NaN. 6 SatNone of P3109: infinity, or NaN where
    // there is none of this sign, or the end of the range if rounding toward it; infinity or NaN
    parameter int          Overflow      = 0,
    // 0: asynchronous, active low; 1: synchronous, active high; 2: synchronous, active low; 3: none
    parameter int          ResetKind     = 0,
    // Running sums that operations go to in turn
    parameter int          Interleave    = 1
) (
    input  logic                   clk_i,
    input  logic                   rst_i,
    input  logic                   ready_i,
    input  logic                   valid_i,
    input  logic                   first_i,
    input  logic [     AWidth-1:0] a_i,
    input  logic [     BWidth-1:0] b_i,
    input  logic [RandomWidth-1:0] random_i,
    output logic                   ready_o,
    output logic                   valid_o,
    output logic [     RWidth-1:0] acc_o
);
  // Legal ranges of the parameters
  if (Interleave < 1 || Interleave > 8) begin : gen_bad_interleave
    `FEWBIT_STOP(Interleave_must_be_1_to_8)
  end

  // While a result is offered and not taken everything stands still
  assign ready_o = ready_i || !valid_o;

  // Stage 1: the operands; only valid_q needs the reset
  logic valid_q, first_q;
  logic [AWidth-1:0] a_q;
  logic [BWidth-1:0] b_q;
  logic [RandomWidth-1:0] random_q;
  fewbit_register #(
      .Width(1),
      .ResetKind(ResetKind)
  ) u_valid (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .enable_i(ready_o),
      .d_i(valid_i),
      .q_o(valid_q)
  );
  fewbit_register #(
      .Width(1 + AWidth + BWidth + RandomWidth),
      .ResetKind(3)
  ) u_operands (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .enable_i(ready_o),
      .d_i({first_i, a_i, b_i, random_i}),
      .q_o({first_q, a_q, b_q, random_q})
  );

  // Stage 2: the rounded sum
  logic [RWidth-1:0] sum, former;
  logic unused_nan, unused_pinf, unused_ninf;
  fewbit_fma_generic #(
      .AWidth(AWidth),
      .ASigned(ASigned),
      .AExpBits(AExpBits),
      .ASubnormals(ASubnormals),
      .AMaxFinite(AMaxFinite),
      .AHasInfinity(AHasInfinity),
      .AInfinity(AInfinity),
      .ANegZeroIsNan(ANegZeroIsNan),
      .ALsbExponent(ALsbExponent),
      .BWidth(BWidth),
      .BSigned(BSigned),
      .BExpBits(BExpBits),
      .BSubnormals(BSubnormals),
      .BMaxFinite(BMaxFinite),
      .BHasInfinity(BHasInfinity),
      .BInfinity(BInfinity),
      .BNegZeroIsNan(BNegZeroIsNan),
      .BLsbExponent(BLsbExponent),
      .CWidth(RWidth),
      .CSigned(RSigned),
      .CExpBits(RExpBits),
      .CSubnormals(1'b1),
      .CMaxFinite(RMaxFinite),
      .CHasInfinity(RHasInfinity),
      .CInfinity(RInfinity),
      .CNegZeroIsNan(RNegZeroIsNan),
      .CLsbExponent(RLsbExponent),
      .FlushInputs(FlushInputs),
      .KeepC(1'b1),
      .RoundResult(1'b1),
      .RWidth(RWidth),
      .RSigned(RSigned),
      .RExpBits(RExpBits),
      .RSubnormals(RSubnormals),
      .RLsbExponent(RLsbExponent),
      .RMaxFinite(RMaxFinite),
      .RHasInfinity(RHasInfinity),
      .RInfinity(RInfinity),
      .RNegZeroIsNan(RNegZeroIsNan),
      .RNanCode(RNanCode),
      .RFlush(RFlush),
      .Rounding(Rounding),
      .RandomWidth(RandomWidth),
      .Overflow(Overflow)
  ) u_fma (
      .a_i(a_q),
      .b_i(b_q),
      .c_i(former),
      .add_i(!first_q),
      .random_i(random_q),
      .result_o(sum),
      .nan_o(unused_nan),
      .pinf_o(unused_pinf),
      .ninf_o(unused_ninf)
  );
  // What is shown next, if anything, as many cycles later as a loop of so many sums has
  logic valid;
  logic [RWidth-1:0] shown, acc_d, acc_q;
  if (Interleave == 1) begin : gen_one
    assign former = acc_q;
    assign valid = valid_q;
    assign shown = sum;
  end else begin : gen_in_turn
    // The results of as many operations as there are sums, the oldest on top
    logic [Interleave*RWidth-1:0] results_q;
    fewbit_register #(
        .Width(Interleave * RWidth),
        .ResetKind(ResetKind)
    ) u_results (
        .clk_i(clk_i),
        .rst_i(rst_i),
        .enable_i(ready_o && valid_q),
        .d_i({results_q[(Interleave-1)*RWidth-1:0], sum}),
        .q_o(results_q)
    );
    assign former = results_q[Interleave*RWidth-1-:RWidth];
    logic [Interleave*(RWidth+1)-1:0] later;
    assign later[RWidth:0] = {valid_q, sum};
    for (genvar k = 1; k < Interleave; k++) begin : gen_later
      fewbit_register #(
          .Width(RWidth + 1),
          .ResetKind(ResetKind)
      ) u_later (
          .clk_i(clk_i),
          .rst_i(rst_i),
          .enable_i(ready_o),
          .d_i(later[(k-1)*(RWidth+1)+:RWidth+1]),
          .q_o(later[k*(RWidth+1)+:RWidth+1])
      );
    end
    assign valid = later[Interleave*(RWidth+1)-1];
    assign shown = later[(Interleave-1)*(RWidth+1)+:RWidth];
  end
  assign acc_d = valid ? shown : acc_q;
  fewbit_register #(
      .Width(RWidth + 1),
      .ResetKind(ResetKind)
  ) u_acc (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .enable_i(ready_o),
      .d_i({valid, acc_d}),
      .q_o({valid_o, acc_q})
  );
  assign acc_o = acc_q;
endmodule : fewbit_fmac_generic

`undef FEWBIT_STOP
`default_nettype wire
