// UTF-8: what is a character, and what a terminal may see.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/util/utf8.h"

#include <gtest/gtest.h>

#include "fewbit/gen/util/json.h"
#include "fewbit/gen/util/result.h"

namespace fewbit {
namespace {

// Table 3-7 of the Unicode standard: the first and last of each row, and what lies beside them.
TEST(Utf8, WellFormedSequences) {
  for (const char* good : {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
                           "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(good)) << good;
  }
  for (const char* bad :
       {"\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xe6\xbc", "\xc2 "}) {
    EXPECT_FALSE(is_utf8(bad)) << bad;
  }
}

TEST(Utf8, WhatATerminalCouldObeyIsEscaped) {
  EXPECT_EQ(printable("e4m3fn grün 漢\t.", false), "e4m3fn grün 漢\t.");
  EXPECT_EQ(printable("\x1b[2J\r\x7f", true), "\\x1b[2J\\x0d\\x7f");
  EXPECT_EQ(printable("a\nb", true), "a\nb");
  EXPECT_EQ(printable("a\nb", false), "a\\x0ab");
  EXPECT_EQ(printable(std::string_view("a\0b", 3), true), "a\\x00b");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m",
                      true),
            "\\x9b31m");  // CSI as one character
  EXPECT_EQ(printable("\xe2\x80\xae", true), "\\u202e");
  EXPECT_EQ(printable("r\xff", true), "r\\xff");
  EXPECT_EQ((Error{"--a", "\x1b[2J\nfewbit: ok", "a format", ""}.message()),
            "--a: '\\x1b[2J\\x0afewbit: ok' is not valid; legal: a format");
}

TEST(Json, DepthIsBounded) {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
  };
  EXPECT_TRUE(parse_json(nested(kMostJsonDepth)).is_array());
  EXPECT_TRUE(parse_json(nested(kMostJsonDepth + 1)).is_discarded());
  EXPECT_TRUE(parse_json(nested(1000000)).is_discarded());
  EXPECT_TRUE(parse_json("[\"" + std::string(1000, '[') + "\\\"[\", {}]").is_array());
  EXPECT_TRUE(parse_json("\"\xff\"").is_discarded());
  EXPECT_EQ(json_text(nlohmann::ordered_json("\xff")), "\"\xef\xbf\xbd\"");
}

}  // namespace
}  // namespace fewbit
