// Learned rounding: whether each weight goes up or down, by what a layer's results lose.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "fewbit/quant/number_grid.h"

namespace fewbit::quant {

/// Where the search begins. Candidates are always the two numbers of the grid around a weight; h is
/// how far it is from the lower to the upper one.
enum class RoundingStart {
  kLocalGrid,  ///< h of the weight: the start has no error
  kInteger,    ///< its fraction as if the format had steps of 1: right for integers alone
};

/// Rounds the weights of some output channels that see the same inputs: `weights` and the result
/// are [channels, terms], in units of the grid. Every weight x becomes low + h (high - low) with a
/// trainable h from 0 to 1; gradient steps lower each channel's squared error of results,
/// (q - x)^T H (q - x) for the second moments H of its inputs, and push h to 0 or 1 (AdaRound,
/// Nagel et al., arXiv 2004.10568). H holds all calibration inputs: no step is random, and equal
/// requests give equal results. `moments` is [terms, terms], symmetric and finite.
std::vector<double> learn_rounding(const NumberGrid& grid, std::span<const double> moments,
                                   std::size_t terms, std::span<const double> weights,
                                   RoundingStart start);

}  // namespace fewbit::quant
