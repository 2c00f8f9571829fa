// fewbit_acc_generic - exact accumulator for any integer or minifloat format
//
//   acc_o = a_i                         where valid_i and first_i
//   acc_o = acc_o + a_i                 where valid_i alone
//
// Formats    a_i: any, see the parameters; the defaults are e4m3fn = 1 sign, 4 exponent,
//            3 fraction bits, bias 7, subnormals kept, no Inf, NaN = S.1111.111
//            acc_o: fixed point in units of a's lowest bit times 2^DropBits, to which each a is
//            rounded, two's complement if a is signed
// Overflow   wraps modulo 2^AccWidth, or with Saturate stays at the nearest end, at each step
// Special    NaN adds nothing and sets nan_o, infinity likewise pinf_o or ninf_o; these stay set
//            until the next first_i
// Reset      ResetKind says what rst_i is
// Timing     Latency 2: stage 1 registers the operand, stage 2 adds; Latency 1: stage 2 alone; one
//            per cycle. valid_o is valid_i so many cycles later; acc_o and the flags hold in between
//            and are 0 after reset. ready_o is ready_i || !valid_o, and nothing moves without it: tie
//            ready_i to 1 where there is no back-pressure
// SPDX-License-Identifier: Apache-2.0 OR 0BSD
`default_nettype none

// Stops elaboration with a message; Icarus 11 takes no $error there and stops at the missing module
`ifdef __ICARUS__
`define FEWBIT_STOP(message) message stop ();
`else
`define FEWBIT_STOP(message) $error(`"message`");
`endif

module fewbit_acc_generic #(
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
    // Subnormal operands are zeros of their sign
    parameter bit          FlushInputs   = 1'b0,
    // Bits that hold every finite value of a in units of its lowest bit, with the sign
    parameter int          AddendWidth   = 19,
    // Bits of the accumulator
    parameter int          AccWidth      = 29,
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
    output logic                ready_o,
    output logic                valid_o,
    output logic [AccWidth-1:0] acc_o,
    output logic                nan_o,
    output logic                pinf_o,
    output logic                ninf_o
);
  // Bits of the largest values of a
  localparam int AFields = ASigned ? AWidth - 1 : AWidth;
  localparam int AMaxField = (AExpBits == 0) ? 0 : AMaxFinite >> (AFields - AExpBits);
  localparam int AMaxShift = (ASubnormals && (AMaxField > 0)) ? AMaxField - 1 : AMaxField;
  localparam int ASigBits = (AMaxField > 0 || !ASubnormals) ? AFields - AExpBits + 1
      : $clog2(AMaxFinite + 1);
  localparam int ExactWidth =
      (AExpBits == 0) ? AWidth : ASigBits + AMaxShift + (ASigned ? 1 : 0);

  // Legal ranges of the parameters
  if (AddendWidth < ExactWidth || AddendWidth > 2048) begin : gen_bad_addend_width
    `FEWBIT_STOP(AddendWidth_must_hold_every_value_of_a_in_1_to_2048)
  end

  // Unpack to fixed point
  logic sign, nan, infinite;
  logic [AddendWidth-1:0] addend;
  fewbit_fixed_point #(
      .Width(AWidth),
      .IsSigned(ASigned),
      .ExpBits(AExpBits),
      .Subnormals(ASubnormals),
      .MaxFinite(AMaxFinite),
      .HasInfinity(AHasInfinity),
      .Infinity(AInfinity),
      .NegZeroIsNan(ANegZeroIsNan),
      .Flush(FlushInputs),
      .LeftShift(0),
      .ValueWidth(AddendWidth)
  ) u_fixed_point (
      .code_i(a_i),
      .sign_o(sign),
      .value_o(addend),
      .nan_o(nan),
      .inf_o(infinite)
  );

  // Accumulate
  fewbit_accumulator #(
      .IsSigned(ASigned),
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
      .addend_i(addend),
      .nan_i(nan),
      .pinf_i(infinite && !sign),
      .ninf_i(infinite && sign),
      .ready_o(ready_o),
      .valid_o(valid_o),
      .acc_o(acc_o),
      .nan_o(nan_o),
      .pinf_o(pinf_o),
      .ninf_o(ninf_o)
  );
endmodule : fewbit_acc_generic

`undef FEWBIT_STOP
`default_nettype wire
