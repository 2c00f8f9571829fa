// Metrics: how good a network's outputs are, by name.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "fewbit/quant/network.h"

namespace fewbit::quant {

enum class Metric {
  kTop1,              ///< share of labels that are the class with the largest score, in %
  kTop5,              ///< share of labels among the five classes with the largest scores, in %
  kRmse,              ///< root of the mean squared difference
  kRankCorrelation,   ///< Spearman's, -1 to 1; equal numbers have the mean of their ranks
  kAuc,               ///< area under the ROC curve, 0 to 1; equal scores count half
  kBitsPerCharacter,  ///< mean of -log2 of the label's probability, of scores before softmax
};

/// "top1, top5, rmse, rank-correlation, auc, bits-per-character"
std::string metric_names();
/// Errors name --metric.
Result<Metric> parse_metric(const std::string& text);
std::string metric_name(Metric metric);

/// What outputs are measured by in place of right answers.
struct MetricTask {
  Metric metric = Metric::kTop1;
  Tensor targets;
};

/// Whether targets are classes: outputs are their scores then, and answers right or wrong.
bool has_classes(Metric metric);

/// Of all outputs together. `targets`: for top1, top5 and bits-per-character a class for each row
/// of scores, the outputs' last axis; for the others a number for each output, for auc 0 or 1.
/// Errors: another number of targets, targets that are no classes, numbers that do not differ where
/// a rank is asked for, outputs that are not finite.
Result<double> metric_of(Metric metric, const Tensor& outputs, const Tensor& targets);

/// The outputs for all images, `jobs` batches at a time, in the order of the images; the result
/// does not depend on `jobs`. share(s): s of the images, 0 to 1, are done. Errors: images that do
/// not fit, outputs that are not floats for each image.
Result<Tensor> all_outputs(const Network& network, const LinearArithmetic& arithmetic,
                           const Tensor& images, int jobs,
                           const std::function<void(double)>& share = nullptr);

}  // namespace fewbit::quant
