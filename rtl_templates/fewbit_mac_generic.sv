// fewbit_mac_generic - exact multiply-accumulate for any two integer or minifloat formats
//
//   acc_o = a_i * b_i                   where valid_i and first_i
//   acc_o = acc_o + a_i * b_i           where valid_i alone
//
// Formats    a_i, b_i: any, see the parameters; the defaults are e4m3fn = 1 sign, 4 exponent,
//            3 fraction bits, bias 7, subnormals kept, no Inf, NaN = S.1111.111
//            acc_o: fixed point in units of the product of the operands' lowest bits times
//            2^DropBits, to which each product is rounded, two's complement if an operand is signed (of two int1, which are 0 and -1: unsigned)
// Overflow   wraps modulo 2^AccWidth, or with Saturate stays at the nearest end, at each step
// Special    a NaN operand, or zero times infinity, adds nothing and sets nan_o, an infinite
//            product likewise pinf_o or ninf_o; these stay set until the next first_i
// Reset      ResetKind says what rst_i is
// Timing     Latency 2: stage 1 registers the product, stage 2 adds; Latency 1: stage 2 alone; one
//            per cycle. valid_o is valid_i so many cycles later; acc_o and the flags hold in between
//            and are 0 after reset. ready_o is ready_i || !valid_o, and nothing moves without it: tie
//            ready_i to 1 where there is no back-pressure
// SPDX-License-Identifier: Apache-2.0 OR 0BSD
`default_nettype none

module fewbit_mac_generic #(
    // Bits of a; a minifloat has sign (if signed), exponent and fraction, from the top
    parameter int          AWidth        = 8,
    // Top bit of a is a sign (minifloat) or has negative weight (integer)
    parameter bit          ASigned       = 1'b1,
    // Exponent bits of a; 0: an integer, and the next five parameters mean nothing
    parameter int          AExpBits      = 4,
    // a is an integer of one bit: 0 is -1, 1 is +1
    parameter bit          ABipolar      = 1'b0,
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
    // Bits of b; a minifloat has sign (if signed), exponent and fraction, from the top
    parameter int          BWidth        = 8,
    // Top bit of b is a sign (minifloat) or has negative weight (integer)
    parameter bit          BSigned       = 1'b1,
    // Exponent bits of b; 0: an integer, and the next five parameters mean nothing
    parameter int          BExpBits      = 4,
    // b is an integer of one bit: 0 is -1, 1 is +1
    parameter bit          BBipolar      = 1'b0,
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
    // Subnormal operands are zeros of their sign
    parameter bit          FlushInputs   = 1'b0,
    // Bits that hold every finite product in units of its lowest bit, with the sign
    parameter int          AddendWidth   = 37,
    // Bits of the accumulator
    parameter int          AccWidth      = 47,
    // Overflow: 0 wraps, 1 saturates
    parameter bit          Saturate      = 1'b0,
    // 0: asynchronous, active low; 1: synchronous, active high; 2: synchronous, active low; 3: none
    parameter int          ResetKind     = 0,
    // Cycles to the result: 2, or 1 without the register before the sum
    parameter int          Latency       = 2,
    // Low bits of the addend that the accumulator lacks
    parameter int          DropBits      = 0,
    // How they are rounded, each addend for itself: as in fewbit_accumulator
    parameter int          Rounding      = 2
) (
    input  logic                clk_i,
    input  logic                rst_i,
    input  logic                ready_i,
    input  logic                valid_i,
    input  logic                first_i,
    input  logic [  AWidth-1:0] a_i,
    input  logic [  BWidth-1:0] b_i,
    output logic                ready_o,
    output logic                valid_o,
    output logic [AccWidth-1:0] acc_o,
    output logic                nan_o,
    output logic                pinf_o,
    output logic                ninf_o
);
  // Two's complement where an operand has a sign; int1 is 0 or -1, and its square has none
  localparam bit BothInt1 = ASigned && (AExpBits == 0) && (AWidth == 1) && !ABipolar && BSigned
      && (BExpBits == 0) && (BWidth == 1) && !BBipolar;
  localparam bit SumSigned = (ASigned || BSigned) && !BothInt1;

  // Exact product
  logic [AddendWidth-1:0] product;
  logic nan, pinf, ninf;
  fewbit_mul_generic #(
      .AWidth(AWidth),
      .ASigned(ASigned),
      .AExpBits(AExpBits),
      .ABipolar(ABipolar),
      .ASubnormals(ASubnormals),
      .AMaxFinite(AMaxFinite),
      .AHasInfinity(AHasInfinity),
      .AInfinity(AInfinity),
      .ANegZeroIsNan(ANegZeroIsNan),
      .BWidth(BWidth),
      .BSigned(BSigned),
      .BExpBits(BExpBits),
      .BBipolar(BBipolar),
      .BSubnormals(BSubnormals),
      .BMaxFinite(BMaxFinite),
      .BHasInfinity(BHasInfinity),
      .BInfinity(BInfinity),
      .BNegZeroIsNan(BNegZeroIsNan),
      .FlushInputs(FlushInputs),
      .RoundResult(1'b0),
      .RWidth(AddendWidth)
  ) u_mul (
      .a_i(a_i),
      .b_i(b_i),
      .random_i(1'b0),
      .result_o(product),
      .nan_o(nan),
      .pinf_o(pinf),
      .ninf_o(ninf)
  );

  // Accumulate
  fewbit_accumulator #(
      .IsSigned(SumSigned),
      .AddendWidth(AddendWidth),
      .AccWidth(AccWidth),
      .Saturate(Saturate),
      .ResetKind(ResetKind),
      .Latency(Latency),
      .DropBits(DropBits),
      .Rounding(Rounding)
  ) u_accumulator (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .ready_i(ready_i),
      .valid_i(valid_i),
      .first_i(first_i),
      .addend_i(product),
      .nan_i(nan),
      .pinf_i(pinf),
      .ninf_i(ninf),
      .ready_o(ready_o),
      .valid_o(valid_o),
      .acc_o(acc_o),
      .nan_o(nan_o),
      .pinf_o(pinf_o),
      .ninf_o(ninf_o)
  );
endmodule : fewbit_mac_generic

`default_nettype wire
