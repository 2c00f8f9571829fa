// Meter: how far one long piece of work is, on a terminal.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace fewbit::cli {

/// A line of the terminal with what is done now, the time since the start and, where the work says
/// how much of it is done, the time left. It is shown from the third second on and cleared at the
/// end. Elsewhere than on a terminal, and after --quiet, nothing is shown. Thread-safe.
class Meter {
 public:
  explicit Meter(std::string title);
  ~Meter();
  Meter(const Meter&) = delete;
  Meter& operator=(const Meter&) = delete;

  /// A step whose length nobody knows, or of which `share` (0 to 1) is done. A share below 0 is
  /// none.
  void at(const std::string& step, double share = -1);
  /// A step, before which `share` (0 to 1) of the whole work was done.
  void after(double share, const std::string& step);

 private:
  using Clock = std::chrono::steady_clock;
  void show(std::stop_token stop);
  [[nodiscard]] std::string line() const;

  const std::string title_;
  const Clock::time_point start_ = Clock::now();
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::string step_;
  Clock::time_point step_start_ = start_;
  std::optional<Clock::time_point> end_;  ///< as far as is known
  bool shown_ = false;
  std::jthread thread_;
};

}  // namespace fewbit::cli
