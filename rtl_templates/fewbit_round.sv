// fewbit_round - an exact number rounded once into any integer or minifloat format
//
//   result_o = round((-1)^sign_i * magnitude_i * 2^(shift_i + LsbExponent))
//
// Formats    result_o: any, see the parameters
// Rounding   Rounding, to the precision of the result with an unbounded exponent; subnormals are
//            rounded at their own lowest bit
// Overflow   Overflow, decided after rounding; into an unsigned format negative numbers give 0
//            (wrap: their low bits; SatNone: NaN, but 0 where rounding toward it)
// Zero       keeps sign_i where the format has a minus zero
// Special    inf_i: see Overflow; without an infinity the largest finite value; nan_i gives
//            NanCode, in an integer 0
// Timing     combinational
// SPDX-License-Identifier: Apache-2.0 OR 0BSD
`default_nettype none

// Stops elaboration with a message; Icarus 11 takes no $error there and stops at the missing module
`ifdef __ICARUS__
`define FEWBIT_STOP(message) message stop ();
`else
`define FEWBIT_STOP(message) $error(`"message`");
`endif

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
    // Exponent field 0 of the result has no hidden bit; 0 for scales without a zero (E8M0)
    parameter bit          RSubnormals   = 1'b1,
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
    input  logic [   MagWidth-1:0] magnitude_i,
    input  logic [ ShiftWidth-1:0] shift_i,
    input  logic                   nan_i,
    input  logic                   inf_i,
    input  logic [RandomWidth-1:0] random_i,
    output logic [     RWidth-1:0] result_o
);
  localparam int MagnitudeBits = RSigned ? RWidth - 1 : RWidth;

  // Legal ranges of the parameters
  if (MagWidth < 1 || MagWidth > 4096) begin : gen_bad_mag_width
    `FEWBIT_STOP(MagWidth_must_be_1_to_4096)
  end
  if (ShiftWidth < 1 || ShiftWidth > 24) begin : gen_bad_shift_width
    `FEWBIT_STOP(ShiftWidth_must_be_1_to_24)
  end
  if (MaxShift < 0 || MaxShift >= (1 << ShiftWidth)) begin : gen_bad_max_shift
    `FEWBIT_STOP(MaxShift_must_be_a_value_of_ShiftWidth_bits)
  end
  if (LsbExponent < -4000000 || LsbExponent > 4000000) begin : gen_bad_lsb_exponent
    `FEWBIT_STOP(LsbExponent_must_be_minus_4000000_to_4000000)
  end
  if (RWidth < 1 || RWidth > ((RExpBits == 0) ? 2048 : 32)) begin : gen_bad_r_width
    `FEWBIT_STOP(RWidth_must_be_1_to_2048_or_32_of_a_minifloat)
  end
  if (RExpBits < 0 || RExpBits > 16 || RExpBits > MagnitudeBits) begin : gen_bad_r_exp_bits
    `FEWBIT_STOP(RExpBits_must_be_0_to_16_within_RWidth)
  end
  if (RExpBits != 0 && (RMaxFinite >> MagnitudeBits) != 0) begin : gen_bad_r_max_finite
    `FEWBIT_STOP(RMaxFinite_must_fit_the_format)
  end
  if (RExpBits != 0 && RHasInfinity && (RInfinity <= RMaxFinite
      || (RInfinity >> MagnitudeBits) != 0)) begin : gen_bad_r_infinity
    `FEWBIT_STOP(RInfinity_must_be_above_RMaxFinite_and_fit_the_format)
  end
  if (RLsbExponent < -1000000 || RLsbExponent > 1000000) begin : gen_bad_r_lsb_exponent
    `FEWBIT_STOP(RLsbExponent_must_be_minus_1000000_to_1000000)
  end
  if (RExpBits != 0 && (RNanCode >> (RWidth - 1)) > 1) begin : gen_bad_r_nan_code
    `FEWBIT_STOP(RNanCode_must_fit_the_format)
  end
  if (Rounding < 0 || Rounding > 10) begin : gen_bad_rounding
    `FEWBIT_STOP(Rounding_must_be_0_to_10)
  end
  if (RandomWidth < 1 || RandomWidth > 32) begin : gen_bad_random_width
    `FEWBIT_STOP(RandomWidth_must_be_1_to_32)
  end
  if (Overflow < 0 || Overflow > 6) begin : gen_bad_overflow
    `FEWBIT_STOP(Overflow_must_be_0_to_6)
  end

  // Dropped bits that are looked at one by one; the OR of all lower ones is sticky
  localparam int GuardBits = RandomWidth + 1;

  // Whether the truncated magnitude goes up by one: lsb is its lowest bit. To odd: an inexact even
  // magnitude goes up. Stochastic: the carry of dropped bits and random bits.
  function automatic logic round_up(input logic sign, input logic lsb,
                                    input logic [GuardBits-1:0] guards, input logic sticky,
                                    input logic [RandomWidth-1:0] random);
    logic half, above_half, inexact, tie_up;
    logic [RandomWidth:0] short_sum;
    logic [GuardBits:0] long_sum;
    half = guards[GuardBits-1];
    above_half = half && (sticky || (guards[GuardBits-2:0] != '0));
    inexact = sticky || (guards != '0);
    tie_up = (Rounding == 8) && guards[0] && (sticky || guards[1]);
    short_sum = {1'b0, guards[GuardBits-1:1]} + {1'b0, random} + {{RandomWidth{1'b0}}, tie_up};
    long_sum = {1'b0, guards} + {1'b0, random, 1'b1};
    case (Rounding)
      0: round_up = above_half || (half && lsb);
      1: round_up = half;
      3: round_up = !sign && inexact;
      4: round_up = sign && inexact;
      5: round_up = !lsb && inexact;
      6: round_up = short_sum[RandomWidth];
      7: round_up = long_sum[GuardBits];
      8: round_up = short_sum[RandomWidth];
      9: round_up = above_half || (half && !sign);
      10: round_up = above_half || (half && sign);
      default: round_up = 1'b0;
    endcase
  endfunction

  if (RExpBits == 0) begin : gen_int
    // Fixed point; an integer bit, the guard bits and a sticky bit at least
    localparam int Drop = (RLsbExponent > LsbExponent) ? RLsbExponent - LsbExponent : 0;
    localparam int Pad = (RLsbExponent < LsbExponent) ? LsbExponent - RLsbExponent : 0;
    localparam int FixedBits = MagWidth + MaxShift + Pad;
    localparam int FixedWidth = GuardBits + 1 + ((FixedBits > Drop) ? FixedBits : Drop + 1);
    localparam int TruncWidth = FixedWidth - GuardBits - 1 - Drop;
    logic [FixedWidth-1:0] magnitude, fixed;
    logic sticky;
    assign magnitude = FixedWidth'(magnitude_i);
    assign fixed = ((magnitude << shift_i) << Pad) << (GuardBits + 1);

    // Round
    localparam int RoundedWidth = ((TruncWidth > RWidth) ? TruncWidth : RWidth) + 1;
    logic [TruncWidth-1:0] truncated;
    logic [RoundedWidth-1:0] rounded;
    logic increment;
    assign truncated = fixed[FixedWidth-1:Drop+GuardBits+1];
    assign sticky = fixed[Drop:0] != '0;
    assign increment =
        round_up(sign_i, truncated[0], fixed[Drop+GuardBits:Drop+1], sticky, random_i);
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
    localparam int FracBits = MagnitudeBits - RExpBits;

    // The magnitude at the top of a word with room for significand, guard bits and sticky bit
    localparam int LeastWidth = FracBits + GuardBits + 2;
    localparam int WordWidth = (MagWidth > LeastWidth) ? MagWidth : LeastWidth;
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
    logic [ExpWidth-1:0] least, left, exponent;
    assign least = ($unsigned(room) < leading_zeros) ? $unsigned(room) : leading_zeros;
    assign left = room[ExpWidth-1] ? '0 : least;
    // Exponent field, less one where the significand has its hidden bit
    assign exponent = room[ExpWidth-1] ? '0 : $unsigned(room) - left;

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
    logic [GuardBits-1:0] guards;
    logic [CodeWidth-1:0] truncated, incremented, rounded;
    logic sticky, increment, vanishes;
    assign significand = aligned[WordWidth-1:WordWidth-1-FracBits];
    assign guards = aligned[WordWidth-2-FracBits:WordWidth-1-FracBits-GuardBits];
    assign sticky = (aligned[WordWidth-2-FracBits-GuardBits:0] != '0) || (lost != '0);
    // Without subnormals exponent field 0 has the hidden bit too, and nothing is below it
    assign truncated = (CodeWidth'(exponent) << FracBits) + CodeWidth'(significand)
        - (RSubnormals ? CodeWidth'(0) : (CodeWidth'(1) << FracBits));
    assign increment = round_up(sign_i, truncated[0], guards, sticky, random_i);
    assign incremented = truncated + CodeWidth'(increment);
    assign vanishes = (low_word == '0) || (!RSubnormals && !significand[FracBits])
        || (RFlush && (incremented[CodeWidth-1:FracBits] == '0));
    assign rounded = vanishes ? '0 : incremented;

    // Overflow and special values
    localparam int CompareWidth = ((CodeWidth > 32) ? CodeWidth : 32) + 1;
    localparam logic [MagnitudeBits-1:0] LargestCode = RMaxFinite[MagnitudeBits-1:0];
    localparam logic [MagnitudeBits-1:0] InfinityCode = RInfinity[MagnitudeBits-1:0];
    localparam logic [RWidth-1:0] NanCode = RNanCode[RWidth-1:0];
    logic below_range, too_large, directed, toward_zero, infinite, beyond, not_a_number;
    logic [MagnitudeBits-1:0] limit, magnitude;
    assign below_range = sign_i && !RSigned;
    assign too_large = !below_range && (CompareWidth'(rounded) > CompareWidth'(RMaxFinite));
    // To odd takes the odd one of the largest finite code and the next
    assign directed = (Rounding == 2) || (Rounding == (sign_i ? 3 : 4));
    assign toward_zero = directed || ((Rounding == 5) && RMaxFinite[0]);
    assign infinite = RHasInfinity
        && (inf_i ? (Overflow != 0)
                  : (((Overflow == 1) && !toward_zero) || ((Overflow == 6) && !directed)));
    // SatNone: an infinity or a value beyond the range with nothing to stand for it
    assign beyond = below_range ? (inf_i || ((rounded != '0) && !directed))
        : (!RHasInfinity && (inf_i || (too_large && !directed)));
    assign not_a_number = nan_i || ((Overflow == 2) && (inf_i || too_large))
        || ((Overflow == 5) && inf_i) || ((Overflow == 6) && beyond);
    assign limit = infinite ? InfinityCode : LargestCode;
    assign magnitude = (inf_i || too_large) ? limit : rounded[MagnitudeBits-1:0];
    if (RSigned) begin : gen_signed
      logic negative;
      assign negative = sign_i && !(RNegZeroIsNan && (magnitude == '0));
      assign result_o = not_a_number ? NanCode : {negative, magnitude};
    end else begin : gen_unsigned
      assign result_o = not_a_number ? NanCode : below_range ? '0 : magnitude;
    end
  end
endmodule : fewbit_round

`undef FEWBIT_STOP
`default_nettype wire
