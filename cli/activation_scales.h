// Formats and scales of layers, from files, as `fewbit quant run` takes them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fewbit/gen/util/result.h"
#include "fewbit/quant/network.h"
#include "fewbit/quant/quantizer.h"

namespace fewbit::cli {

/// The scales in a file, into `layers`, which are those of the network. A line is "LEFT RIGHT
/// LAYER": what a unit of activations stands for, left of a product and right of one of two
/// computed operands; "-" where the range rule decides, and for constant right operands. Errors: a
/// line that is not so, a layer that the network does not have or that was named before; no layer.
Status read_activation_scales(const std::string& file, const quant::Network& network,
                              std::vector<quant::LayerFormats>& layers);

/// `options` with the formats of layers that --formats names and the scales of --activation-scales;
/// "" for none. Errors: those of the files, formats in blocks, bipolar weights where rounding is
/// learned, scales without formats.
Status take_layer_files(const std::string& formats, const std::string& scales,
                        const quant::Network& network, quant::QuantizerOptions& options);

}  // namespace fewbit::cli
