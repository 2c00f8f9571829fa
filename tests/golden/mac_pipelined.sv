// fewbit_mac_int8_int8_t1024_l6_ecp5 - exact multiply-accumulate
//
//   acc_o = a_i * b_i                  where valid_i and first_i
//   acc_o = acc_o + a_i * b_i          where valid_i alone
//
// Formats    a_i, b_i: int8 = 8 bits, two's complement
//            acc_o: AccWidth bits, two's complement, in units of 2^0
// Rounding   none: the result is exact
// Overflow   impossible within 1024 * 2^(AccWidth - 26) terms; beyond that, wraps
// Timing     latency 6, one operation per cycle; acc_o holds between results
// Reset      async_low; clears the sum and acc_o
// Structure  exact_first, for ECP5 cells (4-input tables, 2-bit carries)
// Reproduce  fewbit emit mac --a int8 --b int8 --terms 1024 --latency 6 --target ecp5
// Generator  fewbit 0.2.0
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_mac_int8_int8_t1024_l6_ecp5 #(
  // Bits of the accumulator, 17 to 2048
  parameter int AccWidth = 26
) (
  input  wire  clk_i,
  input  wire  rst_ni,
  input  wire  valid_i,
  input  wire  first_i,
  input  wire  signed [7:0] a_i,
  input  wire  signed [7:0] b_i,
  output logic valid_o,
  output logic signed [AccWidth - 1:0] acc_o
);

  if (AccWidth < 17 || AccWidth > 2048) begin : gen_bad_acc_width
`ifdef __ICARUS__
    AccWidth_must_be_17_to_2048 stop ();  // it knows no $error here
`else
    $error("AccWidth_must_be_17_to_2048");
