// Networks as they are folded and built: see network_input.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/network_input.h"

#include "fewbit/quant/layer_formats.h"
#include "fewbit/quant/onnx_reader.h"

namespace fewbit::cli {

Result<quant::Graph> read_byte_network(const std::string& file) {
  FEWBIT_ASSIGN_OR_RETURN(graph, from_option("NETWORK", quant::read_onnx(file)));
  if (graph.inputs.size() == 1) graph.inputs[0].nonnegative = true;
  return graph;
}

Result<quant::QuantizerOptions> with_operand_formats(quant::QuantizerOptions options,
                                                     const std::string& weights,
                                                     const std::string& activations) {
  const std::string of_weights = "--format-weights", of_activations = "--format-activations";
  for (const auto& [option, text] :
       {std::pair{of_weights, weights}, {of_activations, activations}}) {
    if (text.empty()) {
      return Error{option, text, "a format, as the other operand has one", "fewbit formats"};
    }
  }
  FEWBIT_ASSIGN_OR_RETURN(first, quant::parse_operand_format(of_weights, weights));
  FEWBIT_ASSIGN_OR_RETURN(second, quant::parse_operand_format(of_activations, activations));
  FEWBIT_RETURN_IF_ERROR(quant::check_activations(of_activations, second));
  options.weights = first.element;
  options.weight_blocks = first.blocks;
  options.activations = second.element;
  options.activation_blocks = second.blocks;
  return options;
}

Result<quant::QuantizerOptions> formats_of_layers(const std::string& weights,
                                                  const std::string& activations,
                                                  const std::string& edges) {
  quant::QuantizerOptions options;
  for (const auto& [option, text, format] :
       {std::tuple{"--weights", &weights, &options.weights},
        std::tuple{"--activations", &activations, &options.activations}}) {
    FEWBIT_ASSIGN_OR_RETURN(parsed, quant::parse_operand_format(option, *text));
    if (parsed.blocks) {
      return Error{option, *text, "a format without blocks",
                   "layers have a multiplier for each channel"};
    }
    *format = parsed.element;
  }
  FEWBIT_RETURN_IF_ERROR(
      quant::check_activations("--activations", {options.activations, std::nullopt}));
  if (edges != "8bit" && edges != "same") return Error{"--edge-layers", edges, "8bit, same", ""};
  options.edges_at_8_bits = edges == "8bit";
  return options;
}

Result<quant::QuantizerOptions> with_formats_of_file(quant::QuantizerOptions options,
                                                     const std::string& file,
                                                     const quant::Network& network) {
  if (file.empty()) return options;
  FEWBIT_ASSIGN_OR_RETURN(
      layers, from_option("--formats", quant::read_layer_formats(file, network, options)));
  for (const quant::LayerFormats& layer : layers) {
    for (const quant::OperandFormat* format : {&layer.weights, &layer.activations}) {
      if (!format->blocks) continue;
      return Error{"--formats", format->name(), "formats without blocks",
                   "layers have a multiplier for each channel"};
    }
  }
  options.layers = std::move(layers);
  return options;
}

}  // namespace fewbit::cli
