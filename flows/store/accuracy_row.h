// AccuracyRow: how right a quantized network is, and the columns under which it is kept.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fewbit::store {

/// One network with one pair of formats, or with a format per layer, on labelled images. Numbers
/// are 0 and texts "" where nothing was measured.
struct AccuracyRow {
  std::string key;                                       ///< SHA-256 over all that decides the row
  std::string command;                                   ///< `fewbit quant ...` that computes it
  std::string network;                                   ///< stem of the file's name
  std::string network_hash;                              ///< SHA-256 of the file
  std::string weights, activations;                      ///< names of formats; "mixed"
  std::string weights_kind;                              ///< "int", "float", "block" or "mixed"
  std::int64_t weights_width = 0, weights_exponent = 0;  ///< bits of an element; 0 where mixed
  std::string activations_kind;
  std::int64_t activations_width = 0, activations_exponent = 0;
  std::string technique;  ///< options of the quantizer as the command has them; "" the usual ones
  std::string layers;     ///< mixed: "WEIGHTS/ACTIVATIONS,..." of every linear layer
  std::int64_t images = 0, calibration_images = 0;
  std::string images_hash;  ///< SHA-256 of images, labels and calibration images
  std::string fewbit_version;
  std::string status;                              ///< "ok" or "failed"
  std::string reason;                              ///< why it failed
  std::int64_t images_right = 0, float_right = 0;  ///< images whose label has the largest logit
  std::string
      accumulators;  ///< bits of every linear layer with its weights, commas between; 0: blocks
  std::optional<std::int64_t> accumulator_bits;  ///< the largest of them
  std::int64_t weight_bits = 0;  ///< of all weights, with the scales of their blocks
  /// LUTs of a MAC of the layers' formats, each counting by its share of all products of the layers
  /// that have the given formats; absent where no costs were asked for.
  std::optional<double> mac_luts;
  std::string mac_target;          ///< where they were measured
  std::int64_t format_layers = 0;  ///< linear layers that have the formats of the row
  std::int64_t linear_layers = 0;  ///< all of them; 0 where it was not counted
  double format_products = 0;      ///< share of all products that have the formats, 0 to 1
  std::string remarks;             ///< what speaks against the result; "" where nothing does
  /// Metric of --metric; "": right answers alone were counted. Of classes, images_right and
  /// float_right then count right answers of `answers`, several an image.
  std::string metric;
  std::int64_t answers = 0;
  double value = 0, float_value = 0;  ///< the metric, quantized and in float
  double seconds = 0;                 ///< the only column that differs from run to run
};

/// Columns that databases may be older than: such rows have 0 and "" in them.
inline bool is_later_column(std::string_view name) {
  return name == "format_layers" || name == "linear_layers" || name == "format_products" ||
         name == "remarks" || name == "metric" || name == "answers" || name == "value" ||
         name == "float_value";
}

/// visit(name, member) for every column, in the order of the table.
template <typename Row, typename Visitor>
void visit_accuracy_columns(Row& row, Visitor&& visit) {
  visit("key", row.key);
  visit("command", row.command);
  visit("network", row.network);
  visit("network_hash", row.network_hash);
  visit("weights", row.weights);
  visit("activations", row.activations);
  visit("weights_kind", row.weights_kind);
  visit("weights_width", row.weights_width);
  visit("weights_exponent", row.weights_exponent);
  visit("activations_kind", row.activations_kind);
  visit("activations_width", row.activations_width);
  visit("activations_exponent", row.activations_exponent);
  visit("technique", row.technique);
  visit("layers", row.layers);
  visit("images", row.images);
  visit("calibration_images", row.calibration_images);
  visit("images_hash", row.images_hash);
  visit("fewbit_version", row.fewbit_version);
  visit("status", row.status);
  visit("reason", row.reason);
  visit("images_right", row.images_right);
  visit("float_right", row.float_right);
  visit("accumulators", row.accumulators);
  visit("accumulator_bits", row.accumulator_bits);
  visit("weight_bits", row.weight_bits);
  visit("mac_luts", row.mac_luts);
  visit("mac_target", row.mac_target);
  visit("format_layers", row.format_layers);
  visit("linear_layers", row.linear_layers);
  visit("format_products", row.format_products);
  visit("remarks", row.remarks);
  visit("metric", row.metric);
  visit("answers", row.answers);
  visit("value", row.value);
  visit("float_value", row.float_value);
  visit("seconds", row.seconds);
}
template <typename Visitor>
void visit_columns(AccuracyRow& row, Visitor&& visit) {
  visit_accuracy_columns(row, visit);
}
template <typename Visitor>
void visit_columns(const AccuracyRow& row, Visitor&& visit) {
  visit_accuracy_columns(row, visit);
}

}  // namespace fewbit::store
