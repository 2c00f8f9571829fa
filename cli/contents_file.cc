// Files of integers: see contents_file.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/contents_file.h"

#include <fmt/format.h>

#include <charconv>
#include <fstream>

#include "fewbit/gen/util/files.h"
#include "fewbit/quant/array_files.h"

namespace fewbit::cli {
namespace {

constexpr std::size_t kMostTextBytes = std::size_t{1} << 28;

Result<BlockContents> from_npy(const std::string& option, const std::string& path) {
  const Result<quant::Tensor> tensor = quant::read_npy(path);
  if (!tensor.ok()) {
    Error error = tensor.error();
    error.field = option;
    return error;
  }
  if (tensor->is_float()) {
    return Error{option, path, "NPY of integers", "its elements are floats"};
  }
  BlockContents contents;
  contents.numbers.assign(tensor->integers().begin(), tensor->integers().end());
  contents.shape.assign(tensor->shape.begin(), tensor->shape.end());
  return contents;
}

/// The integer that a word is.
bool parse_word(std::string_view word, long long& number) {
  const bool is_negative = word.starts_with('-');
  if (is_negative) word.remove_prefix(1);
  const bool is_hex = word.starts_with("0x") || word.starts_with("0X");
  if (is_hex) word.remove_prefix(2);
  if (word.empty() || word.front() == '-') return false;
  const char* const end = word.data() + word.size();
  const auto [rest, failed] = std::from_chars(word.data(), end, number, is_hex ? 16 : 10);
  if (is_negative) number = -number;
  return failed == std::errc() && rest == end;
}

Result<BlockContents> from_text(const std::string& option, const std::string& path) {
  Result<std::string> read = read_file(path, kMostTextBytes);
  if (!read.ok()) {
    Error error = read.error();
    error.field = option;
    return error;
  }
  const std::string_view text = *read;
  constexpr std::string_view kBetween = " \t\r\n,";
  BlockContents contents;
  int line = 1;
  for (std::size_t at = 0; at < text.size();) {
    if (kBetween.find(text[at]) != std::string_view::npos) {
      line += text[at++] == '\n' ? 1 : 0;
    } else if (text[at] == '#') {
      at = std::min(text.find('\n', at), text.size());
    } else {
      const std::size_t end = std::min(text.find_first_of(" \t\r\n,#", at), text.size());
      long long number = 0;
      if (!parse_word(text.substr(at, end - at), number)) {
        constexpr std::size_t kShown = 40;
        return Error{fmt::format("{} {}, line {}", option, path, line),
                     std::string(text.substr(at, std::min(end - at, kShown))),
                     "integers, decimal or after 0x hexadecimal, between blanks or commas", ""};
      }
      contents.numbers.push_back(number);
      at = end;
    }
  }
  return contents;
}

}  // namespace

Result<BlockContents> read_contents(const std::string& option, const std::string& path) {
  const Status readable = check_readable(path);
  if (!readable.ok()) {
    Error error = readable.error();
    error.field = option;
    return error;
  }
  std::ifstream file(path, std::ios::binary);
  const bool is_npy = file.get() == 0x93;
  file.close();
  return is_npy ? from_npy(option, path) : from_text(option, path);
}

}  // namespace fewbit::cli
