// Option of fewbit quant that says how good outputs are.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "fewbit/quant/metrics.h"

namespace CLI {
class App;
}

namespace fewbit::cli {

class MetricWords {
 public:
  void declare(CLI::App& app);
  /// An Error where its word is no metric.
  [[nodiscard]] Status check() const;
  /// An Error where the option was given.
  [[nodiscard]] Status check_absent(const std::string& legal) const;
  [[nodiscard]] bool is_given() const { return !metric_.empty(); }
  /// As on the command line, with a blank before it; "" where the option was not given.
  [[nodiscard]] std::string words() const { return metric_.empty() ? "" : " --metric " + metric_; }
  /// With the targets of the first `images` of an NPY file; nothing where the option was not
  /// given. Errors name --metric and --labels.
  [[nodiscard]] Result<std::optional<quant::MetricTask>> task(const std::string& labels,
                                                              std::int64_t images) const;

 private:
  std::string metric_;
};

}  // namespace fewbit::cli
