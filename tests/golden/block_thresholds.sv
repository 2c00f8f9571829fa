// fewbit_thresholds_int12_int3_c5_p1_n1 - the sums of a layer as codes by thresholds
//
//   y[c] = level j of int3, the number of thresholds t of c with x[c] >= t, c < 5
//
// Formats    x: int12 = 12 bits, two's complement
//            y: int3 = 3 bits, two's complement
// Levels     the 8 values of y, the least first
// Input      x: 1 sums a beat; x_last_i is not looked at; sums beyond the outputs may be any
// Output     y: 1 codes a beat, 5 beats a vector, y_last_o on the last; codes beyond the outputs
//            are 0
// Thresholds for each unit and each bit of the search a file beside
// Timing     one beat of codes a cycle where no stream waits
// Streams    a beat moves where valid and ready are 1; until then it stays as it is; no ready that
//            the block gives depends on one that it gets without a register between
// Reset      async_low; forgets what is inside
// Licence    yours: fewbit claims no rights in what it generates
// Contents   --thresholds: random, seed 1
// Reproduce  fewbit emit thresholds --sums-format int12 --result-format int3 --outputs 5

`default_nettype none
// Where the files of memory contents are, with a / at the end; "" is where the tool runs
`ifndef FEWBIT_DATA_FOLDER
`define FEWBIT_DATA_FOLDER ""
`endif

