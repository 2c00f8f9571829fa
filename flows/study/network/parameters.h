// Requests for the blocks of a layer: codes of weights, clamps, thresholds, from a lowered network.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "fewbit/flows/study/network/layout.h"
#include "fewbit/gen/spec/matvec_spec.h"
#include "fewbit/gen/spec/requantizer_spec.h"
#include "fewbit/gen/spec/thresholds_spec.h"

namespace fewbit::study {

/// The format of a node's numbers: that of its codes, or the integer of its stream. Not of sums.
Format format_of(const quant::LoweredNode& node);

/// Weights in the order in which a stream of windows has its terms: pixel by pixel of a window, of
/// each its channels; of a matrix product the pixels of `from`. w[c][k] is number c x terms + k.
std::vector<Code> weight_codes(const quant::LinearSums& sums, const Layout& from);
/// Of a depthwise layer: w[p][c] is number p x channels + c.
std::vector<Code> depthwise_codes(const quant::LinearSums& sums);

/// The exponent of what 1 of a sum with this least bit stands for, in steps of the biases: sums of
/// a matvec may be finer or coarser than products of the formats' least steps.
int sum_lsb(const quant::LinearSums& sums, const quant::LoweredNode& operand, const IntFormat& sum,
            int sum_shift);

/// Results below and above become these; absent where the format's own ends are they.
struct Clamps {
  bool relu = false;
  std::optional<Code> least, most;
};
/// `bounds`: absent means those of the format, symmetric.
Clamps clamps_of(const quant::LoweredNode& node, const std::optional<quant::Bounds>& bounds);

/// Bias, multiplier and shift of every output into a request; those that all have in common are
/// repeated.
void fill_numbers(const quant::LoweredNode& node, const quant::Requantizer& rounding, int outputs,
                  RequantizerRequest& to);

/// For each output the least sum, in units of 2^lsb of a step of the biases, at which the result of
/// `rounding` is at least level j, j from 1 on: the exact step function of the rounding to nearest,
/// ties to the even code, and of the clamps. Levels are the values of node's format of at most 4
/// bits, the least first.
std::vector<std::vector<long long>> threshold_table(const quant::LoweredNode& node,
                                                    const quant::Requantizer& rounding, int outputs,
                                                    const IntFormat& sum, int lsb);

}  // namespace fewbit::study
