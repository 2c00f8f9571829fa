// Decoding UTF-8, escaping what is not to be printed.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/util/utf8.h"

#include <fmt/format.h>

namespace fewbit {
namespace {

bool turns_direction(char32_t character) {
  return (character >= 0x202a && character <= 0x202e) ||
         (character >= 0x2066 && character <= 0x2069);
}

bool is_control(char32_t character) {
  return character < 0x20 || (character >= 0x7f && character < 0xa0);
}

}  // namespace

std::optional<char32_t> take_character(std::string_view& text) {
  constexpr char32_t kLeast[] = {0, 0x80, 0x800, 0x10000};  // of so many bytes behind the first
  if (text.empty()) return {};
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
  if ((first >= 0x80 && first < 0xc2) || first > 0xf4 || text.size() <= more) return {};
  char32_t character = more == 0 ? first : first & (0x3fU >> more);
  for (std::size_t i = 1; i <= more; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0) != 0x80) return {};
    character = character << 6 | (byte & 0x3fU);
  }
  const bool is_surrogate = character >= 0xd800 && character < 0xe000;
  if (character < kLeast[more] || character > 0x10ffff || is_surrogate) return {};
  text.remove_prefix(more + 1);
  return character;
}

bool is_utf8(std::string_view text) {
  while (take_character(text)) {
  }
  return text.empty();
}

std::string printable(std::string_view text, bool lines) {
  std::string result;
  while (!text.empty()) {
    const std::string_view before = text;
    const std::optional<char32_t> character = take_character(text);
    if (!character) {
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
      text.remove_prefix(1);
    } else if (*character == U'\t' || (lines && *character == U'\n')) {
      result += static_cast<char>(*character);
    } else if (is_control(*character)) {
      result += fmt::format("\\x{:02x}", static_cast<unsigned>(*character));
    } else if (turns_direction(*character)) {
      result += fmt::format("\\u{:04x}", static_cast<unsigned>(*character));
    } else {
      result += before.substr(0, before.size() - text.size());
    }
  }
  return result;
}

}  // namespace fewbit
