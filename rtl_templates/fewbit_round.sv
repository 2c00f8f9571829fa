// fewbit_round - an exact number rounded once into any integer or minifloat format
//
//   result_o = round((-1)^sign_i * magnitude_i * 2^(shift_i + LsbExponent))
//
// Formats    result_o: any, see the parameters
// Rounding   Rounding, to the precision of the result with an unbounded exponent; subnormals are
//            rounded at their own lowest bit
// Overflow   Overflow, decided after rounding; into an unsigned format negative numbers give 0
//            (wrap: their low bits)
// Zero       keeps sign_i where the format has a minus zero
// Special    inf_i gives infinity, or without one and when saturating the largest finite value
//            (Overflow = 2: NaN); nan_i gives NanCode, in an integer 0
// Timing     combinational
// SPDX-License-Identifier: Apache-2.0 OR 0BSD
`default_nettype none

module fewbit_round #(
    // Bits of the exact magnitude
    parameter int          MagWidth      = 8,
    // Bits of the shift
    parameter int          ShiftWidth    = 5,
    // Largest shift_i that occurs; sizes integer results
    parameter int          MaxShift      = 28,
    // Weight of the lowest bit of the magnitude without shift is 2^LsbExponent
    parameter int          LsbExponent   = -18,
    // Bits of the result; a minifloat has sign (if signed), exponent and fraction, from the top
    parameter int          RWidth        = 8,
    // The result has a sign
    parameter bit          RSigned       = 1'b1,
    // Exponent bits of the result; 0: an integer
    parameter int          RExpBits      = 4,
    // Weight of the result's lowest bit is 2^RLsbExponent; minifloats: 1 - bias - fraction bits
    parameter int          RLsbExponent  = -9,
    // Largest finite code of a minifloat without its sign bit
    parameter logic [31:0] RMaxFinite    = 32'h7e,
    // The minifloat has infinities
    parameter bit          RHasInfinity  = 1'b0,
    // Code of infinity without its sign bit
    parameter logic [31:0] RInfinity     = 32'h0,
    // The minifloat has no minus zero
    parameter bit          RNegZeroIsNan = 1'b0,
    // What a NaN becomes: the whole code; largest finite code where the minifloat has no NaN
    parameter logic [31:0] RNanCode      = 32'h7f,
    // 0 ties_to_even, 1 ties_to_away, 2 toward_zero, 3 toward_positive, 4 toward_negative, 5 to_odd
    parameter int          Rounding      = 0,
    // Too large: 0 saturate; 1 infinity, or largest finite if rounding toward zero; 2 NaN; 3 wrap
    // (integers)
    parameter int          Overflow      = 0
) (
    input  logic                  sign_i,
    input  logic [  MagWidth-1:0] magnitude_i,
    input  logic [ShiftWidth-1:0] shift_i,
    input  logic                  nan_i,
    input  logic                  inf_i,
    output logic [    RWidth-1:0] result_o
);
  // Whether the truncated magnitude goes up by one: lsb is its lowest bit, guard the first dropped
  // bit, sticky the OR of the others. To odd: an inexact even magnitude goes up.
  function automatic logic round_up(input logic sign, input logic lsb, input logic guard,
                                    input logic sticky);
    case (Rounding)
      0: round_up = guard && (sticky || lsb);
      1: round_up = guard;
      3: round_up = !sign && (guard || sticky);
      4: round_up = sign && (guard || sticky);
      5: round_up = !lsb && (guard || sticky);
      default: round_up = 1'b0;
    endcase
  endfunction

  if (RExpBits == 0) begin : gen_int
    // Fixed point; an integer bit, a guard bit and a sticky bit at least
    localparam int Drop = (RLsbExponent > LsbExponent) ? RLsbExponent - LsbExponent : 0;
    localparam int Pad = (RLsbExponent < LsbExponent) ? LsbExponent - RLsbExponent : 0;
    localparam int FixedBits = MagWidth + MaxShift + Pad;
    localparam int FixedWidth = 2 + ((FixedBits > Drop) ? FixedBits : Drop + 1);
    localparam int TruncWidth = FixedWidth - 2 - Drop;
    logic [FixedWidth-1:0] magnitude, fixed;
    logic guard, sticky;
    assign magnitude = FixedWidth'(magnitude_i);
    assign fixed = ((magnitude << shift_i) << Pad) << 2;

    // Round
    localparam int RoundedWidth = ((TruncWidth > RWidth) ? TruncWidth : RWidth) + 1;
    logic [TruncWidth-1:0] truncated;
    logic [RoundedWidth-1:0] rounded;
    logic increment;
    assign truncated = fixed[FixedWidth-1:Drop+2];
    assign guard = fixed[Drop+1];
    assign sticky = fixed[Drop:0] != '0;
    assign increment = round_up(sign_i, truncated[0], guard, sticky);
    assign rounded = RoundedWidth'(truncated) + RoundedWidth'(increment);

    // Ends of the range: magnitudes and codes
    localparam logic [RWidth-1:0] TopCode = {RWidth{1'b1}} >> RSigned;
    localparam logic [RWidth-1:0] BottomCode = RSigned ? ~TopCode : {RWidth{1'b0}};
    logic [RWidth-1:0] limit, low_bits;
    logic too_large;
    assign limit = sign_i ? BottomCode : TopCode;
    assign too_large = rounded > RoundedWidth'(limit);
    assign low_bits = rounded[RWidth-1:0];
    always_comb begin
      result_o = sign_i ? -low_bits : low_bits;
      if (nan_i) result_o = '0;
      else if (inf_i || (too_large && (Overflow != 3))) result_o = limit;
    end
  end else begin : gen_float
    localparam int MagnitudeBits = RSigned ? RWidth - 1 : RWidth;
    localparam int FracBits = MagnitudeBits - RExpBits;

    // The magnitude at the top of a word with room for significand, guard and sticky bit
    localparam int WordWidth = (MagWidth > FracBits + 3) ? MagWidth : FracBits + 3;
    logic [WordWidth-1:0] low_word, word;
    assign low_word = WordWidth'(magnitude_i);
    assign word = low_word << (WordWidth - MagWidth);

    // How far the word's top bit is above the lowest normal exponent of the result
    localparam int Room = LsbExponent + MagWidth - 1 - RLsbExponent - FracBits;
    localparam int RoomBound = ((Room < 0) ? -Room : Room) + (1 << ShiftWidth) + WordWidth;
    localparam int ExpWidth = $clog2(RoomBound + 1) + 1;
    logic signed [ExpWidth-1:0] room;
    assign room = ExpWidth'(Room) + ExpWidth'(shift_i);

    // Leading zeros
    logic [ExpWidth-1:0] leading_zeros;
    always_comb begin
      leading_zeros = ExpWidth'(WordWidth);
      for (int i = 0; i < WordWidth; i++) begin
        if (word[i]) leading_zeros = ExpWidth'(WordWidth - 1 - i);
      end
    end

    // Normalise, as far as the exponent allows; results below that are subnormal
    logic [ExpWidth-1:0] left, exponent;
    always_comb begin
      if (room[ExpWidth-1]) left = '0;
      else if ($unsigned(room) < leading_zeros) left = $unsigned(room);
      else left = leading_zeros;
      // Exponent field, less one where the significand has its hidden bit
      exponent = room[ExpWidth-1] ? '0 : $unsigned(room) - left;
    end

    // Significands below the lowest normal exponent go right; what falls out is sticky
    logic [WordWidth-1:0] normalized, aligned, lost;
    assign normalized = word << left;
    if (Room < 0) begin : gen_align
      logic [ExpWidth-1:0] below, right;
      assign below = room[ExpWidth-1] ? -$unsigned(room) : '0;
      assign right = (below > ExpWidth'(WordWidth)) ? ExpWidth'(WordWidth) : below;
      assign {aligned, lost} = {normalized, {WordWidth{1'b0}}} >> right;
    end else begin : gen_aligned
      assign aligned = normalized;
      assign lost = '0;
    end

    // Round: the hidden bit carries into the exponent
    localparam int CodeWidth = ExpWidth + FracBits + 1;
    logic [FracBits:0] significand;
    logic [CodeWidth-1:0] truncated, rounded;
    logic guard, sticky, increment;
    assign significand = aligned[WordWidth-1:WordWidth-1-FracBits];
    assign guard = aligned[WordWidth-2-FracBits];
    assign sticky = (aligned[WordWidth-3-FracBits:0] != '0) || (lost != '0);
    assign truncated = (CodeWidth'(exponent) << FracBits) + CodeWidth'(significand);
    assign increment = round_up(sign_i, truncated[0], guard, sticky);
    assign rounded = (low_word == '0) ? '0 : truncated + CodeWidth'(increment);

    // Overflow and special values
    localparam int CompareWidth = ((CodeWidth > 32) ? CodeWidth : 32) + 1;
    localparam logic [MagnitudeBits-1:0] LargestCode = RMaxFinite[MagnitudeBits-1:0];
    localparam logic [MagnitudeBits-1:0] InfinityCode = RInfinity[MagnitudeBits-1:0];
    localparam logic [RWidth-1:0] NanCode = RNanCode[RWidth-1:0];
    logic below_range, too_large, toward_zero, infinite, not_a_number;
    logic [MagnitudeBits-1:0] magnitude;
    assign below_range = sign_i && !RSigned;
    assign too_large = !below_range && (CompareWidth'(rounded) > CompareWidth'(RMaxFinite));
    assign toward_zero = (Rounding == 2) || (Rounding == 5) || (Rounding == (sign_i ? 3 : 4));
    assign infinite = RHasInfinity && (Overflow == 1) && (inf_i || !toward_zero);
    assign not_a_number = nan_i || ((Overflow == 2) && (inf_i || too_large));
    always_comb begin
      magnitude = rounded[MagnitudeBits-1:0];
      if (inf_i || too_large) magnitude = infinite ? InfinityCode : LargestCode;
    end
    if (RSigned) begin : gen_signed
      logic negative;
      assign negative = sign_i && !(RNegZeroIsNan && (magnitude == '0));
      assign result_o = not_a_number ? NanCode : {negative, magnitude};
    end else begin : gen_unsigned
      assign result_o = not_a_number ? NanCode : below_range ? '0 : magnitude;
    end
  end
endmodule : fewbit_round

`default_nettype wire
