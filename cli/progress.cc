// Progress of long work on stderr, and the options that say how much is done at a time.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/progress.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <thread>

#include "fewbit/cli/terminal.h"
#include "fewbit/gen/util/text.h"
#include "fewbit/gen/util/utf8.h"

namespace fewbit::cli {

Progress::Progress(std::string title, std::size_t total)
    : title_(std::move(title)), total_(total), terminal_(terminal_columns() > 0) {}

Progress::~Progress() {
  if (terminal_ && done_ > 0 && done_ < total_ && !is_quiet()) std::fputc('\n', stderr);
}

void Progress::started(const std::string& step) {
  const std::lock_guard lock(mutex_);
  running_.push_back(step);
  if (terminal_) show(fmt::format("{}", fmt::join(running_, ", ")));
}

void Progress::finished(const std::string& step, const std::string& outcome) {
  const std::lock_guard lock(mutex_);
  ++done_;
  const auto place = std::find(running_.begin(), running_.end(), step);
  if (place != running_.end()) running_.erase(place);
  show(terminal_ && !running_.empty() ? fmt::format("{}", fmt::join(running_, ", "))
                                      : fmt::format("{}: {}", step, outcome));
}

void Progress::show(const std::string& line) {
  if (is_quiet()) return;
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
  std::string text =
      fmt::format("{} {}/{} {}", title_, done_, total_, duration_text(elapsed.count()));
  if (terminal_ && done_ > 0 && done_ < total_) {
    const double rest = static_cast<double>(total_ - done_) / static_cast<double>(done_);
    text += fmt::format(", {} left", duration_text(elapsed.count() * rest));
  }
  text += "  " + line;
  if (terminal_) {
    rewrite_line(text);
    if (done_ == total_) std::fputc('\n', stderr);
  } else {
    std::fputs((printable(text, false) + "\n").c_str(), stderr);
    std::fflush(stderr);
  }
}

void ShownProgress::begin(const std::string& title, std::size_t total) {
  progress_.emplace(title, total);
}

Result<int> parse_jobs(const std::string& text) {
  constexpr int kMaxJobs = 256;
  if (text.empty()) {
    return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kMaxJobs);
  }
  FEWBIT_ASSIGN_OR_RETURN(jobs, parse_integer("--jobs", text, 1, kMaxJobs));
  return static_cast<int>(jobs);
}

Result<int> parse_seeds(const std::string& text, int least) {
  constexpr int kDefaultSeeds = 5;
  constexpr int kMaxSeeds = 100;
  if (text.empty()) return kDefaultSeeds;
  FEWBIT_ASSIGN_OR_RETURN(seeds, parse_integer("--seeds", text, least, kMaxSeeds));
  return static_cast<int>(seeds);
}

}  // namespace fewbit::cli
