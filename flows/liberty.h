// Liberty: a library of standard cells, read from its .lib file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/result.h"

namespace fewbit::flows {

/// A group of a Liberty file as it stands there: `name (arguments) { attributes, groups }`.
struct LibertyGroup {
  std::string name;  ///< "cell"
  std::vector<std::string> arguments;
  /// Simple ones `name : value;` have one value, complex ones `name (v, v);` as many as there are.
  /// Without the quotes; of several of one name the last.
  std::map<std::string, std::vector<std::string>> attributes;
  std::vector<LibertyGroup> groups;
  int line = 0;  ///< where it begins

  /// The first value of an attribute, or "".
  [[nodiscard]] std::string value(const std::string& attribute) const;
};
/// The outermost group of a text. Errors: on `field`, with the line, and what was expected there.
Result<LibertyGroup> parse_liberty(const std::string& field, const std::string& text);

/// A table of times in ns over one or two numbers; of none it is a constant.
struct TimingTable {
  std::vector<double> loads;   ///< pF at the output; empty: does not depend on it
  std::vector<double> slews;   ///< ns, of the input; empty likewise
  std::vector<double> values;  ///< [load][slew]

  /// Between its points linear, beyond the last ones constant over slews and linear over loads.
  [[nodiscard]] double at(double load, double slew) const;
};

/// What an edge at `related_pin` does at the pin that has the arc.
struct TimingArc {
  enum class Sense { kPositive, kNegative, kBoth };
  std::string related_pin;
  Sense sense = Sense::kBoth;
  bool from_clock = false;  ///< an edge of a clock: rising_edge, falling_edge
  TimingTable rise, fall;   ///< delays, of edges of the output
  TimingTable rise_slew, fall_slew;
};

struct CellPin {
  std::string name;
  bool is_output = false;
  double capacitance = 0;                             ///< pF; of inputs
  std::string function;                               ///< as the library writes it, or ""
  std::vector<TimingArc> arcs;                        ///< delays, of outputs
  std::optional<TimingTable> setup_rise, setup_fall;  ///< of inputs of flip-flops
};

/// The state of a flip-flop.
struct CellState {
  std::string variable, inverse;  ///< names in the functions of its outputs
  std::string next_state, clocked_on, clear, preset;
  bool clear_wins = true;  ///< of both at once
};

struct LibraryCell {
  std::string name;
  double area = 0;
  std::vector<CellPin> pins;
  std::optional<CellState> state;
  /// Logic or flip-flop whose outputs all have functions that can be simulated. Others (latches,
  /// tristates, cells of no function) are not used: one in a netlist is an Error.
  bool is_usable = false;

  [[nodiscard]] const CellPin* pin(const std::string& name) const;
};

/// A full adder among the cells.
struct FullAdder {
  std::string cell, a, b, c, sum, carry;  ///< and its pins
};

/// For Yosys's techmap: its $fa and $alu, a bit each as this cell.
std::string techmap_of(const FullAdder& adder);

struct CellLibrary {
  std::string name;    ///< as the file has it: "osu018_stdcells"
  std::string sha256;  ///< of the file
  std::filesystem::path path;
  std::map<std::string, LibraryCell> cells;

  [[nodiscard]] const LibraryCell* cell(const std::string& name) const;
  /// The smallest that has one pin for the sum and one for the carry, or none.
  [[nodiscard]] std::optional<FullAdder> full_adder() const;
  /// The usable cells as Verilog modules, each from its functions alone: for Yosys, `-icells`.
  [[nodiscard]] std::string verilog() const;
};

/// A library as a text. Times are in ns and capacitances in pF, whatever its units are.
/// Errors: on `field`: what cannot be read, a cell without a non-negative area, a function that
/// names what is no pin, no usable flip-flop or inverter.
Result<CellLibrary> parse_library(const std::string& field, const std::string& text);
/// The library in a file. Read once per path and process.
Result<std::shared_ptr<const CellLibrary>> read_library(const std::string& field,
                                                        const std::filesystem::path& path);

/// A function of a library as a Verilog expression, fully parenthesised. Liberty's operators: ! and
/// ' (not), ^, & * and nothing at all (and), | +; in this order of binding.
Result<std::string> verilog_of(const std::string& field, const std::string& function);
/// The names in it.
Result<std::vector<std::string>> names_in(const std::string& field, const std::string& function);

}  // namespace fewbit::flows
