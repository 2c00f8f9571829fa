// Mixed precision: formats by layer, chosen under a budget.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "fewbit/quant/quantizer.h"

namespace fewbit::quant {

/// How far a network's answers are from those in binary32, on images without labels: the mean
/// Kullback-Leibler divergence, in nats, of the softmax of its logits from that of the float ones.
class AnswerLoss {
 public:
  /// Runs the float network. Errors: images that do not fit, logits that are not [images, classes].
  static Result<AnswerLoss> make(const Network& network, const Tensor& images, int jobs);
  /// `jobs` batches at a time; the result does not depend on it.
  [[nodiscard]] Result<double> of(const LinearArithmetic& arithmetic) const;

 private:
  AnswerLoss(const Network& network, const Tensor& images, int jobs)
      : network_(network), images_(images), jobs_(jobs) {}
  /// The sum over batches of what `visit` makes of their logits.
  template <typename Visit>
  Status for_each_batch(const LinearArithmetic& arithmetic, Visit visit) const;

  const Network& network_;
  const Tensor& images_;
  int jobs_;
  std::size_t batch_ = 1;                   // images that are run at a time
  std::vector<std::vector<float>> logits_;  // of each batch
};

/// Choices of one candidate for each layer. Losses and costs are [layer][candidate] and add up over
/// layers.
struct ChoiceProblem {
  std::vector<std::vector<double>> losses, costs;
  double budget = 0;

  [[nodiscard]] double loss(const std::vector<std::size_t>& choice) const;
  [[nodiscard]] double cost(const std::vector<std::size_t>& choice) const;
  [[nodiscard]] bool fits(const std::vector<std::size_t>& choice) const;
};

/// A choice within the budget with little loss, or none where the cheapest of every layer exceeds
/// it. From the best candidate of every layer the change of one layer that loses least for what it
/// saves is made until the budget is kept; then changes that lower the loss within it. The same
/// from every candidate that fits all layers: the result is never behind one candidate for all.
std::optional<std::vector<std::size_t>> choose_greedily(const ChoiceProblem& problem);

/// What a search works with. `fixed` layers have these formats, all others one of the candidates.
struct MixedRequest {
  std::vector<LayerFormats> candidates;
  std::vector<std::optional<LayerFormats>> fixed;  ///< by layer
  std::vector<std::vector<double>> costs;          ///< [layer][candidate], 0 for fixed layers
  double budget = 0;
  int refinements = 0;  ///< most choices near the found one whose loss is computed as a whole
};

struct MixedChoice {
  std::vector<std::size_t> candidates;  ///< by layer; 0 for fixed ones
  double cost = 0;
  double loss = 0;  ///< of the whole network, on the calibration images
};

struct MixedResult {
  MixedChoice mixed;
  MixedChoice uniform;  ///< the one candidate for all layers with the least loss within the budget
  /// The choice whose layers' losses, each alone, add up to least within the budget
  /// (choose_exactly). Its own loss may be above that of `mixed`: losses of layers do not just add
  /// up.
  MixedChoice optimum;
  double mixed_sum = 0, uniform_sum = 0, optimum_sum = 0;  ///< of the layers' losses alone
};

/// Formats of all layers for a choice.
std::vector<LayerFormats> layer_formats(const MixedRequest& request,
                                        const std::vector<std::size_t>& choice);

/// Sensitivities: the loss with one layer quantized, for every layer and candidate. Then
/// choose_greedily, then choices near it and near the best uniform one by their own loss: the
/// result has at most the loss of the uniform one. Formats of `technique` are not read. Errors:
/// those of QuantizedArithmetic; no candidate, or no choice, within the budget.
Result<MixedResult> choose_formats(const Network& network, const Tensor& calibration,
                                   const QuantizerOptions& technique, const MixedRequest& request,
                                   int jobs);

}  // namespace fewbit::quant
