// Formats and scales of layers from files: see activation_scales.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/activation_scales.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "fewbit/cli/network_input.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/quant/layer_formats.h"

namespace fewbit::cli {
namespace {

constexpr char kFormats[] = "--formats";
constexpr char kScales[] = "--activation-scales";
constexpr std::size_t kMostBytes = std::size_t{1} << 20;

/// A number from 1e-30 to 1e30, or "-".
Result<std::optional<double>> parse_scale(const std::string& word, int line) {
  if (word == "-") return std::optional<double>();
  double scale = 0;
  const char* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, scale);
  if (error != std::errc() || stop != end || !(scale >= 1e-30 && scale <= 1e30)) {
    return Error{kScales, word, "a number from 1e-30 to 1e30, or -", fmt::format("line {}", line)};
  }
  return std::optional(scale);
}

}  // namespace

Status read_activation_scales(const std::string& file, const quant::Network& network,
                              std::vector<quant::LayerFormats>& layers) {
  FEWBIT_ASSIGN_OR_RETURN(text, from_option(kScales, read_file(file, kMostBytes)));
  std::vector<bool> is_named(layers.size(), false);
  std::istringstream lines(text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    std::istringstream words(line);
    std::string left, right, name;
    words >> left >> right >> std::ws;
    std::getline(words, name);
    name.erase(name.find_last_not_of(" \t\r") + 1);
    if (left.empty() || left.front() == '#') continue;
    const auto found = std::find_if(network.layers().begin(), network.layers().end(),
                                    [&](const auto& layer) { return layer.name == name; });
    const auto place = static_cast<std::size_t>(found - network.layers().begin());
    if (name.empty() || place == layers.size() || is_named[place]) {
      return Error{kScales, line, "lines of LEFT RIGHT LAYER, one for each layer of the network",
                   fmt::format("line {}", number)};
    }
    is_named[place] = true;
    FEWBIT_ASSIGN_OR_RETURN(of_left, parse_scale(left, number));
    FEWBIT_ASSIGN_OR_RETURN(of_right, parse_scale(right, number));
    if (of_right && found->weights != nullptr) {
      return Error{kScales, right, "- where the right operand is constant",
                   fmt::format("line {}: weights have scales by channel", number)};
    }
    layers[place].left_scale = of_left;
    layers[place].right_scale = of_right;
  }
  if (std::find(is_named.begin(), is_named.end(), true) != is_named.end()) return Ok{};
  return Error{kScales, file, "lines of LEFT RIGHT LAYER", "it names no layer"};
}

Status take_layer_files(const std::string& formats, const std::string& scales,
                        const quant::Network& network, quant::QuantizerOptions& options) {
  if (formats.empty()) {
    if (scales.empty()) return Ok{};
    return Error{kScales, scales, "only together with --formats", ""};
  }
  FEWBIT_ASSIGN_OR_RETURN(
      layers, from_option(kFormats, quant::read_layer_formats(formats, network, options)));
  for (const quant::LayerFormats& layer : layers) {
    if (layer.weights.blocks || layer.activations.blocks) {
      return Error{kFormats, layer.weights.blocks ? layer.weights.name() : layer.activations.name(),
                   "formats without blocks", formats};
    }
    if (options.learned_rounding && layer.weights.element.is_bipolar()) {
      return Error{kFormats, layer.weights.name(), "a format with a zero",
                   "--learned-rounding goes up or down by a step"};
    }
  }
  if (!scales.empty()) {
    FEWBIT_RETURN_IF_ERROR(read_activation_scales(scales, network, layers));
  }
  options.layers = std::move(layers);
  return Ok{};
}

}  // namespace fewbit::cli
