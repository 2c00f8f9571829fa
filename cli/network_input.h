// A network and how it is quantized, as the commands that fold and build it take it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "fewbit/gen/util/result.h"
#include "fewbit/quant/graph.h"
#include "fewbit/quant/quantizer.h"

namespace fewbit::cli {

/// A wrong file is named by the option that gave it.
template <typename T>
Result<T> from_option(const std::string& option, Result<T> result) {
  if (result.ok() || result.error().field != "file") return result;
  Error error = result.error();
  error.field = option;
  return error;
}

/// The network in a file, NETWORK; where it has one input that is images, which are bytes.
Result<quant::Graph> read_byte_network(const std::string& file);

/// `options` with --format-weights and --format-activations, both of which must be given.
Result<quant::QuantizerOptions> with_operand_formats(quant::QuantizerOptions options,
                                                     const std::string& weights,
                                                     const std::string& activations);

/// --weights, --activations and --edge-layers, without blocks: a layer has one multiplier for each
/// channel.
Result<quant::QuantizerOptions> formats_of_layers(const std::string& weights,
                                                  const std::string& activations,
                                                  const std::string& edges);

/// `options` with the formats of --formats FILE, "" none, for the layers that it names
/// (quant/layer_formats.h); without blocks.
Result<quant::QuantizerOptions> with_formats_of_file(quant::QuantizerOptions options,
                                                     const std::string& file,
                                                     const quant::Network& network);

}  // namespace fewbit::cli
