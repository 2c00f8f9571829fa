// Terminals: their width, text that fits it, and how much fewbit says on stderr.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>

#include "fewbit/gen/util/utf8.h"

namespace fewbit::cli {
namespace {

constexpr std::size_t kUsualColumns = 80;

std::atomic<bool> quiet = false;

/// Where a line that is too long goes on: below its last column, unless that leaves too little
/// room.
std::size_t hanging_indent(const std::string& line, std::size_t columns) {
  const std::size_t first = line.find_first_not_of(' ');
  if (first == std::string::npos) return 0;
  const std::size_t gap = line.rfind("  ", columns / 2);
  const std::size_t column = gap == std::string::npos ? 0 : line.find_first_not_of(' ', gap);
  return column > first && column <= columns / 2 ? column : std::min(first + 2, columns / 2);
}

/// Behind the last blank or comma within `columns`, or else the first one; the end where there is
/// none.
std::size_t place_to_cut(const std::string& line, std::size_t columns, std::size_t indent) {
  const std::size_t start = std::max(indent, line.find_first_not_of(' '));
  std::size_t blank = line.rfind(' ', columns);
  std::size_t comma = line.rfind(',', columns - 1);
  if (blank != std::string::npos && blank > start) return blank;
  if (comma != std::string::npos && comma > start) return comma + 1;
  blank = line.find(' ', columns);
  return blank == std::string::npos ? line.size() : blank;
}

}  // namespace

void set_quiet(bool value) { quiet = value; }
bool is_quiet() { return quiet; }

std::size_t terminal_columns(int file) {
  if (isatty(file) != 1) return 0;
  winsize size{};
  const bool known = ::ioctl(file, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : kUsualColumns;
}

std::string fitted(const std::string& text, std::size_t columns) {
  if (columns == 0) return text;
  std::string result;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string line = text.substr(begin, end - begin);
    const std::string indent(hanging_indent(line, columns), ' ');
    while (line.size() > columns) {
      const std::size_t cut = place_to_cut(line, columns, indent.size());
      if (cut >= line.size()) break;
      result += line.substr(0, line.find_last_not_of(' ', cut - 1) + 1) + "\n";
      line = indent + line.substr(std::min(line.find_first_not_of(' ', cut), line.size()));
    }
    result += line;
    if (end < text.size()) result += '\n';
    begin = end + 1;
  }
  return result;
}

std::string duration_text(double seconds) {
  const auto whole = static_cast<long long>(std::llround(seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

void rewrite_line(const std::string& text) {
  const std::size_t columns = terminal_columns();
  if (columns == 0) return;
  // The last column stays free: some terminals begin a new line when it is written.
  std::fputs(fmt::format("\r\033[K{:.{}}", printable(text, false), columns - 1).c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace fewbit::cli
