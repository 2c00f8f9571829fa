// Accuracies of many pairs of formats, kept in a results database.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fewbit/flows/store/accuracy_row.h"
#include "fewbit/flows/study/watcher.h"
#include "fewbit/quant/dictionary.h"
#include "fewbit/quant/evaluate.h"
#include "fewbit/quant/metrics.h"
#include "fewbit/quant/quantizer.h"

namespace fewbit::study {

/// What networks are measured on.
struct QuantData {
  quant::Tensor images;
  std::vector<std::int64_t> labels;
  std::optional<quant::Text> text;        ///< in place of labels, of networks that read lines
  std::optional<quant::MetricTask> task;  ///< in place of labels, with --metric
  quant::Tensor calibration;
  bool are_bytes = false;  ///< all images are, and so not below 0
  std::string hash;        ///< of images, labels, calibration images and how many of each are used
};

/// A network as it will be quantized.
struct QuantNetwork {
  std::string file;
  std::string hash;
  quant::Network network;
};

/// What all pairs have in common.
struct QuantSetting {
  quant::QuantizerOptions technique;  ///< its formats are not read
  std::string technique_words;        ///< as on the command line, without what is usual
  std::string command;  ///< `fewbit quant run` and the data, network and formats apart
  int jobs = 1;
};

struct GridRequest {
  std::vector<std::string> networks;  ///< files
  std::vector<quant::OperandFormat> weights, activations;
  std::string database;
  bool retry_failed = false;
};

/// Formats of a list like that of a sweep, "3..8,e4m3fn", with block formats too: "mxfp4,nvfp4".
/// Errors name `field`, a format that NumberGrid refuses too.
Result<std::vector<quant::OperandFormat>> operand_formats(const std::string& field,
                                                          const std::string& items);

/// The same of activations: of a grid LO..HI without bipolar; one that is named is refused.
Result<std::vector<quant::OperandFormat>> activation_formats(const std::string& field,
                                                             const std::string& items);

/// The columns that follow from formats.
void fill_formats(const quant::OperandFormat& weights, const quant::OperandFormat& activations,
                  store::AccuracyRow& row);
/// Those of the network, the data and the technique; `formats` is the rest of the key.
store::AccuracyRow planned_accuracy(const QuantNetwork& network, const QuantData& data,
                                    const QuantSetting& setting, const std::string& formats);
/// Those that follow from layers with quantized weights.
void fill_layers(const quant::QuantizedArithmetic& arithmetic, store::AccuracyRow& row);

/// An Error that names the network where none of the pairs would be the formats of any layer.
Status check_formats_are_used(const QuantNetwork& network, const GridRequest& request,
                              const QuantSetting& setting);

struct GridSummary {
  std::size_t pairs = 0;
  std::size_t there = 0;   ///< rows that were in the database before
  std::size_t failed = 0;  ///< rows of failures, of the request's pairs, at the end
  double seconds = 0;

  [[nodiscard]] std::size_t evaluated() const { return pairs - there; }
};

/// Evaluates every pair that the database has no row of; a pair that cannot be quantized is a row
/// that failed. Several processes may work on one database. Ends early at an interrupt.
Result<GridSummary> run_grid(const GridRequest& request, const QuantData& data,
                             const QuantSetting& setting,
                             const std::function<Result<QuantNetwork>(const std::string&)>& load,
                             Watcher& watcher);

}  // namespace fewbit::study
