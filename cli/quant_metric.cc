// Metrics by name, and their targets.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/quant_metric.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "fewbit/cli/network_input.h"
#include "fewbit/quant/array_files.h"

namespace fewbit::cli {

void MetricWords::declare(CLI::App& app) {
  app.add_option("--metric", metric_,
                 fmt::format("{}; --labels is then an NPY of numbers: a class for each row of "
                             "scores, or as many as the network has outputs",
                             quant::metric_names()));
}

Status MetricWords::check_absent(const std::string& legal) const {
  if (metric_.empty()) return Ok{};
  return Error{"--metric", metric_, legal, ""};
}

Status MetricWords::check() const {
  if (metric_.empty()) return Ok{};
  const Result<quant::Metric> metric = quant::parse_metric(metric_);
  return metric.ok() ? Status(Ok{}) : Status(metric.error());
}

Result<std::optional<quant::MetricTask>> MetricWords::task(const std::string& labels,
                                                           std::int64_t images) const {
  if (metric_.empty()) return std::optional<quant::MetricTask>();
  FEWBIT_ASSIGN_OR_RETURN(metric, quant::parse_metric(metric_));
  FEWBIT_ASSIGN_OR_RETURN(read, from_option("--labels", quant::read_npy(labels)));
  quant::MetricTask task{metric, std::move(read)};
  quant::Tensor& targets = task.targets;
  if (targets.shape.empty() || targets.shape[0] < images) {
    return Error{"--labels", quant::to_string(targets.shape),
                 fmt::format("targets of each of {} images", images), labels};
  }
  const std::size_t kept = targets.size() / static_cast<std::size_t>(targets.shape[0]) *
                           static_cast<std::size_t>(images);
  targets.shape[0] = images;
  std::visit([&](auto& values) { values.resize(kept); }, targets.data);
  return std::optional(std::move(task));
}

}  // namespace fewbit::cli
