// fewbit_fixed_point - an integer or minifloat as a two's complement fixed-point number
//
//   value_o = code_i * 2^LeftShift        in units of the format's lowest bit, exactly
//
// Formats    any, see fewbit_decode; the value is taken modulo 2^ValueWidth
// Special    with nan_o or inf_o the value means nothing; sign_o then is the sign of infinity
// Timing     combinational
// SPDX-License-Identifier: Apache-2.0 OR 0BSD
`default_nettype none

// Stops elaboration with a message; Icarus 11 takes no $error there and stops at the missing module
`ifdef __ICARUS__
`define FEWBIT_STOP(message) message stop ();
`else
`define FEWBIT_STOP(message) $error(`"message`");
`endif

module fewbit_fixed_point #(
    // Bits of a code; a minifloat has sign (if signed), exponent and fraction, from the top
    parameter int          Width        = 8,
    // Top bit is a sign (minifloat) or has negative weight (integer)
    parameter bit          IsSigned     = 1'b1,
    // Exponent bits; 0: an integer, and the next six parameters mean nothing
    parameter int          ExpBits      = 4,
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
    // Zeros below the format's lowest bit
    parameter int          LeftShift    = 0,
    // Bits of the value: 19 hold +/-448 in units of 2^-9
    parameter int          ValueWidth   = 19
) (
    input  logic [     Width-1:0] code_i,
    output logic                  sign_o,
    output logic [ValueWidth-1:0] value_o,
    output logic                  nan_o,
    output logic                  inf_o
);
  // Legal ranges of the parameters
  if (LeftShift < 0 || LeftShift > 2048) begin : gen_bad_left_shift
    `FEWBIT_STOP(LeftShift_must_be_0_to_2048)
  end
  if (ValueWidth < 1 || ValueWidth > 4096) begin : gen_bad_value_width
    `FEWBIT_STOP(ValueWidth_must_be_1_to_4096)
  end

  localparam int ShiftWidth = (ExpBits == 0) ? 1 : ExpBits;

  logic [ValueWidth-1:0] significand;
  logic [ShiftWidth-1:0] shift;
  fewbit_decode #(
      .Width(Width),
      .IsSigned(IsSigned),
      .ExpBits(ExpBits),
      .Subnormals(Subnormals),
      .MaxFinite(MaxFinite),
      .HasInfinity(HasInfinity),
      .Infinity(Infinity),
      .NegZeroIsNan(NegZeroIsNan),
      .Flush(Flush),
      .SigWidth(ValueWidth),
      .ShiftWidth(ShiftWidth)
  ) u_decode (
      .code_i(code_i),
      .sign_o(sign_o),
      .significand_o(significand),
      .shift_o(shift),
      .nan_o(nan_o),
      .inf_o(inf_o)
  );

  // Integers carry their sign in the significand already
  logic [ValueWidth-1:0] magnitude;
  logic negate;
  assign magnitude = (significand << shift) << LeftShift;
  assign negate = (ExpBits != 0) && sign_o;
  assign value_o = negate ? -magnitude : magnitude;
endmodule : fewbit_fixed_point

`undef FEWBIT_STOP
`default_nettype wire
