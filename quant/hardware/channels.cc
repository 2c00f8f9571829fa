// Channels of a linear layer: see channels.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/hardware/channels.h"

#include <algorithm>
#include <cmath>

namespace fewbit::quant {
namespace {

/// Bits behind a step of codes, in which a channel that is constant has its bias.
constexpr int kConstantBits = 8;
/// A bias is rounded to at most this part of a step of what linear layers read.
constexpr double kBiasPart = 1.0 / 16;
constexpr int kMostSumShift = 8;
/// A sum with a finer bias is at most this large: the signed operand of a multiplier of 18 x 18.
constexpr double kMostFineSum = 1 << 17;

double real_bias(const QuantizedLayer& layer, const LinearPart& part, std::size_t channel) {
  double bias = layer.shifts.empty() ? 0 : part.alpha * static_cast<double>(layer.shifts[channel]);
  if (part.bias != nullptr) {
    const std::vector<float>& given = part.bias->floats();
    bias += part.beta * static_cast<double>(given[given.size() == 1 ? 0 : channel]);
  }
  return bias;
}

/// Of channels that are not constant.
int sum_shift_of(const Channels& channels, const ChannelTarget& target) {
  double largest_unit = 0, largest_bias = 0;  // the bias in units of the sums
  for (std::size_t i = 0; i < channels.units.size(); ++i) {
    if (channels.is_constant[i]) continue;
    largest_unit = std::max(largest_unit, channels.units[i]);
    largest_bias = std::max(largest_bias, std::abs(channels.biases[i]) / channels.units[i]);
  }
  int shift = 0;
  while (shift < kMostSumShift && std::ldexp(largest_unit, -shift) > target.step * kBiasPart) {
    ++shift;
  }
  const double most = channels.greatest + largest_bias;
  while (shift > 0 && !(std::ldexp(most, shift) < kMostFineSum)) --shift;
  return shift;
}

}  // namespace

std::optional<Channels> channels_of(const QuantizedLayer& layer, const LinearPart& part,
                                    double scale, const ChannelTarget& target) {
  Channels channels;
  for (std::size_t i = 0; i < layer.channel_magnitudes.size(); ++i) {
    const std::size_t own = layer.right_scales.size() == 1 ? 0 : i;
    channels.units.push_back(part.alpha * (scale * layer.right_scales[own]));
    channels.biases.push_back(real_bias(layer, part, i));
    const double greatest = layer.channel_magnitudes[i] * layer.left_grid.max();
    if (!std::isfinite(greatest)) return std::nullopt;
    channels.is_constant.push_back(greatest * channels.units[i] < target.unit / 4);
    if (!channels.is_constant[i]) channels.greatest = std::max(channels.greatest, greatest);
  }
  channels.sum_shift = sum_shift_of(channels, target);
  const int finer = target.is_stream ? 0 : kConstantBits;
  for (std::size_t i = 0; i < channels.units.size(); ++i) {
    if (!channels.is_constant[i]) continue;
    channels.units[i] = std::ldexp(target.unit, channels.sum_shift - finer);
  }
  return channels;
}

}  // namespace fewbit::quant
