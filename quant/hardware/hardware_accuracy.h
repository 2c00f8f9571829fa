// Accuracy of a lowered network, and what each of its layers loses.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/quant/evaluate.h"
#include "fewbit/quant/hardware/lowered_network.h"
#include "fewbit/quant/quantizer.h"

namespace fewbit::quant {

struct HardwareEvaluation {
  Evaluation evaluation;
  Saturations saturations;  ///< by node, over all images
};

/// Errors: those of evaluate and of LoweredNetwork::run.
Result<HardwareEvaluation> evaluate(const LoweredNetwork& network, const Tensor& images,
                                    const std::vector<std::int64_t>& labels, int jobs);

/// Signal to noise of each node that stands for a value of the graph, in dB: that value in
/// `arithmetic` with floats between layers, over the difference of both. Codes are compared with
/// the same value rounded to them. All that is lost before the node counts. Infinite where both are
/// equal; absent for other nodes.
Result<std::vector<std::optional<double>>> lowered_sqnr_db(const LoweredNetwork& lowered,
                                                           const Network& network,
                                                           const QuantizedArithmetic& arithmetic,
                                                           const Tensor& images);

}  // namespace fewbit::quant
