// Exact sums of products of quantized operands, and results from them.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <memory>
#include <type_traits>

#include "fewbit/quant/byte_sums.h"
#include "fewbit/quant/exact_sums.h"
#include "fewbit/quant/quantizer.h"

namespace fewbit::quant {
namespace {

double greatest_magnitude(const std::vector<double>& values) {
  double maximum = 0;
  for (const double value : values) maximum = std::max(maximum, std::abs(value));
  return maximum;
}

/// The operand in units. `scale` is what a unit stands for.
std::vector<double> in_units(const NumberGrid& grid, std::optional<BlockScale> blocks,
                             const BlockLayout& layout, const std::vector<float>& values,
                             double scale) {
  std::vector<double> units(values.size());
  if (blocks) {
    round_in_blocks(*blocks, grid, layout, values, std::ldexp(scale, -grid.unit_exponent()), units);
  } else {
    grid.round(values.data(), values.size(), 1 / scale, units.data());
  }
  return units;
}

template <typename T>
using Buffer = std::unique_ptr<T[]>;  // not filled with zeros first

template <typename T>
Buffer<T> rounded(const NumberGrid& grid, const std::vector<float>& values, double scale) {
  auto units = std::make_unique_for_overwrite<T[]>(values.size());
  grid.round(values.data(), values.size(), 1 / scale, units.get());
  return units;
}

/// Sums that T holds exactly. `weights`, of that identity, is empty where the right operand is
/// computed.
template <typename T>
Buffer<T> sums_in(const LinearCall& call, const QuantizedLayer& layer,
                  const std::vector<T>& weights, std::uint64_t identity) {
  const auto left = rounded<T>(layer.left_grid, call.left->floats(), layer.left_scale);
  Buffer<T> right;
  if (weights.empty()) {
    right = rounded<T>(layer.right_grid, call.right->floats(), layer.right_scales[0]);
  }
  auto sums = std::make_unique_for_overwrite<T[]>(element_count(call.output));
  const T* const by = right ? right.get() : weights.data();
  if constexpr (std::is_same_v<T, float>) {
    sums_of_products_anyhow(call, left.get(), by, identity, sums.get());
  } else {
    sums_of_products(call, left.get(), by, sums.get());
  }
  return sums;
}

/// Result = sum x both scales, in the layout of the output: the channel is the second axis of a
/// convolution, the last of a matrix product.
template <typename Sums>
std::vector<float> scaled(const LinearCall& call, const QuantizedLayer& layer, const Sums& sums) {
  std::vector<float> out(element_count(call.output));
  const OutputChannels channels = output_channels(call);
  std::vector<double> factors(channels.channels);
  std::vector<float> shifts(channels.channels, 0.0F);
  for (std::size_t channel = 0; channel < channels.channels; ++channel) {
    const std::size_t own = layer.right_scales.size() == 1 ? 0 : channel;
    factors[channel] = layer.left_scale * layer.right_scales[own];
    if (!layer.shifts.empty()) shifts[channel] = layer.shifts[channel];
  }
  const auto result = [&](std::size_t place, std::size_t channel) {
    return static_cast<float>(static_cast<double>(sums[place]) * factors[channel]) +
           shifts[channel];
  };
  const std::size_t all = channels.channels * channels.inner;
  for (std::size_t begin = 0; begin < out.size(); begin += all) {
    if (channels.inner == 1) {  // as one loop
      for (std::size_t i = 0; i < all; ++i) out[begin + i] = result(begin + i, i);
      continue;
    }
    for (std::size_t channel = 0; channel < channels.channels; ++channel) {
      const std::size_t first = begin + channel * channels.inner;
      for (std::size_t i = first; i < first + channels.inner; ++i) out[i] = result(i, channel);
    }
  }
  return out;
}

/// The same of sums too wide for a double: where the approximate sum moved by its error in both
/// directions gives one result, that is the result; else the sum is computed exactly.
std::vector<float> scaled_exactly(const LinearCall& call, const QuantizedLayer& layer,
                                  const QuantizedOperands& operands) {
  std::vector<double> sums(element_count(call.output));
  sums_of_products(call, operands.left.data(), operands.right.data(), sums.data());
  const double left_maximum = greatest_magnitude(operands.left);
  const double right_maximum =
      layer.channel_magnitudes.empty() ? greatest_magnitude(operands.right) : 0;
  const OutputChannels channels = output_channels(call);
  std::vector<float> out(sums.size());
  std::size_t channel = 0;
  for (std::size_t begin = 0; begin < out.size(); begin += channels.inner) {
    const double right =
        layer.channel_magnitudes.empty()
            ? right_maximum * static_cast<double>(call.terms())
            : layer.channel_magnitudes[layer.channel_magnitudes.size() == 1 ? 0 : channel];
    const double error = error_bound(call.terms(), left_maximum * right);
    const std::size_t own = layer.right_scales.size() == 1 ? 0 : channel;
    const double factor = layer.left_scale * layer.right_scales[own];
    const float shift = layer.shifts.empty() ? 0.0F : layer.shifts[channel];
    const auto result = [&](double sum) { return static_cast<float>(sum * factor) + shift; };
    for (std::size_t i = begin; i < begin + channels.inner; ++i) {
      out[i] = result(sums[i] - error);
      if (out[i] != result(sums[i] + error)) {
        out[i] = result(exact_sum(call, operands.left, operands.right, i));
      }
    }
    if (++channel == channels.channels) channel = 0;
  }
  return out;
}

}  // namespace

QuantizedOperands QuantizedArithmetic::operands(const LinearCall& call) const {
  const QuantizedLayer& layer = layers_[call.layer];
  QuantizedOperands operands;
  operands.left = in_units(layer.left_grid, layer.left_blocks, left_layout(call),
                           call.left->floats(), layer.left_scale);
  operands.right = !layer.weights.empty()
                       ? layer.weights
                       : in_units(layer.right_grid, layer.right_blocks, right_layout(call),
                                  call.right->floats(), layer.right_scales[0]);
  return operands;
}

std::vector<float> QuantizedArithmetic::sums(const LinearCall& call) const {
  const QuantizedLayer& layer = layers_[call.layer];
  if (layer.accumulator && !holds(*layer.accumulator, layer.greatest_sum)) {
    const QuantizedOperands operands = this->operands(call);
    return scaled(call, layer,
                  accumulated_sums(call, *layer.accumulator, operands.left, operands.right,
                                   layer.greatest_sum));
  }
  const Prepared& prepared = prepared_[call.layer];
  const auto* convolution = std::get_if<ConvolutionShape>(&call.shape);
  if (prepared.byte_shift && convolution != nullptr && bytes_are_worth_it(*convolution)) {
    const UnitWriter left = [&](std::size_t first, std::size_t count, float* to) {
      layer.left_grid.round(call.left->floats().data() + first, count, 1 / layer.left_scale, to);
    };
    const auto sums = byte_sums(*convolution, *prepared.byte_shift, left, prepared.as_bytes.data(),
                                prepared.identity);
    if (sums) return scaled(call, layer, sums);
  }
  if (!layer.has_blocks() && layer.greatest_sum <= kExactInFloat) {
    return scaled(call, layer, sums_in<float>(call, layer, prepared.as_floats, prepared.identity));
  }
  if (!layer.has_blocks() && layer.greatest_sum <= kExactInDouble) {
    return scaled(call, layer, sums_in<double>(call, layer, layer.weights, prepared.identity));
  }
  return scaled_exactly(call, layer, operands(call));
}

}  // namespace fewbit::quant
