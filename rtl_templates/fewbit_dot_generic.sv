// fewbit_dot_generic - sum of the products of all lanes, for any two integer or minifloat formats
//
//   result_o = sum of a_i[k] * b_i[k]          exact: fixed point in units of the product of the
//                                              operands' lowest bits, two's complement
//   result_o = round(sum of a_i[k] * b_i[k])   with RoundResult
//   result_o = round(c_i + that sum)           with RoundResult and AddC, into a minifloat
//
// Formats    a_i, b_i: Lanes numbers each, lane 0 lowest; any format, see the parameters
//            c_i: a minifloat
// Rounding   Rounding, once, of the exact sum
// Overflow   Overflow, of a rounded result
// NaN        a NaN operand, zero times infinity or infinities of both signs, c_i's too: nan_o.
//            Infinite results: pinf_o, ninf_o. An exact result means nothing beside a flag; a rounded
//            one codes these values itself
// Zero       positive, negative if rounding toward negative
// Timing     combinational: latency 0, one result per cycle
// SPDX-License-Identifier: Apache-2.0 OR 0BSD
`default_nettype none

// Stops elaboration with a message; Icarus 11 takes no $error there and stops at the missing module
`ifdef __ICARUS__
`define FEWBIT_STOP(message) message stop ();
`else
`define FEWBIT_STOP(message) $error(`"message`");
`endif

module fewbit_dot_generic #(
    // Numbers side by side
    parameter int          Lanes         = 4,
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
    // c_i is added to a rounded result before it is rounded; the parameters C.. describe it
    parameter bit          AddC          = 1'b0,
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
    // Bits that hold every sum of products in units of their lowest bit, with the sign
    parameter int          SumWidth      = 39,
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
    input  logic [Lanes*AWidth-1:0] a_i,
    input  logic [Lanes*BWidth-1:0] b_i,
    input  logic [      CWidth-1:0] c_i,
    input  logic [ RandomWidth-1:0] random_i,
    output logic [      RWidth-1:0] result_o,
    output logic                    nan_o,
    output logic                    pinf_o,
    output logic                    ninf_o
);
  // Legal ranges of the parameters
  if (Lanes < 1 || Lanes > 64) begin : gen_bad_lanes
    `FEWBIT_STOP(Lanes_must_be_1_to_64)
  end
  if (ALsbExponent < -1000000 || ALsbExponent > 1000000) begin : gen_bad_a_lsb_exponent
    `FEWBIT_STOP(ALsbExponent_must_be_minus_1000000_to_1000000)
  end
  if (BLsbExponent < -1000000 || BLsbExponent > 1000000) begin : gen_bad_b_lsb_exponent
    `FEWBIT_STOP(BLsbExponent_must_be_minus_1000000_to_1000000)
  end
  if (!RoundResult && (RWidth < SumWidth || RWidth > 2048)) begin : gen_bad_r_width
    `FEWBIT_STOP(RWidth_must_be_SumWidth_to_2048)
  end

  if (AddC && !RoundResult) begin : gen_bad_add_c
    `FEWBIT_STOP(AddC_must_be_0_of_an_exact_result)
  end

  // Two's complement where an operand has a sign; int1 is 0 or -1, and its square has none
  localparam bit BothInt1 = ASigned && (AExpBits == 0) && (AWidth == 1) && !ABipolar && BSigned
      && (BExpBits == 0) && (BWidth == 1) && !BBipolar;
  localparam bit SumSigned = (ASigned || BSigned) && !BothInt1;

  // Every lane's product, and the flags of all
  logic [Lanes*SumWidth-1:0] products;
  logic [Lanes-1:0] nans, pinfs, ninfs;
  for (genvar k = 0; k < Lanes; k++) begin : gen_lane
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
        .Terms(Lanes),
        .RoundResult(1'b0),
        .RWidth(SumWidth)
    ) u_mul (
        .a_i(a_i[k*AWidth+:AWidth]),
        .b_i(b_i[k*BWidth+:BWidth]),
        .random_i(1'b0),
        .result_o(products[k*SumWidth+:SumWidth]),
        .nan_o(nans[k]),
        .pinf_o(pinfs[k]),
        .ninf_o(ninfs[k])
    );
  end

  // Exact sum
  function automatic logic [SumWidth-1:0] sum_of(input logic [Lanes*SumWidth-1:0] terms);
    sum_of = '0;
    for (int k = 0; k < Lanes; k++) sum_of = sum_of + terms[k*SumWidth+:SumWidth];
  endfunction
  logic [SumWidth-1:0] sum;
  assign sum = sum_of(products);

  // Special values
  logic nan, infinite, inf_sign, result_nan, result_inf, result_sign;
  assign nan = (nans != '0) || ((pinfs != '0) && (ninfs != '0));
  assign inf_sign = ninfs != '0;
  assign infinite = ((pinfs != '0) || inf_sign) && !nan;
  assign nan_o = result_nan;
  assign pinf_o = result_inf && !result_sign;
  assign ninf_o = result_inf && result_sign;
  if (!AddC) begin : gen_lanes_alone
    logic unused_c;
    assign unused_c = ^c_i;
    assign result_nan = nan;
    assign result_inf = infinite;
    assign result_sign = inf_sign;
  end

  if (RoundResult && AddC) begin : gen_add
    logic sum_sign;
    logic [SumWidth-1:0] magnitude;
    assign sum_sign = SumSigned && sum[SumWidth-1];
    assign magnitude = sum_sign ? -sum : sum;
    fewbit_addend #(
        .SumWidth(SumWidth),
        .ShiftWidth(1),
        .MaxShift(0),
        .SumLsbExponent(ALsbExponent + BLsbExponent),
        .CWidth(CWidth),
        .CSigned(CSigned),
        .CExpBits(CExpBits),
        .CSubnormals(CSubnormals),
        .CMaxFinite(CMaxFinite),
        .CHasInfinity(CHasInfinity),
        .CInfinity(CInfinity),
        .CNegZeroIsNan(CNegZeroIsNan),
        .CLsbExponent(CLsbExponent),
        .FlushInputs(FlushInputs),
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
    ) u_addend (
        .sign_i(infinite ? inf_sign : sum_sign),
        .magnitude_i(magnitude),
        .shift_i(1'b0),
        .nan_i(nan),
        .inf_i(infinite),
        .c_i(c_i),
        .random_i(random_i),
        .result_o(result_o),
        .nan_o(result_nan),
        .inf_o(result_inf),
        .sign_o(result_sign)
    );
  end else if (RoundResult) begin : gen_round
    logic sign, sum_sign;
    logic [SumWidth-1:0] magnitude;
    assign sum_sign = SumSigned && sum[SumWidth-1];
    assign magnitude = sum_sign ? -sum : sum;
    assign sign = infinite ? inf_sign : ((sum == '0) ? (Rounding == 4) : sum_sign);
    fewbit_round #(
        .MagWidth(SumWidth),
        .ShiftWidth(1),
        .MaxShift(0),
        .LsbExponent(ALsbExponent + BLsbExponent),
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
        .shift_i(1'b0),
        .nan_i(nan),
        .inf_i(infinite),
        .random_i(random_i),
        .result_o(result_o)
    );
  end else begin : gen_exact
    logic unused_random;
    assign unused_random = ^random_i;
    if (SumSigned) begin : gen_signed
      logic signed [SumWidth-1:0] signed_sum;
      assign signed_sum = sum;
      assign result_o = RWidth'(signed_sum);
    end else begin : gen_unsigned
      assign result_o = RWidth'(sum);
    end
  end
endmodule : fewbit_dot_generic

`undef FEWBIT_STOP
`default_nettype wire
