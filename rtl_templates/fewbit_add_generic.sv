// fewbit_add_generic - adder or subtractor for any two integer or minifloat formats
//
//   result_o = a_i + b_i                a_i - b_i with Subtract. Exact: fixed point in units of the
//                                       finer of the operands' lowest bits, two's complement
//                                       modulo 2^RWidth
//   result_o = round(a_i + b_i)         with RoundResult
//
// Formats    a_i, b_i, result_o: any, see the parameters; the defaults are e4m3fn = 1 sign,
//            4 exponent, 3 fraction bits, bias 7, subnormals kept, no Inf, NaN = S.1111.111
// Rounding   Rounding, once
// Overflow   Overflow, of a rounded result
// NaN        a NaN operand or infinity less infinity: nan_o. Infinite results: pinf_o,
//            ninf_o. An exact result means nothing beside a flag; a rounded one codes these values
//            itself
// Zero       a rounded sum of zeros of one sign keeps it; any other zero sum is positive, negative
//            if rounding toward negative. Subtract inverts b's sign first; an integer zero is
//            positive
// Timing     combinational: latency 0, one result per cycle
// SPDX-License-Identifier: Apache-2.0 OR 0BSD
`default_nettype none

// Stops elaboration with a message; Icarus 11 takes no $error there and stops at the missing module
`ifdef __ICARUS__
`define FEWBIT_STOP(message) message stop ();
`else
`define FEWBIT_STOP(message) $error(`"message`");
`endif

module fewbit_add_generic #(
    // 0: a + b; 1: a - b
    parameter bit          Subtract      = 1'b0,
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
    // 0: the exact result; 1: rounded into the format that the parameters R.. describe
    parameter bit          RoundResult   = 1'b1,
    // Bits of the result. Exact: any that hold the
    // sum; signed if an operand is, or with Subtract
    parameter int          RWidth        = 8,
    // Rounded: the result has a sign
    parameter bit          RSigned       = 1'b1,
    // Rounded: exponent bits of the result; 0: an integer
    parameter int          RExpBits      = 4,
    // Rounded: weight of the result's lowest bit is 2^this; minifloats: 1 - bias - fraction bits
    parameter int          RLsbExponent  = -9,
    // Rounded: largest finite code of a minifloat without its sign bit
    parameter logic [31:0] RMaxFinite    = 32'h7e,
    // Rounded: the minifloat has infinities
    parameter bit          RHasInfinity  = 1'b0,
    // Rounded: code of infinity without its sign bit
    parameter logic [31:0] RInfinity     = 32'h0,
    // Rounded: the minifloat has no minus zero
    parameter bit          RNegZeroIsNan = 1'b0,
    // Rounded: what a NaN becomes, the whole code; largest finite code where there is no NaN
    parameter logic [31:0] RNanCode      = 32'h7f,
    // Rounded: a result that rounds to a subnormal is a zero of its sign
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
    input  logic [     BWidth-1:0] b_i,
    input  logic [RandomWidth-1:0] random_i,
    output logic [     RWidth-1:0] result_o,
    output logic                   nan_o,
    output logic                   pinf_o,
    output logic                   ninf_o
);
  // Common lowest bit
  localparam int LsbExponent = (ALsbExponent < BLsbExponent) ? ALsbExponent : BLsbExponent;
  localparam int ALeftShift = ALsbExponent - LsbExponent;
  localparam int BLeftShift = BLsbExponent - LsbExponent;

  // Bits of a rounded result's exact sum: significand, largest shift, alignment, sign, carry
  localparam int AFields = ASigned ? AWidth - 1 : AWidth;
  localparam int BFields = BSigned ? BWidth - 1 : BWidth;
  localparam int AMaxField = (AExpBits == 0) ? 0 : AMaxFinite >> (AFields - AExpBits);
  localparam int AMaxShift = (ASubnormals && (AMaxField > 0)) ? AMaxField - 1 : AMaxField;
  localparam int BMaxField = (BExpBits == 0) ? 0 : BMaxFinite >> (BFields - BExpBits);
  localparam int BMaxShift = (BSubnormals && (BMaxField > 0)) ? BMaxField - 1 : BMaxField;
  localparam int ASigWidth = (AExpBits == 0) ? AFields : AFields - AExpBits + 1;
  localparam int ATop = ASigWidth + AMaxShift + ALeftShift;
  localparam int BSigWidth = (BExpBits == 0) ? BFields : BFields - BExpBits + 1;
  localparam int BTop = BSigWidth + BMaxShift + BLeftShift;
  localparam int SumWidth = RoundResult ? ((ATop > BTop) ? ATop : BTop) + 2 : RWidth;

  // The largest exact results, positive and negative, and the bits that hold them
  localparam logic [2303:0] AHidden = (AExpBits != 0 && (AMaxField > 0 || !ASubnormals))
      ? 2304'd1 << (AFields - AExpBits) : 2304'd0;
  localparam logic [2303:0] APositive = ((2304'd1 << (AFields - AExpBits)) - 2304'd1)
      & ((AExpBits == 0) ? {2304{1'b1}} : {{2272{1'b0}}, AMaxFinite}) | AHidden;
  localparam logic [2303:0] ANegative = !ASigned ? 2304'd0
      : (AExpBits == 0) ? 2304'd1 << AFields : APositive;
  localparam logic [2303:0] BHidden = (BExpBits != 0 && (BMaxField > 0 || !BSubnormals))
      ? 2304'd1 << (BFields - BExpBits) : 2304'd0;
  localparam logic [2303:0] BPositive = ((2304'd1 << (BFields - BExpBits)) - 2304'd1)
      & ((BExpBits == 0) ? {2304{1'b1}} : {{2272{1'b0}}, BMaxFinite}) | BHidden;
  localparam logic [2303:0] BNegative = !BSigned ? 2304'd0
      : (BExpBits == 0) ? 2304'd1 << BFields : BPositive;
  localparam logic [2303:0] Positive = ((APositive << AMaxShift) << ALeftShift)
      + (((Subtract ? BNegative : BPositive) << BMaxShift) << BLeftShift);
  localparam logic [2303:0] Negative = ((ANegative << AMaxShift) << ALeftShift)
      + (((Subtract ? BPositive : BNegative) << BMaxShift) << BLeftShift);
  localparam int PositiveBits = $clog2(Positive + 2304'd1);
  localparam int NegativeBits = $clog2(Negative);
  localparam int ExactWidth = ((Negative == 0) ? 0 : 1)
      + ((PositiveBits > NegativeBits) ? PositiveBits : NegativeBits);

  // Legal ranges of the parameters
  if (ALsbExponent < -1000000 || ALsbExponent > 1000000) begin : gen_bad_a_lsb_exponent
    `FEWBIT_STOP(ALsbExponent_must_be_minus_1000000_to_1000000)
  end
  if (BLsbExponent < -1000000 || BLsbExponent > 1000000) begin : gen_bad_b_lsb_exponent
    `FEWBIT_STOP(BLsbExponent_must_be_minus_1000000_to_1000000)
  end
  if (!RoundResult && (RWidth < ExactWidth || RWidth < ATop || RWidth < BTop
      || RWidth > 2048)) begin : gen_bad_r_width
    `FEWBIT_STOP(RWidth_must_hold_the_exact_result_in_1_to_2048)
  end


  // Beyond so many bits a rounded sum is added in a frame: all that one rounding sees of it
  localparam bit InFrame = RoundResult && (RExpBits != 0) && (SumWidth > 2048);
  localparam int SigWidth = ((AWidth > BWidth) ? AWidth : BWidth) + 1;
  localparam int Reach = 2 * SigWidth + RWidth + RandomWidth + 8;
  localparam int ValueWidth = InFrame ? Reach + SigWidth + 2 : SumWidth;
  localparam int MaxTop = (ATop > BTop) ? ATop : BTop;
  localparam int BaseWidth = InFrame ? $clog2(MaxTop + 1) : 1;

  // Unpack to fixed point
  logic sign_a, nan_a, inf_a, sign_b, nan_b, inf_b;
  logic [ValueWidth-1:0] value_a, value_b;
  logic [BaseWidth-1:0] base;
  if (InFrame) begin : gen_frame
    localparam int AShiftWidth = (AExpBits == 0) ? 1 : AExpBits;
    localparam int BShiftWidth = (BExpBits == 0) ? 1 : BExpBits;
    logic [SigWidth-1:0] significand_a, significand_b, magnitude_a, magnitude_b;
    logic [AShiftWidth-1:0] shift_a;
    logic [BShiftWidth-1:0] shift_b;
    logic [BaseWidth-1:0] position_a, position_b;
    logic [Reach+SigWidth-1:0] framed_a, framed_b;
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
        .ShiftWidth(AShiftWidth)
    ) u_decode_a (
        .code_i(a_i),
        .sign_o(sign_a),
        .significand_o(significand_a),
        .shift_o(shift_a),
        .nan_o(nan_a),
        .inf_o(inf_a)
    );
    fewbit_decode #(
        .Width(BWidth),
        .IsSigned(BSigned),
        .ExpBits(BExpBits),
        .Subnormals(BSubnormals),
        .MaxFinite(BMaxFinite),
        .HasInfinity(BHasInfinity),
        .Infinity(BInfinity),
        .NegZeroIsNan(BNegZeroIsNan),
        .Flush(FlushInputs),
        .SigWidth(SigWidth),
        .ShiftWidth(BShiftWidth)
    ) u_decode_b (
        .code_i(b_i),
        .sign_o(sign_b),
        .significand_o(significand_b),
        .shift_o(shift_b),
        .nan_o(nan_b),
        .inf_o(inf_b)
    );
    // Integers carry their sign in the significand
    assign magnitude_a = (sign_a && (AExpBits == 0)) ? -significand_a : significand_a;
    assign magnitude_b = (sign_b && (BExpBits == 0)) ? -significand_b : significand_b;
    assign position_a = BaseWidth'(shift_a) + BaseWidth'(ALeftShift);
    assign position_b = BaseWidth'(shift_b) + BaseWidth'(BLeftShift);
    fewbit_frame #(
        .SigWidth(SigWidth),
        .PositionWidth(BaseWidth),
        .Reach(Reach)
    ) u_frame (
        .a_i(magnitude_a),
        .a_position_i(position_a),
        .b_i(magnitude_b),
        .b_position_i(position_b),
        .a_o(framed_a),
        .b_o(framed_b),
        .base_o(base)
    );
    logic [ValueWidth-1:0] wide_a, wide_b;
    assign wide_a = ValueWidth'(framed_a);
    assign wide_b = ValueWidth'(framed_b);
    assign value_a = sign_a ? -wide_a : wide_a;
    assign value_b = sign_b ? -wide_b : wide_b;
  end else begin : gen_fixed
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
        .LeftShift(ALeftShift),
        .ValueWidth(ValueWidth)
    ) u_fixed_point_a (
        .code_i(a_i),
        .sign_o(sign_a),
        .value_o(value_a),
        .nan_o(nan_a),
        .inf_o(inf_a)
    );
    fewbit_fixed_point #(
        .Width(BWidth),
        .IsSigned(BSigned),
        .ExpBits(BExpBits),
        .Subnormals(BSubnormals),
        .MaxFinite(BMaxFinite),
        .HasInfinity(BHasInfinity),
        .Infinity(BInfinity),
        .NegZeroIsNan(BNegZeroIsNan),
        .Flush(FlushInputs),
        .LeftShift(BLeftShift),
        .ValueWidth(ValueWidth)
    ) u_fixed_point_b (
        .code_i(b_i),
        .sign_o(sign_b),
        .value_o(value_b),
        .nan_o(nan_b),
        .inf_o(inf_b)
    );
    assign base = '0;
  end

  // Exact sum
  logic [ValueWidth-1:0] sum;
  assign sum = Subtract ? value_a - value_b : value_a + value_b;

  // Special values
  logic addend_sign, nan, infinite, inf_sign;
  assign addend_sign = sign_b ^ Subtract;
  assign nan = nan_a || nan_b || (inf_a && inf_b && (sign_a != addend_sign));
  assign infinite = (inf_a || inf_b) && !nan;
  assign inf_sign = inf_a ? sign_a : addend_sign;
  assign nan_o = nan;
  assign pinf_o = infinite && !inf_sign;
  assign ninf_o = infinite && inf_sign;

  if (RoundResult) begin : gen_round
    logic sign, sum_sign;
    logic [ValueWidth-1:0] magnitude;
    assign sum_sign = sum[ValueWidth-1];
    assign magnitude = sum_sign ? -sum : sum;
    always_comb begin
      sign = sum_sign;
      if (sum == '0) sign = (sign_a == addend_sign) ? sign_a : (Rounding == 4);
      if (infinite) sign = inf_sign;
    end
    fewbit_round #(
        .MagWidth(ValueWidth),
        .ShiftWidth(BaseWidth),
        .MaxShift(InFrame ? MaxTop : 0),
        .LsbExponent(LsbExponent),
        .RWidth(RWidth),
        .RSigned(RSigned),
        .RExpBits(RExpBits),
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
        .nan_i(nan),
        .inf_i(infinite),
        .random_i(random_i),
        .result_o(result_o)
    );
  end else begin : gen_exact
    logic unused_random;
    assign unused_random = (^random_i) ^ (^base);
    assign result_o = sum;
  end
endmodule : fewbit_add_generic

`undef FEWBIT_STOP
`default_nettype wire
