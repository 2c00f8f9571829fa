// fewbit_matvec_e2m0f_ue1m3f_c12_k40_p4_s8 - a matrix in memory times a stream of vectors
//
//   y[c] = sum of w[c][k] * x[k], c < 12, k < 40
//
// Formats    w: e2m0f = 1 sign, 2 exponent, 0 fraction bits, bias 1, subnormals kept, no Inf, no
//            NaN, largest 4
//            x: ue1m3f = unsigned, 1 exponent, 3 fraction bits, bias 0, subnormals kept, no Inf, no
//            NaN, largest 3.75
//            y: 13 bits, two's complement, in units of 2^-2
// Rounding   none: the sums are exact
// Input      x: 8 codes a beat, 5 beats a vector, x_last_i on the last; codes beyond the terms may
//            be any
// Output     y: 4 sums a beat, 3 beats a vector, y_last_o on the last; sums beyond the outputs are
//            0
// Weights    15 words of 96 bits, from fewbit_matvec_e2m0f_ue1m3f_c12_k40_p4_s8_weights.hex
// Timing     15 cycles a vector where no stream waits; sums for 2 beats have a place
// Streams    a beat moves where valid and ready are 1; until then it stays as it is; no ready that
//            the block gives depends on one that it gets without a register between
// Reset      async_low; forgets what is inside
// Licence    yours: fewbit claims no rights in what it generates
// Contents   --weights: random, seed 1
// Reproduce  fewbit emit matvec --weights-format e2m0f --activations-format ue1m3f --outputs 12 --terms 40 --rows 4 --lanes 8 --target ecp5

`default_nettype none
// Where the files of memory contents are, with a / at the end; "" is where the tool runs
`ifndef FEWBIT_DATA_FOLDER
`define FEWBIT_DATA_FOLDER ""
`endif

