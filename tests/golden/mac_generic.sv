// fewbit_mac_e4m3fn_e4m3fn_t1024_generic - exact multiply-accumulate
//
//   acc_o = a_i * b_i                  where valid_i and first_i
//   acc_o = acc_o + a_i * b_i          where valid_i alone
//
// Formats    a_i, b_i: e4m3fn = 1 sign, 4 exponent, 3 fraction bits, bias 7, subnormals kept, no
//            Inf, NaN = S.1111.111, largest 448
//            acc_o: AccWidth bits, two's complement, in units of 2^-18
// Rounding   none: the result is exact
// Overflow   impossible within 1024 * 2^(AccWidth - 47) terms; beyond that, wraps
// Special    nan_o: set by a special addend, which adds nothing; sticky until first_i
// Timing     latency 2, one operation per cycle; acc_o holds between results
// Reset      async_low; clears the sum and acc_o
// Structure  the reference module fewbit_mac_generic, for every target
// Reproduce  fewbit emit mac --a e4m3fn --b e4m3fn --terms 1024 --arch generic
// Generator  fewbit 0.2.0
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_mac_e4m3fn_e4m3fn_t1024_generic #(
  // Bits of the accumulator, 37 to 2048
  parameter int AccWidth = 47
) (
  input  wire  clk_i,
  input  wire  rst_ni,
  input  wire  valid_i,
  input  wire  first_i,
  input  wire  [7:0] a_i,
  input  wire  [7:0] b_i,
  output logic valid_o,
  output logic signed [AccWidth - 1:0] acc_o,
  output logic nan_o
);

  if (AccWidth < 37 || AccWidth > 2048) begin : gen_bad_acc_width
`ifdef __ICARUS__
    AccWidth_must_be_37_to_2048 stop ();  // it knows no $error here
`else
    $error("AccWidth_must_be_37_to_2048");
`endif
  end

  wire ready;
  wire valid;
  wire [AccWidth - 1:0] result;
  wire nan;
  wire pinf;
  wire ninf;
  fewbit_mac_generic #(
    .AWidth(32'sd8),
    .ASigned(1'b1),
    .AExpBits(32'sd4),
    .ASubnormals(1'b1),
    .AMaxFinite(32'h7e),
    .AHasInfinity(1'b0),
    .AInfinity(32'h0),
    .ANegZeroIsNan(1'b0),
    .BWidth(32'sd8),
    .BSigned(1'b1),
    .BExpBits(32'sd4),
    .BSubnormals(1'b1),
    .BMaxFinite(32'h7e),
    .BHasInfinity(1'b0),
    .BInfinity(32'h0),
    .BNegZeroIsNan(1'b0),
    .AddendWidth(32'sd37),
    .AccWidth(AccWidth),
    .Saturate(1'b0),
    .ResetKind(32'sd0)
  ) u_mac (
    .clk_i(clk_i),
    .rst_i(rst_ni),
    .ready_i(1'b1),
    .valid_i(valid_i),
    .first_i(first_i),
    .a_i(a_i),
    .b_i(b_i),
    .ready_o(ready),
    .valid_o(valid),
    .acc_o(result),
    .nan_o(nan),
    .pinf_o(pinf),
    .ninf_o(ninf)
  );

  // Bits that nothing reads, named so that linters know it is meant
  wire unused_bits = ^{ready, pinf, ninf};

  assign valid_o = valid;
  assign acc_o = result;
  assign nan_o = nan;

endmodule : fewbit_mac_e4m3fn_e4m3fn_t1024_generic

`default_nettype wire
