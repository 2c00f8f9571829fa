// A small library of standard cells, written by hand: times and capacitances that add up in the
// head.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace fewbit {

/// INV, NAND, BUF, a full adder FA and a flip-flop DFF with an active-low clear; in ps and fF.
inline std::string small_liberty() {
  return R"lib(/* by hand */
library (small) {
  time_unit : "1ps";
  capacitive_load_unit (1, ff);
  nom_voltage : 1.8;
  lu_table_template (grid) {
    variable_1 : total_output_net_capacitance;
    variable_2 : input_net_transition;
    index_1 ("10, 20");
    index_2 ("0, 100");
  }
  lu_table_template (check) {
    variable_1 : related_pin_transition;
    variable_2 : constrained_pin_transition;
    index_1 ("0, 100");
    index_2 ("0, 100");
  }
  cell (INV) {
    area : 2;
    pin (A) { direction : input; capacitance : 10; }
    pin (Y) {
      direction : output;
      function : "A'";
      timing () {
        related_pin : "A";
        timing_sense : negative_unate;
        cell_rise (grid) { values ("100, 140", \
                                   "200, 240"); }
        cell_fall (grid) { values ("50, 70", "100, 120"); }
        rise_transition (grid) { values ("100, 100", "100, 100"); }
        fall_transition (grid) { values ("50, 50", "50, 50"); }
      }
    }
  }
  cell (NAND) {
    area : 3.5;
    pin (A) { direction : input; capacitance : 5; } pin (B) { direction : input; capacitance : 5; }
    pin (Y) {
      direction : output;
      function : "!(A B)";
      timing () {
        related_pin : "A B";
        timing_sense : negative_unate;
        intrinsic_rise : 30; rise_resistance : 1;
        intrinsic_fall : 40; fall_resistance : 2;
      }
    }
  }
  cell (FA) {
    area : 20;
    pin (P) { direction : input; capacitance : 8; } pin (Q) { direction : input; capacitance : 8; } pin (R) { direction : input; capacitance : 8; }
    pin (S) { direction : output; function : "P ^ Q ^ R";
      timing () { related_pin : "P Q R"; intrinsic_rise : 200; intrinsic_fall : 200; } }
    pin (K) { direction : output; function : "(P Q) + (R (P | Q))";
      timing () { related_pin : "P Q R"; intrinsic_rise : 100; intrinsic_fall : 100; } }
  }
  cell (DFF) {
    area : 12;
    ff (IQ, IQN) { next_state : "D"; clocked_on : "C"; clear : "R'"; }
    pin (C) { direction : input; clock : true; capacitance : 3; }
    pin (R) { direction : input; capacitance : 3; }
    pin (D) { direction : input; capacitance : 10;
      timing () { related_pin : "C"; timing_type : setup_rising;
        rise_constraint (check) { values ("20, 60", "0, 0"); }
        fall_constraint (check) { values ("30, 70", "0, 0"); } } }
    pin (Q) { direction : output; function : "IQ";
      timing () { related_pin : "C"; timing_type : rising_edge;
        cell_rise (grid) { values ("300, 300", "400, 400"); }
        cell_fall (grid) { values ("310, 310", "410, 410"); }
        rise_transition (grid) { values ("50, 50", "50, 50"); }
        fall_transition (grid) { values ("100, 100", "100, 100"); } } }
  }
  cell (LATCH) {
    area : 0;
    latch (IQ, IQN) { data_in : "D"; enable : "G"; }
    pin (D) { direction : input; capacitance : 1; } pin (G) { direction : input; capacitance : 1; }
    pin (Q) { direction : output; function : "IQ"; }
  }
  cell (BUF) {
    area : 4;
    pin (A) { direction : input; capacitance : 10; }
    pin (Y) { direction : output; function : "A";
      timing () { related_pin : "A"; timing_sense : positive_unate;
        cell_rise (grid) { values ("60, 60", "80, 80"); }
        cell_fall (grid) { values ("60, 60", "80, 80"); }
        rise_transition (grid) { values ("50, 50", "50, 50"); }
        fall_transition (grid) { values ("50, 50", "50, 50"); } } }
  }
}
)lib";
}

/// The same with tables everywhere: ABC takes no intrinsic delays.
inline std::string small_liberty_of_tables() {
  std::string text = small_liberty();
  for (const char* edge : {"rise", "fall"}) {
    const std::string key = std::string("intrinsic_") + edge + " : ";
    for (std::size_t at = text.find(key); at != std::string::npos; at = text.find(key)) {
      std::size_t end = text.find(';', at) + 1;
      const std::string resistance = std::string(" ") + edge + "_resistance";
      if (text.compare(end, resistance.size(), resistance) == 0) end = text.find(';', end) + 1;
      text.replace(at, end - at,
                   std::string("cell_") + edge + R"( (grid) { values ("40, 40", "50, 50"); } )" +
                       edge + R"(_transition (grid) { values ("50, 50", "50, 50"); })");
    }
  }
  return text;
}

}  // namespace fewbit
