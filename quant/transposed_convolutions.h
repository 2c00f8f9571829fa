// Transposed convolutions as what they are made of: zeros between the pixels, and a convolution.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fewbit/quant/graph.h"

namespace fewbit::quant {

/// The operator of the package's own domain that puts zeros between and around the pixels, with the
/// attributes of ConvTranspose.
inline constexpr char kInsertZeros[] = "InsertZeros";

struct TransposedConvolution {
  Node spread;       ///< kInsertZeros; its input is that of the ConvTranspose
  Node convolution;  ///< of its output; inputs are to be named
  Tensor weights;    ///< of the convolution
};

/// The parts of a ConvTranspose with these weights. Errors: weights that are no [channels, outputs
/// / group, kernel ..] of floats.
Result<TransposedConvolution> split_transposed_convolution(const Node& node, const Tensor& weights);

/// The graph with every ConvTranspose of constant weights as its parts.
Result<Graph> split_transposed_convolutions(Graph graph);

}  // namespace fewbit::quant
