// Formats of layers from a file: see layer_formats.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/layer_formats.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "fewbit/gen/util/files.h"

namespace fewbit::cli {
namespace {

constexpr char kOption[] = "--formats";
constexpr std::size_t kMostBytes = std::size_t{1} << 24;

Error refused(std::size_t row, const std::string& field, std::string value, std::string legal) {
  return {kOption, std::move(value), std::move(legal), fmt::format("{} of layer {}", field, row)};
}

Result<quant::OperandFormat> format_at(const nlohmann::json& layer, std::size_t row,
                                       const std::string& field) {
  const auto found = layer.find(field);
  if (found == layer.end() || !found->is_string()) {
    return refused(row, field, found == layer.end() ? "absent" : found->dump(), "a format's name");
  }
  const std::string text = found->get<std::string>();
  FEWBIT_ASSIGN_OR_RETURN(format, quant::parse_operand_format(kOption, text));
  if (format.blocks) return refused(row, field, text, "a format without blocks");
  return format;
}

Result<std::optional<double>> scale_at(const nlohmann::json& layer, std::size_t row,
                                       const std::string& field) {
  const auto found = layer.find(field);
  if (found == layer.end()) return std::optional<double>();
  const double scale = found->is_number() ? found->get<double>() : 0;
  if (!(scale >= 1e-30 && scale <= 1e30)) {
    return refused(row, field, found->dump(), "a number from 1e-30 to 1e30");
  }
  return std::optional(scale);
}

Status read_row(const nlohmann::json& layer, std::size_t row, LayerFormatRows& rows) {
  if (!layer.is_object()) return refused(row, "row", layer.dump(), "an object");
  for (const auto& [field, value] : layer.items()) {
    if (field == "name" && value.is_string()) continue;
    if (field != "weights" && field != "activations" && field != "left_scale" &&
        field != "right_scale") {
      return refused(row, field, value.dump(),
                     "weights, activations, left_scale, right_scale, name (a text)");
    }
  }
  FEWBIT_ASSIGN_OR_RETURN(weights, format_at(layer, row, "weights"));
  FEWBIT_ASSIGN_OR_RETURN(activations, format_at(layer, row, "activations"));
  FEWBIT_RETURN_IF_ERROR(quant::check_activations(kOption, activations));
  FEWBIT_ASSIGN_OR_RETURN(left, scale_at(layer, row, "left_scale"));
  FEWBIT_ASSIGN_OR_RETURN(right, scale_at(layer, row, "right_scale"));
  rows.names.push_back(layer.value("name", std::string()));
  rows.formats.push_back({weights, activations, left, right});
  return Ok{};
}

}  // namespace

Result<LayerFormatRows> read_layer_formats(const std::string& file) {
  FEWBIT_ASSIGN_OR_RETURN(text, read_file(file, kMostBytes));
  const nlohmann::json document = nlohmann::json::parse(text, nullptr, false);
  const auto layers = document.is_object() ? document.find("layers") : document.end();
  if (!document.is_object() || layers == document.end() || !layers->is_array() || layers->empty()) {
    return Error{kOption, file, "a JSON document with a list \"layers\" of at least one row", ""};
  }
  LayerFormatRows rows;
  for (const nlohmann::json& layer : *layers) {
    FEWBIT_RETURN_IF_ERROR(read_row(layer, rows.formats.size(), rows));
  }
  return rows;
}

Status check_layer_formats(const quant::Network& network, const LayerFormatRows& rows) {
  const std::vector<quant::LinearLayer>& layers = network.layers();
  if (rows.formats.size() != layers.size()) {
    return Error{kOption, fmt::format("{} rows", rows.formats.size()),
                 fmt::format("{}, one for each linear layer", layers.size()), ""};
  }
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (!rows.names[i].empty() && rows.names[i] != layers[i].name) {
      return refused(i, "name", rows.names[i], layers[i].name + ", or absent");
    }
    if (rows.formats[i].right_scale && layers[i].weights != nullptr) {
      return refused(i, "right_scale", fmt::format("{}", *rows.formats[i].right_scale),
                     "absent where the right operand is constant: weights have scales by channel");
    }
  }
  return Ok{};
}

Status check_technique(const LayerFormatRows& rows, const quant::QuantizerOptions& options) {
  for (std::size_t i = 0; i < rows.formats.size(); ++i) {
    if (options.learned_rounding && rows.formats[i].weights.element.is_bipolar()) {
      return refused(i, "weights", rows.formats[i].weights.name(),
                     "a format with a zero where --learned-rounding is on");
    }
  }
  return Ok{};
}

}  // namespace fewbit::cli
