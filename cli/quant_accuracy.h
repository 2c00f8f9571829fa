// Accuracy of one network in one arithmetic, as `fewbit quant run` says it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "fewbit/cli/console.h"
#include "fewbit/cli/quant_metric.h"
#include "fewbit/flows/study/quant/grid.h"

namespace fewbit::cli {

/// Evaluates, prints a line that begins with `label`, and gives what it says as JSON: right answers
/// of classifiers; edits, characters and exact lines of networks that read text; percent of both;
/// the metric of a task, where there is one; seconds.
Result<nlohmann::ordered_json> report_accuracy(const std::string& label,
                                               const quant::Network& network,
                                               const quant::LinearArithmetic& arithmetic,
                                               const study::QuantData& data,
                                               const std::optional<quant::MetricTask>& task,
                                               int jobs, const Console& console);

/// quant::QuantizedArithmetic::make(), and quant::result_sqnr_db(), with what is done and for how
/// long on a terminal.
Result<quant::QuantizedArithmetic> quantized_arithmetic(const quant::Network& network,
                                                        const quant::Tensor& calibration,
                                                        const quant::QuantizerOptions& options);
Result<std::vector<double>> layer_sqnr_db(const quant::Network& network,
                                          const quant::LinearArithmetic& arithmetic,
                                          const quant::Tensor& images);
/// A table of the layers with their formats, accumulators and noise, printed and added to `json`.
void print_layers(const quant::QuantizedArithmetic& arithmetic, const std::vector<double>& sqnr_db,
                  const Console& console, nlohmann::ordered_json& json);
/// How much of the network has the formats that were asked for, the same way.
void print_use(const quant::FormatUse& use, nlohmann::ordered_json& json, const Console& console);

}  // namespace fewbit::cli
