// fewbit_convert_generic - any integer or minifloat format into any other, rounded once
//
//   result_o = round(a_i)
//
// Formats    a_i, result_o: any, see the parameters; the defaults are e4m3fn = 1 sign, 4 exponent,
//            3 fraction bits, bias 7, subnormals kept, no Inf, NaN = S.1111.111
// Rounding   Rounding, once
// Overflow   Overflow
// NaN        a NaN gives RNanCode, in an integer 0
// Zero       keeps its sign where the result has a minus zero; an integer zero is positive
// Timing     combinational: latency 0, one result per cycle
// SPDX-License-Identifier: Apache-2.0 OR 0BSD
`default_nettype none

// Stops elaboration with a message; Icarus 11 takes no $error there and stops at the missing module
`ifdef __ICARUS__
`define FEWBIT_STOP(message) message stop ();
`else
`define FEWBIT_STOP(message) $error(`"message`");
`endif

module fewbit_convert_generic #(
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
    parameter int          Overflow      = 0
) (
    input  logic [     AWidth-1:0] a_i,
    input  logic [RandomWidth-1:0] random_i,
    output logic [     RWidth-1:0] result_o
);
  // Legal ranges of the parameters
  if (ALsbExponent < -1000000 || ALsbExponent > 1000000) begin : gen_bad_a_lsb_exponent
    `FEWBIT_STOP(ALsbExponent_must_be_minus_1000000_to_1000000)
  end

  // Unpack
  localparam int ShiftWidth = (AExpBits == 0) ? 1 : AExpBits;
  localparam int SigWidth = (AExpBits == 0) ? AWidth : AWidth - AExpBits + (ASigned ? 0 : 1);
  localparam int AFields = ASigned ? AWidth - 1 : AWidth;
  localparam int AMaxField = (AExpBits == 0) ? 0 : AMaxFinite >> (AFields - AExpBits);
  localparam int AMaxShift = (ASubnormals && (AMaxField > 0)) ? AMaxField - 1 : AMaxField;
  logic sign, nan, infinite;
  logic [SigWidth-1:0] significand, magnitude;
  logic [ShiftWidth-1:0] shift;
  fewbit_decode #(
      .Width(AWidth),
      .IsSigned(ASigned),
      .ExpBits(AExpBits),
      .Subnormals(ASubnormals),
      .MaxFinite(AMaxFinite),
      .HasInfinity(AHasInfinity),
      .Infinity(AInfinity),
      .NegZeroIsNan(ANegZeroIsNan),
      .Flush(FlushInputs),
      .SigWidth(SigWidth),
      .ShiftWidth(ShiftWidth)
  ) u_decode (
      .code_i(a_i),
      .sign_o(sign),
      .significand_o(significand),
      .shift_o(shift),
      .nan_o(nan),
      .inf_o(infinite)
  );

  // A signed integer has its sign in the significand
  assign magnitude = (ASigned && (AExpBits == 0) && sign) ? -significand : significand;

  // Round
  fewbit_round #(
      .MagWidth(SigWidth),
      .ShiftWidth(ShiftWidth),
      .MaxShift(AMaxShift),
      .LsbExponent(ALsbExponent),
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
  ) u_round (
      .sign_i(sign),
      .magnitude_i(magnitude),
      .shift_i(shift),
      .nan_i(nan),
      .inf_i(infinite),
      .random_i(random_i),
      .result_o(result_o)
  );
endmodule : fewbit_convert_generic

`undef FEWBIT_STOP
`default_nettype wire
