// JSON in and out: the only place where its text is read from files of users, and written.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace fewbit {

/// Deeper than this no file of fewbit is nested.
inline constexpr int kMostJsonDepth = 64;

/// Whether brackets outside strings are nested no deeper than kMostJsonDepth. What is deeper would
/// overflow the stack where the value is written or compared.
inline bool has_json_depth(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMostJsonDepth) return false;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return true;
}

/// The value of a text; is_discarded() where it is no JSON, no UTF-8 or nested too deep.
template <typename Json = nlohmann::ordered_json>
Json parse_json(std::string_view text) {
  if (!has_json_depth(text)) return Json(nlohmann::detail::value_t::discarded);
  return Json::parse(text, nullptr, false);
}

/// `value` with `indent` spaces for each level, on one line where it is below 0. Names and files
/// that users bring may be no UTF-8: what is not becomes U+FFFD.
template <typename Json>
std::string json_text(const Json& value, int indent = -1) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace fewbit
