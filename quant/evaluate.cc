// Batches of images, in several threads.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/evaluate.h"

#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <mutex>
#include <optional>
#include <thread>

namespace fewbit::quant {
namespace {

/// Tensors come and go by the million: pages that went back to the kernel each time would be zeroed
/// by it each time.
void keep_freed_memory() {
  ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
  ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
}

/// Images of a batch whose label has the largest logit.
Result<std::size_t> count_right(const Tensor& logits, const std::int64_t* labels,
                                std::size_t images) {
  if (!logits.is_float() || logits.rank() != 2 || logits.shape[1] == 0 ||
      logits.shape[0] != static_cast<std::int64_t>(images)) {
    return Error{"network output", to_string(logits.shape),
                 fmt::format("logits [{}, classes]", images), ""};
  }
  const auto classes = static_cast<std::size_t>(logits.shape[1]);
  std::size_t right = 0;
  for (std::size_t i = 0; i < images; ++i) {
    if (labels[i] < 0 || labels[i] >= logits.shape[1]) {
      return Error{"labels", std::to_string(labels[i]), fmt::format("0 to {}", classes - 1), ""};
    }
    const float* begin = logits.floats().data() + i * classes;
    right += std::max_element(begin, begin + classes) - begin == labels[i];
  }
  return right;
}

/// Computes in float, and beside it as `other` does.
class Comparison : public LinearArithmetic {
 public:
  Comparison(const LinearArithmetic& other, std::size_t layers)
      : other_(other), signal_(layers), noise_(layers) {}

  std::vector<float> sums(const LinearCall& call) const override {
    std::vector<float> results = FloatArithmetic().sums(call);
    const std::vector<float> others = other_.sums(call);
    for (std::size_t i = 0; i < results.size(); ++i) {
      const auto result = static_cast<double>(results[i]);
      const double difference = static_cast<double>(others[i]) - result;
      signal_[call.layer] += result * result;
      noise_[call.layer] += difference * difference;
    }
    return results;
  }
  [[nodiscard]] double sqnr_db(std::size_t layer) const {
    return 10 * std::log10(signal_[layer] / noise_[layer]);
  }

 private:
  const LinearArithmetic& other_;
  mutable std::vector<double> signal_, noise_;  // one thread
};

}  // namespace

Status for_each_batch(const Answers& answers, std::size_t batch, const Tensor& images, int jobs,
                      const std::function<Status(const Tensor&, std::size_t, std::size_t)>& visit) {
  const auto count = static_cast<std::size_t>(images.shape.empty() ? 0 : images.shape[0]);
  if (count == 0) return Error{"images", "0", "at least one image", ""};
  use_one_blas_thread();
  keep_freed_memory();
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::optional<Error> error;
  const auto work = [&] {
    for (std::size_t first = next.fetch_add(batch); first < count; first = next.fetch_add(batch)) {
      const std::size_t size = std::min(batch, count - first);
      const Result<Tensor> outputs = answers(slice_batch(images, first, size));
      const Status visited = outputs.ok() ? visit(*outputs, first, size) : Status(outputs.error());
      if (visited.ok()) continue;
      const std::lock_guard lock(mutex);
      if (!error) error = visited.error();
      next = count;
    }
  };
  std::vector<std::thread> threads;
  for (int i = 1; i < jobs; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  if (error) return *error;
  return Ok{};
}

Status for_each_batch(const Network& network, const LinearArithmetic& arithmetic,
                      const Tensor& images, int jobs,
                      const std::function<Status(const Tensor&, std::size_t, std::size_t)>& visit) {
  const auto answers = [&](const Tensor& batch) { return network.run(batch, arithmetic); };
  return for_each_batch(answers, network.batch_near(kEvaluationBatch), images, jobs, visit);
}

namespace {

Result<Evaluation> evaluate_batches(const Answers& answers, std::size_t batch, const Tensor& images,
                                    const std::vector<std::int64_t>& labels, int jobs,
                                    const std::function<void(double)>& share) {
  const auto count = static_cast<std::size_t>(images.shape.empty() ? 0 : images.shape[0]);
  if (count == 0 || labels.size() != count) {
    return Error{"labels", fmt::format("{} of them", labels.size()),
                 fmt::format("one for each of {} images", count), ""};
  }
  const auto start = std::chrono::steady_clock::now();
  std::atomic<std::size_t> right{0}, done{0};
  FEWBIT_RETURN_IF_ERROR(for_each_batch(
      answers, batch, images, jobs,
      [&](const Tensor& logits, std::size_t first, std::size_t size) -> Status {
        FEWBIT_ASSIGN_OR_RETURN(found, count_right(logits, labels.data() + first, size));
        right += found;
        done += size;
        if (share) share(static_cast<double>(done) / static_cast<double>(count));
        return Ok{};
      }));
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  return Evaluation{count, right, elapsed.count()};
}

}  // namespace

Result<Evaluation> evaluate(const Network& network, const LinearArithmetic& arithmetic,
                            const Tensor& images, const std::vector<std::int64_t>& labels, int jobs,
                            const std::function<void(double)>& share) {
  return evaluate_batches([&](const Tensor& batch) { return network.run(batch, arithmetic); },
                          network.batch_near(kEvaluationBatch), images, labels, jobs, share);
}

Result<Evaluation> evaluate(const Answers& answers, const Tensor& images,
                            const std::vector<std::int64_t>& labels, int jobs,
                            const std::function<void(double)>& share) {
  return evaluate_batches(answers, kEvaluationBatch, images, labels, jobs, share);
}

Result<std::vector<double>> result_sqnr_db(const Network& network,
                                           const LinearArithmetic& arithmetic,
                                           const Tensor& images) {
  const Comparison comparison(arithmetic, network.layers().size());
  const auto count = static_cast<std::size_t>(images.shape.empty() ? 0 : images.shape[0]);
  const std::size_t size = network.batch_near(kEvaluationBatch);
  for (std::size_t first = 0; first < count; first += size) {
    const Tensor batch = slice_batch(images, first, std::min(size, count - first));
    FEWBIT_ASSIGN_OR_RETURN(logits, network.run(batch, comparison));
  }
  std::vector<double> result(network.layers().size());
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = comparison.sqnr_db(i);
  return result;
}

}  // namespace fewbit::quant
