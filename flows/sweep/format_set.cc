// Sets of number formats: see format_set.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/sweep/format_set.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <charconv>
#include <sstream>

namespace fewbit::sweep {
namespace {

constexpr int kMinGridBits = 1;
constexpr int kMaxGridBits = 8;

/// The integer that is all of `text`, or -1.
int count_of(const std::string& text) {
  int number = -1;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end ? number : -1;
}

void add_once(std::vector<Format>& formats, const Format& format) {
  if (std::find(formats.begin(), formats.end(), format) == formats.end()) {
    formats.push_back(format);
  }
}

std::vector<Format> matching_formats(const std::string& pattern) {
  std::vector<Format> formats;
  const auto matches = [&pattern](const std::string& name) {
    return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
  };
  for (const CatalogueEntry& entry : format_catalogue()) {
    if (matches(entry.name) || matches(entry.format.name()) ||
        std::any_of(entry.aliases.begin(), entry.aliases.end(), matches)) {
      add_once(formats, entry.format);
    }
  }
  return formats;
}

}  // namespace

Result<std::vector<Format>> formats_of(const std::string& field, const std::string& item) {
  if (const std::size_t dots = item.find(".."); dots != std::string::npos) {
    const int min = count_of(item.substr(0, dots));
    const int max = count_of(item.substr(dots + 2));
    if (min < kMinGridBits || max > kMaxGridBits || min > max) {
      return Error{field, item,
                   fmt::format("LO..HI within {}..{} bits", kMinGridBits, kMaxGridBits),
                   "integers and all-finite minifloats; bipolar of one bit"};
    }
    return paper_formats(min, max);
  }
  if (item.find_first_of("*?") != std::string::npos) {
    std::vector<Format> formats = matching_formats(item);
    if (formats.empty()) return Error{field, item, kFormatItems, "no named format matches"};
    return formats;
  }
  const Result<Format> format = parse_format(item);
  if (format.ok()) return std::vector<Format>{*format};
  return Error{field, item, kFormatItems, format.error().message()};
}

Result<std::vector<Format>> format_set(const std::string& field, const std::string& items) {
  std::vector<Format> all;
  std::istringstream pieces(items);
  for (std::string item; std::getline(pieces, item, ',');) {
    FEWBIT_ASSIGN_OR_RETURN(formats, formats_of(field, item));
    for (const Format& format : formats) add_once(all, format);
  }
  if (all.empty()) return Error{field, items, kFormatItems, ""};
  return all;
}

}  // namespace fewbit::sweep
