// Rounding the weights of a layer: scales by channel or block, then to nearest or by their error.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/quant/quantizer.h"

namespace fewbit::quant {

/// How the weights of a layer belong to output channels: weight i to (i / inner) % channels.
struct WeightChannels {
  std::size_t channels = 1;
  std::size_t inner = 1;
  [[nodiscard]] std::size_t of(std::size_t i) const { return i / inner % channels; }
};

/// Conv: the first axis; Gemm: as transB says; MatMul: the last axis. Weights of more than two
/// dimensions that are multiplied as matrices have one channel.
WeightChannels weight_channels(const LinearLayer& layer);

/// Convolutions whose groups have one channel have nothing to make blocks of.
bool can_have_blocks(const LinearLayer& layer);

/// Rounds the weights of a layer, or takes what is known: weights, their scales, times
/// `range_factor` where they are by channel, and bits. Errors: GptqFactor's.
Status quantize_weights(const LinearLayer& layer, std::size_t place, const LayerSample& sample,
                        const QuantizerOptions& options, const OperandFormat& format,
                        double range_factor, KnownOperands& known, QuantizedLayer& to);

}  // namespace fewbit::quant
