// Progress of a sweep on stderr, with its rate and the time that is left.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>

namespace fewbit::cli {

/// Done of total, rate and time left on stderr: one line that is rewritten on a terminal, else a
/// line every ten seconds with news.
class TimeLeft {
 public:
  TimeLeft();
  /// Leaves the terminal on a fresh line.
  ~TimeLeft();
  TimeLeft(const TimeLeft&) = delete;
  TimeLeft& operator=(const TimeLeft&) = delete;

  /// Of `total` jobs `there` were done before and `finished` are by now.
  void show(std::size_t total, std::size_t there, std::size_t finished);

 private:
  bool terminal_;
  bool is_shown_ = false;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  double next_ = 0;  ///< seconds
  std::size_t shown_ = 0;
};

}  // namespace fewbit::cli
