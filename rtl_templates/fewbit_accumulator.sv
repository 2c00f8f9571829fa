// fewbit_accumulator - running sum of fixed-point numbers, with sticky flags
//
//   acc_o = addend                   where valid_i and first_i
//   acc_o = acc_o + addend           where valid_i alone
//   addend = addend_i / 2^DropBits, rounded to an integer as Rounding says
//
// Formats    addend_i, acc_o: two's complement, or unsigned with IsSigned = 0
// Overflow   wraps modulo 2^AccWidth, or with Saturate stays at the nearest end, at each step
// Special    an addend with nan_i, pinf_i or ninf_i adds nothing and sets that flag, which stays
//            set until the next first_i
// Timing     Latency 2: stage 1 registers the addend, stage 2 adds; Latency 1: stage 2 alone; one
//            addend per cycle. valid_o is valid_i so many cycles later; acc_o and the flags hold in
//            between and are 0 after reset. ready_o is ready_i || !valid_o, and nothing moves
//            without it
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
    parameter int ResetKind   = 0,
    // Cycles to the sum: 2, or 1 without the register before it
    parameter int Latency     = 2,
    // Low bits of the addend that the sum lacks
    parameter int DropBits    = 0,
    // To nearest, ties to 0: even, 1: away from zero, 9: plus, 10: minus infinity; 2: toward zero,
    // 3: toward plus, 4: toward minus infinity
    parameter int Rounding    = 2
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

  if (Latency < 1 || Latency > 2) begin : gen_bad_latency
    `FEWBIT_STOP(Latency_must_be_1_to_2)
  end

  if (DropBits < 0 || DropBits >= AddendWidth) begin : gen_bad_drop_bits
    `FEWBIT_STOP(DropBits_must_be_0_to_AddendWidth_less_1)
  end
  if (Rounding < 0 || (Rounding > 4 && Rounding < 9) || Rounding > 10) begin : gen_bad_rounding
    `FEWBIT_STOP(Rounding_must_be_0_to_4_or_9_to_10)
  end

  // The addend without its low bits; one more where it goes up
  localparam int KeptWidth = (DropBits > 0) ? AddendWidth - DropBits + 1 : AddendWidth;
  logic [KeptWidth-1:0] kept;
  if (DropBits > 0) begin : gen_drop
    logic negative, half, rest, up;
    assign negative = IsSigned && addend_i[AddendWidth-1];
    assign half = addend_i[DropBits-1];
    if (DropBits > 1) begin : gen_rest
      assign rest = |addend_i[DropBits-2:0];
    end else begin : gen_no_rest
      assign rest = 1'b0;
    end
    if (Rounding == 0) begin : gen_to_even
      assign up = half && (rest || addend_i[DropBits]);
    end else if (Rounding == 1) begin : gen_away
      assign up = half && (rest || !negative);
    end else if (Rounding == 2) begin : gen_to_zero
      assign up = negative && (half || rest);
    end else if (Rounding == 3) begin : gen_up
      assign up = half || rest;
    end else if (Rounding == 9) begin : gen_half_up
      assign up = half;
    end else if (Rounding == 10) begin : gen_half_down
      assign up = half && rest;
    end else begin : gen_down
      assign up = 1'b0;
    end
    assign kept = {negative, addend_i[AddendWidth-1:DropBits]} + KeptWidth'(up);
    logic unused_rest;
    assign unused_rest = ^{negative, half, rest};
  end else begin : gen_whole
    assign kept = addend_i;
  end

  // While a result is offered and not taken everything stands still
  assign ready_o = ready_i || !valid_o;

  // Stage 1: the addend, 0 where it is not a number; only its valid bit needs the reset
  logic special, step;
  logic [KeptWidth-1:0] addend_d, step_addend;
  logic first, nan, pinf, ninf;
  assign special  = nan_i || pinf_i || ninf_i;
  assign addend_d = special ? '0 : kept;
  if (Latency == 2) begin : gen_stage
    fewbit_register #(
        .Width(1),
        .ResetKind(ResetKind)
    ) u_valid (
        .clk_i(clk_i),
        .rst_i(rst_i),
        .enable_i(ready_o),
        .d_i(valid_i),
        .q_o(step)
    );
    fewbit_register #(
        .Width(KeptWidth + 4),
        .ResetKind(3)
    ) u_addend (
        .clk_i(clk_i),
        .rst_i(rst_i),
        .enable_i(ready_o),
        .d_i({first_i, nan_i, pinf_i, ninf_i, addend_d}),
        .q_o({first, nan, pinf, ninf, step_addend})
    );
  end else begin : gen_no_stage
    assign step = valid_i;
    assign {first, nan, pinf, ninf, step_addend} = {first_i, nan_i, pinf_i, ninf_i, addend_d};
  end

  // Stage 2: the sum
  logic [AccWidth-1:0] acc_d, acc_q, base, sum;
  logic [2:0] flags_d, flags_q, flags_base;
  assign base = first ? '0 : acc_q;

  if (Saturate) begin : gen_saturate
    // One bit more than the wider of the two holds every sum
    localparam int SumWidth = ((KeptWidth > AccWidth) ? KeptWidth : AccWidth) + 1;
    logic [SumWidth-1:0] wide_base, wide_addend, wide_sum;
    assign wide_sum = wide_base + wide_addend;
    if (IsSigned) begin : gen_signed
      logic signed [AccWidth-1:0] signed_base;
      logic signed [KeptWidth-1:0] signed_addend;
      logic negative, fits;
      logic [AccWidth-1:0] limit;
      assign signed_base = base;
      assign signed_addend = step_addend;
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
      assign wide_addend = SumWidth'(step_addend);
      assign fits = wide_sum[SumWidth-1:AccWidth] == '0;
      assign sum = fits ? wide_sum[AccWidth-1:0] : {AccWidth{1'b1}};
    end
  end else begin : gen_wrap
    logic [AccWidth-1:0] addend;
    if (IsSigned) begin : gen_signed
      logic signed [KeptWidth-1:0] signed_addend;
      assign signed_addend = step_addend;
      // What a narrower AccWidth drops
      logic unused_addend;
      assign unused_addend = ^signed_addend;
      assign addend = AccWidth'(signed_addend);
    end else begin : gen_unsigned
      assign addend = AccWidth'(step_addend);
      // What a narrower AccWidth drops
      logic unused_addend;
      assign unused_addend = ^step_addend;
    end
    assign sum = base + addend;
  end

  assign flags_base = first ? 3'b000 : flags_q;
  assign acc_d = step ? sum : acc_q;
  assign flags_d = step ? (flags_base | {nan, pinf, ninf}) : flags_q;
  fewbit_register #(
      .Width(AccWidth + 4),
      .ResetKind(ResetKind)
  ) u_acc (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .enable_i(ready_o),
      .d_i({step, flags_d, acc_d}),
      .q_o({valid_o, flags_q, acc_q})
  );
  assign acc_o = acc_q;
  assign {nan_o, pinf_o, ninf_o} = flags_q;
endmodule : fewbit_accumulator

`undef FEWBIT_STOP
`default_nettype wire
