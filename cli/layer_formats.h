// A file with the formats of each linear layer of a network.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/gen/util/result.h"
#include "fewbit/quant/network.h"
#include "fewbit/quant/quantizer.h"

namespace fewbit::cli {

/// Rows of such a file; a name may be empty.
struct LayerFormatRows {
  std::vector<std::string> names;
  std::vector<quant::LayerFormats> formats;
};

/// The JSON document of `--formats`: {"layers": [{"weights": FORMAT, "activations": FORMAT,
/// "left_scale": NUMBER, "right_scale": NUMBER, "name": TEXT}, ..]}, a row for each linear layer in
/// the order of computation; scales and names may be missing. Formats are without blocks. Errors:
/// what is not so, by its row and field.
Result<LayerFormatRows> read_layer_formats(const std::string& file);

/// An Error where rows and layers of the network do not fit: other numbers or names, a right_scale
/// where the right operand is constant.
Status check_layer_formats(const quant::Network& network, const LayerFormatRows& rows);

/// An Error where a technique of `options` has no use for these formats.
Status check_technique(const LayerFormatRows& rows, const quant::QuantizerOptions& options);

}  // namespace fewbit::cli
