// Outputs against targets: see metrics.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/metrics.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <numeric>
#include <span>

#include "fewbit/quant/evaluate.h"

namespace fewbit::quant {
namespace {

constexpr std::pair<const char*, Metric> kNames[] = {
    {"top1", Metric::kTop1}, {"top5", Metric::kTop5},
    {"rmse", Metric::kRmse}, {"rank-correlation", Metric::kRankCorrelation},
    {"auc", Metric::kAuc},   {"bits-per-character", Metric::kBitsPerCharacter},
};

Error wrong_targets(std::string value, std::string legal) {
  return {"labels", std::move(value), std::move(legal), ""};
}

/// How many classes have a larger score than class `label`, or an equal one and come first.
std::size_t place_of(std::span<const float> scores, std::size_t label) {
  std::size_t place = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    place += scores[i] > scores[label] || (scores[i] == scores[label] && i < label) ? 1 : 0;
  }
  return place;
}

/// -log2 of softmax at `label`.
double bits_of(std::span<const float> scores, std::size_t label) {
  const double largest = static_cast<double>(*std::max_element(scores.begin(), scores.end()));
  double sum = 0;
  for (const float score : scores) sum += std::exp(static_cast<double>(score) - largest);
  return (std::log(sum) + largest - static_cast<double>(scores[label])) / std::log(2.0);
}

/// The mean over all rows of what visit(scores, label) says.
template <typename Visit>
Result<double> mean_of_rows(const Tensor& outputs, const Tensor& targets, Visit visit) {
  const auto classes = outputs.shape.empty() ? 0 : static_cast<std::size_t>(outputs.shape.back());
  const std::size_t rows = classes == 0 ? 0 : outputs.size() / classes;
  if (targets.is_float() || targets.size() != rows || rows == 0) {
    return wrong_targets(to_string(targets.shape),
                         fmt::format("an integer for each row of {}", to_string(outputs.shape)));
  }
  double sum = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    const std::int64_t label = targets.integers()[row];
    if (label < 0 || label >= outputs.shape.back()) {
      return wrong_targets(std::to_string(label), fmt::format("0 to {}", classes - 1));
    }
    sum += visit(std::span(outputs.floats()).subspan(row * classes, classes),
                 static_cast<std::size_t>(label));
  }
  return sum / static_cast<double>(rows);
}

/// Ranks from 1 on.
std::vector<double> ranks_of(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t end = first;
    while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
    const double mean = static_cast<double>(first + 1 + end) / 2;
    for (; first < end; ++first) ranks[order[first]] = mean;
  }
  return ranks;
}

double rmse(const std::vector<double>& outputs, const std::vector<double>& targets) {
  double sum = 0;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    sum += (outputs[i] - targets[i]) * (outputs[i] - targets[i]);
  }
  return std::sqrt(sum / static_cast<double>(outputs.size()));
}

Result<double> rank_correlation(const std::vector<double>& outputs,
                                const std::vector<double>& targets) {
  const std::vector<double> x = ranks_of(outputs), y = ranks_of(targets);
  const double mean = static_cast<double>(x.size() + 1) / 2;
  double both = 0, of_x = 0, of_y = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    both += (x[i] - mean) * (y[i] - mean);
    of_x += (x[i] - mean) * (x[i] - mean);
    of_y += (y[i] - mean) * (y[i] - mean);
  }
  if (of_y == 0) return wrong_targets("all alike", "numbers that differ");
  if (of_x == 0) return Error{"network output", "all alike", "numbers that differ", ""};
  return both / std::sqrt(of_x * of_y);
}

Result<double> auc(const std::vector<double>& outputs, const std::vector<double>& targets) {
  const std::vector<double> ranks = ranks_of(outputs);
  double ones = 0, sum = 0;
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    if (targets[i] != 0 && targets[i] != 1) {
      return wrong_targets(fmt::format("{}", targets[i]), "0 and 1");
    }
    ones += targets[i];
    sum += targets[i] * ranks[i];
  }
  const double zeros = static_cast<double>(ranks.size()) - ones;
  if (ones == 0 || zeros == 0) return wrong_targets("all alike", "both 0 and 1");
  return (sum - ones * (ones + 1) / 2) / (ones * zeros);
}

