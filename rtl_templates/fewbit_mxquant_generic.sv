// fewbit_mxquant_generic - a block of floats as elements with a common power-of-two scale
//
//   result_o[k] = round(a_i[k] / X), scale_o = X
//
//   X = 2^(e - emax), within 2^-127 .. 2^127: e is the exponent of the block's largest magnitude,
//   emax that of the element format's largest value.
//
// Formats    a_i: Lanes signed floats, lane 0 lowest; result_o: Lanes elements, float or fixed point;
//            scale_o: E8M0
// Rounding   of elements: to nearest, ties to even
// Overflow   of elements: largest finite value; integers have one largest magnitude for both signs
// NaN        a NaN or infinite a_i[k] gives scale_o = NaN (8'hff); result_o means nothing then
// Zero       a block of zeros has the least scale
// Timing     combinational: latency 0, one block per cycle
// SPDX-License-Identifier: Apache-2.0 OR 0BSD
`default_nettype none

// Stops elaboration with a message; Icarus 11 takes no $error there and stops at the missing module
`ifdef __ICARUS__
`define FEWBIT_STOP(message) message stop ();
`else
`define FEWBIT_STOP(message) $error(`"message`");
`endif

module fewbit_mxquant_generic #(
    // Numbers side by side
    parameter int          Lanes         = 32,
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
    // e: 0 floor(log2 m), 1 ceil(log2 m), 2 floor(log2 m') with m rounded to the element's precision,
    // 3 RMaxExponent + ceil(log2(m / largest element))
    parameter int          ScalePolicy   = 0,
    // Exponent of the element format's largest value
    parameter int          RMaxExponent  = 2,
    // Fraction bits of the element format's largest values
    parameter int          RFracBits     = 1,
    // Fraction of the element format's largest value, in units of 2^-RFracBits
    parameter logic [31:0] RMaxFraction  = 32'h1,
    // Bits of an element
    parameter int          RWidth        = 4,
    // Exponent bits of an element; 0: an integer
    parameter int          RExpBits      = 2,
    // An element has a sign
    parameter bit          RSigned       = 1'b1,
    // Weight of an element's lowest bit is 2^this; minifloats: 1 - bias - fraction bits
    parameter int          RLsbExponent  = -1,
    // Largest finite code of an element without its sign bit
    parameter logic [31:0] RMaxFinite    = 32'h7,
    // The code of minus zero is NaN
    parameter bit          RNegZeroIsNan = 1'b0
) (
    input  logic [Lanes*AWidth-1:0] a_i,
    output logic [             7:0] scale_o,
    output logic [Lanes*RWidth-1:0] result_o
);
  // Legal ranges of the parameters
  if (Lanes < 1 || Lanes > 64) begin : gen_bad_lanes
    `FEWBIT_STOP(Lanes_must_be_1_to_64)
  end
  if (AExpBits < 1 || AExpBits > 16) begin : gen_bad_a_exp_bits
    `FEWBIT_STOP(AExpBits_must_be_1_to_16)
  end
  if (!ASigned) begin : gen_bad_a_signed
    `FEWBIT_STOP(ASigned_must_be_1)
  end
  if (ALsbExponent < -100000 || ALsbExponent > 100000) begin : gen_bad_a_lsb_exponent
    `FEWBIT_STOP(ALsbExponent_must_be_minus_100000_to_100000)
  end
  if (ScalePolicy < 0 || ScalePolicy > 3) begin : gen_bad_scale_policy
    `FEWBIT_STOP(ScalePolicy_must_be_0_to_3)
  end
  if (RMaxExponent < -100000 || RMaxExponent > 100000) begin : gen_bad_r_max_exponent
    `FEWBIT_STOP(RMaxExponent_must_be_minus_100000_to_100000)
  end
  if (RFracBits < 0 || RFracBits >= RWidth) begin : gen_bad_r_frac_bits
    `FEWBIT_STOP(RFracBits_must_be_0_to_RWidth_less_1)
  end

  localparam int AFracBits = AWidth - 1 - AExpBits;
  localparam int AFields = AWidth - 1;
  localparam int AMaxField = (AExpBits == 0) ? 0 : AMaxFinite >> (AFields - AExpBits);
  localparam int AMaxShift = (ASubnormals && (AMaxField > 0)) ? AMaxField - 1 : AMaxField;

  // Unpack
  logic [Lanes-1:0] signs, nans, infs;
  logic [Lanes*(AFracBits+1)-1:0] significands;
  logic [Lanes*AExpBits-1:0] shifts;
  for (genvar k = 0; k < Lanes; k++) begin : gen_unpack
    fewbit_decode #(
        .Width(AWidth),
        .IsSigned(ASigned),
        .ExpBits(AExpBits),
        .Subnormals(ASubnormals),
        .MaxFinite(AMaxFinite),
        .HasInfinity(AHasInfinity),
        .Infinity(AInfinity),
        .NegZeroIsNan(ANegZeroIsNan),
        .Flush(1'b0),
        .SigWidth(AFracBits + 1),
        .ShiftWidth(AExpBits)
    ) u_decode (
        .code_i(a_i[k*AWidth+:AWidth]),
        .sign_o(signs[k]),
        .significand_o(significands[k*(AFracBits+1)+:AFracBits+1]),
        .shift_o(shifts[k*AExpBits+:AExpBits]),
        .nan_o(nans[k]),
        .inf_o(infs[k])
    );
  end

  // Largest magnitude: codes without sign are in the order of their values
  function automatic logic [AFields-1:0] largest_of(input logic [Lanes*AWidth-1:0] codes);
    largest_of = '0;
    for (int k = 0; k < Lanes; k++) begin
      if (codes[k*AWidth+:AFields] > largest_of) largest_of = codes[k*AWidth+:AFields];
    end
  endfunction
  logic [AFields-1:0] largest;
  assign largest = largest_of(a_i);

  // Its exponent by the policy, in whole numbers
  localparam int ExpWidth = 20;
  // Exponent and significand with the leading one at the top, the exponent down by as much
  function automatic logic [ExpWidth+AFracBits:0] normalized(input logic [AFields-1:0] magnitude);
    logic [AExpBits-1:0] field;
    logic [AFracBits:0] fraction;
    logic [ExpWidth-1:0] power;
    field = magnitude[AFields-1:AFracBits];
    fraction = (AFracBits + 1)'(magnitude);
    fraction[AFracBits] = field != '0;
    power = {{(ExpWidth - AExpBits) {1'b0}}, field} - ExpWidth'(field != '0 ? 1 : 0)
        + ExpWidth'(ALsbExponent + AFracBits);
    for (int i = 0; i < AFracBits; i++) begin
      if (!fraction[AFracBits]) begin
        fraction = fraction << 1;
        power = power - ExpWidth'(1);
      end
    end
    normalized = {power, fraction};
  endfunction
  logic [AFracBits:0] significand;
  logic signed [ExpWidth-1:0] exponent, scale;
  logic up;
  assign {exponent, significand} = normalized(largest);
  // What a policy does not look at
  logic unused_significand;
  assign unused_significand = ^significand;

  // To nearest at the element's precision, all ones and a half unit more are the next power of two
  if (ScalePolicy == 1 && AFracBits > 0) begin : gen_ceil
    assign up = significand[AFracBits-1:0] != '0;
  end else if (ScalePolicy == 2 && AFracBits > RFracBits) begin : gen_even
    assign up = &significand[AFracBits:AFracBits-RFracBits-1];
  end else if (ScalePolicy == 3 && AFracBits > 0) begin : gen_rceil
    // Both significands in the units of both last places
    logic [63:0] own, limit;
    assign own = {{(64 - AFracBits) {1'b0}}, significand[AFracBits-1:0]} << RFracBits;
    assign limit = {32'd0, RMaxFraction} << AFracBits;
    assign up = own > limit;
  end else begin : gen_floor
    assign up = 1'b0;
  end

  // Scale
  logic signed [ExpWidth-1:0] unlimited;
  logic special, is_zero;
  assign special = (nans != '0) || (infs != '0);
  assign is_zero = largest == '0;
  assign unlimited = exponent + ExpWidth'(up ? 1 : 0) - ExpWidth'(RMaxExponent);
  always_comb begin
    scale = unlimited;
    if (is_zero || (unlimited < -20'sd127)) scale = -20'sd127;
    else if (unlimited > 20'sd127) scale = 20'sd127;
  end
  assign scale_o = special ? 8'hff : 8'(scale + 20'sd127);

  // Elements: divided by the scale in units that make the shift positive
  localparam int ShiftWidth = ExpWidth;
  for (genvar k = 0; k < Lanes; k++) begin : gen_element
    logic [ShiftWidth-1:0] shift;
    logic [RWidth-1:0] element;
    logic is_least;
    // The least integer has no counterpart: the next one is as near as the range goes
    assign is_least = RSigned && (RExpBits == 0) && (element == (RWidth'(1) << (RWidth - 1)));
    assign result_o[k*RWidth+:RWidth] = element + RWidth'(is_least);
    assign shift = ShiftWidth'(shifts[k*AExpBits+:AExpBits]) + $unsigned(20'sd127 - scale);
    fewbit_round #(
        .MagWidth(AFracBits + 1),
        .ShiftWidth(ShiftWidth),
        .MaxShift(AMaxShift + 254),
        .LsbExponent(ALsbExponent - 127),
        .RWidth(RWidth),
        .RSigned(RSigned),
        .RExpBits(RExpBits),
        .RSubnormals(1'b1),
        .RLsbExponent(RLsbExponent),
        .RMaxFinite(RMaxFinite),
        .RNegZeroIsNan(RNegZeroIsNan),
        .RNanCode(32'h0),
        .Rounding(0),
        .Overflow(0)
    ) u_round (
        .sign_i(signs[k]),
        .magnitude_i(significands[k*(AFracBits+1)+:AFracBits+1]),
        .shift_i(shift),
        .nan_i(1'b0),
        .inf_i(1'b0),
        .random_i(1'b0),
        .result_o(element)
    );
  end
endmodule : fewbit_mxquant_generic

`undef FEWBIT_STOP
`default_nettype wire
