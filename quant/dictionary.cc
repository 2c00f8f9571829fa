// Reading lines of UTF-8.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/dictionary.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/utf8.h"

namespace fewbit::quant {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostTextBytes = std::size_t{1} << 26;

Error line_error(const fs::path& path, std::size_t line, std::string legal, std::string detail) {
  return {"file", path.string(), std::move(legal), fmt::format("line {}{}", line + 1, detail)};
}

/// The characters of a text; nothing where it is not UTF-8.
std::optional<std::u32string> characters(std::string_view text) {
  std::u32string result;
  while (const std::optional<char32_t> character = take_character(text)) result += *character;
  if (!text.empty()) return {};
  return result;
}

/// Lines with or without a carriage return; the last one may end without a new line.
Result<std::vector<std::u32string>> read_lines(const fs::path& path) {
  FEWBIT_ASSIGN_OR_RETURN(text, read_file(path, kMostTextBytes));
  std::vector<std::u32string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = std::string_view(text).substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::optional<std::u32string> decoded = characters(line);
    if (!decoded) return line_error(path, lines.size(), "text in UTF-8", " has other bytes");
    lines.push_back(*decoded);
    begin = end + 1;
  }
  return lines;
}

std::string name_of(char32_t character) {
  return fmt::format("U+{:04X}", static_cast<unsigned>(character));
}

}  // namespace

Status Text::check_classes(std::int64_t classes) const {
  if (classes >= least_classes && classes <= most_classes) return Ok{};
  const std::string legal = least_classes == most_classes
                                ? std::to_string(least_classes)
                                : fmt::format("{} or {}", least_classes, most_classes);
  return Error{"network output", fmt::format("{} classes", classes), legal,
               "the blank, the characters of the dictionary, and the space"};
}

Result<Dictionary> Dictionary::read(const fs::path& path) {
  FEWBIT_ASSIGN_OR_RETURN(lines, read_lines(path));
  const std::string legal = "one character in each line, none twice";
  if (lines.empty()) return Error{"file", path.string(), legal, "it is empty"};
  Dictionary dictionary;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].size() != 1) {
      return line_error(path, i, legal, fmt::format(" has {}", lines[i].size()));
    }
    const auto number = static_cast<std::int64_t>(i) + 1;
    if (!dictionary.classes_.emplace(lines[i][0], number).second) {
      return line_error(path, i, legal, fmt::format(": {} was there before", name_of(lines[i][0])));
    }
  }
  return dictionary;
}

Result<Text> Dictionary::read_text(const fs::path& path) const {
  FEWBIT_ASSIGN_OR_RETURN(lines, read_lines(path));
  const auto behind = static_cast<std::int64_t>(classes_.size()) + 1;
  const bool has_space = classes_.contains(U' ');
  Text text{{}, behind, has_space ? behind : behind + 1};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].empty()) return line_error(path, i, "at least one character", " is empty");
    Classes& classes = text.lines.emplace_back();
    for (const char32_t character : lines[i]) {
      const auto found = classes_.find(character);
      if (found != classes_.end()) {
        classes.push_back(found->second);
      } else if (character == U' ') {
        classes.push_back(behind);
        text.least_classes = behind + 1;
      } else {
        return line_error(path, i, "characters of the dictionary",
                          fmt::format(" has {}", name_of(character)));
      }
    }
  }
  return text;
}

}  // namespace fewbit::quant
