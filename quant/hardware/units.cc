// Choosing units: see units.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/hardware/units.h"

#include <algorithm>
#include <cmath>

namespace fewbit::quant {
namespace {

class UnitChooser {
 public:
  UnitChooser(const ReadNetwork& network, const std::vector<QuantizedLayer>& layers,
              int stream_bits)
      : network_(network), layers_(layers), stream_bits_(stream_bits) {}

  Result<Units> choose() {
    make_groups();
    leaves_.resize(units_.groups.size());
    for (std::size_t i = 0; i < network_.nodes.size(); ++i) add_leaves(i);
    // Who reads a group comes behind it.
    for (std::size_t i = units_.groups.size(); i-- > 0;) FEWBIT_RETURN_IF_ERROR(set_scale(i));
    set_fractions();
    return std::move(units_);
  }

 private:
  /// Who reads a group, linear layers apart.
  struct Leaves {
    std::vector<std::size_t> means, additions;  // groups that they make; twice for x + x
    bool is_output = false;
  };

  void make_groups() {
    start_group(network_.input);
    for (const ReadNode& node : network_.nodes) {
      if (node.passes()) {
        units_.group_of[node.output] = units_.group_of.at(node.inputs[0]);
      } else {
        start_group(node.output);
      }
    }
  }

  void start_group(const std::string& value) {
    UnitGroup group;
    group.producer = group.head = value;
    for (;;) {
      const std::vector<std::size_t>& consumers = network_.value(group.head).consumers;
      if (group.head == network_.output || consumers.size() != 1) break;
      const ReadNode& next = network_.nodes[consumers[0]];
      const auto* clamp = std::get_if<ClampPart>(&next.part);
      if (clamp == nullptr) break;
      group.bounds = group.bounds.then(clamp->bounds);
      group.head = next.output;
    }
    units_.group_of[value] = units_.groups.size();
    units_.groups.push_back(std::move(group));
  }

  void add_leaves(std::size_t place) {
    const ReadNode& node = network_.nodes[place];
    if (node.output == network_.output) leaves_[units_.group_of.at(node.output)].is_output = true;
    for (const std::string& input : node.inputs) {
      const std::size_t group = units_.group_of.at(input);
      if (const auto* linear = std::get_if<LinearPart>(&node.part)) {
        units_.groups[group].layers.push_back(linear->layer);
      } else if (node.is<MeanPart>()) {
        leaves_[group].means.push_back(units_.group_of.at(node.output));
      } else if (node.is<AddPart>()) {
        leaves_[group].additions.push_back(units_.group_of.at(node.output));
      }
    }
  }

  Status set_scale(std::size_t place) {
    UnitGroup& group = units_.groups[place];
    const Leaves& leaves = leaves_[place];
    for (const std::size_t layer : group.layers) {
      const QuantizedLayer& reader = layers_[layer];
      if (!group.grid) {
        group.grid = reader.left_grid;
        group.scale = reader.left_scale;
      }
      const QuantizedLayer& first = layers_[group.layers[0]];
      if (first.left_grid.format().name() != reader.left_grid.format().name()) {
        return Error{"hardware numerics: node", fmt::format("{}, {}", first.name, reader.name),
                     "one format of activations for all that read one tensor",
                     fmt::format("{} and {}", first.left_grid.format().name(),
                                 reader.left_grid.format().name())};
      }
      group.scale = std::max(group.scale, reader.left_scale);
    }
    if (!group.grid && !leaves.means.empty()) {
      group.scale = units_.groups[leaves.means[0]].scale;
    } else if (!group.grid && !leaves.additions.empty()) {
      group.scale = units_.groups[leaves.additions[0]].scale;
    }
    const bool is_sum = place > 0 && node_of(group).is<AddPart>();
    group.is_stream =
        is_sum || leaves.is_output || !leaves.means.empty() || !leaves.additions.empty();
    if (place == 0 && group.grid && !group.is_stream && holds_bytes(*group.grid)) {
      group.scale = 1.0 / 255;  // a byte is its code
    }
    return Ok{};
  }

  static bool holds_bytes(const NumberGrid& grid) {
    return grid.format().is_int() && !grid.format().is_signed() && grid.format().bits() == 8;
  }

  [[nodiscard]] const ReadNode& node_of(const UnitGroup& group) const {
    return *std::find_if(network_.nodes.begin(), network_.nodes.end(),
                         [&](const ReadNode& node) { return node.output == group.producer; });
  }

  /// The group whose unit this one has: its own, or that of the one sum that reads it alone.
  [[nodiscard]] std::size_t unit_root(std::size_t place) const {
    for (;;) {
      const Leaves& leaves = leaves_[place];
      const bool is_summand = leaves.additions.size() == 1 && leaves.means.empty() &&
                              !leaves.is_output && units_.groups[place].layers.empty();
      if (!is_summand) return place;
      place = leaves.additions[0];
    }
  }

  void set_fractions() {
    std::vector<double> ranges(units_.groups.size(), 0.0);  // of all that have the root's unit
    for (std::size_t i = 0; i < units_.groups.size(); ++i) {
      double& range = ranges[unit_root(i)];
      range = std::max(range, network_.value(units_.groups[i].head).range);
    }
    const double most = std::ldexp(1.0, stream_bits_ - 1) - 1;
    for (std::size_t i = 0; i < units_.groups.size(); ++i) {
      const std::size_t root = unit_root(i);
      UnitGroup& group = units_.groups[i];
      group.scale = units_.groups[root].scale;
      const double room = most * group.scale / (kRangeMargin * ranges[root]);
      group.fraction_bits = ranges[root] > 0 ? std::ilogb(room) : 0;
    }
  }

  const ReadNetwork& network_;
  const std::vector<QuantizedLayer>& layers_;
  int stream_bits_;
  Units units_;
  std::vector<Leaves> leaves_;
};

}  // namespace

double UnitGroup::stream_unit() const { return std::ldexp(scale, -fraction_bits); }

Result<Units> choose_units(const ReadNetwork& network, const std::vector<QuantizedLayer>& layers,
                           int stream_bits) {
  return UnitChooser(network, layers, stream_bits).choose();
}

bool only_codes_are_read(const ReadNetwork& network, const std::string& value) {
  if (value == network.output) return false;
  const std::vector<std::size_t>& consumers = network.value(value).consumers;
  return std::all_of(consumers.begin(), consumers.end(), [&](std::size_t place) {
    const ReadNode& node = network.nodes[place];
    return node.is<LinearPart>() || (node.passes() && only_codes_are_read(network, node.output));
  });
}

}  // namespace fewbit::quant
