// Progress of long work on stderr, and the worker threads that do it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "fewbit/gen/util/result.h"

namespace fewbit::cli {

/// Done of total, the time since the start, the time left and what runs now. On a terminal one line
/// that is rewritten; elsewhere one line per finished step. Nothing after --quiet. Thread-safe.
class Progress {
 public:
  Progress(std::string title, std::size_t total);
  /// Leaves the terminal on a fresh line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void started(const std::string& step);
  void finished(const std::string& step, const std::string& outcome);

 private:
  void show(const std::string& line);

  std::mutex mutex_;
  std::string title_;
  std::size_t total_;
  std::size_t done_ = 0;
  std::vector<std::string> running_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  bool terminal_;
};

/// The number of workers that --jobs names; every core where it names none.
Result<int> parse_jobs(const std::string& text);

/// The number of place-and-route runs that --seeds names, `least` or more; 5 where it names none.
Result<int> parse_seeds(const std::string& text, int least = 1);

/// Calls job(0) .. job(count - 1) on `workers` threads and waits for all of them; after an
/// interrupt no further one begins. A job must not throw.
void run_parallel(std::size_t count, int workers, const std::function<void(std::size_t)>& job);

}  // namespace fewbit::cli
