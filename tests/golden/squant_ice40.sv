// fewbit_squant_bfloat16_x2_to_uint1_r8 - stochastic quantizer of 2 lanes
//
//   result_o[k] = floor((x[k] - min) / (max - min) * 1 + share[k]), k < 2
//   share[k]    = (2 * random_i[k] + 1) / 512
//   x           = a_i, cut off toward zero to a multiple of 2^(e - 10)
//   e           = floor(log2 m), at least -126, m the largest magnitude of the block
//   min, max    = the least and the largest x; where they are equal, all codes are 0
//   range_o     = {the largest, the least a_i}
//
// Formats    a_i: bfloat16 = 1 sign, 8 exponent, 7 fraction bits, bias 127, subnormals kept, Inf =
//            S.11111111.0000000, NaN = S.11111111 with a fraction other than 0, largest 3.38953e+38
//            random_i: uint8 = 8 bits, unsigned
//            result_o: uint1 = 1 bits, unsigned
//            range_o: two codes of a_i's format, the least number's in the low bits
//            lane 0 is in the lowest bits
// Rounding   stochastic_b of P3109 with the bits of random_i
// Overflow   impossible
// Special    a NaN or infinite a_i[k] makes both codes of range_o NaN, all results 0
// Zero       -0 is below +0
// Timing     combinational: latency 0
// Structure  exact_first, for iCE40 cells (a 4-input table with a carry)
// Reproduce  fewbit emit squant --a bfloat16 --lanes 2 --result uint1 --random-bits 8
// Generator  fewbit 0.2.0
// Licence    yours: fewbit claims no rights in what it generates

