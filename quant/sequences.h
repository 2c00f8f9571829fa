// Sequences: networks whose outputs are read from left to right, as recognisers of text.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>

#include "fewbit/quant/dictionary.h"
#include "fewbit/quant/network.h"

namespace fewbit::quant {

/// What the scores [steps, classes] of one image say by connectionist temporal classification, read
/// greedily: of each step the class with the largest score (the first of equals), a run of steps of
/// one class once, class 0 (the blank) never.
Classes ctc_classes(std::span<const float> scores, std::size_t classes);

/// The fewest steps that can say a sequence: one for each class, and a blank between two alike.
std::size_t ctc_steps(const Classes& sequence);

/// The fewest insertions, deletions and substitutions that make `y` of `x` (Levenshtein).
std::size_t edit_distance(const Classes& x, const Classes& y);

struct SequenceEvaluation {
  std::size_t images = 0;
  std::size_t exact = 0;       ///< images whose sequence is that of the label
  std::size_t characters = 0;  ///< of all labels
  std::size_t edits = 0;       ///< sum of the distances of sequences from labels
  double seconds = 0;
  /// Below 0 where there are more edits than characters.
  [[nodiscard]] double percent() const {
    return 100 * (1 - static_cast<double>(edits) / static_cast<double>(characters));
  }
};

/// Runs the network on all images, `jobs` batches at a time; the result does not depend on it.
/// share(s): s of the images, 0 to 1, are done.
/// Errors: images that do not fit, other than one label for each image, outputs that are not
/// [images, steps, classes], classes that are not those of the dictionary, a label with more
/// characters than the steps can say.
Result<SequenceEvaluation> evaluate_sequences(const Network& network,
                                              const LinearArithmetic& arithmetic,
                                              const Tensor& images, const Text& labels, int jobs,
                                              const std::function<void(double)>& share = nullptr);

}  // namespace fewbit::quant
