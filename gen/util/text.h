// Text in and out: numbers of the command line, tables for terminal and Markdown, near misses.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fewbit/gen/util/result.h"

namespace fewbit {

/// The integer that `text` is, or an Error on `field` that names min..max.
Result<long long> parse_integer(const std::string& field, const std::string& text, long long min,
                                long long max);

/// The pieces of `text` between commas; an empty text has none.
std::vector<std::string> split_commas(std::string_view text);

/// The one of `words` that is at most two edits away from `word`, or "".
std::string closest_word(const std::string& word, const std::vector<std::string>& words);

/// Rows of cells under a heading.
class Table {
 public:
  explicit Table(std::vector<std::string> heading);
  /// `row` has as many cells as the heading.
  void add(std::vector<std::string> row);
  /// Columns padded with spaces; right-aligned where the first row begins with a digit.
  [[nodiscard]] std::string to_text() const;
  /// A GitHub Markdown table.
  [[nodiscard]] std::string to_markdown() const;

 private:
  std::vector<std::vector<std::string>> rows_;  // the heading first
};

}  // namespace fewbit
