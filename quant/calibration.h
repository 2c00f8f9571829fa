// Calibration: what the operands of linear layers look like on some images.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/quant/network.h"

namespace fewbit::quant {

/// Values of one operand over all calibration images.
struct OperandSample {
  float absolute_maximum = 0;  ///< of every value
  std::vector<float> values;   ///< evenly spaced ones, the first of each image batch among them
};

/// Of one layer. `right` is empty where the layer has weights.
struct LayerSample {
  OperandSample left, right;
  std::int64_t terms = 0;           ///< products in one sum
  std::vector<double> moments;      ///< add_second_moments over all images, where it was asked for
  std::vector<double> output_sums;  ///< of each output channel
  std::vector<double> output_squares;   ///< the same of squares
  std::size_t outputs_per_channel = 0;  ///< so many values are in each of output_sums
};

/// Runs the float network. Errors: images that do not fit, a value that is not finite, moments
/// that are too many (second_moments_fit).
Result<std::vector<LayerSample>> sample_operands(const Network& network, const Tensor& images,
                                                 bool with_moments);

/// Adds the results of a call, and their squares, to the sums of its output channels.
void add_output_sums(const LinearCall& call, const std::vector<float>& results,
                     std::vector<double>& output_sums, std::vector<double>& output_squares,
                     std::size_t& outputs_per_channel);

}  // namespace fewbit::quant
