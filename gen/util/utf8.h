// UTF-8: characters of texts that users bring, and texts that a terminal may show.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fewbit {

/// Takes the first character off `text`; none, and nothing is taken, where `text` is empty or does
/// not begin with one in UTF-8.
std::optional<char32_t> take_character(std::string_view& text);

bool is_utf8(std::string_view text);

/// `text` with everything escaped that a terminal could obey: control characters (tabs stay, and
/// new lines where `lines`), marks that turn the direction of writing, bytes that are no UTF-8.
/// "\x1b" and "\u202e" are what they look like then.
std::string printable(std::string_view text, bool lines);

}  // namespace fewbit
