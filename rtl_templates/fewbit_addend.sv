// fewbit_addend - a fixed-point number, moved up perhaps, plus a minifloat, rounded once
//
//   result_o = round(magnitude_i * 2^(shift_i + SumLsbExponent) + c_i)
//
//   magnitude_i counts as negative with sign_i.
//
// Formats    c_i, result_o: minifloats, see the parameters
// Rounding   Rounding, once
// Overflow   Overflow
// NaN        nan_i, a NaN c_i, or infinities of both signs: nan_o; infinite results: inf_o of
//            sign_o. result_o codes these values itself
// Zero       a sum of zero is positive, negative if rounding toward negative
// Timing     combinational
// SPDX-License-Identifier: Apache-2.0 OR 0BSD
`default_nettype none

// Stops elaboration with a message; Icarus 11 takes no $error there and stops at the missing module
`ifdef __ICARUS__
`define FEWBIT_STOP(message) message stop ();
`else
`define FEWBIT_STOP(message) $error(`"message`");
`endif

module fewbit_addend #(
    // Bits of magnitude_i
    parameter int          SumWidth       = 39,
    // Bits of shift_i
    parameter int          ShiftWidth     = 1,
    // Largest value of shift_i
    parameter int          MaxShift       = 0,
    // Weight of magnitude_i's lowest bit is 2^this where shift_i is 0
    parameter int          SumLsbExponent = -18,
    // Bits of c; a minifloat has sign (if signed), exponent and fraction, from the top
    parameter int          CWidth        = 8,
    // Top bit of c is a sign (minifloat) or has negative weight (integer)
    parameter bit          CSigned       = 1'b1,
    // Exponent bits of c; 0: an integer, and the next five parameters mean nothing
    parameter int          CExpBits      = 4,
    // Exponent field 0 has no hidden bit; 0 for scales without a zero (E8M0)
    parameter bit          CSubnormals   = 1'b1,
    // Largest finite code without its sign bit; codes above it are NaN, but for infinity
    parameter logic [31:0] CMaxFinite    = 32'h7e,
    // c has infinities
    parameter bit          CHasInfinity  = 1'b0,
    // Code of infinity without its sign bit
    parameter logic [31:0] CInfinity     = 32'h0,
    // The code of minus zero is NaN
    parameter bit          CNegZeroIsNan = 1'b0,
    // Weight of c's lowest bit is 2^this; minifloats: 1 - bias - fraction bits
    parameter int          CLsbExponent  = -9,
    // A subnormal c is a zero of its sign
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
    input  logic                   sign_i,
    input  logic [   SumWidth-1:0] magnitude_i,
    input  logic [ ShiftWidth-1:0] shift_i,
    input  logic                   nan_i,
    input  logic                   inf_i,
    input  logic [     CWidth-1:0] c_i,
    input  logic [RandomWidth-1:0] random_i,
    output logic [     RWidth-1:0] result_o,
    output logic                   nan_o,
    output logic                   inf_o,
    output logic                   sign_o
);
  // Legal ranges of the parameters
  if (SumWidth < 1 || SumWidth > 1280) begin : gen_bad_sum_width
    `FEWBIT_STOP(SumWidth_must_be_1_to_1280)
  end
  if (SumLsbExponent < -4000000 || SumLsbExponent > 4000000) begin : gen_bad_sum_lsb_exponent
    `FEWBIT_STOP(SumLsbExponent_must_be_minus_4000000_to_4000000)
  end
  if (CExpBits < 1 || CExpBits > 16) begin : gen_bad_c_exp_bits
    `FEWBIT_STOP(CExpBits_must_be_1_to_16)
  end
  if (CLsbExponent < -1000000 || CLsbExponent > 1000000) begin : gen_bad_c_lsb_exponent
    `FEWBIT_STOP(CLsbExponent_must_be_minus_1000000_to_1000000)
  end
  if (RExpBits < 1 || RExpBits > 16) begin : gen_bad_r_exp_bits
    `FEWBIT_STOP(RExpBits_must_be_1_to_16)
  end

  // Common lowest bit
  localparam int LsbExponent = (SumLsbExponent < CLsbExponent) ? SumLsbExponent : CLsbExponent;
  localparam int SumLeftShift = SumLsbExponent - LsbExponent;
  localparam int CLeftShift = CLsbExponent - LsbExponent;
  localparam int CFields = CSigned ? CWidth - 1 : CWidth;
  localparam int CMaxField = (CExpBits == 0) ? 0 : CMaxFinite >> (CFields - CExpBits);
  localparam int CMaxShift = (CSubnormals && (CMaxField > 0)) ? CMaxField - 1 : CMaxField;
  localparam int SumTop = MaxShift + SumLeftShift;
  localparam int CTop = CMaxShift + CLeftShift;
  localparam int MaxTop = (SumTop > CTop) ? SumTop : CTop;
  localparam int BaseWidth = (MaxTop == 0) ? 1 : $clog2(MaxTop + 1);

  // All that one rounding sees of the sum
  localparam int SigWidth = (CWidth + 1 > SumWidth) ? CWidth + 1 : SumWidth;
  localparam int Reach = SigWidth + RWidth + RandomWidth + 8;
  localparam int ValueWidth = Reach + SigWidth + 2;

  // Both in one frame
  logic sign_c, nan_c, inf_c;
  logic [SigWidth-1:0] significand_sum, significand_c;
  logic [CExpBits-1:0] shift_c;
  logic [BaseWidth-1:0] position_sum, position_c, base;
  logic [Reach+SigWidth-1:0] framed_sum, framed_c;
  fewbit_decode #(
      .Width(CWidth),
      .IsSigned(CSigned),
      .ExpBits(CExpBits),
      .Subnormals(CSubnormals),
      .MaxFinite(CMaxFinite),
      .HasInfinity(CHasInfinity),
      .Infinity(CInfinity),
      .NegZeroIsNan(CNegZeroIsNan),
      .Flush(FlushInputs),
      .SigWidth(SigWidth),
      .ShiftWidth(CExpBits)
  ) u_decode_c (
      .code_i(c_i),
      .sign_o(sign_c),
      .significand_o(significand_c),
      .shift_o(shift_c),
      .nan_o(nan_c),
      .inf_o(inf_c)
  );
  assign significand_sum = SigWidth'(magnitude_i);
  assign position_sum = BaseWidth'(shift_i) + BaseWidth'(SumLeftShift);
  assign position_c = BaseWidth'(shift_c) + BaseWidth'(CLeftShift);
  fewbit_frame #(
      .SigWidth(SigWidth),
      .PositionWidth(BaseWidth),
      .Reach(Reach)
  ) u_frame (
      .a_i(significand_sum),
      .a_position_i(position_sum),
      .b_i(significand_c),
      .b_position_i(position_c),
      .a_o(framed_sum),
      .b_o(framed_c),
      .base_o(base)
  );

  // Sum
  logic [ValueWidth-1:0] wide_sum, wide_c, sum, magnitude;
  logic sum_sign, sign;
  assign wide_sum = ValueWidth'(framed_sum);
  assign wide_c = ValueWidth'(framed_c);
  assign sum = (sign_i ? -wide_sum : wide_sum) + (sign_c ? -wide_c : wide_c);
  assign sum_sign = sum[ValueWidth-1];
  assign magnitude = sum_sign ? -sum : sum;

  // Special values
  assign nan_o = nan_i || nan_c || (inf_i && inf_c && (sign_i != sign_c));
  assign inf_o = (inf_i || inf_c) && !nan_o;
  always_comb begin
    sign = (sum == '0) ? (Rounding == 4) : sum_sign;
    if (inf_o) sign = inf_i ? sign_i : sign_c;
  end
  assign sign_o = sign;

  fewbit_round #(
      .MagWidth(ValueWidth),
      .ShiftWidth(BaseWidth),
      .MaxShift(MaxTop),
      .LsbExponent(LsbExponent),
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
      .shift_i(base),
      .nan_i(nan_o),
      .inf_i(inf_o),
      .random_i(random_i),
      .result_o(result_o)
  );
endmodule : fewbit_addend

`undef FEWBIT_STOP
`default_nettype wire
