// Evaluating a lowered network.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/hardware/hardware_accuracy.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>

namespace fewbit::quant {
namespace {

/// Sums of squares of one node.
struct Power {
  double signal = 0, noise = 0;

  /// `reference` in real numbers, `values` in units of the node.
  void add(const LoweredNode& node, const std::vector<float>& reference,
           std::span<const float> values) {
    std::vector<double> in_units(reference.size());
    if (node.kind == IntegerKind::kCodes) {
      node.grid->round(reference.data(), reference.size(), 1 / node.unit, in_units.data());
    } else {
      std::transform(reference.begin(), reference.end(), in_units.begin(),
                     [&](float value) { return static_cast<double>(value) / node.unit; });
    }
    for (std::size_t i = 0; i < in_units.size(); ++i) {
      const double difference = static_cast<double>(values[i]) - in_units[i];
      signal += in_units[i] * in_units[i];
      noise += difference * difference;
    }
  }
};

}  // namespace

Result<HardwareEvaluation> evaluate(const LoweredNetwork& network, const Tensor& images,
                                    const std::vector<std::int64_t>& labels, int jobs) {
  HardwareEvaluation result;
  result.saturations.resize(network.nodes.size(), 0);
  std::mutex mutex;
  const auto answers = [&](const Tensor& batch) -> Result<Tensor> {
    Saturations own(network.nodes.size(), 0);
    FEWBIT_ASSIGN_OR_RETURN(logits, network.run(batch, own));
    const std::lock_guard lock(mutex);
    for (std::size_t i = 0; i < own.size(); ++i) result.saturations[i] += own[i];
    return logits;
  };
  FEWBIT_ASSIGN_OR_RETURN(evaluation, evaluate(answers, images, labels, jobs));
  result.evaluation = evaluation;
  return result;
}

Result<std::vector<std::optional<double>>> lowered_sqnr_db(const LoweredNetwork& lowered,
                                                           const Network& network,
                                                           const QuantizedArithmetic& arithmetic,
                                                           const Tensor& images) {
  std::vector<Power> powers(lowered.nodes.size());
  std::map<std::string, std::vector<float>> references;
  for (const LoweredNode& node : lowered.nodes) references[node.value];
  references.erase("");
  const auto keep = [&](const std::string& name, const Tensor& tensor) {
    const auto found = references.find(name);
    if (found != references.end() && tensor.is_float()) found->second = tensor.floats();
  };
  const auto count = static_cast<std::size_t>(images.shape[0]);
  // As many as a file fixes; then no image is there twice.
  const std::size_t batch = network.fixed_batch() == 0 ? kEvaluationBatch : network.fixed_batch();
  for (std::size_t first = 0; first + 1 <= count; first += batch) {
    const std::size_t size = std::min(batch, count - first);
    if (size < network.fixed_batch()) break;
    const Tensor part = slice_batch(images, first, size);
    keep(network.input().name, part);
    FEWBIT_ASSIGN_OR_RETURN(logits, network.run(part, arithmetic, keep));
    Saturations saturations(lowered.nodes.size(), 0);
    FEWBIT_ASSIGN_OR_RETURN(
        own, lowered.run(part, saturations, [&](std::size_t place, std::span<const float> values) {
          const LoweredNode& node = lowered.nodes[place];
          if (!node.value.empty()) powers[place].add(node, references[node.value], values);
        }));
  }
  std::vector<std::optional<double>> result(powers.size());
  for (std::size_t i = 0; i < powers.size(); ++i) {
    if (lowered.nodes[i].value.empty() || powers[i].signal == 0) continue;
    result[i] = 10 * std::log10(powers[i].signal / powers[i].noise);
  }
  return result;
}

}  // namespace fewbit::quant
