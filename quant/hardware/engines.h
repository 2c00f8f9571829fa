// Engines: the linear layers of a lowered network as they are folded onto a device, and their
// costs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/quant/hardware/block_costs.h"
#include "fewbit/quant/hardware/lowered_network.h"

namespace fewbit::quant {

/// A linear layer with its requantizers.
struct Engine {
  std::string name;
  std::string weights, activations;  ///< formats
  std::int64_t channels = 0;         ///< C, of the result; of both where depthwise
  std::int64_t inputs = 0;           ///< channels of the operand
  std::int64_t terms = 0;            ///< K, in one sum
  std::int64_t pixels = 0;           ///< of the result
  std::int64_t kernel = 1;           ///< rows of its window
  std::int64_t columns = 1;          ///< of a padded row of the operand
  bool is_depthwise = false;
  int weight_bits = 0, activation_bits = 0, sum_bits = 0;
  int parameter_bits = 0;           ///< of bias, multiplier and shift of a channel
  double requantizer_luts = 0;      ///< of one
  int requantizer_multipliers = 0;  ///< of one: 18 x 18
  std::int64_t products() const { return channels * terms * pixels; }
};

/// What else there is: conversions, sums of branches, means, pooling, and what waits for a branch.
struct Part {
  std::string name, what;
  std::int64_t values = 0;  ///< through it, of an image
  double luts_each = 0;     ///< where a value passes each cycle
  int multipliers_each = 0;
  std::int64_t held_values = 0;  ///< in a memory
  int held_bits = 0;             ///< of each
};

struct Pipeline {
  std::vector<Engine> engines;
  std::vector<Part> parts;
  std::int64_t input_values = 0;  ///< bytes of an image; one enters each cycle
};

/// Errors: formats whose cost was not measured.
Result<Pipeline> pipeline_of(const LoweredNetwork& network, const BlockCosts& costs);

}  // namespace fewbit::quant
