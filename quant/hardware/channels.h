// Channels of a linear layer: units of their sums, real biases, and how much finer biases are.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/quant/hardware/reading.h"
#include "fewbit/quant/quantizer.h"

namespace fewbit::quant {

/// What a layer's result is rounded into.
struct ChannelTarget {
  double unit = 1;  ///< of the stream, or the scale of the codes
  double step = 1;  ///< of what linear layers make of it
  bool is_stream = false;
};

struct Channels {
  std::vector<double> units;      ///< what 1 of a sum stands for
  std::vector<double> biases;     ///< real numbers
  std::vector<bool> is_constant;  ///< its sums are too small to count: its weights become 0
  int sum_shift = 0;              ///< biases are rounded to units / 2^sum_shift
  double greatest = 0;            ///< no magnitude of a sum is larger
};

/// By the rules of docs/numerics.md. `scale` is that of the layer's operand. Absent where a weight
/// is not finite.
std::optional<Channels> channels_of(const QuantizedLayer& layer, const LinearPart& part,
                                    double scale, const ChannelTarget& target);

}  // namespace fewbit::quant
