// fewbit_mul_generic - multiplier for any two integer or minifloat formats
//
//   result_o = a_i * b_i                exact: fixed point in units of the product of the operands'
//                                       lowest bits, two's complement modulo 2^RWidth
//   result_o = round(a_i * b_i)         with RoundResult
//
// Formats    a_i, b_i, result_o: any, see the parameters; the defaults are e4m3fn = 1 sign,
//            4 exponent, 3 fraction bits, bias 7, subnormals kept, no Inf, NaN = S.1111.111
// Rounding   Rounding, once
// Overflow   Overflow, of a rounded result
// NaN        a NaN operand or zero times infinity: nan_o. Infinite results: pinf_o,
//            ninf_o. An exact result means nothing beside a flag; a rounded one codes these values
//            itself
// Zero       a rounded zero has the XOR of the operands' signs; an integer zero is positive
// Timing     combinational: latency 0, one result per cycle
// SPDX-License-Identifier: Apache-2.0 OR 0BSD
`default_nettype none

// Stops elaboration with a message; Icarus 11 takes no $error there and stops at the missing module
`ifdef __ICARUS__
`define FEWBIT_STOP(message) message stop ();
`else
`define FEWBIT_STOP(message) $error(`"message`");
`endif

module fewbit_mul_generic #(
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
    // Weight of a's lowest bit is 2^this; minifloats: 1 - bias - fraction bits
    parameter int          ALsbExponent  = -9,
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
    // Weight of b's lowest bit is 2^this; minifloats: 1 - bias - fraction bits
    parameter int          BLsbExponent  = -9,
    // Subnormal operands are zeros of their sign
    parameter bit          FlushInputs   = 1'b0,
    // Exact: RWidth holds the sum of so many products
    parameter int          Terms         = 1,
    // 0: the exact result; 1: rounded into the format that the parameters R.. describe
    parameter bit          RoundResult   = 1'b1,
    // Bits of the result. Exact: any that hold the product, or the sum of Terms of them; signed if
    // an operand is
    parameter int          RWidth        = 8,
    // Rounded: the result has a sign
    parameter bit          RSigned       = 1'b1,
    // Rounded: exponent bits of the result; 0: an integer
    parameter int          RExpBits      = 4,
    // Rounded: the result is an integer of one bit, 0 for -1 and 1 for +1; a product of two such
    parameter bit          RBipolar      = 1'b0,
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
  // The largest exact result, positive and negative, in units of 2^(AMaxShift + BMaxShift), and the
  // bits that hold it
  localparam int AFields = ASigned ? AWidth - 1 : AWidth;
  localparam int BFields = BSigned ? BWidth - 1 : BWidth;
  localparam int AMaxField = (AExpBits == 0) ? 0 : AMaxFinite >> (AFields - AExpBits);
  localparam int AMaxShift = (ASubnormals && (AMaxField > 0)) ? AMaxField - 1 : AMaxField;
  localparam int BMaxField = (BExpBits == 0) ? 0 : BMaxFinite >> (BFields - BExpBits);
  localparam int BMaxShift = (BSubnormals && (BMaxField > 0)) ? BMaxField - 1 : BMaxField;
  localparam logic [95:0] AHidden = (AExpBits != 0 && (AMaxField > 0 || !ASubnormals))
      ? 96'd1 << (AFields - AExpBits) : 96'd0;
  localparam logic [95:0] APositive = ABipolar ? 96'd1 : ((96'd1 << (AFields - AExpBits)) - 96'd1)
      & ((AExpBits == 0) ? {96{1'b1}} : {{64{1'b0}}, AMaxFinite}) | AHidden;
  localparam logic [95:0] ANegative = !ASigned ? 96'd0
      : (AExpBits == 0) ? 96'd1 << AFields : APositive;
  localparam logic [95:0] BHidden = (BExpBits != 0 && (BMaxField > 0 || !BSubnormals))
      ? 96'd1 << (BFields - BExpBits) : 96'd0;
  localparam logic [95:0] BPositive = BBipolar ? 96'd1 : ((96'd1 << (BFields - BExpBits)) - 96'd1)
      & ((BExpBits == 0) ? {96{1'b1}} : {{64{1'b0}}, BMaxFinite}) | BHidden;
  localparam logic [95:0] BNegative = !BSigned ? 96'd0
      : (BExpBits == 0) ? 96'd1 << BFields : BPositive;
  localparam logic [95:0] PositiveOfPositives = APositive * BPositive * Terms;
  localparam logic [95:0] PositiveOfNegatives = ANegative * BNegative * Terms;
  localparam logic [95:0] NegativeOfA = ANegative * BPositive * Terms;
  localparam logic [95:0] NegativeOfB = APositive * BNegative * Terms;
  localparam logic [95:0] Positive =
      (PositiveOfPositives > PositiveOfNegatives) ? PositiveOfPositives : PositiveOfNegatives;
  localparam logic [95:0] Negative = (NegativeOfA > NegativeOfB) ? NegativeOfA : NegativeOfB;
  localparam int PositiveBits = $clog2(Positive + 96'd1);
  localparam int NegativeBits = $clog2(Negative);
  localparam int ExactWidth = AMaxShift + BMaxShift + ((Negative == 0) ? 0 : 1)
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
  if (Terms < 1 || Terms > 64) begin : gen_bad_terms
    `FEWBIT_STOP(Terms_must_be_1_to_64)
  end
  if (!RoundResult && (RWidth < ExactWidth || RWidth > 2048)) begin : gen_bad_r_width
    `FEWBIT_STOP(RWidth_must_hold_the_exact_result_in_1_to_2048)
  end

  // Bits of significands and shifts
  localparam int ASigWidth = (AExpBits == 0) ? AWidth + (ABipolar ? 1 : 0)
      : AWidth - AExpBits + (ASigned ? 0 : 1);
  localparam int BSigWidth = (BExpBits == 0) ? BWidth + (BBipolar ? 1 : 0)
      : BWidth - BExpBits + (BSigned ? 0 : 1);
  localparam int ProductWidth = RoundResult ? ASigWidth + BSigWidth : RWidth;
  localparam int AShiftWidth = (AExpBits == 0) ? 1 : AExpBits;
  localparam int BShiftWidth = (BExpBits == 0) ? 1 : BExpBits;
  localparam int ShiftWidth = ((AShiftWidth > BShiftWidth) ? AShiftWidth : BShiftWidth) + 1;

  // Unpack
  logic sign_a, nan_a, inf_a, sign_b, nan_b, inf_b;
  logic [ProductWidth-1:0] significand_a, significand_b;
  logic [AShiftWidth-1:0] shift_a;
  logic [BShiftWidth-1:0] shift_b;
  fewbit_decode #(
      .Width(AWidth),
      .IsSigned(ASigned),
      .ExpBits(AExpBits),
      .IsBipolar(ABipolar),
      .Subnormals(ASubnormals),
      .MaxFinite(AMaxFinite),
      .HasInfinity(AHasInfinity),
      .Infinity(AInfinity),
      .NegZeroIsNan(ANegZeroIsNan),
      .Flush(FlushInputs),
      .SigWidth(ProductWidth),
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
      .IsBipolar(BBipolar),
      .Subnormals(BSubnormals),
      .MaxFinite(BMaxFinite),
      .HasInfinity(BHasInfinity),
      .Infinity(BInfinity),
      .NegZeroIsNan(BNegZeroIsNan),
      .Flush(FlushInputs),
      .SigWidth(ProductWidth),
      .ShiftWidth(BShiftWidth)
  ) u_decode_b (
      .code_i(b_i),
      .sign_o(sign_b),
      .significand_o(significand_b),
      .shift_o(shift_b),
      .nan_o(nan_b),
      .inf_o(inf_b)
  );

  // Special values
  logic sign, nan, infinite;
  assign sign = sign_a ^ sign_b;
  // The significand of an infinity means nothing, and may be cut to 0
  assign nan = nan_a || nan_b || (inf_a && !inf_b && (significand_b == '0))
      || (inf_b && !inf_a && (significand_a == '0));
  assign infinite = (inf_a || inf_b) && !nan;
  assign nan_o = nan;
  assign pinf_o = infinite && !sign;
  assign ninf_o = infinite && sign;

  // Exact product: significands multiplied, shifts added. Signed integers have their sign in the
  // significand, minifloats beside it.
  localparam bit SignedProduct = (ASigned && (AExpBits == 0)) || (BSigned && (BExpBits == 0));
  logic [ProductWidth-1:0] product;
  logic [ShiftWidth-1:0] shift;
  if (SignedProduct) begin : gen_signed_product
    assign product = $signed(significand_a) * $signed(significand_b);
  end else begin : gen_unsigned_product
    assign product = significand_a * significand_b;
  end
  assign shift = ShiftWidth'(shift_a) + ShiftWidth'(shift_b);

  if (RoundResult && RBipolar) begin : gen_bipolar
    logic unused_bipolar;
    assign unused_bipolar = (^random_i) ^ (^product) ^ (^shift);
    assign result_o = RWidth'(!sign);
  end else if (RoundResult) begin : gen_round
    logic [ProductWidth-1:0] magnitude;
    assign magnitude = (SignedProduct && product[ProductWidth-1]) ? -product : product;
    fewbit_round #(
        .MagWidth(ProductWidth),
        .ShiftWidth(ShiftWidth),
        .MaxShift(AMaxShift + BMaxShift),
        .LsbExponent(ALsbExponent + BLsbExponent),
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
        .shift_i(shift),
        .nan_i(nan),
        .inf_i(infinite),
        .random_i(random_i),
        .result_o(result_o)
    );
  end else begin : gen_exact
    logic unused_random;
    assign unused_random = ^random_i;
    logic [RWidth-1:0] magnitude;
    logic negate;
    assign magnitude = product << shift;
    assign negate = (sign_a && (AExpBits != 0)) ^ (sign_b && (BExpBits != 0));
    assign result_o = negate ? -magnitude : magnitude;
  end
endmodule : fewbit_mul_generic

`undef FEWBIT_STOP
`default_nettype wire
