// A thread that rewrites a line of the terminal twice a second.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/meter.h"

#include <fmt/format.h>

#include <algorithm>

#include "fewbit/cli/terminal.h"

namespace fewbit::cli {
namespace {

constexpr std::chrono::seconds kSilence{2};
constexpr std::chrono::milliseconds kBetween{500};
constexpr double kLeastShare = 0.02;  ///< of which a time left is told

double seconds_of(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

Meter::Meter(std::string title) : title_(std::move(title)) {
  if (terminal_columns() == 0 || is_quiet()) return;
  thread_ = std::jthread([this](std::stop_token stop) { show(std::move(stop)); });
}

Meter::~Meter() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
  if (shown_) rewrite_line("");
}

void Meter::at(const std::string& step, double share) {
  const std::lock_guard lock(mutex_);
  const Clock::time_point now = Clock::now();
  if (step != step_) {
    step_ = step;
    step_start_ = now;
  }
  end_.reset();
  if (share < kLeastShare) return;
  const double rest = (1 - std::min(share, 1.0)) / share;
  end_ = now + std::chrono::duration_cast<Clock::duration>((now - step_start_) * rest);
}

void Meter::after(double share, const std::string& step) {
  at(step);
  if (share < kLeastShare) return;
  const std::lock_guard lock(mutex_);
  const Clock::time_point now = Clock::now();
  end_ = now + std::chrono::duration_cast<Clock::duration>((now - start_) * ((1 - share) / share));
}

std::string Meter::line() const {
  const Clock::time_point now = Clock::now();
  std::string text = fmt::format("{} {}", title_, duration_text(seconds_of(now - start_)));
  if (end_) text += fmt::format(", {} left", duration_text(std::max(1.0, seconds_of(*end_ - now))));
  if (!step_.empty()) text += "  " + step_;
  return text;
}

void Meter::show(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, stop, kSilence, [] { return false; });
  while (!stop.stop_requested()) {
    rewrite_line(line());
    shown_ = true;
    changed_.wait_for(lock, stop, kBetween, [] { return false; });
  }
}

}  // namespace fewbit::cli