std::vector<double> as_doubles(const Tensor& tensor) {
  return std::visit(
      [](const auto& values) { return std::vector<double>(values.begin(), values.end()); },
      tensor.data);
}

}  // namespace

std::string metric_names() {
  std::vector<std::string> names;
  for (const auto& [name, metric] : kNames) names.emplace_back(name);
  return fmt::format("{}", fmt::join(names, ", "));
}

Result<Metric> parse_metric(const std::string& text) {
  for (const auto& [name, metric] : kNames) {
    if (text == name) return metric;
  }
  return Error{"--metric", text, metric_names(), ""};
}

std::string metric_name(Metric metric) {
  for (const auto& [name, one] : kNames) {
    if (one == metric) return name;
  }
  return "";
}

bool has_classes(Metric metric) {
  return metric == Metric::kTop1 || metric == Metric::kTop5 || metric == Metric::kBitsPerCharacter;
}

Result<double> metric_of(Metric metric, const Tensor& outputs, const Tensor& targets) {
  const auto is_finite = [](float value) { return std::isfinite(value); };
  if (!outputs.is_float() ||
      !std::all_of(outputs.floats().begin(), outputs.floats().end(), is_finite)) {
    return Error{"network output", "not finite", "finite numbers", ""};
  }
  if (metric == Metric::kTop1 || metric == Metric::kTop5) {
    const std::size_t most = metric == Metric::kTop1 ? 1 : 5;
    return mean_of_rows(outputs, targets, [&](std::span<const float> scores, std::size_t label) {
      return place_of(scores, label) < most ? 100.0 : 0.0;
    });
  }
  if (metric == Metric::kBitsPerCharacter) return mean_of_rows(outputs, targets, bits_of);
  if (targets.size() != outputs.size() || outputs.size() == 0) {
    return wrong_targets(to_string(targets.shape),
                         fmt::format("a number for each of {}", to_string(outputs.shape)));
  }
  const std::vector<double> own = as_doubles(outputs), wanted = as_doubles(targets);
  if (metric == Metric::kRmse) return rmse(own, wanted);
  return metric == Metric::kAuc ? auc(own, wanted) : rank_correlation(own, wanted);
}

Result<Tensor> all_outputs(const Network& network, const LinearArithmetic& arithmetic,
                           const Tensor& images, int jobs,
                           const std::function<void(double)>& share) {
  const auto count = static_cast<std::size_t>(images.shape.empty() ? 0 : images.shape[0]);
  Tensor all;
  std::mutex mutex;
  std::size_t done = 0;
  const auto keep = [&](const Tensor& outputs, std::size_t first, std::size_t size) -> Status {
    const std::lock_guard lock(mutex);
    const bool is_first = all.shape.empty();
    Shape shape = outputs.shape;
    if (!shape.empty() && shape[0] == static_cast<std::int64_t>(size)) {
      shape[0] = static_cast<std::int64_t>(count);
    } else {
      shape.clear();
    }
    if (!outputs.is_float() || shape.empty() || !is_legal(shape, kMostFileElements) ||
        (!is_first && shape != all.shape)) {
      return Error{"network output", to_string(outputs.shape),
                   fmt::format("floats for each of {} images", size), ""};
    }
    if (is_first) all = float_tensor(std::move(shape));
    std::copy(outputs.floats().begin(), outputs.floats().end(),
              all.floats().begin() + static_cast<std::ptrdiff_t>(first * (all.size() / count)));
    done += size;
    if (share) share(static_cast<double>(done) / static_cast<double>(count));
    return Ok{};
  };
  FEWBIT_RETURN_IF_ERROR(for_each_batch(network, arithmetic, images, jobs, keep));
  return all;
}

}  // namespace fewbit::quant
