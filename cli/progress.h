// Progress of long work on stderr, and the options that say how much is done at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "fewbit/flows/study/watcher.h"
#include "fewbit/gen/util/result.h"

namespace fewbit::cli {

/// Done of total, the time since the start, the time left and what runs now. On a terminal one line
/// that is rewritten; elsewhere one line per finished step. Nothing after --quiet. Thread-safe.
class Progress {
 public:
  Progress(std::string title, std::size_t total);
  /// Leaves the terminal on a fresh line, as the last finished() does.
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

/// Shows each piece of work that a study begins as a Progress of its own.
class ShownProgress : public study::Watcher {
 public:
  void begin(const std::string& title, std::size_t total) override;
  void started(const std::string& part) override { progress_->started(part); }
  void finished(const std::string& part, const std::string& outcome) override {
    progress_->finished(part, outcome);
  }

 private:
  std::optional<Progress> progress_;
};

/// The number of workers that --jobs names; every core where it names none.
Result<int> parse_jobs(const std::string& text);

/// The number of place-and-route runs that --seeds names, `least` or more; 5 where it names none.
Result<int> parse_seeds(const std::string& text, int least = 1);

}  // namespace fewbit::cli
