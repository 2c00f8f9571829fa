// Progress of a sweep on stderr: see time_left.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/time_left.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <string>

namespace fewbit::cli {
namespace {

/// "1 h 05 min", "3 min 20 s", "12 s".
std::string duration_text(double seconds) {
  const auto whole = static_cast<long long>(seconds + 0.5);
  if (whole >= 3600) return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
  if (whole >= 60) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} s", whole);
}

}  // namespace

TimeLeft::TimeLeft() : terminal_(isatty(STDERR_FILENO) == 1) {}

TimeLeft::~TimeLeft() {
  if (terminal_ && is_shown_) std::fputc('\n', stderr);
}

void TimeLeft::show(std::size_t total, std::size_t there, std::size_t finished) {
  const std::chrono::duration<double> since = std::chrono::steady_clock::now() - start_;
  const double elapsed = since.count();
  const bool all = there + finished >= total;
  const bool is_news = !is_shown_ || finished != shown_;
  if (!is_news || (!terminal_ && !all && elapsed < next_)) return;
  is_shown_ = true;
  shown_ = finished;
  next_ = elapsed + 10;
  std::string text =
      fmt::format("sweep {}/{}  {}", there + finished, total, duration_text(elapsed));
  if (finished > 0) {
    const double rate = static_cast<double>(finished) / elapsed;
    text += fmt::format("  {:.1f} a minute", rate * 60);
    if (!all) {
      const auto left = static_cast<double>(total - there - finished);
      text += fmt::format("  {} left", duration_text(left / rate));
    }
  }
  std::fputs((terminal_ ? "\r\033[K" + text : text + "\n").c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace fewbit::cli
