// fewbit_requant_generic - an accumulator scaled into a narrow format, rounded once
//
//   result_o = round(a_i * b_i / 2^shift_i)
//   result_o = round(a_i * b_i / 2^shift_i) + zero_point_i, with HasZeroPoint
//
// Formats    a_i, b_i: integers; result_o: any, see the parameters; zero_point_i: an integer in
//            units of the result
// Rounding   Rounding, once
// Overflow   Overflow
// Zero       positive
// Timing     combinational: latency 0, one result per cycle
// SPDX-License-Identifier: Apache-2.0 OR 0BSD
`default_nettype none

// Stops elaboration with a message; Icarus 11 takes no $error there and stops at the missing module
`ifdef __ICARUS__
`define FEWBIT_STOP(message) message stop ();
`else
`define FEWBIT_STOP(message) $error(`"message`");
`endif

module fewbit_requant_generic #(
    // Bits of a
    parameter int          AWidth        = 32,
    // a is two's complement
    parameter bit          ASigned       = 1'b1,
    // Weight of a's lowest bit is 2^this
    parameter int          ALsbExponent  = 0,
    // Bits of b
    parameter int          BWidth        = 8,
    // b is two's complement
    parameter bit          BSigned       = 1'b0,
    // Weight of b's lowest bit is 2^this
    parameter int          BLsbExponent  = 0,
    // Bits of the shift
    parameter int          ShiftWidth    = 5,
    // zero_point_i is added to the rounded result, an integer
    parameter bit          HasZeroPoint  = 1'b0,
    // Bits of zero_point_i, which is in units of the result
    parameter int          ZeroPointWidth = 1,
    // zero_point_i is two's complement
    parameter bit          ZeroPointSigned = 1'b0,
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
    input  logic [        AWidth-1:0] a_i,
    input  logic [        BWidth-1:0] b_i,
    input  logic [    ShiftWidth-1:0] shift_i,
    input  logic [ZeroPointWidth-1:0] zero_point_i,
    input  logic [   RandomWidth-1:0] random_i,
    output logic [        RWidth-1:0] result_o
);
  // Legal ranges of the parameters
  if (AWidth < 1 || AWidth > 2048) begin : gen_bad_a_width
    `FEWBIT_STOP(AWidth_must_be_1_to_2048)
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
  if (ShiftWidth < 1 || ShiftWidth > 8) begin : gen_bad_shift_width
    `FEWBIT_STOP(ShiftWidth_must_be_1_to_8)
  end
  if (HasZeroPoint && RExpBits != 0) begin : gen_bad_has_zero_point
    `FEWBIT_STOP(HasZeroPoint_must_be_0_of_a_minifloat)
  end
  if (ZeroPointWidth < 1 || ZeroPointWidth > RWidth) begin : gen_bad_zero_point_width
    `FEWBIT_STOP(ZeroPointWidth_must_be_1_to_RWidth)
  end

  // Magnitude and sign of the product
  localparam int ProductWidth = AWidth + BWidth;
  logic sign_a, sign_b;
  logic [AWidth-1:0] magnitude_a;
  logic [BWidth-1:0] magnitude_b;
  logic [ProductWidth-1:0] product;
  assign sign_a = ASigned && a_i[AWidth-1];
  assign sign_b = BSigned && b_i[BWidth-1];
  assign magnitude_a = sign_a ? -a_i : a_i;
  assign magnitude_b = sign_b ? -b_i : b_i;
  assign product = ProductWidth'(magnitude_a) * ProductWidth'(magnitude_b);

  // A shift to the right by n is one to the left by its complement, in finer units
  localparam int MaxShift = (1 << ShiftWidth) - 1;
  logic negative;
  assign negative = (sign_a ^ sign_b) && (product != '0);
  if (HasZeroPoint) begin : gen_zero_point
    // Every rounded integer, and room for the sum
    localparam int UnitGap = ALsbExponent + BLsbExponent - RLsbExponent;
    localparam int IntegerBits = ProductWidth + ((UnitGap > 0) ? UnitGap : 0);
    localparam int WideWidth = ((IntegerBits > RWidth) ? IntegerBits : RWidth) + 3;
    logic signed [WideWidth-1:0] rounded, zero_point, sum;
    fewbit_round #(
        .MagWidth(ProductWidth),
        .ShiftWidth(ShiftWidth),
        .MaxShift(MaxShift),
        .LsbExponent(ALsbExponent + BLsbExponent - MaxShift),
        .RWidth(WideWidth),
        .RSigned(1'b1),
        .RExpBits(0),
        .RLsbExponent(RLsbExponent),
        .Rounding(Rounding),
        .RandomWidth(RandomWidth),
        .Overflow(0)
    ) u_round (
        .sign_i(negative),
        .magnitude_i(product),
        .shift_i(~shift_i),
        .nan_i(1'b0),
        .inf_i(1'b0),
        .random_i(random_i),
        .result_o(rounded)
    );
    if (ZeroPointSigned) begin : gen_signed
      logic signed [ZeroPointWidth-1:0] value;
      assign value = zero_point_i;
      assign zero_point = WideWidth'(value);
    end else begin : gen_unsigned
      assign zero_point = WideWidth'(zero_point_i);
    end
    assign sum = rounded + zero_point;

    // Ends of the range
    localparam logic [RWidth-1:0] TopCode = {RWidth{1'b1}} >> RSigned;
    localparam logic [RWidth-1:0] BottomCode = RSigned ? ~TopCode : {RWidth{1'b0}};
    logic sum_sign, too_large;
    logic [WideWidth-1:0] upper;
    assign sum_sign = sum[WideWidth-1];
    assign upper = sum >>> (RSigned ? RWidth - 1 : RWidth);
    assign too_large = upper != ((RSigned && sum_sign) ? {WideWidth{1'b1}} : {WideWidth{1'b0}});
    always_comb begin
      result_o = sum[RWidth-1:0];
      if (too_large && (Overflow != 3)) result_o = sum_sign ? BottomCode : TopCode;
    end
  end else begin : gen_round
    logic unused_zero_point;
    assign unused_zero_point = ^zero_point_i;
    fewbit_round #(
        .MagWidth(ProductWidth),
        .ShiftWidth(ShiftWidth),
        .MaxShift(MaxShift),
        .LsbExponent(ALsbExponent + BLsbExponent - MaxShift),
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
        .sign_i(negative),
        .magnitude_i(product),
        .shift_i(~shift_i),
        .nan_i(1'b0),
        .inf_i(1'b0),
        .random_i(random_i),
        .result_o(result_o)
    );
  end
endmodule : fewbit_requant_generic

`undef FEWBIT_STOP
`default_nettype wire
