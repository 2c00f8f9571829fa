// Units of the tensors of a lowered network: groups of values that have one, and what it is.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/quant/hardware/reading.h"
#include "fewbit/quant/quantizer.h"

namespace fewbit::quant {

/// Largest magnitudes on calibration images times this fit the trunk.
inline constexpr double kRangeMargin = 1.5;

/// What a node other than those that pass makes, and all that follows from it through those that
/// pass: values of one unit.
struct UnitGroup {
  std::string producer;  ///< the first value
  std::string head;      ///< the value behind the clamps that follow it alone, which go into it
  RealBounds bounds;     ///< of these clamps
  std::vector<std::size_t> layers;  ///< linear layers that read a value of the group
  /// Format of what they read; absent where none does.
  std::optional<NumberGrid> grid;
  bool is_stream = false;  ///< else codes of `grid` are all that there is
  double scale = 1;        ///< what a step of `grid` stands for, or where there is none: of who
                           ///< reads the mean or sum of it; 1 of the output
  int fraction_bits = 0;   ///< of a stream, in units of `scale`
  [[nodiscard]] double stream_unit() const;
};

struct Units {
  std::vector<UnitGroup> groups;
  std::map<std::string, std::size_t> group_of;  ///< by value
  [[nodiscard]] const UnitGroup& of(const std::string& value) const {
    return groups[group_of.at(value)];
  }
};

/// By the rules of docs/numerics.md. Errors: layers that read one tensor in several formats.
Result<Units> choose_units(const ReadNetwork& network, const std::vector<QuantizedLayer>& layers,
                           int stream_bits);

/// Whether nothing but linear layers reads a value, directly or behind nodes that pass.
bool only_codes_are_read(const ReadNetwork& network, const std::string& value);

}  // namespace fewbit::quant
