// Rounding weights: see weight_rounding.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/weight_rounding.h"

#include <algorithm>
#include <cmath>

#include "fewbit/quant/gptq.h"

namespace fewbit::quant {
namespace {

float absolute_maximum(std::span<const float> values) {
  float maximum = 0;
  for (const float value : values) maximum = std::max(maximum, std::abs(value));
  return maximum;
}

/// Weights of each group of channels that see the same inputs, by the second moments of these.
/// `blocks`: of weights in blocks what a unit of each stands for, in units of the one scale.
Status round_by_moments(const WeightChannels& channels, std::span<const float> weights,
                        std::span<const double> blocks, const LayerSample& sample,
                        const QuantizerOptions& options, QuantizedLayer& to) {
  const std::size_t terms = weights.size() / channels.channels;
  const std::size_t groups = sample.moments.size() / (terms * terms);
  const std::size_t rows = channels.channels / groups;
  const std::size_t stride = channels.inner == 1 ? channels.channels : 1;
  const std::size_t channel_stride = channels.inner == 1 ? 1 : terms;
  for (std::size_t group = 0; group < groups; ++group) {
    const auto moments = std::span(sample.moments).subspan(group * terms * terms, terms * terms);
    const auto place = [&](std::size_t i) {  // of weight i of the group
      return (group * rows + i / terms) * channel_stride + i % terms * stride;
    };
    const auto scale = [&](std::size_t i) {
      return to.right_scales[to.right_scales.size() == 1 ? 0 : group * rows + i / terms];
    };
    std::vector<double> units(rows * terms);
    for (std::size_t i = 0; i < units.size(); ++i) {
      units[i] = static_cast<double>(weights[place(i)]) / scale(i);
    }
    if (options.learned_rounding) {
      units = learn_rounding(to.right_grid, moments, terms, units, *options.learned_rounding);
    } else {
      FEWBIT_ASSIGN_OR_RETURN(factor, GptqFactor::make(moments, terms));
      for (std::size_t i = 0; i < units.size(); i += terms) {
        const auto first = units.begin() + static_cast<std::ptrdiff_t>(i);
        const auto end = first + static_cast<std::ptrdiff_t>(terms);
        std::vector<double> scales(terms, 1.0);
        for (std::size_t k = 0; k < terms && !blocks.empty(); ++k) scales[k] = blocks[place(i + k)];
        const auto rounded = factor.round(to.right_grid, scales, std::vector<double>(first, end));
        for (std::size_t k = 0; k < terms; ++k) units[i + k] = rounded[k] * scales[k];
      }
    }
    for (std::size_t i = 0; i < units.size(); ++i) to.weights[place(i)] = units[i];
  }
  return Ok{};
}

/// Channel by channel: chooses the scale, times `range_factor`, and rounds.
Status round_weights(const LinearLayer& layer, const LayerSample& sample,
                     const QuantizerOptions& options, double range_factor, QuantizedLayer& to) {
  const std::vector<float>& weights = layer.weights->floats();
  const WeightChannels channels = weight_channels(layer);
  std::vector<std::vector<float>> parts(options.per_channel ? channels.channels : 1);
  const auto part_of = [&](std::size_t i) { return parts.size() == 1 ? 0 : channels.of(i); };
  for (std::size_t i = 0; i < weights.size(); ++i) parts[part_of(i)].push_back(weights[i]);
  for (const std::vector<float>& part : parts) {
    to.right_scales.push_back(choose_scale(to.right_grid, part, options.weight_range) *
                              range_factor);
  }
  to.weights.resize(weights.size());
  if (options.needs_moments() && layer.weights_are_plain()) {
    FEWBIT_RETURN_IF_ERROR(round_by_moments(channels, weights, {}, sample, options, to));
  } else {
    for (std::size_t i = 0; i < weights.size(); ++i) {
      to.right_grid.round(&weights[i], 1, 1 / to.right_scales[part_of(i)], &to.weights[i]);
    }
  }
  return Ok{};
}

/// The axis of constant weights that is summed.
BlockLayout weight_layout(const LinearLayer& layer) {
  const Shape& shape = layer.weights->shape;
  const std::size_t size = layer.weights->size();
  if (layer.op == "Conv") {
    const auto axis = static_cast<std::size_t>(shape[1]);
    const auto outer = static_cast<std::size_t>(shape[0]);
    return {outer, axis, size / (outer * axis)};
  }
  if (shape.size() < 2) return {1, size, 1};
  const auto columns = static_cast<std::size_t>(shape.back());
  if (layer.right_transposed) return {size / columns, columns, 1};
  const auto axis = static_cast<std::size_t>(shape[shape.size() - 2]);
  return {size / (axis * columns), axis, columns};
}

}  // namespace

WeightChannels weight_channels(const LinearLayer& layer) {
  const Shape& shape = layer.weights->shape;
  const std::size_t size = layer.weights->size();
  if (layer.op != "Conv" && shape.size() != 2) return {1, size};
  const bool first_axis = layer.op == "Conv" || layer.right_transposed;
  const auto channels = static_cast<std::size_t>(first_axis ? shape[0] : shape[1]);
  return {channels, first_axis ? size / channels : 1};
}

std::int64_t summed_axis(const LinearLayer& layer) {
  return static_cast<std::int64_t>(weight_layout(layer).axis);
}

bool can_have_blocks(const LinearLayer& layer) {
  return layer.op != "Conv" || (layer.weights != nullptr && layer.weights->shape[1] > 1);
}

Status quantize_weights(const LinearLayer& layer, std::size_t place, const LayerSample& sample,
                        const QuantizerOptions& options, const OperandFormat& format,
                        double range_factor, KnownOperands& known, QuantizedLayer& to) {
  const auto [at, is_new] = known.weights.try_emplace({place, format.name(), range_factor});
  KnownOperands::Weights& weights = at->second;
  if (!is_new) {
    to.right_scales = weights.scales;
    to.weights = weights.units;
  } else {
    if (to.right_blocks) {
      const std::vector<float>& values = layer.weights->floats();
      const double scale = tensor_scale(*to.right_blocks, to.right_grid, absolute_maximum(values));
      to.right_scales = {scale * std::ldexp(1.0, to.right_grid.unit_exponent())};
      const BlockLayout layout = weight_layout(layer);
      if (options.gptq && layer.weights_are_plain()) {
        to.weights.resize(values.size());
        const std::vector<double> blocks =
            block_units(*to.right_blocks, to.right_grid, layout, values, scale);
        const Status rounded =
            round_by_moments(weight_channels(layer), values, blocks, sample, options, to);
        if (!rounded.ok()) {
          known.weights.erase(at);
          return rounded;
        }
      } else {
        round_in_blocks(*to.right_blocks, to.right_grid, layout, values, scale, to.weights);
      }
    } else {
      const Status rounded = round_weights(layer, sample, options, range_factor, to);
      if (!rounded.ok()) {
        known.weights.erase(at);
        return rounded;
      }
    }
    weights = {to.right_scales, to.weights};
  }
  to.weight_bits = format.bits_of(static_cast<std::int64_t>(to.weights.size()), summed_axis(layer));
  return Ok{};
}

}  // namespace fewbit::quant
