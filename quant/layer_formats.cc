// Formats by layer: see layer_formats.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/layer_formats.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

#include "fewbit/gen/util/files.h"

namespace fewbit::quant {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20;
constexpr std::string_view kBlanks = " \t";

/// The word in front of `text`, which loses it and the blanks around it.
std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(kBlanks));
  text.remove_prefix(word.size());
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return word;
}

std::vector<LayerFormats> usual_formats(const Network& network, const QuantizerOptions& options) {
  const std::vector<bool> edges = edge_layers(network);
  std::vector<LayerFormats> formats;
  for (const bool is_edge : edges) {
    const LayerFormats own = {options.weight_format(), options.activation_format()};
    formats.push_back(
        options.edges_at_8_bits && is_edge ? edge_formats(own, options.unsigned_inputs) : own);
  }
  return formats;
}

}  // namespace

Result<std::vector<LayerFormats>> read_layer_formats(const std::filesystem::path& path,
                                                     const Network& network,
                                                     const QuantizerOptions& options) {
  FEWBIT_ASSIGN_OR_RETURN(text, read_file(path, kMostBytes));
  std::vector<LayerFormats> formats = usual_formats(network, options);
  std::vector<std::string> names;
  for (const LinearLayer& layer : network.layers()) names.push_back(layer.name);
  std::vector<bool> is_named(names.size(), false);
  int number = 0;
  for (std::size_t begin = 0; begin < text.size(); ++number) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = std::string_view(text).substr(begin, end - begin);
    begin = end + 1;
    while (!line.empty() && (line.back() == '\r' || kBlanks.find(line.back()) != kBlanks.npos)) {
      line.remove_suffix(1);
    }
    const std::string whole(line);
    const std::string weights(take_word(line)), activations(take_word(line));
    if (weights.empty() || weights.front() == '#') continue;
    const auto wrong = [&](const std::string& legal, const std::string& detail) {
      return Error{"file", path.string(), legal,
                   fmt::format("line {}, '{}': {}", number + 1, whole, detail)};
    };
    const auto place = std::find(names.begin(), names.end(), line) - names.begin();
    const auto layer = static_cast<std::size_t>(place);
    if (line.empty()) return wrong("lines of WEIGHTS ACTIVATIONS LAYER", "it has fewer words");
    if (layer == names.size()) {
      return wrong(fmt::format("layers of the network: {}", fmt::join(names, ", ")),
                   "no such layer");
    }
    if (is_named[layer]) return wrong("a line for each layer", "the layer has one before");
    is_named[layer] = true;
    const std::string field = fmt::format("line {} of {}", number + 1, path.string());
    FEWBIT_ASSIGN_OR_RETURN(of_weights, parse_operand_format(field, weights));
    FEWBIT_ASSIGN_OR_RETURN(of_activations, parse_operand_format(field, activations));
    FEWBIT_RETURN_IF_ERROR(check_activations(field, of_activations));
    formats[layer] = {of_weights, of_activations};
  }
  if (std::find(is_named.begin(), is_named.end(), true) == is_named.end()) {
    return Error{"file", path.string(), "lines of WEIGHTS ACTIVATIONS LAYER", "it names no layer"};
  }
  return formats;
}

}  // namespace fewbit::quant
