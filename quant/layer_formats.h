// Formats and scales by layer: files that name them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "fewbit/quant/quantizer.h"

namespace fewbit::quant {

/// The formats of every linear layer of a network, in its order: those of the file where a line
/// names the layer, else those of `options`, edge layers included. A line is "WEIGHTS ACTIVATIONS
/// LAYER", blanks between; the name, whatever blanks it has, ends with the line. Empty lines, and
/// those that begin with #, say nothing. Errors: a file that cannot be read, a line of fewer words,
/// a format that operands cannot have, a layer that the network does not have or that was named
/// before; no layer.
Result<std::vector<LayerFormats>> read_layer_formats(const std::filesystem::path& path,
                                                     const Network& network,
                                                     const QuantizerOptions& options);

/// The scales in a file, into `layers`, which are those of the network. A line is "LEFT RIGHT
/// LAYER", as above: what a unit of activations stands for, left of a product and right of one of
/// two computed operands, 1e-30 to 1e30; "-" where the range rule decides, and for constant right
/// operands. Errors: likewise.
Status read_activation_scales(const std::filesystem::path& path, const Network& network,
                              std::vector<LayerFormats>& layers);

}  // namespace fewbit::quant
