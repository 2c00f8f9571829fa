// fewbit_window_uint8_h6_w7_c2_s1_k3_pad1_1_1_1 - the windows of an image as a stream of their terms
//
//   y[oy][ox][ky][kx][c] = x[1 oy + 1 ky - 1][1 ox + 1 kx - 1][c]
//
// Formats    x, y: uint8 = 8 bits, unsigned
// Sizes      image of 6 rows, 7 columns and 2 channels; 6 x 7 windows of 3 x 3 pixels; 0 beyond the
//            image
// Input      x: 1 channels of a pixel a beat, 2 beats a pixel, row by row
// Output     y: the same, 18 beats a window, y_last_o on the last
// Buffer     4 rows
// Timing     one beat a cycle where no stream waits and the rows come in time
// Streams    a beat moves where valid and ready are 1; until then it stays as it is; no ready that
//            the block gives depends on one that it gets without a register between
// Reset      async_low; forgets what is inside
// Licence    yours: fewbit claims no rights in what it generates
// Reproduce  fewbit emit window --format uint8 --height 6 --width 7 --channels 2 --kernel 3 --pad-top 1 --pad-left 1 --pad-bottom 1 --pad-right 1

`default_nettype none

module fewbit_window_uint8_h6_w7_c2_s1_k3_pad1_1_1_1 (
  input  wire  clk_i,
  input  wire  rst_ni,
  input  wire  x_valid_i,
  input  wire  [7:0] x_data_i,
  input  wire  y_ready_i,
  output logic x_ready_o,
  output logic y_valid_o,
  output logic [7:0] y_data_o,
  output logic y_last_o
);

  logic [2:0] rows_taken_q;
  logic [3:0] in_beat_q;
  logic [5:0] in_place_q;
  logic has_rows_q;
  logic beat_q;
  logic [1:0] kernel_x_q;
  logic [1:0] kernel_y_q;
  logic [2:0] x_q;
  logic [2:0] y_q;
  logic row_came_1_q;
  logic [2:0] rows_wanted_q;
  logic [2:0] rows_wanted_next_q;
  logic [2:0] rows_done_q;
  logic [2:0] rows_held_q;
  logic pixel_ended_1_q;
  logic kernel_row_ended_1_q;
  logic window_ended_1_q;
  logic row_ended_1_q;
  logic image_ended_1_q;
  logic valid_1_q;
  logic valid_2_q;
  logic [5:0] row_q;
  logic [5:0] row_delta_1_q;
  logic [6:0] row_wrapped_delta_1_q;
  logic [5:0] offset_q;
  logic [5:0] offset_delta_1_q;
  logic [3:0] pixel_x_q;
  logic [3:0] pixel_x_delta_1_q;
  logic [2:0] pixel_y_q;
  logic [2:0] pixel_y_delta_1_q;
  logic [2:0] frees_1_q;
  logic [2:0] frees_2_q;
  logic [2:0] frees_3_q;
  logic [5:0] address_1_q;
  logic [7:0] word_read_q;
  logic [7:0] word_q;
  logic is_inside_1_q;
  logic is_inside_2_q;
  logic is_inside_3_q;
  logic last_1_q;
  logic last_2_q;
  logic last_3_q;
  logic last_4_q;
  logic last_5_q;
  logic offered_1_q;
  logic offered_2_q;
  logic offered_3_q;
  logic y_valid_q;
  logic y_spare_valid_q;
  logic [8:0] y_spare_q;
  logic [8:0] y_beat_q;
  wire x_ready;
  wire go;
  wire out_ready;

  // Rows come into the buffer while one is free
  assign x_ready = ~(rows_taken_q == 3'b100);
  wire takes = x_valid_i & x_ready;
  wire in_beat_last = in_beat_q == 4'b1101;
  wire [3:0] in_beat_d = in_beat_last ? 4'b0000 : in_beat_q + 4'b0001;
  wire in_place_last = in_place_q == 6'b110111;
  wire [5:0] in_place_d = in_place_last ? 6'b000000 : in_place_q + 6'b000001;
  wire row_comes = takes & in_beat_last;

  // Windows leave once all their rows are there
  wire steps = has_rows_q & go;
  wire beat_last = beat_q == 1'b1;
  wire beat_d = beat_q + 1'b1;
  wire pixel_ends = steps & beat_last;
  wire kernel_x_last = kernel_x_q == 2'b10;
  wire [1:0] kernel_x_d = kernel_x_last ? 2'b00 : kernel_x_q + 2'b01;
  wire kernel_row_ends = pixel_ends & kernel_x_last;
  wire kernel_y_last = kernel_y_q == 2'b10;
  wire [1:0] kernel_y_d = kernel_y_last ? 2'b00 : kernel_y_q + 2'b01;
  wire window_ends = kernel_row_ends & kernel_y_last;
  wire x_last = x_q == 3'b110;
  wire [2:0] x_d = x_last ? 3'b000 : x_q + 3'b001;
  wire row_ends = window_ends & x_last;
  wire y_last = y_q == 3'b101;
  wire [2:0] y_d = y_last ? 3'b000 : y_q + 3'b001;
  wire image_ends = row_ends & y_last;
  logic [2:0] rows_wanted;
  always_comb begin
    case (y_q)
      3'b100: rows_wanted = 3'b010;
      3'b101: rows_wanted = 3'b010;
      default: rows_wanted = 3'b011;
    endcase
  end
  logic [2:0] rows_wanted_next;
  always_comb begin
    case (y_q)
      3'b011: rows_wanted_next = 3'b011;
      3'b101: rows_wanted_next = 3'b011;
      default: rows_wanted_next = 3'b100;
    endcase
  end
  logic [2:0] rows_done;
  always_comb begin
    case (y_q)
      3'b100: rows_done = 3'b010;
      3'b101: rows_done = 3'b000;
      default: rows_done = 3'b001;
    endcase
  end
  wire [2:0] frees = rows_done_q & {3{row_ends}};
  wire [2:0] rows_held_and_new = rows_held_q + {2'b00, row_came_1_q};
  wire [2:0] rows_held_d = rows_held_and_new - frees;
  wire has_rows_d = row_ends
      ? ~(rows_held_and_new < rows_wanted_next_q) : ~(rows_held_and_new < rows_wanted_q);
  wire place_steps = valid_2_q & go;

  // The row of the buffer, the place in the row, and the pixel's coordinates
  wire [5:0] row_step_1 = kernel_row_ended_1_q ? 6'b001110 : 6'b000000;
  wire [5:0] row_step_2 = window_ended_1_q ? 6'b011100 : row_step_1;
  wire [5:0] row_step_3 = row_ended_1_q ? 6'b101010 : row_step_2;
  wire [5:0] row_sum = row_q + row_delta_1_q;
  wire [6:0] row_wrapped_step_1 = kernel_row_ended_1_q ? 7'b1010110 : 7'b1001000;
  wire [6:0] row_wrapped_step_2 = window_ended_1_q ? 7'b1100100 : row_wrapped_step_1;
  wire [6:0] row_wrapped_step_3 = row_ended_1_q ? 7'b1110010 : row_wrapped_step_2;
  wire [6:0] row_wrapped = {1'b0, row_q} + row_wrapped_delta_1_q;
  wire [5:0] row_d = row_wrapped[6] ? row_sum : row_wrapped[5:0];
  wire [5:0] offset_step_1 = kernel_row_ended_1_q ? 6'b111011 : 6'b000001;
  wire [5:0] offset_step_2 = window_ended_1_q ? 6'b111101 : offset_step_1;
  wire [5:0] offset_step_3 = row_ended_1_q ? 6'b101111 : offset_step_2;
  wire [5:0] offset_sum = offset_q + offset_delta_1_q;
  wire [3:0] pixel_x_step_0 = pixel_ended_1_q ? 4'b0001 : 4'b0000;
  wire [3:0] pixel_x_step_1 = kernel_row_ended_1_q ? 4'b1110 : pixel_x_step_0;
  wire [3:0] pixel_x_step_2 = window_ended_1_q ? 4'b1111 : pixel_x_step_1;
  wire [3:0] pixel_x_step_3 = row_ended_1_q ? 4'b1000 : pixel_x_step_2;
  wire [3:0] pixel_x_sum = pixel_x_q + pixel_x_delta_1_q;
  wire [2:0] pixel_y_step_1 = kernel_row_ended_1_q ? 3'b001 : 3'b000;
  wire [2:0] pixel_y_step_2 = window_ended_1_q ? 3'b110 : pixel_y_step_1;
  wire [2:0] pixel_y_step_3 = row_ended_1_q ? 3'b111 : pixel_y_step_2;
  wire [2:0] pixel_y_step_4 = image_ended_1_q ? 3'b001 : pixel_y_step_3;
  wire [2:0] pixel_y_sum = pixel_y_q + pixel_y_delta_1_q;
  wire is_in_row = pixel_x_q < 4'b0111;
  wire is_in_column = pixel_y_q < 3'b110;
  wire [5:0] address = row_q + offset_q;
  wire is_inside = is_in_row & is_in_column;

  // Address, word, and a register behind it
  wire [2:0] rows_read = frees_3_q & {3{go}};
  wire [2:0] rows_taken_d = (rows_taken_q + {2'b00, row_comes}) - rows_read;
  wire [7:0] data = word_q & {8{is_inside_3_q}};

  // y: two places: beats pass through the second one where the first one stands
  wire [8:0] y_in_beat = {last_5_q, data};
  assign go = ~y_spare_valid_q;
  wire y_move = out_ready | ~y_valid_q;
  wire y_offered = offered_3_q | y_spare_valid_q;
  assign out_ready = y_ready_i;

  // Of the word that is being written a read gives anything
  (* no_rw_check *) logic [7:0] rows [0:55];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      rows_taken_q <= {3{1'b0}};
      has_rows_q <= 1'b0;
      row_came_1_q <= 1'b0;
      rows_held_q <= {3{1'b0}};
      y_valid_q <= 1'b0;
      y_spare_valid_q <= 1'b0;
    end else begin
      rows_taken_q <= rows_taken_d;
      has_rows_q <= has_rows_d;
      row_came_1_q <= row_comes;
      rows_held_q <= rows_held_d;
      y_valid_q <= y_offered | ~y_move;
      y_spare_valid_q <= y_offered & ~y_move;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      in_beat_q <= {4{1'b0}};
      in_place_q <= {6{1'b0}};
    end else if (takes) begin
      in_beat_q <= in_beat_d;
      in_place_q <= in_place_d;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      beat_q <= 1'b0;
    end else if (steps) begin
      beat_q <= beat_d;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      kernel_x_q <= {2{1'b0}};
    end else if (pixel_ends) begin
      kernel_x_q <= kernel_x_d;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      kernel_y_q <= {2{1'b0}};
    end else if (kernel_row_ends) begin
      kernel_y_q <= kernel_y_d;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      x_q <= {3{1'b0}};
    end else if (window_ends) begin
      x_q <= x_d;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      y_q <= {3{1'b0}};
      rows_wanted_q <= 3'b010;
      rows_wanted_next_q <= 3'b011;
      rows_done_q <= {3{1'b0}};
    end else if (row_ends) begin
      y_q <= y_d;
      rows_wanted_q <= rows_wanted;
      rows_wanted_next_q <= rows_wanted_next;
      rows_done_q <= rows_done;
    end
  end

  always_ff @(posedge clk_i) begin
    if (go) begin
      pixel_ended_1_q <= pixel_ends;
      kernel_row_ended_1_q <= kernel_row_ends;
      window_ended_1_q <= window_ends;
      row_ended_1_q <= row_ends;
      image_ended_1_q <= image_ends;
      row_delta_1_q <= row_step_3;
      row_wrapped_delta_1_q <= row_wrapped_step_3;
      offset_delta_1_q <= offset_step_3;
      pixel_x_delta_1_q <= pixel_x_step_3;
      pixel_y_delta_1_q <= pixel_y_step_4;
      address_1_q <= address;
      word_read_q <= rows[address_1_q];
      word_q <= word_read_q;
      is_inside_1_q <= is_inside;
      is_inside_2_q <= is_inside_1_q;
      is_inside_3_q <= is_inside_2_q;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_1_q <= 1'b0;
      valid_2_q <= 1'b0;
      frees_1_q <= {3{1'b0}};
      frees_2_q <= {3{1'b0}};
      frees_3_q <= {3{1'b0}};
      last_1_q <= 1'b0;
      last_2_q <= 1'b0;
      last_3_q <= 1'b0;
      last_4_q <= 1'b0;
      last_5_q <= 1'b0;
      offered_1_q <= 1'b0;
      offered_2_q <= 1'b0;
      offered_3_q <= 1'b0;
    end else if (go) begin
      valid_1_q <= steps;
      valid_2_q <= valid_1_q;
      frees_1_q <= frees;
      frees_2_q <= frees_1_q;
      frees_3_q <= frees_2_q;
      last_1_q <= window_ends;
      last_2_q <= last_1_q;
      last_3_q <= last_2_q;
      last_4_q <= last_3_q;
      last_5_q <= last_4_q;
      offered_1_q <= valid_2_q;
      offered_2_q <= offered_1_q;
      offered_3_q <= offered_2_q;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      row_q <= 6'b101010;
      offset_q <= 6'b111110;
      pixel_x_q <= {4{1'b1}};
      pixel_y_q <= {3{1'b1}};
    end else if (place_steps) begin
      row_q <= row_d;
      offset_q <= offset_sum;
      pixel_x_q <= pixel_x_sum;
      pixel_y_q <= pixel_y_sum;
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

  always_ff @(posedge clk_i) begin
    if (takes) begin
      rows[in_place_q] <= x_data_i;
    end
  end

  assign x_ready_o = x_ready;
  assign y_valid_o = y_valid_q;
  assign y_data_o = y_beat_q[7:0];
  assign y_last_o = y_beat_q[8];

endmodule : fewbit_window_uint8_h6_w7_c2_s1_k3_pad1_1_1_1

`default_nettype wire