module fewbit_thresholds_int12_int3_c5_p1_n1 (
  input  wire  clk_i,
  input  wire  rst_ni,
  input  wire  x_valid_i,
  input  wire  [11:0] x_data_i,
  input  wire  x_last_i,
  input  wire  y_ready_i,
  output logic x_ready_o,
  output logic y_valid_o,
  output logic [2:0] y_data_o,
  output logic y_last_o
);

  logic [2:0] channels_q;
  logic valid_1_q;
  logic valid_2_q;
  logic valid_3_q;
  logic valid_4_q;
  logic valid_5_q;
  logic valid_6_q;
  logic valid_7_q;
  logic valid_8_q;
  logic valid_9_q;
  logic last_1_q;
  logic last_2_q;
  logic last_3_q;
  logic last_4_q;
  logic last_5_q;
  logic last_6_q;
  logic last_7_q;
  logic last_8_q;
  logic last_9_q;
  logic [12:0] unit_0_bit_0_threshold_read_q;
  logic [12:0] unit_0_bit_0_threshold_q;
  logic [11:0] unit_0_bit_0_sum_1_q;
  logic [11:0] unit_0_bit_0_sum_2_q;
  logic [2:0] unit_0_bit_0_channel_1_q;
  logic [2:0] unit_0_bit_0_channel_2_q;
  logic [2:0] unit_0_bit_0_channel_3_q;
  logic unit_0_bit_0_level_1_q;
  logic [11:0] unit_0_bit_0_compared_1_q;
  logic [12:0] unit_0_bit_1_threshold_read_q;
  logic [12:0] unit_0_bit_1_threshold_q;
  logic [11:0] unit_0_bit_1_sum_1_q;
  logic [11:0] unit_0_bit_1_sum_2_q;
  logic [2:0] unit_0_bit_1_channel_1_q;
  logic [2:0] unit_0_bit_1_channel_2_q;
  logic [2:0] unit_0_bit_1_channel_3_q;
  logic unit_0_bit_1_prefix_1_q;
  logic unit_0_bit_1_prefix_2_q;
  logic [1:0] unit_0_bit_1_level_1_q;
  logic [11:0] unit_0_bit_1_compared_1_q;
  logic [12:0] unit_0_bit_2_threshold_read_q;
  logic [12:0] unit_0_bit_2_threshold_q;
  logic [11:0] unit_0_bit_2_sum_1_q;
  logic [11:0] unit_0_bit_2_sum_2_q;
  logic [1:0] unit_0_bit_2_prefix_1_q;
  logic [1:0] unit_0_bit_2_prefix_2_q;
  logic [2:0] unit_0_bit_2_level_1_q;
  logic y_valid_q;
  logic y_spare_valid_q;
  logic [3:0] y_spare_q;
  logic [3:0] y_beat_q;
  wire x_ready;
  wire go;
  wire out_ready;

  // Which sums of a beat
  assign x_ready = go;
  wire steps = x_valid_i & go;
  wire channels_last = channels_q == 3'b100;
  wire [2:0] channels_d = channels_last ? 3'b000 : channels_q + 3'b001;

  // Binary search of the level, the highest bit first
  wire [11:0] unit_0_sum = x_data_i;
  wire [2:0] unit_0_bit_0_address = channels_q;
  wire unit_0_bit_0_reaches = ~($signed({unit_0_bit_0_sum_2_q[11],
      unit_0_bit_0_sum_2_q}) < $signed(unit_0_bit_0_threshold_q));
  wire [3:0] unit_0_bit_1_address = {unit_0_bit_0_channel_3_q, unit_0_bit_0_level_1_q};
  wire unit_0_bit_1_reaches = ~($signed({unit_0_bit_1_sum_2_q[11],
      unit_0_bit_1_sum_2_q}) < $signed(unit_0_bit_1_threshold_q));
  wire [4:0] unit_0_bit_2_address = {unit_0_bit_1_channel_3_q, unit_0_bit_1_level_1_q};
  wire unit_0_bit_2_reaches = ~($signed({unit_0_bit_2_sum_2_q[11],
      unit_0_bit_2_sum_2_q}) < $signed(unit_0_bit_2_threshold_q));
  logic [2:0] unit_0_code;
  always_comb begin
    case (unit_0_bit_2_level_1_q)
      3'b000: unit_0_code = 3'b100;
      3'b001: unit_0_code = 3'b101;
      3'b010: unit_0_code = 3'b110;
      3'b011: unit_0_code = 3'b111;
      3'b100: unit_0_code = 3'b000;
      3'b101: unit_0_code = 3'b001;
      3'b110: unit_0_code = 3'b010;
      3'b111: unit_0_code = 3'b011;
      default: unit_0_code = 3'b000;
    endcase
  end
  wire [2:0] codes = unit_0_code;

  // y: two places: beats pass through the second one where the first one stands
  wire [3:0] y_in_beat = {last_9_q, codes};
  assign go = ~y_spare_valid_q;
  wire y_move = out_ready | ~y_valid_q;
  wire y_offered = valid_9_q | y_spare_valid_q;
  assign out_ready = y_ready_i;

  // Bits that nothing reads, named so that linters know it is meant
  wire unused_bits = ^{x_last_i};

  // Words that are read but never written
  logic [12:0] unit_0_bit_0_thresholds [0:4];
  initial begin
    $readmemh({`FEWBIT_DATA_FOLDER,
        "fewbit_thresholds_int12_int3_c5_p1_n1_unit_0_bit_0_thresholds.hex"},
        unit_0_bit_0_thresholds);
  end

  // Words that are read but never written
  logic [12:0] unit_0_bit_1_thresholds [0:9];
  initial begin
    $readmemh({`FEWBIT_DATA_FOLDER,
        "fewbit_thresholds_int12_int3_c5_p1_n1_unit_0_bit_1_thresholds.hex"},
        unit_0_bit_1_thresholds);
  end

  // Words that are read but never written
  logic [12:0] unit_0_bit_2_thresholds [0:19];
  initial begin
    $readmemh({`FEWBIT_DATA_FOLDER,
        "fewbit_thresholds_int12_int3_c5_p1_n1_unit_0_bit_2_thresholds.hex"},
        unit_0_bit_2_thresholds);
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      channels_q <= {3{1'b0}};
    end else if (steps) begin
      channels_q <= channels_d;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_1_q <= 1'b0;
      valid_2_q <= 1'b0;
      valid_3_q <= 1'b0;
      valid_4_q <= 1'b0;
      valid_5_q <= 1'b0;
      valid_6_q <= 1'b0;
      valid_7_q <= 1'b0;
      valid_8_q <= 1'b0;
      valid_9_q <= 1'b0;
      last_1_q <= 1'b0;
      last_2_q <= 1'b0;
      last_3_q <= 1'b0;
      last_4_q <= 1'b0;
      last_5_q <= 1'b0;
      last_6_q <= 1'b0;
      last_7_q <= 1'b0;
      last_8_q <= 1'b0;
      last_9_q <= 1'b0;
    end else if (go) begin
      valid_1_q <= steps;
      valid_2_q <= valid_1_q;
      valid_3_q <= valid_2_q;
      valid_4_q <= valid_3_q;
      valid_5_q <= valid_4_q;
      valid_6_q <= valid_5_q;
      valid_7_q <= valid_6_q;
      valid_8_q <= valid_7_q;
      valid_9_q <= valid_8_q;
      last_1_q <= channels_last;
      last_2_q <= last_1_q;
      last_3_q <= last_2_q;
      last_4_q <= last_3_q;
      last_5_q <= last_4_q;
      last_6_q <= last_5_q;
      last_7_q <= last_6_q;
      last_8_q <= last_7_q;
      last_9_q <= last_8_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (go) begin
      unit_0_bit_0_threshold_read_q <= unit_0_bit_0_thresholds[unit_0_bit_0_address];
      unit_0_bit_0_threshold_q <= unit_0_bit_0_threshold_read_q;
      unit_0_bit_0_sum_1_q <= unit_0_sum;
      unit_0_bit_0_sum_2_q <= unit_0_bit_0_sum_1_q;
      unit_0_bit_0_channel_1_q <= channels_q;
      unit_0_bit_0_channel_2_q <= unit_0_bit_0_channel_1_q;
      unit_0_bit_0_channel_3_q <= unit_0_bit_0_channel_2_q;
      unit_0_bit_0_level_1_q <= unit_0_bit_0_reaches;
      unit_0_bit_0_compared_1_q <= unit_0_bit_0_sum_2_q;
      unit_0_bit_1_threshold_read_q <= unit_0_bit_1_thresholds[unit_0_bit_1_address];
      unit_0_bit_1_threshold_q <= unit_0_bit_1_threshold_read_q;
      unit_0_bit_1_sum_1_q <= unit_0_bit_0_compared_1_q;
      unit_0_bit_1_sum_2_q <= unit_0_bit_1_sum_1_q;
      unit_0_bit_1_channel_1_q <= unit_0_bit_0_channel_3_q;
      unit_0_bit_1_channel_2_q <= unit_0_bit_1_channel_1_q;
      unit_0_bit_1_channel_3_q <= unit_0_bit_1_channel_2_q;
      unit_0_bit_1_prefix_1_q <= unit_0_bit_0_level_1_q;
      unit_0_bit_1_prefix_2_q <= unit_0_bit_1_prefix_1_q;
      unit_0_bit_1_level_1_q <= {unit_0_bit_1_prefix_2_q, unit_0_bit_1_reaches};
      unit_0_bit_1_compared_1_q <= unit_0_bit_1_sum_2_q;
      unit_0_bit_2_threshold_read_q <= unit_0_bit_2_thresholds[unit_0_bit_2_address];
      unit_0_bit_2_threshold_q <= unit_0_bit_2_threshold_read_q;
      unit_0_bit_2_sum_1_q <= unit_0_bit_1_compared_1_q;
      unit_0_bit_2_sum_2_q <= unit_0_bit_2_sum_1_q;
      unit_0_bit_2_prefix_1_q <= unit_0_bit_1_level_1_q;
      unit_0_bit_2_prefix_2_q <= unit_0_bit_2_prefix_1_q;
      unit_0_bit_2_level_1_q <= {unit_0_bit_2_prefix_2_q, unit_0_bit_2_reaches};
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      y_valid_q <= 1'b0;
      y_spare_valid_q <= 1'b0;
    end else begin
      y_valid_q <= y_offered | ~y_move;
      y_spare_valid_q <= y_offered & ~y_move;
    end
  end

  always_ff @(posedge clk_i) begin
    if (~y_spare_valid_q) begin
      y_spare_q <= y_in_beat;
    end
  end

  always_ff @(posedge clk_i) begin
    if (y_move) begin
      y_beat_q <= y_spare_valid_q ? y_spare_q : y_in_beat;
    end
  end

  assign x_ready_o = x_ready;
  assign y_valid_o = y_valid_q;
  assign y_data_o = y_beat_q[2:0];
  assign y_last_o = y_beat_q[3];

endmodule : fewbit_thresholds_int12_int3_c5_p1_n1

`default_nettype wire
