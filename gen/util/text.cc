// Text in and out: numbers of the command line, tables for terminal and Markdown, near misses.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <numeric>

#include "fewbit/gen/util/check.h"

namespace fewbit {
namespace {

/// Levenshtein distance.
std::size_t edits_between(const std::string& from, const std::string& to) {
  std::vector<std::size_t> costs(to.size() + 1);
  std::iota(costs.begin(), costs.end(), std::size_t{0});
  for (std::size_t i = 1; i <= from.size(); ++i) {
    std::size_t diagonal = costs[0];
    costs[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t replace = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
      diagonal = costs[j];
      costs[j] = std::min({replace, costs[j] + 1, costs[j - 1] + 1});
    }
  }
  return costs.back();
}

bool is_numeric(const std::string& cell) {
  return !cell.empty() && std::isdigit(static_cast<unsigned char>(cell[0])) != 0;
}

}  // namespace

Result<long long> parse_integer(const std::string& field, const std::string& text, long long min,
                                long long max) {
  long long value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, status] = std::from_chars(text.data(), end, value);
  if (status != std::errc() || stop != end || value < min || value > max) {
    return Error{field, text, fmt::format("an integer {}..{}", min, max), ""};
  }
  return value;
}

std::vector<std::string> split_commas(std::string_view text) {
  std::vector<std::string> pieces;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    pieces.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return pieces;
}

std::string closest_word(const std::string& word, const std::vector<std::string>& words) {
  std::string closest;
  std::size_t least = 3;
  for (const std::string& candidate : words) {
    const std::size_t edits = edits_between(word, candidate);
    if (edits < least && edits < word.size()) {
      least = edits;
      closest = candidate;
    }
  }
  return closest;
}

Table::Table(std::vector<std::string> heading) { rows_.push_back(std::move(heading)); }

void Table::add(std::vector<std::string> row) {
  FEWBIT_CHECK(row.size() == rows_[0].size(), "{} cells under {}", row.size(), rows_[0].size());
  rows_.push_back(std::move(row));
}

std::string Table::to_text() const {
  std::vector<std::size_t> widths(rows_[0].size(), 0);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    std::string line;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const bool right = rows_.size() > 1 && is_numeric(rows_[1][i]);
      line += right ? fmt::format("{:>{}}", rows_[r][i], widths[i])
                    : fmt::format("{:<{}}", rows_[r][i], widths[i]);
      line += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string Table::to_markdown() const {
  std::string text;
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    text += "|";
    for (const std::string& cell : rows_[r]) text += fmt::format(" {} |", cell);
    text += "\n";
    if (r != 0) continue;
    text += "|";
    for (std::size_t i = 0; i < rows_[0].size(); ++i) text += "---|";
    text += "\n";
  }
  return text;
}

}  // namespace fewbit
