// fewbit_fma_generic - product plus a number, for any integer or minifloat formats
//
//   result_o = a_i * b_i + c_i          exact: fixed point in units of the finer of the product's and
//                                       c's lowest bits, two's complement modulo 2^RWidth
//   result_o = round(a_i * b_i + c_i)   with RoundResult
//
//   Without add_i the sum is the product alone.
//
// Formats    a_i, b_i, c_i, result_o: any, see the parameters
// Rounding   Rounding, once
// Overflow   Overflow, of a rounded result
// NaN        a NaN operand, zero times infinity or infinity less infinity: nan_o. Infinite results:
//            pinf_o, ninf_o. An exact result means nothing beside a flag; a rounded one codes these
//            values itself
// Zero       a rounded sum of zeros of one sign keeps it; any other zero sum is positive, negative
//            if rounding toward negative
// Timing     combinational: latency 0, one result per cycle
// SPDX-License-Identifier: Apache-2.0 OR 0BSD
`default_nettype none

// Stops elaboration with a message; Icarus 11 takes no $error there and stops at the missing module
`ifdef __ICARUS__
`define FEWBIT_STOP(message) message stop ();
`else
`define FEWBIT_STOP(message) $error(`"message`");
`endif

module fewbit_fma_generic #(
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
    // Subnormal operands are zeros of their sign
    parameter bit          FlushInputs   = 1'b0,
    // c is taken as it is
    parameter bit          KeepC         = 1'b0,
    // 0: the exact result; 1: rounded into the format that the parameters R.. describe
    parameter bit          RoundResult   = 1'b1,
    // Bits of the result; exact: any that hold it
    parameter int          RWidth        = 8,
    // Rounded: the result has a sign
    parameter bit          RSigned       = 1'b1,
    // Rounded: exponent bits of the result; 0: an integer
    parameter int          RExpBits      = 4,
    // Rounded: exponent field 0 has no hidden bit; 0 for scales without a zero (E8M0)
    parameter bit          RSubnormals   = 1'b1,
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
    input  logic [     CWidth-1:0] c_i,
    input  logic                   add_i,
    input  logic [RandomWidth-1:0] random_i,
    output logic [     RWidth-1:0] result_o,
    output logic                   nan_o,
    output logic                   pinf_o,
    output logic                   ninf_o
);
  // Common lowest bit
  localparam int PLsbExponent = ALsbExponent + BLsbExponent;
  localparam int LsbExponent = (PLsbExponent < CLsbExponent) ? PLsbExponent : CLsbExponent;
  localparam int PLeftShift = PLsbExponent - LsbExponent;
  localparam int CLeftShift = CLsbExponent - LsbExponent;

  // Bits of a rounded result's exact sum: significands, largest shifts, alignment, sign, carry
  localparam int AFields = ASigned ? AWidth - 1 : AWidth;
  localparam int AMaxField = (AExpBits == 0) ? 0 : AMaxFinite >> (AFields - AExpBits);
  localparam int AMaxShift = (ASubnormals && (AMaxField > 0)) ? AMaxField - 1 : AMaxField;
  localparam int BFields = BSigned ? BWidth - 1 : BWidth;
  localparam int BMaxField = (BExpBits == 0) ? 0 : BMaxFinite >> (BFields - BExpBits);
  localparam int BMaxShift = (BSubnormals && (BMaxField > 0)) ? BMaxField - 1 : BMaxField;
  localparam int CFields = CSigned ? CWidth - 1 : CWidth;
  localparam int CMaxField = (CExpBits == 0) ? 0 : CMaxFinite >> (CFields - CExpBits);
  localparam int CMaxShift = (CSubnormals && (CMaxField > 0)) ? CMaxField - 1 : CMaxField;
  localparam int ASigWidth = (AExpBits == 0) ? AFields : AFields - AExpBits + 1;
  localparam int BSigWidth = (BExpBits == 0) ? BFields : BFields - BExpBits + 1;
  localparam int CSigWidth = (CExpBits == 0) ? CFields : CFields - CExpBits + 1;
  localparam int PTop = ASigWidth + AMaxShift + BSigWidth + BMaxShift + PLeftShift;
  localparam int CTop = CSigWidth + CMaxShift + CLeftShift;
  localparam int SumWidth = RoundResult ? ((PTop > CTop) ? PTop : CTop) + 3 : RWidth;

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
  localparam logic [2303:0] CHidden = (CExpBits != 0 && (CMaxField > 0 || !CSubnormals))
      ? 2304'd1 << (CFields - CExpBits) : 2304'd0;
  localparam logic [2303:0] CPositive = ((2304'd1 << (CFields - CExpBits)) - 2304'd1)
      & ((CExpBits == 0) ? {2304{1'b1}} : {{2272{1'b0}}, CMaxFinite}) | CHidden;
  localparam logic [2303:0] CNegative = !CSigned ? 2304'd0
      : (CExpBits == 0) ? 2304'd1 << CFields : CPositive;
  localparam logic [2303:0] PositiveOfPositives = APositive * BPositive;
  localparam logic [2303:0] PositiveOfNegatives = ANegative * BNegative;
  localparam logic [2303:0] NegativeOfA = ANegative * BPositive;
  localparam logic [2303:0] NegativeOfB = APositive * BNegative;
  localparam logic [2303:0] PPositive =
      (PositiveOfPositives > PositiveOfNegatives) ? PositiveOfPositives : PositiveOfNegatives;
  localparam logic [2303:0] PNegative = (NegativeOfA > NegativeOfB) ? NegativeOfA : NegativeOfB;
  localparam logic [2303:0] Positive = ((PPositive << (AMaxShift + BMaxShift)) << PLeftShift)
      + ((CPositive << CMaxShift) << CLeftShift);
  localparam logic [2303:0] Negative = ((PNegative << (AMaxShift + BMaxShift)) << PLeftShift)
      + ((CNegative << CMaxShift) << CLeftShift);
  localparam int PositiveBits = $clog2(Positive + 2304'd1);
  localparam int NegativeBits = $clog2(Negative);
  localparam int ExactWidth = ((Negative == 0) ? 0 : 1)
      + ((PositiveBits > NegativeBits) ? PositiveBits : NegativeBits);

  // Legal ranges of the parameters
  if (AWidth < 1 || AWidth > 32) begin : gen_bad_a_width
    `FEWBIT_STOP(AWidth_must_be_1_to_32)
  end
  if (ALsbExponent < -1000000 || ALsbExponent > 1000000) begin : gen_bad_a_lsb_exponent
    `FEWBIT_STOP(ALsbExponent_must_be_minus_1000000_to_1000000)
  end
  if (BWidth < 1 || BWidth > 32) begin : gen_bad_b_width
    `FEWBIT_STOP(BWidth_must_be_1_to_32)
  end
  if (BLsbExponent < -1000000 || BLsbExponent > 1000000) begin : gen_bad_b_lsb_exponent
    `FEWBIT_STOP(BLsbExponent_must_be_minus_1000000_to_1000000)
  end
  if (CLsbExponent < -1000000 || CLsbExponent > 1000000) begin : gen_bad_c_lsb_exponent
    `FEWBIT_STOP(CLsbExponent_must_be_minus_1000000_to_1000000)
  end
  if (!RoundResult && (RWidth < ExactWidth || RWidth < PTop || RWidth < CTop
      || RWidth > 2048)) begin : gen_bad_r_width
    `FEWBIT_STOP(RWidth_must_hold_the_exact_result_in_1_to_2048)
  end


  // Beyond so many bits a rounded sum is added in a frame: all that one rounding sees of it
  localparam bit InFrame = RoundResult && (RExpBits != 0) && (SumWidth > 2048);
  localparam int FactorsWidth = AWidth + BWidth + 2;
  localparam int SigWidth = (CWidth + 1 > FactorsWidth) ? CWidth + 1 : FactorsWidth;
  localparam int Reach = 2 * SigWidth + RWidth + RandomWidth + 8;
  localparam int ValueWidth = InFrame ? Reach + SigWidth + 2 : SumWidth;
  localparam int MaxTop = (PTop > CTop) ? PTop : CTop;
  localparam int BaseWidth = InFrame ? $clog2(MaxTop + 1) : 1;

  // Product and addend in fixed point
  logic nan_p, pinf_p, ninf_p, sign_c, nan_c, inf_c;
  logic [ValueWidth-1:0] product, addend;
  logic [BaseWidth-1:0] base;
  if (InFrame) begin : gen_frame
    localparam int AShiftWidth = (AExpBits == 0) ? 1 : AExpBits;
    localparam int BShiftWidth = (BExpBits == 0) ? 1 : BExpBits;
    localparam int CShiftWidth = (CExpBits == 0) ? 1 : CExpBits;
    logic sign_a, nan_a, inf_a, sign_b, nan_b, inf_b, negative;
    logic [SigWidth-1:0] significand_a, significand_b, significand_c;
    logic [SigWidth-1:0] magnitude_a, magnitude_b, magnitude_c, magnitude_p, addend_c;
    logic [AShiftWidth-1:0] shift_a;
    logic [BShiftWidth-1:0] shift_b;
    logic [CShiftWidth-1:0] shift_c;
    logic [BaseWidth-1:0] position_p, position_c;
    logic [Reach+SigWidth-1:0] framed_p, framed_c;
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
    fewbit_decode #(
        .Width(CWidth),
        .IsSigned(CSigned),
        .ExpBits(CExpBits),
        .Subnormals(CSubnormals),
        .MaxFinite(CMaxFinite),
        .HasInfinity(CHasInfinity),
        .Infinity(CInfinity),
        .NegZeroIsNan(CNegZeroIsNan),
        .Flush(FlushInputs && !KeepC),
        .SigWidth(SigWidth),
        .ShiftWidth(CShiftWidth)
    ) u_decode_c (
        .code_i(c_i),
        .sign_o(sign_c),
        .significand_o(significand_c),
        .shift_o(shift_c),
        .nan_o(nan_c),
        .inf_o(inf_c)
    );
    // Integers carry their sign in the significand
    assign magnitude_a = (sign_a && (AExpBits == 0)) ? -significand_a : significand_a;
    assign magnitude_b = (sign_b && (BExpBits == 0)) ? -significand_b : significand_b;
    assign magnitude_c = (sign_c && (CExpBits == 0)) ? -significand_c : significand_c;
    assign magnitude_p = magnitude_a * magnitude_b;
    assign addend_c = add_i ? magnitude_c : '0;
    assign position_p = BaseWidth'(shift_a) + BaseWidth'(shift_b) + BaseWidth'(PLeftShift);
    assign position_c = BaseWidth'(shift_c) + BaseWidth'(CLeftShift);
    fewbit_frame #(
        .SigWidth(SigWidth),
        .PositionWidth(BaseWidth),
        .Reach(Reach)
    ) u_frame (
        .a_i(magnitude_p),
        .a_position_i(position_p),
        .b_i(addend_c),
        .b_position_i(position_c),
        .a_o(framed_p),
        .b_o(framed_c),
        .base_o(base)
    );
    assign negative = sign_a ^ sign_b;
    logic [ValueWidth-1:0] wide_p, wide_c;
    assign wide_p = ValueWidth'(framed_p);
    assign wide_c = ValueWidth'(framed_c);
    assign product = negative ? -wide_p : wide_p;
    assign addend = sign_c ? -wide_c : wide_c;
    assign nan_p = nan_a || nan_b || (inf_a && !inf_b && (significand_b == '0))
        || (inf_b && !inf_a && (significand_a == '0));
    assign pinf_p = (inf_a || inf_b) && !nan_p && !negative;
    assign ninf_p = (inf_a || inf_b) && !nan_p && negative;
  end else begin : gen_fixed
    logic [ValueWidth-1:0] exact_product;
    fewbit_mul_generic #(
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
        .FlushInputs(FlushInputs),
        .RoundResult(1'b0),
        .RWidth(ValueWidth)
    ) u_mul (
        .a_i(a_i),
        .b_i(b_i),
        .random_i(1'b0),
        .result_o(exact_product),
        .nan_o(nan_p),
        .pinf_o(pinf_p),
        .ninf_o(ninf_p)
    );
    fewbit_fixed_point #(
        .Width(CWidth),
        .IsSigned(CSigned),
        .ExpBits(CExpBits),
        .Subnormals(CSubnormals),
        .MaxFinite(CMaxFinite),
        .HasInfinity(CHasInfinity),
        .Infinity(CInfinity),
        .NegZeroIsNan(CNegZeroIsNan),
        .Flush(FlushInputs && !KeepC),
        .LeftShift(CLeftShift),
        .ValueWidth(ValueWidth)
    ) u_fixed_point (
        .code_i(c_i),
        .sign_o(sign_c),
        .value_o(addend),
        .nan_o(nan_c),
        .inf_o(inf_c)
    );
    assign product = exact_product << PLeftShift;
    assign base = '0;
  end

  // Exact sum
  logic [ValueWidth-1:0] sum;
  assign sum = product + (add_i ? addend : '0);

  // Special values
  logic sign_p, inf_p, nan, infinite, inf_sign;
  assign sign_p = (ASigned ? a_i[AWidth-1] : 1'b0) ^ (BSigned ? b_i[BWidth-1] : 1'b0);
  assign inf_p = pinf_p || ninf_p;
  assign nan = nan_p || (add_i && (nan_c || (inf_p && inf_c && (sign_p != sign_c))));
  assign infinite = (inf_p || (add_i && inf_c)) && !nan;
  assign inf_sign = inf_p ? sign_p : sign_c;
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
      if (sum == '0) begin
        if (!add_i) sign = sign_p;
        else sign = (sign_p == sign_c) ? sign_c : (Rounding == 4);
      end
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
endmodule : fewbit_fma_generic

`undef FEWBIT_STOP
`default_nettype wire
