// Accuracy of a network on labelled images.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "fewbit/quant/network.h"

namespace fewbit::quant {

struct Evaluation {
  std::size_t images = 0;
  std::size_t right = 0;  ///< the largest logit, the first of equals, is that of the label
  double seconds = 0;
  [[nodiscard]] double percent() const {
    return 100 * static_cast<double>(right) / static_cast<double>(images);
  }
};

/// The outputs for a batch of images; called from several threads.
using Answers = std::function<Result<Tensor>(const Tensor& images)>;
inline constexpr std::size_t kEvaluationBatch = 8;  ///< its tensors stay in the caches

/// Asks for the answers of all images, `batch` of them at a time, and calls visit(outputs, first
/// image, images) for each batch, from `jobs` threads. Errors: no image, the first of `answers` and
/// `visit`.
Status for_each_batch(const Answers& answers, std::size_t batch, const Tensor& images, int jobs,
                      const std::function<Status(const Tensor&, std::size_t, std::size_t)>& visit);

/// Runs the network on all images, `jobs` batches at a time, and calls visit(outputs, first image,
/// images) for each batch, from several threads. Errors: no image, images that do not fit, the
/// first of `visit`.
Status for_each_batch(const Network& network, const LinearArithmetic& arithmetic,
                      const Tensor& images, int jobs,
                      const std::function<Status(const Tensor&, std::size_t, std::size_t)>& visit);

/// Runs the network on all images, `jobs` batches at a time; the result does not depend on it.
/// share(s), from several threads: s of the images, 0 to 1, are done.
/// Errors: images that do not fit, other than one label for each image, logits that are not
/// [images, classes], a label that is no class.
Result<Evaluation> evaluate(const Network& network, const LinearArithmetic& arithmetic,
                            const Tensor& images, const std::vector<std::int64_t>& labels, int jobs,
                            const std::function<void(double)>& share = nullptr);

/// The same of other answers, kEvaluationBatch images at a time.
Result<Evaluation> evaluate(const Answers& answers, const Tensor& images,
                            const std::vector<std::int64_t>& labels, int jobs,
                            const std::function<void(double)>& share = nullptr);

/// Signal to noise of each linear layer's results, in dB: the float network's results over what
/// `arithmetic` makes otherwise of the same operands. Errors: images that do not fit.
Result<std::vector<double>> result_sqnr_db(const Network& network,
                                           const LinearArithmetic& arithmetic,
                                           const Tensor& images);

}  // namespace fewbit::quant
