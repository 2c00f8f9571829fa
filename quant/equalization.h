// Equalization: factors moved between layers, so that channels need ranges more alike.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/quant/network.h"

namespace fewbit::quant {

/// Weight equalization (Nagel et al., arXiv 1906.04721): of two linear layers in a row, with ReLU,
/// pooling and the like between them, each channel's weights before and behind it get the same
/// largest magnitude; 20 rounds over all pairs. Batch normalisation is folded, and Clip from 0 to a
/// bound becomes ReLU and Min with a bound for each channel. The float network's function stays
/// as it is, up to rounding.
Graph equalize_weights(Graph graph);

/// Activation equalization (SmoothQuant, Xiao et al., arXiv 2211.10438, strength 0.5): channels of
/// a layer's input are divided by sqrt(largest magnitude on `calibration` images / largest
/// magnitude of the weights that they meet), and the weights multiplied. The division goes into
/// what makes the input: the factors of a normalisation or another constant factor, or a linear
/// layer. Where there is none (input of a residual block, say) the layer stays as it is. Errors: a
/// network that Network::make refuses, images that do not fit.
Result<Graph> equalize_activations(Graph graph, const Tensor& calibration);

}  // namespace fewbit::quant
