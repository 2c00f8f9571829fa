// Formats and scales by layer: see layer_formats.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/layer_formats.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "fewbit/gen/util/files.h"

namespace fewbit::quant {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20;
constexpr std::string_view kBlanks = " \t";
constexpr double kLeastScale = 1e-30, kMostScale = 1e30;

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

/// A line of a file: two words and a layer.
struct LayerLine {
  std::string first, second;
  std::size_t layer = 0;
  std::string place;  ///< "line 3 of FILE"
};

/// `words`: what the two words are, for messages.
Result<std::vector<LayerLine>> read_lines(const std::filesystem::path& path, const Network& network,
                                          const std::string& words) {
  FEWBIT_ASSIGN_OR_RETURN(text, read_file(path, kMostBytes));
  std::vector<std::string> names;
  for (const LinearLayer& layer : network.layers()) names.push_back(layer.name);
  std::vector<bool> is_named(names.size(), false);
  std::vector<LayerLine> lines;
  int number = 0;
  for (std::size_t begin = 0; begin < text.size(); ++number) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = std::string_view(text).substr(begin, end - begin);
    begin = end + 1;
    while (!line.empty() && (line.back() == '\r' || kBlanks.find(line.back()) != kBlanks.npos)) {
      line.remove_suffix(1);
    }
    const std::string whole(line);
    const std::string first(take_word(line)), second(take_word(line));
    if (first.empty() || first.front() == '#') continue;
    const auto wrong = [&](const std::string& legal, const std::string& detail) {
      return Error{"file", path.string(), legal,
                   fmt::format("line {}, '{}': {}", number + 1, whole, detail)};
    };
    const auto place = std::find(names.begin(), names.end(), line) - names.begin();
    const auto layer = static_cast<std::size_t>(place);
    if (line.empty()) return wrong(fmt::format("lines of {} LAYER", words), "it has fewer words");
    if (layer == names.size()) {
      return wrong(fmt::format("layers of the network: {}", fmt::join(names, ", ")),
                   "no such layer");
    }
    if (is_named[layer]) return wrong("a line for each layer", "the layer has one before");
    is_named[layer] = true;
    lines.push_back(
        {first, second, layer, fmt::format("line {} of {}", number + 1, path.string())});
  }
  if (lines.empty()) {
    return Error{"file", path.string(), fmt::format("lines of {} LAYER", words),
                 "it names no layer"};
  }
  return lines;
}

/// A scale of activations; "-" none.
Result<std::optional<double>> parse_scale(const std::string& word, const std::string& place) {
  if (word == "-") return std::optional<double>();
  double scale = 0;
  const char* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, scale);
  if (error != std::errc() || stop != end || !(scale >= kLeastScale && scale <= kMostScale)) {
    return Error{"file", word, fmt::format("a number from {} to {}, or -", kLeastScale, kMostScale),
                 place};
  }
  return std::optional(scale);
}

}  // namespace

Result<std::vector<LayerFormats>> read_layer_formats(const std::filesystem::path& path,
                                                     const Network& network,
                                                     const QuantizerOptions& options) {
  FEWBIT_ASSIGN_OR_RETURN(lines, read_lines(path, network, "WEIGHTS ACTIVATIONS"));
  std::vector<LayerFormats> formats = usual_formats(network, options);
  for (const LayerLine& line : lines) {
    FEWBIT_ASSIGN_OR_RETURN(weights, parse_operand_format(line.place, line.first));
    FEWBIT_ASSIGN_OR_RETURN(activations, parse_operand_format(line.place, line.second));
    FEWBIT_RETURN_IF_ERROR(check_activations(line.place, activations));
    formats[line.layer] = {weights, activations};
  }
  return formats;
}

Status read_activation_scales(const std::filesystem::path& path, const Network& network,
                              std::vector<LayerFormats>& layers) {
  FEWBIT_ASSIGN_OR_RETURN(lines, read_lines(path, network, "LEFT RIGHT"));
  for (const LayerLine& line : lines) {
    FEWBIT_ASSIGN_OR_RETURN(left, parse_scale(line.first, line.place));
    FEWBIT_ASSIGN_OR_RETURN(right, parse_scale(line.second, line.place));
    if (right && network.layers()[line.layer].weights != nullptr) {
      return Error{"file", line.second, "- where the right operand is constant",
                   line.place + ": weights have scales by channel"};
    }
    layers[line.layer].left_scale = left;
    layers[line.layer].right_scale = right;
  }
  return Ok{};
}

}  // namespace fewbit::quant