`endif
  end

  logic valid_1_q;
  logic valid_2_q;
  logic valid_3_q;
  logic valid_4_q;
  logic valid_5_q;
  logic result_valid_q;
  logic [15:0] product_held_q;
  logic carry_held_q;
  logic [8:0] booth_0_digit_stage_1_q;
  logic [8:0] booth_1_digit_stage_1_q;
  logic [7:0] b_stage_1_q;
  logic [8:0] booth_2_magnitude_stage_1_q;
  logic [9:0] row_1_stage_2_q;
  logic [8:0] booth_2_digit_stage_2_q;
  logic [7:0] b_stage_2_q;
  logic [8:0] booth_3_magnitude_stage_1_q;
  logic [8:0] booth_3_magnitude_stage_2_q;
  logic [9:0] row_2_stage_3_q;
  logic [8:0] booth_3_digit_stage_3_q;
  logic [7:0] b_stage_3_q;
  logic [9:0] row_1_stage_3_q;
  logic [8:0] booth_0_digit_stage_2_q;
  logic [8:0] booth_0_digit_stage_3_q;
  logic start_after_1_q;
  logic start_after_2_q;
  logic start_after_3_q;
  logic [12:0] sum_0_q;
  logic [12:0] acc_0_q;
  logic carry_0_after_1_q;
  logic [12:0] acc_0_after_1_q;
  logic start_1_after_1_q;
  logic fill_1_after_1_q;
  logic [AccWidth - 14:0] sum_1_q;
  logic [AccWidth - 14:0] acc_1_q;
  logic [2:0] addend_1_after_1_q;

  // Stage 1: Exact product
  wire booth_0_one = b_i[0];
  wire booth_0_any = booth_0_one | (b_i[1] ^ b_i[0]);
  wire [8:0] booth_0_magnitude = (booth_0_one ? {a_i[7], a_i} : {a_i, 1'b0}) & {9{booth_0_any}};
  wire [8:0] booth_0_digit = booth_0_magnitude ^ {9{b_i[1]}};
  wire booth_1_one = b_i[2] ^ b_i[1];
  wire booth_1_any = booth_1_one | (b_i[3] ^ b_i[2]);
  wire [8:0] booth_1_magnitude = (booth_1_one ? {a_i[7], a_i} : {a_i, 1'b0}) & {9{booth_1_any}};
  wire [8:0] booth_1_digit = booth_1_magnitude ^ {9{b_i[3]}};
  wire booth_2_one = b_i[4] ^ b_i[3];
  wire booth_2_any = booth_2_one | (b_i[5] ^ b_i[4]);
  wire [8:0] booth_2_magnitude = (booth_2_one ? {a_i[7], a_i} : {a_i, 1'b0}) & {9{booth_2_any}};
  wire booth_3_one = b_i[6] ^ b_i[5];
  wire booth_3_any = booth_3_one | (b_i[7] ^ b_i[6]);
  wire [8:0] booth_3_magnitude = (booth_3_one ? {a_i[7], a_i} : {a_i, 1'b0}) & {9{booth_3_any}};

  // Stage 2: Exact product
  wire [9:0] row_1 = {{3{booth_0_digit_stage_1_q[8]}}, booth_0_digit_stage_1_q[8:2]}
      + {booth_1_digit_stage_1_q[8], booth_1_digit_stage_1_q} + {{9{1'b0}}, b_stage_1_q[3]};
  wire [8:0] booth_2_digit = booth_2_magnitude_stage_1_q ^ {9{b_stage_1_q[5]}};

  // Stage 3: Exact product
  wire [9:0] row_2 = {{2{row_1_stage_2_q[9]}}, row_1_stage_2_q[9:2]}
      + {booth_2_digit_stage_2_q[8], booth_2_digit_stage_2_q} + {{9{1'b0}}, b_stage_2_q[5]};
  wire [8:0] booth_3_digit = booth_3_magnitude_stage_2_q ^ {9{b_stage_2_q[7]}};

  // Stage 4: Exact product
  wire [9:0] row_3 = {{2{row_2_stage_3_q[9]}}, row_2_stage_3_q[9:2]}
      + {booth_3_digit_stage_3_q[8], booth_3_digit_stage_3_q} + {{9{1'b0}}, b_stage_3_q[7]};
  wire [15:0] product = {row_3, row_2_stage_3_q[1:0], row_1_stage_3_q[1:0],
      booth_0_digit_stage_3_q[1:0]};
  wire carry_held_q_next = b_stage_3_q[1];

  // Control: the sum is cleared when the operation that will start a new one arrives
  wire start = valid_i & first_i;

  // Exact sum, segment 0: bits 0 up
  wire [12:0] step_addend_0 = product_held_q[12:0];
  wire step_carry_0 = carry_held_q;
  wire [13:0] sum_0_wide = {1'b0, sum_0_q} + {1'b0, step_addend_0} + {{13{1'b0}}, step_carry_0};
  wire [12:0] sum_0 = sum_0_wide[12:0];

  // Exact sum, segment 1: bits 13 up
  wire [AccWidth - 14:0] step_addend_1 = {{(AccWidth - 16){fill_1_after_1_q}}, addend_1_after_1_q};
  wire step_carry_1 = carry_0_after_1_q;
  wire [AccWidth - 13:0] sum_1_and_carry = {sum_1_q, 1'b1} + {step_addend_1, step_carry_1};
  wire [AccWidth - 14:0] sum_1 = sum_1_and_carry[AccWidth - 13:1];

  // Bits that nothing reads, named so that linters know it is meant
  wire unused_bits = ^{b_stage_3_q[6:2], b_stage_3_q[0], row_1_stage_3_q[9:2],
      booth_0_digit_stage_3_q[8:2], sum_1_and_carry[0]};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_1_q <= 1'b0;
      valid_2_q <= 1'b0;
      valid_3_q <= 1'b0;
      valid_4_q <= 1'b0;
      valid_5_q <= 1'b0;
      result_valid_q <= 1'b0;
      start_after_1_q <= 1'b0;
      start_after_2_q <= 1'b0;
      start_after_3_q <= 1'b1;
      acc_0_after_1_q <= {13{1'b0}};
      start_1_after_1_q <= 1'b1;
    end else begin
      valid_1_q <= valid_i;
      valid_2_q <= valid_1_q;
      valid_3_q <= valid_2_q;
      valid_4_q <= valid_3_q;
      valid_5_q <= valid_4_q;
      result_valid_q <= valid_5_q;
      start_after_1_q <= start;
      start_after_2_q <= start_after_1_q;
      start_after_3_q <= start_after_2_q;
      acc_0_after_1_q <= acc_0_q;
      start_1_after_1_q <= start_after_3_q;
    end
  end

  always_ff @(posedge clk_i) begin
    product_held_q <= product;
    carry_held_q <= carry_held_q_next;
    booth_0_digit_stage_1_q <= booth_0_digit;
    booth_1_digit_stage_1_q <= booth_1_digit;
    b_stage_1_q <= b_i;
    booth_2_magnitude_stage_1_q <= booth_2_magnitude;
    row_1_stage_2_q <= row_1;
    booth_2_digit_stage_2_q <= booth_2_digit;
    b_stage_2_q <= b_stage_1_q;
    booth_3_magnitude_stage_1_q <= booth_3_magnitude;
    booth_3_magnitude_stage_2_q <= booth_3_magnitude_stage_1_q;
    row_2_stage_3_q <= row_2;
    booth_3_digit_stage_3_q <= booth_3_digit;
    b_stage_3_q <= b_stage_2_q;
    row_1_stage_3_q <= row_1_stage_2_q;
    booth_0_digit_stage_2_q <= booth_0_digit_stage_1_q;
    booth_0_digit_stage_3_q <= booth_0_digit_stage_2_q;
    carry_0_after_1_q <= sum_0_wide[13];
    fill_1_after_1_q <= product_held_q[15];
    addend_1_after_1_q <= product_held_q[15:13];
  end

  always_ff @(posedge clk_i) begin
    if (start_after_3_q) begin
      sum_0_q <= {13{1'b0}};
    end else if (valid_4_q) begin
      sum_0_q <= sum_0;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      acc_0_q <= {13{1'b0}};
    end else if (valid_4_q) begin
      acc_0_q <= sum_0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_1_after_1_q) begin
      sum_1_q <= {(AccWidth - 13){1'b0}};
    end else if (valid_5_q) begin
      sum_1_q <= sum_1;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      acc_1_q <= {(AccWidth - 13){1'b0}};
    end else if (valid_5_q) begin
      acc_1_q <= sum_1;
    end
  end

  assign valid_o = result_valid_q;
  assign acc_o = {acc_1_q, acc_0_after_1_q};

endmodule : fewbit_mac_int8_int8_t1024_l6_ecp5

`default_nettype wire