module fewbit_matvec_e2m0f_ue1m3f_c12_k40_p4_s8 (
  input  wire  clk_i,
  input  wire  rst_ni,
  input  wire  x_valid_i,
  input  wire  [31:0] x_data_i,
  input  wire  x_last_i,
  input  wire  y_ready_i,
  output logic x_ready_o,
  output logic y_valid_o,
  output logic [51:0] y_data_o,
  output logic y_last_o
);

  logic [1:0] place_q;
  logic holds_one_q;
  logic holds_two_q;
  logic [2:0] in_beat_q;
  logic in_half_q;
  logic [2:0] beat_q;
  logic [3:0] word_q;
  logic half_q;
  logic [31:0] x_read_q;
  logic [31:0] x_q;
  logic [95:0] weights_read_q;
  logic [95:0] weights_q;
  logic valid_1_q;
  logic valid_2_q;
  logic starts_q;
  logic first_1_q;
  logic first_2_q;
  logic complete_1_q;
  logic complete_2_q;
  logic complete_3_q;
  logic complete_4_q;
  logic complete_5_q;
  logic complete_6_q;
  logic last_1_q;
  logic last_2_q;
  logic last_3_q;
  logic last_4_q;
  logic last_5_q;
  logic last_6_q;
  logic places_valid_0_q;
  logic places_valid_1_q;
  logic [52:0] places_beat_0_q;
  logic [52:0] places_beat_1_q;
  wire x_ready;
  wire takes_place;
  wire gives_place;
  wire sum_ends;
  wire out_ready;

  // Places for sums behind the rows
  wire [1:0] place_d = gives_place ? place_q + 2'b01 : place_q - 2'b01;
  wire place_left = |place_q;

  // Vectors come into one half of the buffer after the other
  assign x_ready = ~holds_two_q;
  wire takes = x_valid_i & x_ready;
  wire vector_comes = takes & x_last_i;
  wire [2:0] in_beat_d = in_beat_q + 3'b001;

  // Beats leave it, the last of a sum where the sum has a place
  wire enters = holds_one_q & (place_left | ~sum_ends);
  wire beat_last = beat_q == 3'b100;
  assign sum_ends = beat_last;
  wire [2:0] beat_d = beat_last ? 3'b000 : beat_q + 3'b001;
  wire word_last = word_q == 4'b1110;
  wire [3:0] word_d = word_last ? 4'b0000 : word_q + 4'b0001;
  wire ends_sum = enters & beat_last;
  assign takes_place = ends_sum;
  wire ends_vector = enters & word_last;
  wire stays = ~ends_vector;
  wire holds_one_d = vector_comes | holds_two_q | (holds_one_q & stays);
  wire holds_two_d = stays & (holds_two_q | (holds_one_q & vector_comes));

  // The rows: they have no enable, a sum stands until the next one has its first beat
  wire row_0_valid;
  wire [12:0] row_0_acc;
  wire row_1_valid;
  wire [12:0] row_1_acc;
  wire row_2_valid;
  wire [12:0] row_2_acc;
  wire row_3_valid;
  wire [12:0] row_3_acc;
  wire [51:0] sums = {row_3_acc, row_2_acc, row_1_acc, row_0_acc};
  fewbit_dot_e2m0f_ue1m3f_x8_t5_l4_ecp5 u_row_0 (.clk_i(clk_i), .rst_ni(rst_ni),
      .valid_i(valid_2_q), .a_i(weights_q[23:0]), .b_i(x_q), .first_i(first_2_q),
      .valid_o(row_0_valid), .acc_o(row_0_acc));
  fewbit_dot_e2m0f_ue1m3f_x8_t5_l4_ecp5 u_row_1 (.clk_i(clk_i), .rst_ni(rst_ni),
      .valid_i(valid_2_q), .a_i(weights_q[47:24]), .b_i(x_q), .first_i(first_2_q),
      .valid_o(row_1_valid), .acc_o(row_1_acc));
  fewbit_dot_e2m0f_ue1m3f_x8_t5_l4_ecp5 u_row_2 (.clk_i(clk_i), .rst_ni(rst_ni),
      .valid_i(valid_2_q), .a_i(weights_q[71:48]), .b_i(x_q), .first_i(first_2_q),
      .valid_o(row_2_valid), .acc_o(row_2_acc));
  fewbit_dot_e2m0f_ue1m3f_x8_t5_l4_ecp5 u_row_3 (.clk_i(clk_i), .rst_ni(rst_ni),
      .valid_i(valid_2_q), .a_i(weights_q[95:72]), .b_i(x_q), .first_i(first_2_q),
      .valid_o(row_3_valid), .acc_o(row_3_acc));

  // places: places: those below a free one are taken, the output is place 0
  wire [52:0] places_in_beat = {last_6_q, sums};
  wire places_put = complete_6_q & ~places_valid_1_q;
  wire places_get = out_ready & places_valid_0_q;
  wire places_changes = places_put ^ places_get;
  wire places_write_0 = places_put & ~(places_get ? places_valid_1_q : places_valid_0_q);
  assign gives_place = places_valid_0_q & out_ready;
  assign out_ready = y_ready_i;

  // Bits that nothing reads, named so that linters know it is meant
  wire unused_bits = ^{row_0_valid, row_1_valid, row_2_valid, row_3_valid};

  // Of the word that is being written a read gives anything
  (* no_rw_check *) logic [31:0] vectors [0:15];

  // Words that are read but never written
  logic [95:0] weights [0:14];
  initial begin
    $readmemh({`FEWBIT_DATA_FOLDER, "fewbit_matvec_e2m0f_ue1m3f_c12_k40_p4_s8_weights.hex"},
        weights);
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      place_q <= 2'b10;
    end else if (gives_place ^ takes_place) begin
      place_q <= place_d;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      holds_one_q <= 1'b0;
      holds_two_q <= 1'b0;
      valid_1_q <= 1'b0;
      valid_2_q <= 1'b0;
      first_1_q <= 1'b0;
      first_2_q <= 1'b0;
      complete_1_q <= 1'b0;
      complete_2_q <= 1'b0;
      complete_3_q <= 1'b0;
      complete_4_q <= 1'b0;
      complete_5_q <= 1'b0;
      complete_6_q <= 1'b0;
      last_1_q <= 1'b0;
      last_2_q <= 1'b0;
      last_3_q <= 1'b0;
      last_4_q <= 1'b0;
      last_5_q <= 1'b0;
      last_6_q <= 1'b0;
      places_valid_0_q <= 1'b0;
      places_valid_1_q <= 1'b0;
    end else begin
      holds_one_q <= holds_one_d;
      holds_two_q <= holds_two_d;
      valid_1_q <= enters;
      valid_2_q <= valid_1_q;
      first_1_q <= starts_q;
      first_2_q <= first_1_q;
      complete_1_q <= ends_sum;
      complete_2_q <= complete_1_q;
      complete_3_q <= complete_2_q;
      complete_4_q <= complete_3_q;
      complete_5_q <= complete_4_q;
      complete_6_q <= complete_5_q;
      last_1_q <= ends_vector;
      last_2_q <= last_1_q;
      last_3_q <= last_2_q;
      last_4_q <= last_3_q;
      last_5_q <= last_4_q;
      last_6_q <= last_5_q;
      places_valid_0_q <= places_changes
          ? (places_put ? 1'b1 : places_valid_1_q) : places_valid_0_q;
      places_valid_1_q <= places_changes
          ? (places_put ? places_valid_0_q : 1'b0) : places_valid_1_q;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      in_beat_q <= {3{1'b0}};
    end else if (vector_comes) begin
      in_beat_q <= {3{1'b0}};
    end else if (takes) begin
      in_beat_q <= in_beat_d;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      in_half_q <= 1'b0;
    end else if (vector_comes) begin
      in_half_q <= ~in_half_q;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      beat_q <= {3{1'b0}};
      word_q <= {4{1'b0}};
      starts_q <= 1'b1;
    end else if (enters) begin
      beat_q <= beat_d;
      word_q <= word_d;
      starts_q <= ends_sum;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      half_q <= 1'b0;
    end else if (ends_vector) begin
      half_q <= ~half_q;
    end
  end

  always_ff @(posedge clk_i) begin
    x_read_q <= vectors[{half_q, beat_q}];
    x_q <= x_read_q;
    weights_read_q <= weights[word_q];
    weights_q <= weights_read_q;
  end

  always_ff @(posedge clk_i) begin
    if (places_write_0 | places_get) begin
      places_beat_0_q <= places_write_0 ? places_in_beat : places_beat_1_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (~places_valid_1_q) begin
      places_beat_1_q <= places_in_beat;
    end
  end

  always_ff @(posedge clk_i) begin
    if (takes) begin
      vectors[{in_half_q, in_beat_q}] <= x_data_i;
    end
  end

  assign x_ready_o = x_ready;
  assign y_valid_o = places_valid_0_q;
  assign y_data_o = places_beat_0_q[51:0];
  assign y_last_o = places_beat_0_q[52];

endmodule : fewbit_matvec_e2m0f_ue1m3f_c12_k40_p4_s8

`default_nettype wire