`default_nettype none

module fewbit_squant_bfloat16_x2_to_uint1_r8 (
  input  wire  [31:0] a_i,
  input  wire  [15:0] random_i,
  output logic [1:0] result_o,
  output logic [31:0] range_o
);

  // Lane 0: unpack
  wire [15:0] lane_0_a = a_i[15:0];
  wire [15:0] lane_0_ordered = {~lane_0_a[15], lane_0_a[14:0] ^ {15{lane_0_a[15]}}};
  wire lane_0_a_hidden = |lane_0_a[14:7];
  wire [7:0] lane_0_a_significand = {lane_0_a_hidden, lane_0_a[6:0]};
  wire lane_0_a_exponent_low = lane_0_a[7] | ~lane_0_a_hidden;
  wire lane_0_a_nan = (&lane_0_a[14:7]) & (|lane_0_a[6:0]);
  wire lane_0_a_infinite = lane_0_a[14:0] == 15'h7f80;

  // Lane 1: unpack
  wire [15:0] lane_1_a = a_i[31:16];
  wire [15:0] lane_1_ordered = {~lane_1_a[15], lane_1_a[14:0] ^ {15{lane_1_a[15]}}};
  wire lane_1_a_hidden = |lane_1_a[14:7];
  wire [7:0] lane_1_a_significand = {lane_1_a_hidden, lane_1_a[6:0]};
  wire lane_1_a_exponent_low = lane_1_a[7] | ~lane_1_a_hidden;
  wire lane_1_a_nan = (&lane_1_a[14:7]) & (|lane_1_a[6:0]);
  wire lane_1_a_infinite = lane_1_a[14:0] == 15'h7f80;

  // The least and the largest number
  wire [16:0] pair_0_difference = {1'b0, lane_0_ordered} - {1'b0, lane_1_ordered};
  wire [15:0] pair_0_least = pair_0_difference[16] ? lane_0_ordered : lane_1_ordered;
  wire [15:0] pair_0_largest = pair_0_difference[16] ? lane_1_ordered : lane_0_ordered;

  // Frame: fixed point below the exponent of the largest magnitude
  wire [15:0] least_code = {~pair_0_least[15], pair_0_least[14:0] ^ {15{~pair_0_least[15]}}};
  wire least_hidden = |least_code[14:7];
  wire [7:0] least_significand = {least_hidden, least_code[6:0]};
  wire least_exponent_low = least_code[7] | ~least_hidden;
  wire [15:0] largest_code = {~pair_0_largest[15],
      pair_0_largest[14:0] ^ {15{~pair_0_largest[15]}}};
  wire largest_hidden = |largest_code[14:7];
  wire [7:0] largest_significand = {largest_hidden, largest_code[6:0]};
  wire largest_exponent_low = largest_code[7] | ~largest_hidden;
  wire [8:0] frame_exponent_difference = {1'b0, largest_code[14:8], largest_exponent_low}
      - {1'b0, least_code[14:8], least_exponent_low};
  wire [7:0] frame_exponent = frame_exponent_difference[8]
      ? {least_code[14:8], least_exponent_low} : {largest_code[14:8], largest_exponent_low};
  wire [7:0] least_distance = frame_exponent - {least_code[14:8], least_exponent_low};
  wire [8:0] least_moved_1 = least_distance[0]
      ? {1'b0, least_significand} : {least_significand, 1'b0};
  wire [10:0] least_moved_2 = least_distance[1] ? {2'b00, least_moved_1} : {least_moved_1, 2'b00};
  wire [14:0] least_moved_4 = least_distance[2]
      ? {4'b0000, least_moved_2} : {least_moved_2, 4'b0000};
  wire [18:0] least_moved_8 = least_distance[3]
      ? {8'b00000000, least_moved_4[14:4]} : {least_moved_4[14:4], 8'b00000000};
  wire least_near = ~(|{least_distance[4], least_distance[5], least_distance[6],
      least_distance[7]});
  wire [10:0] least_magnitude = least_moved_8[18:8] & {11{least_near}};
  wire [11:0] least_negated = ({1'b0, least_magnitude} ^ {12{~least_code[15]}}) + {12{1'b0}}
      + {{11{1'b0}}, ~least_code[15]};
  wire [7:0] largest_distance = frame_exponent - {largest_code[14:8], largest_exponent_low};
  wire [8:0] largest_moved_1 = largest_distance[0]
      ? {1'b0, largest_significand} : {largest_significand, 1'b0};
  wire [10:0] largest_moved_2 = largest_distance[1]
      ? {2'b00, largest_moved_1} : {largest_moved_1, 2'b00};
  wire [14:0] largest_moved_4 = largest_distance[2]
      ? {4'b0000, largest_moved_2} : {largest_moved_2, 4'b0000};
  wire [18:0] largest_moved_8 = largest_distance[3]
      ? {8'b00000000, largest_moved_4[14:4]} : {largest_moved_4[14:4], 8'b00000000};
  wire largest_near = ~(|{largest_distance[4], largest_distance[5], largest_distance[6],
      largest_distance[7]});
  wire [10:0] largest_magnitude = largest_moved_8[18:8] & {11{largest_near}};
  wire [11:0] largest_difference = ({1'b0, largest_magnitude} ^ {12{largest_code[15]}})
      + least_negated + {{11{1'b0}}, largest_code[15]};

  // Lane 0: distance from the least number
  wire [7:0] lane_0_distance = frame_exponent - {lane_0_a[14:8], lane_0_a_exponent_low};
  wire [8:0] lane_0_moved_1 = lane_0_distance[0]
      ? {1'b0, lane_0_a_significand} : {lane_0_a_significand, 1'b0};
  wire [10:0] lane_0_moved_2 = lane_0_distance[1]
      ? {2'b00, lane_0_moved_1} : {lane_0_moved_1, 2'b00};
  wire [14:0] lane_0_moved_4 = lane_0_distance[2]
      ? {4'b0000, lane_0_moved_2} : {lane_0_moved_2, 4'b0000};
  wire [18:0] lane_0_moved_8 = lane_0_distance[3]
      ? {8'b00000000, lane_0_moved_4[14:4]} : {lane_0_moved_4[14:4], 8'b00000000};
  wire lane_0_near = ~(|{lane_0_distance[4], lane_0_distance[5], lane_0_distance[6],
      lane_0_distance[7]});
  wire [10:0] lane_0_magnitude = lane_0_moved_8[18:8] & {11{lane_0_near}};
  wire [11:0] lane_0_difference = ({1'b0, lane_0_magnitude} ^ {12{lane_0_a[15]}}) + least_negated
      + {{11{1'b0}}, lane_0_a[15]};

  // Lane 1: distance from the least number
  wire [7:0] lane_1_distance = frame_exponent - {lane_1_a[14:8], lane_1_a_exponent_low};
  wire [8:0] lane_1_moved_1 = lane_1_distance[0]
      ? {1'b0, lane_1_a_significand} : {lane_1_a_significand, 1'b0};
  wire [10:0] lane_1_moved_2 = lane_1_distance[1]
      ? {2'b00, lane_1_moved_1} : {lane_1_moved_1, 2'b00};
  wire [14:0] lane_1_moved_4 = lane_1_distance[2]
      ? {4'b0000, lane_1_moved_2} : {lane_1_moved_2, 4'b0000};
  wire [18:0] lane_1_moved_8 = lane_1_distance[3]
      ? {8'b00000000, lane_1_moved_4[14:4]} : {lane_1_moved_4[14:4], 8'b00000000};
  wire lane_1_near = ~(|{lane_1_distance[4], lane_1_distance[5], lane_1_distance[6],
      lane_1_distance[7]});
  wire [10:0] lane_1_magnitude = lane_1_moved_8[18:8] & {11{lane_1_near}};
  wire [11:0] lane_1_difference = ({1'b0, lane_1_magnitude} ^ {12{lane_1_a[15]}}) + least_negated
      + {{11{1'b0}}, lane_1_a[15]};

  // Codes
  wire is_special = lane_0_a_nan | lane_0_a_infinite | lane_1_a_nan | lane_1_a_infinite;
  wire has_steps = (|largest_difference) & ~is_special;

  // Lane 0: code
  wire [12:0] lane_0_random_0_sum = {2'b00, largest_difference[11:1]} + {1'b0, largest_difference};
  wire [12:0] lane_0_random_0 = random_i[0]
      ? lane_0_random_0_sum : {2'b00, largest_difference[11:1]};
  wire [12:0] lane_0_random_1_sum = {1'b0, lane_0_random_0[12:1]} + {1'b0, largest_difference};
  wire [12:0] lane_0_random_1 = random_i[1] ? lane_0_random_1_sum : {1'b0, lane_0_random_0[12:1]};
  wire [12:0] lane_0_random_2_sum = {1'b0, lane_0_random_1[12:1]} + {1'b0, largest_difference};
  wire [12:0] lane_0_random_2 = random_i[2] ? lane_0_random_2_sum : {1'b0, lane_0_random_1[12:1]};
  wire [12:0] lane_0_random_3_sum = {1'b0, lane_0_random_2[12:1]} + {1'b0, largest_difference};
  wire [12:0] lane_0_random_3 = random_i[3] ? lane_0_random_3_sum : {1'b0, lane_0_random_2[12:1]};
  wire [12:0] lane_0_random_4_sum = {1'b0, lane_0_random_3[12:1]} + {1'b0, largest_difference};
  wire [12:0] lane_0_random_4 = random_i[4] ? lane_0_random_4_sum : {1'b0, lane_0_random_3[12:1]};
  wire [12:0] lane_0_random_5_sum = {1'b0, lane_0_random_4[12:1]} + {1'b0, largest_difference};
  wire [12:0] lane_0_random_5 = random_i[5] ? lane_0_random_5_sum : {1'b0, lane_0_random_4[12:1]};
  wire [12:0] lane_0_random_6_sum = {1'b0, lane_0_random_5[12:1]} + {1'b0, largest_difference};
  wire [12:0] lane_0_random_6 = random_i[6] ? lane_0_random_6_sum : {1'b0, lane_0_random_5[12:1]};
  wire [12:0] lane_0_random_7_sum = {1'b0, lane_0_random_6[12:1]} + {1'b0, largest_difference};
  wire [12:0] lane_0_random_7 = random_i[7] ? lane_0_random_7_sum : {1'b0, lane_0_random_6[12:1]};
  wire [12:0] lane_0_dividend = {1'b0, lane_0_difference} + {1'b0, lane_0_random_7[12:1]};
  wire [13:0] lane_0_step_0 = {1'b0, lane_0_dividend} - {2'b00, largest_difference};
  wire lane_0_code_0 = ~lane_0_step_0[13];
  wire lane_0_code = lane_0_code_0 & has_steps;

  // Lane 1: code
  wire [12:0] lane_1_random_0_sum = {2'b00, largest_difference[11:1]} + {1'b0, largest_difference};
  wire [12:0] lane_1_random_0 = random_i[8]
      ? lane_1_random_0_sum : {2'b00, largest_difference[11:1]};
  wire [12:0] lane_1_random_1_sum = {1'b0, lane_1_random_0[12:1]} + {1'b0, largest_difference};
  wire [12:0] lane_1_random_1 = random_i[9] ? lane_1_random_1_sum : {1'b0, lane_1_random_0[12:1]};
  wire [12:0] lane_1_random_2_sum = {1'b0, lane_1_random_1[12:1]} + {1'b0, largest_difference};
  wire [12:0] lane_1_random_2 = random_i[10] ? lane_1_random_2_sum : {1'b0, lane_1_random_1[12:1]};
  wire [12:0] lane_1_random_3_sum = {1'b0, lane_1_random_2[12:1]} + {1'b0, largest_difference};
  wire [12:0] lane_1_random_3 = random_i[11] ? lane_1_random_3_sum : {1'b0, lane_1_random_2[12:1]};
  wire [12:0] lane_1_random_4_sum = {1'b0, lane_1_random_3[12:1]} + {1'b0, largest_difference};
  wire [12:0] lane_1_random_4 = random_i[12] ? lane_1_random_4_sum : {1'b0, lane_1_random_3[12:1]};
  wire [12:0] lane_1_random_5_sum = {1'b0, lane_1_random_4[12:1]} + {1'b0, largest_difference};
  wire [12:0] lane_1_random_5 = random_i[13] ? lane_1_random_5_sum : {1'b0, lane_1_random_4[12:1]};
  wire [12:0] lane_1_random_6_sum = {1'b0, lane_1_random_5[12:1]} + {1'b0, largest_difference};
  wire [12:0] lane_1_random_6 = random_i[14] ? lane_1_random_6_sum : {1'b0, lane_1_random_5[12:1]};
  wire [12:0] lane_1_random_7_sum = {1'b0, lane_1_random_6[12:1]} + {1'b0, largest_difference};
  wire [12:0] lane_1_random_7 = random_i[15] ? lane_1_random_7_sum : {1'b0, lane_1_random_6[12:1]};
  wire [12:0] lane_1_dividend = {1'b0, lane_1_difference} + {1'b0, lane_1_random_7[12:1]};
  wire [13:0] lane_1_step_0 = {1'b0, lane_1_dividend} - {2'b00, largest_difference};
  wire lane_1_code_0 = ~lane_1_step_0[13];
  wire lane_1_code = lane_1_code_0 & has_steps;
  wire [31:0] range_or_nan = is_special
      ? 32'h7fc07fc0
      : {~pair_0_largest[15], pair_0_largest[14:0] ^ {15{~pair_0_largest[15]}}, ~pair_0_least[15],
      pair_0_least[14:0] ^ {15{~pair_0_least[15]}}};

  // Bits that nothing reads, named so that linters know it is meant
  wire unused_bits = ^{pair_0_difference[15:0], frame_exponent_difference[7:0], least_moved_4[3:0],
      least_moved_8[7:0], largest_moved_4[3:0], largest_moved_8[7:0], lane_0_moved_4[3:0],
      lane_0_moved_8[7:0], lane_1_moved_4[3:0], lane_1_moved_8[7:0], lane_0_random_0[0],
      lane_0_random_1[0], lane_0_random_2[0], lane_0_random_3[0], lane_0_random_4[0],
      lane_0_random_5[0], lane_0_random_6[0], lane_0_random_7[0], lane_0_step_0[12:0],
      lane_1_random_0[0], lane_1_random_1[0], lane_1_random_2[0], lane_1_random_3[0],
      lane_1_random_4[0], lane_1_random_5[0], lane_1_random_6[0], lane_1_random_7[0],
      lane_1_step_0[12:0]};

  assign result_o = {lane_1_code, lane_0_code};
  assign range_o = range_or_nan;

endmodule : fewbit_squant_bfloat16_x2_to_uint1_r8

`default_nettype wire
