// fewbit_accumulator - running sum of fixed-point numbers, with sticky flags
//
//   acc_o = addend_i                 where valid_i and first_i
//   acc_o = acc_o + addend_i         where valid_i alone
//
// Formats    addend_i, acc_o: two's complement, or unsigned with IsSigned = 0; same lowest bit
// Overflow   wraps modulo 2^AccWidth, or with Saturate stays at the nearest end, at each step
// Special    an addend with nan_i, pinf_i or ninf_i adds nothing and sets that flag, which stays
//            set until the next first_i
// Timing     latency 2: stage 1 registers the addend, stage 2 adds; one addend per cycle. valid_o
//            is valid_i two cycles later; acc_o and the flags hold in between and are 0 after reset.
//            ready_o is ready_i || !valid_o, and nothing moves without it
// SPDX-License-Identifier: Apache-2.0 OR 0BSD
`default_nettype none

// Stops elaboration with a message; Icarus 11 takes no $error there and stops at the missing module
`ifdef __ICARUS__
`define FEWBIT_STOP(message) message stop ();
`else
`define FEWBIT_STOP(message) $error(`"message`");
`endif

module fewbit_accumulator #(
    // Addend and sum are two's complement
    parameter bit IsSigned    = 1'b1,
    // Bits of the addend
    parameter int AddendWidth = 8,
    // Bits of the sum; may be fewer than the addend has
    parameter int AccWidth    = 20,
    // Overflow: 0 wraps, 1 saturates
    parameter bit Saturate    = 1'b0,
    // 0: asynchronous, active low; 1: synchronous, active high; 2: synchronous, active low; 3: none
    parameter int ResetKind   = 0
) (
    input  logic                   clk_i,
    input  logic                   rst_i,
    input  logic                   ready_i,
    input  logic                   valid_i,
    input  logic                   first_i,
    input  logic [AddendWidth-1:0] addend_i,
    input  logic                   nan_i,
    input  logic                   pinf_i,
    input  logic                   ninf_i,
    output logic                   ready_o,
    output logic                   valid_o,
    output logic [   AccWidth-1:0] acc_o,
    output logic                   nan_o,
    output logic                   pinf_o,
    output logic                   ninf_o
);
  // Legal ranges of the parameters
  if (AddendWidth < 1 || AddendWidth > 2048) begin : gen_bad_addend_width
    `FEWBIT_STOP(AddendWidth_must_be_1_to_2048)
  end
  if (AccWidth < 1 || AccWidth > 2048) begin : gen_bad_acc_width
    `FEWBIT_STOP(AccWidth_must_be_1_to_2048)
  end

  // While a result is offered and not taken everything stands still
  assign ready_o = ready_i || !valid_o;

  // Stage 1: the addend, 0 where it is not a number; only valid_q needs the reset
  logic valid_q;
  fewbit_register #(
      .Width(1),
      .ResetKind(ResetKind)
  ) u_valid (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .enable_i(ready_o),
      .d_i(valid_i),
      .q_o(valid_q)
  );

  logic special;
  logic [AddendWidth-1:0] addend_d, addend_q;
  logic first_q, nan_q, pinf_q, ninf_q;
  assign special  = nan_i || pinf_i || ninf_i;
  assign addend_d = special ? '0 : addend_i;
  fewbit_register #(
      .Width(AddendWidth + 4),
      .ResetKind(3)
  ) u_addend (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .enable_i(ready_o),
      .d_i({first_i, nan_i, pinf_i, ninf_i, addend_d}),
      .q_o({first_q, nan_q, pinf_q, ninf_q, addend_q})
  );

  // Stage 2: the sum
  logic [AccWidth-1:0] acc_d, acc_q, base, sum;
  logic [2:0] flags_d, flags_q, flags_base;
  assign base = first_q ? '0 : acc_q;

  if (Saturate) begin : gen_saturate
    // One bit more than the wider of the two holds every sum
    localparam int SumWidth = ((AddendWidth > AccWidth) ? AddendWidth : AccWidth) + 1;
    logic [SumWidth-1:0] wide_base, wide_addend, wide_sum;
    assign wide_sum = wide_base + wide_addend;
    if (IsSigned) begin : gen_signed
      logic signed [AccWidth-1:0] signed_base;
      logic signed [AddendWidth-1:0] signed_addend;
      logic negative, fits;
      logic [AccWidth-1:0] limit;
      assign signed_base = base;
      assign signed_addend = addend_q;
      assign wide_base = SumWidth'(signed_base);
      assign wide_addend = SumWidth'(signed_addend);
      assign negative = wide_sum[SumWidth-1];
      assign fits = wide_sum[SumWidth-1:AccWidth-1] == {(SumWidth - AccWidth + 1) {negative}};
      // The end of the range: its top bit is the sign, all others are the opposite
      assign limit = {AccWidth{!negative}} ^ (AccWidth'(1) << (AccWidth - 1));
      assign sum = fits ? wide_sum[AccWidth-1:0] : limit;
    end else begin : gen_unsigned
      logic fits;
      assign wide_base = SumWidth'(base);
      assign wide_addend = SumWidth'(addend_q);
      assign fits = wide_sum[SumWidth-1:AccWidth] == '0;
      assign sum = fits ? wide_sum[AccWidth-1:0] : {AccWidth{1'b1}};
    end
  end else begin : gen_wrap
    logic [AccWidth-1:0] addend;
    if (IsSigned) begin : gen_signed
      logic signed [AddendWidth-1:0] signed_addend;
      assign signed_addend = addend_q;
      // What a narrower AccWidth drops
      logic unused_addend;
      assign unused_addend = ^signed_addend;
      assign addend = AccWidth'(signed_addend);
    end else begin : gen_unsigned
      assign addend = AccWidth'(addend_q);
      // What a narrower AccWidth drops
      logic unused_addend;
      assign unused_addend = ^addend_q;
    end
    assign sum = base + addend;
  end

  assign flags_base = first_q ? 3'b000 : flags_q;
  assign acc_d = valid_q ? sum : acc_q;
  assign flags_d = valid_q ? (flags_base | {nan_q, pinf_q, ninf_q}) : flags_q;
  fewbit_register #(
      .Width(AccWidth + 4),
      .ResetKind(ResetKind)
  ) u_acc (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .enable_i(ready_o),
      .d_i({valid_q, flags_d, acc_d}),
      .q_o({valid_o, flags_q, acc_q})
  );
  assign acc_o = acc_q;
  assign {nan_o, pinf_o, ninf_o} = flags_q;
endmodule : fewbit_accumulator

`undef FEWBIT_STOP
`default_nettype wire
