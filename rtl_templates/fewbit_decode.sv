// fewbit_decode - what the code of an integer or minifloat stands for
//
//   value = (-1)^sign_o * significand_o * 2^shift_o        in units of the format's lowest bit,
//   value = significand_o                                  for integers: two's complement
//
// Formats    any: two's complement and unsigned integers (ExpBits = 0), signed and unsigned
//            minifloats with the special values that the parameters name
// Special    nan_o and inf_o are exclusive; significand_o and shift_o mean nothing with either
// Sign       sign_o of an integer is its top bit, of a minifloat its sign bit, even of a zero
// Timing     combinational
// SPDX-License-Identifier: Apache-2.0 OR 0BSD
`default_nettype none

// Stops elaboration with a message; Icarus 11 takes no $error there and stops at the missing module
`ifdef __ICARUS__
`define FEWBIT_STOP(message) message stop ();
`else
`define FEWBIT_STOP(message) $error(`"message`");
`endif

module fewbit_decode #(
    // Bits of a code; a minifloat has sign (if signed), exponent and fraction, from the top
    parameter int          Width        = 8,
    // Top bit is a sign (minifloat) or has negative weight (integer)
    parameter bit          IsSigned     = 1'b1,
    // Exponent bits; 0: an integer, and the parameters from Subnormals to Flush mean nothing
    parameter int          ExpBits      = 4,
    // An integer of one bit: 0 is -1, 1 is +1
    parameter bit          IsBipolar    = 1'b0,
    // Exponent field 0 has no hidden bit; 0 for scales without a zero (E8M0)
    parameter bit          Subnormals   = 1'b1,
    // Largest finite code without its sign bit; codes above it are NaN, but for Infinity
    parameter logic [31:0] MaxFinite    = 32'h7e,
    // The format has infinities
    parameter bit          HasInfinity  = 1'b0,
    // Code of infinity without its sign bit
    parameter logic [31:0] Infinity     = 32'h0,
    // The code of minus zero is NaN
    parameter bit          NegZeroIsNan = 1'b0,
    // Subnormals are zeros of their sign
    parameter bit          Flush        = 1'b0,
    // Bits of significand_o; integers are extended to it, more bits than needed cost nothing
    parameter int          SigWidth     = 4,
    // Bits of shift_o: ExpBits, or 1 for an integer
    parameter int          ShiftWidth   = 4
) (
    input  logic [     Width-1:0] code_i,
    output logic                  sign_o,
    output logic [  SigWidth-1:0] significand_o,
    output logic [ShiftWidth-1:0] shift_o,
    output logic                  nan_o,
    output logic                  inf_o
);
  localparam int MagnitudeBits = IsSigned ? Width - 1 : Width;

  // Legal ranges of the parameters
  if (Width < 1 || Width > ((ExpBits == 0) ? 2048 : 32)) begin : gen_bad_width
    `FEWBIT_STOP(Width_must_be_1_to_2048_or_32_of_a_minifloat)
  end
  if (ExpBits < 0 || ExpBits > 16 || ExpBits > MagnitudeBits) begin : gen_bad_exp_bits
    `FEWBIT_STOP(ExpBits_must_be_0_to_16_within_Width)
  end
  if (ExpBits != 0 && (MaxFinite >> MagnitudeBits) != 0) begin : gen_bad_max_finite
    `FEWBIT_STOP(MaxFinite_must_fit_the_format)
  end
  if (ExpBits != 0 && HasInfinity && (Infinity <= MaxFinite
      || (Infinity >> MagnitudeBits) != 0)) begin : gen_bad_infinity
    `FEWBIT_STOP(Infinity_must_be_above_MaxFinite_and_fit_the_format)
  end
  if (SigWidth < 1 || SigWidth > 4096) begin : gen_bad_sig_width
    `FEWBIT_STOP(SigWidth_must_be_1_to_4096)
  end
  if (ShiftWidth != ((ExpBits == 0) ? 1 : ExpBits)) begin : gen_bad_shift_width
    `FEWBIT_STOP(ShiftWidth_must_be_ExpBits_or_1_of_an_integer)
  end

  assign sign_o = IsBipolar ? !code_i[Width-1] : (IsSigned ? code_i[Width-1] : 1'b0);

  if (ExpBits == 0) begin : gen_int
    if (IsBipolar) begin : gen_bipolar
      logic signed [1:0] value;
      assign value = {!code_i[0], 1'b1};
      assign significand_o = SigWidth'(value);
    end else if (IsSigned) begin : gen_signed
      logic signed [Width-1:0] value;
      assign value = code_i;
      assign significand_o = SigWidth'(value);
      // What a narrower SigWidth drops
      logic unused_value;
      assign unused_value = ^value;
    end else begin : gen_unsigned
      assign significand_o = SigWidth'(code_i);
      // What a narrower SigWidth drops
      logic unused_code;
      assign unused_code = ^code_i;
    end
    assign shift_o = '0;
    assign nan_o   = 1'b0;
    assign inf_o   = 1'b0;
  end else begin : gen_float
    localparam int FracBits = MagnitudeBits - ExpBits;

    // Fields
    logic [MagnitudeBits-1:0] magnitude;
    logic [ExpBits-1:0] exponent;
    logic hidden_bit;
    logic [FracBits:0] significand;
    assign magnitude  = code_i[MagnitudeBits-1:0];
    assign exponent   = magnitude[MagnitudeBits-1:FracBits];
    assign hidden_bit = Subnormals ? (exponent != '0) : 1'b1;
    if (FracBits == 0) begin : gen_no_fraction
      assign significand = hidden_bit;
    end else if (Flush) begin : gen_flush
      assign significand = hidden_bit ? {1'b1, magnitude[FracBits-1:0]} : '0;
    end else begin : gen_fraction
      assign significand = {hidden_bit, magnitude[FracBits-1:0]};
    end
    assign significand_o = SigWidth'(significand);
    // What a narrower SigWidth drops
    logic unused_significand;
    assign unused_significand = ^significand;

    // Subnormals have the exponent of field value 1
    if (Subnormals) begin : gen_subnormals
      assign shift_o = exponent - ExpBits'(hidden_bit);
    end else begin : gen_no_subnormals
      assign shift_o = exponent;
    end

    // Special values
    localparam logic [31:0] LargestCode = 32'hffffffff >> (32 - MagnitudeBits);
    logic negative_zero, above_finite;
    assign negative_zero = sign_o && (magnitude == '0);
    if (MaxFinite == LargestCode) begin : gen_all_finite
      assign above_finite = 1'b0;
    end else begin : gen_special_codes
      assign above_finite = magnitude > MaxFinite[MagnitudeBits-1:0];
    end
    assign inf_o = HasInfinity && (magnitude == Infinity[MagnitudeBits-1:0]);
    assign nan_o = (above_finite && !inf_o) || (NegZeroIsNan && negative_zero);
  end
endmodule : fewbit_decode

`undef FEWBIT_STOP
`default_nettype wire
