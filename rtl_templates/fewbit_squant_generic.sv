// fewbit_squant_generic - a block of numbers as codes between its least and its largest
//
//   result_o[k] = floor((x[k] - min) / (max - min) * (2^RWidth - 1)
//                       + (2 * random_i[k] + 1) / 2^(RandomWidth + 1)),  0 where max = min
//
//   x = a_i, of a minifloat cut off toward zero to a multiple of 2^(e - F): e is the exponent of the
//   block's largest magnitude, at least that of the least normal number, F the larger one of the
//   significand's bits and RWidth + RandomWidth + 1. min and max are the least and the largest x.
//
// Formats    a_i: Lanes integers or minifloats, lane 0 lowest; random_i: Lanes random integers;
//            result_o: Lanes unsigned integers; range_o: the least and, above it, the largest a_i[k]
// Rounding   stochastic
// NaN        a NaN or infinite a_i[k] makes both codes of range_o ASpecial and all codes 0
// Zero       -0 is below +0
// Timing     combinational: latency 0, one block per cycle
// SPDX-License-Identifier: Apache-2.0 OR 0BSD
`default_nettype none

// Stops elaboration with a message; Icarus 11 takes no $error there and stops at the missing module
`ifdef __ICARUS__
`define FEWBIT_STOP(message) message stop ();
`else
`define FEWBIT_STOP(message) $error(`"message`");
`endif

module fewbit_squant_generic #(
    // Numbers side by side
    parameter int          Lanes         = 8,
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
    // What range_o has beside a NaN or an infinity, the whole code
    parameter logic [31:0] ASpecial      = 32'h7f,
    // Bits of a code
    parameter int          RWidth        = 1,
    // Bits of random_i for each lane
    parameter int          RandomWidth   = 8
) (
    input  logic [     Lanes*AWidth-1:0] a_i,
    input  logic [Lanes*RandomWidth-1:0] random_i,
    output logic [         2*AWidth-1:0] range_o,
    output logic [     Lanes*RWidth-1:0] result_o
);
  localparam int AFields = ASigned ? AWidth - 1 : AWidth;

  // Legal ranges of the parameters
  if (Lanes < 1 || Lanes > 64) begin : gen_bad_lanes
    `FEWBIT_STOP(Lanes_must_be_1_to_64)
  end
  if (AWidth < 1 || AWidth > 32) begin : gen_bad_a_width
    `FEWBIT_STOP(AWidth_must_be_1_to_32)
  end
  if (AExpBits < 0 || AExpBits > 16 || AExpBits > AFields) begin : gen_bad_a_exp_bits
    `FEWBIT_STOP(AExpBits_must_be_0_to_16_within_AWidth)
  end
  if (RWidth < 1 || RWidth > 8) begin : gen_bad_r_width
    `FEWBIT_STOP(RWidth_must_be_1_to_8)
  end
  if (RandomWidth < 1 || RandomWidth > 16) begin : gen_bad_random_width
    `FEWBIT_STOP(RandomWidth_must_be_1_to_16)
  end

  localparam bit IsFloat = AExpBits != 0;
  // Bits of a significand, and fraction bits of x below the block's largest exponent
  localparam int SigBits = IsFloat ? AFields - AExpBits + 1 : AWidth;
  localparam int Frame = (SigBits > RWidth + RandomWidth + 1) ? SigBits : RWidth + RandomWidth + 1;
  // Of a difference of two numbers, and of the scaled one
  localparam int Width = IsFloat ? Frame + 2 : AWidth + 1;
  localparam int WideWidth = Width + RWidth;
  localparam int ProductWidth = Width + RandomWidth + 1;
  localparam int ShiftWidth = IsFloat ? AExpBits : 1;
  // From a significand at the bottom to one at the top of the frame
  localparam int Up = IsFloat ? Frame - SigBits + 1 : 0;

  // The least and the largest code, by an order in which the signed ones are turned
  function automatic logic [AWidth-1:0] end_of(input logic [Lanes*AWidth-1:0] block,
                                               input logic want_largest);
    logic [AWidth-1:0] code, key, best;
    end_of = '0;
    best = '0;
    for (int k = 0; k < Lanes; k++) begin
      code = block[k*AWidth+:AWidth];
      key = code;
      if (ASigned) key = (IsFloat && code[AWidth-1]) ? ~code : code ^ (AWidth'(1) << (AWidth - 1));
      if ((k == 0) || (want_largest ? (key > best) : (key < best))) begin
        best = key;
        end_of = code;
      end
    end
  endfunction
  logic [AWidth-1:0] least, largest;
  assign least = end_of(a_i, 1'b0);
  assign largest = end_of(a_i, 1'b1);

  // All numbers, then the least and the largest: significands at the top of the frame, and how far up
  localparam int Numbers = Lanes + 2;
  logic [Numbers*AWidth-1:0] codes;
  logic [Numbers-1:0] signs, nans, infs;
  logic [Numbers*Width-1:0] significands;
  logic [Numbers*ShiftWidth-1:0] shifts;
  logic [Numbers*Width-1:0] values;
  logic [ShiftWidth-1:0] least_shift, largest_shift, base;
  logic special;
  assign codes = {largest, least, a_i};
  assign least_shift = shifts[Lanes*ShiftWidth+:ShiftWidth];
  assign largest_shift = shifts[(Lanes+1)*ShiftWidth+:ShiftWidth];
  assign base = (least_shift > largest_shift) ? least_shift : largest_shift;
  assign special = (nans != '0) || (infs != '0);
  for (genvar k = 0; k < Numbers; k++) begin : gen_number
    logic [Width-1:0] significand, magnitude;
    logic [ShiftWidth-1:0] distance;
    assign significand = significands[k*Width+:Width];
    assign distance = base - shifts[k*ShiftWidth+:ShiftWidth];
    assign magnitude = (significand << Up) >> distance;
    // Integers carry their sign in the significand
    assign values[k*Width+:Width] = (IsFloat && signs[k]) ? -magnitude : magnitude;
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
        .SigWidth(Width),
        .ShiftWidth(ShiftWidth)
    ) u_decode (
        .code_i(codes[k*AWidth+:AWidth]),
        .sign_o(signs[k]),
        .significand_o(significands[k*Width+:Width]),
        .shift_o(shifts[k*ShiftWidth+:ShiftWidth]),
        .nan_o(nans[k]),
        .inf_o(infs[k])
    );
  end

  // Distances from the least number
  logic [Width-1:0] base_value, range;
  assign base_value = values[Lanes*Width+:Width];
  assign range = values[(Lanes+1)*Width+:Width] - base_value;

  function automatic logic [RWidth-1:0] quotient(input logic [WideWidth-1:0] dividend,
                                                 input logic [Width-1:0] divisor);
    logic [WideWidth-1:0] rest, multiple;
    logic [RWidth-1:0] code;
    code = '0;
    rest = dividend;
    for (int i = RWidth - 1; i >= 0; i--) begin
      multiple = WideWidth'(divisor) << i;
      if (rest >= multiple) begin
        rest = rest - multiple;
        code = code | (RWidth'(1) << i);
      end
    end
    quotient = code;
  endfunction

  // Codes
  for (genvar k = 0; k < Lanes; k++) begin : gen_code
    logic [Width-1:0] offset, part;
    logic [RandomWidth:0] random;
    logic [ProductWidth-1:0] product;
    logic [WideWidth-1:0] dividend;
    assign offset = values[k*Width+:Width] - base_value;
    assign random = {random_i[k*RandomWidth+:RandomWidth], 1'b1};
    assign product = ProductWidth'(random) * ProductWidth'(range);
    assign part = product[ProductWidth-1:RandomWidth+1];
    assign dividend = (WideWidth'(offset) << RWidth) - WideWidth'(offset) + WideWidth'(part);
    assign result_o[k*RWidth+:RWidth] = (special || (range == '0)) ? '0 : quotient(dividend, range);
    // Bits of the product below the unit
    logic unused_product;
    assign unused_product = ^product[RandomWidth:0];
  end
  assign range_o = special ? {2{ASpecial[AWidth-1:0]}} : {largest, least};
endmodule : fewbit_squant_generic

`undef FEWBIT_STOP
`default_nettype wire
