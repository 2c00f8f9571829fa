// Greedy decoding, distances of sequences, and their sums over all images.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/sequences.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <numeric>
#include <utility>

#include "fewbit/quant/evaluate.h"

namespace fewbit::quant {
namespace {

constexpr std::int64_t kBlank = 0;

/// The outputs of `images` images against the labels from `first` on, added to `sums`.
Status compare(const Tensor& outputs, const Text& labels, std::size_t first, std::size_t images,
               SequenceEvaluation& sums) {
  if (!outputs.is_float() || outputs.rank() != 3 || outputs.size() == 0 ||
      outputs.shape[0] != static_cast<std::int64_t>(images)) {
    return Error{"network output", to_string(outputs.shape),
                 fmt::format("scores [{}, steps, classes]", images),
                 "--dictionary is for networks that read text"};
  }
  FEWBIT_RETURN_IF_ERROR(labels.check_classes(outputs.shape[2]));
  const auto steps = static_cast<std::size_t>(outputs.shape[1]);
  const auto classes = static_cast<std::size_t>(outputs.shape[2]);
  for (std::size_t i = 0; i < images; ++i) {
    const Classes& label = labels.lines[first + i];
    if (ctc_steps(label) > steps) {
      return Error{"labels", fmt::format("line {} of {} characters", first + i + 1, label.size()),
                   fmt::format("what {} steps of the network can say", steps),
                   "one step for each character, one more between two alike"};
    }
    const auto scores = std::span(outputs.floats()).subspan(i * steps * classes, steps * classes);
    const std::size_t edits = edit_distance(ctc_classes(scores, classes), label);
    ++sums.images;
    sums.exact += edits == 0;
    sums.characters += label.size();
    sums.edits += edits;
  }
  return Ok{};
}

}  // namespace

Classes ctc_classes(std::span<const float> scores, std::size_t classes) {
  Classes sequence;
  std::int64_t before = kBlank;
  for (std::size_t step = 0; step < scores.size(); step += classes) {
    const auto own = scores.subspan(step, classes);
    const std::int64_t best = std::max_element(own.begin(), own.end()) - own.begin();
    if (best != kBlank && best != before) sequence.push_back(best);
    before = best;
  }
  return sequence;
}

std::size_t ctc_steps(const Classes& sequence) {
  std::size_t steps = sequence.size();
  for (std::size_t i = 1; i < sequence.size(); ++i) steps += sequence[i] == sequence[i - 1];
  return steps;
}

std::size_t edit_distance(const Classes& x, const Classes& y) {
  // distances[k]: from the first i of x to the first k of y, row by row.
  std::vector<std::size_t> distances(y.size() + 1);
  std::iota(distances.begin(), distances.end(), 0);
  for (std::size_t i = 0; i < x.size(); ++i) {
    std::size_t diagonal = std::exchange(distances[0], i + 1);
    for (std::size_t k = 0; k < y.size(); ++k) {
      const std::size_t changed = diagonal + (x[i] != y[k]);
      diagonal = distances[k + 1];
      distances[k + 1] = std::min({changed, distances[k] + 1, diagonal + 1});
    }
  }
  return distances.back();
}

Result<SequenceEvaluation> evaluate_sequences(const Network& network,
                                              const LinearArithmetic& arithmetic,
                                              const Tensor& images, const Text& labels, int jobs,
                                              const std::function<void(double)>& share) {
  const auto count = static_cast<std::size_t>(images.shape.empty() ? 0 : images.shape[0]);
  if (labels.lines.size() != count) {
    return Error{"labels", fmt::format("{} lines", labels.lines.size()),
                 fmt::format("one for each of {} images", count), ""};
  }
  const auto start = std::chrono::steady_clock::now();
  SequenceEvaluation result;
  std::mutex mutex;
  std::size_t done = 0;
  FEWBIT_RETURN_IF_ERROR(
      for_each_batch(network, arithmetic, images, jobs,
                     [&](const Tensor& outputs, std::size_t first, std::size_t size) {
                       const std::lock_guard lock(mutex);
                       done += size;
                       if (share) share(static_cast<double>(done) / static_cast<double>(count));
                       return compare(outputs, labels, first, size, result);
                     }));
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  result.seconds = elapsed.count();
  return result;
}

}  // namespace fewbit::quant
