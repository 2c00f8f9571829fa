// Numbers of the command line, tables, near misses.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/util/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fewbit {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ParseInteger, TakesTheWholeRangeAndNothingElse) {
  EXPECT_EQ(*parse_integer("--jobs", "1", 1, 8), 1);
  EXPECT_EQ(*parse_integer("--jobs", "8", 1, 8), 8);
  EXPECT_EQ(*parse_integer("--n", "-3", -3, 8), -3);
  for (const char* wrong : {"", "0", "9", "4x", " 4", "+4", "0x4", "1e1", "99999999999999999999"}) {
    const auto result = parse_integer("--jobs", wrong, 1, 8);
    ASSERT_FALSE(result.ok()) << wrong;
    EXPECT_EQ(result.error().field, "--jobs");
    EXPECT_EQ(result.error().value, wrong);
    EXPECT_EQ(result.error().legal, "an integer 1..8");
  }
}

TEST(SplitCommas, KeepsEmptyPiecesBetweenCommas) {
  EXPECT_THAT(split_commas(""), IsEmpty());
  EXPECT_THAT(split_commas("mul"), ElementsAre("mul"));
  EXPECT_THAT(split_commas("mul,mac"), ElementsAre("mul", "mac"));
  EXPECT_THAT(split_commas("mul,,mac"), ElementsAre("mul", "", "mac"));
}

TEST(ClosestWord, IsAtMostTwoEditsAway) {
  const std::vector<std::string> words = {"--terms", "--target", "--seed"};
  EXPECT_EQ(closest_word("--tems", words), "--terms");
  EXPECT_EQ(closest_word("--targte", words), "--target");
  EXPECT_EQ(closest_word("--sed", words), "--seed");
  EXPECT_EQ(closest_word("--frequency", words), "");
  EXPECT_EQ(closest_word("", words), "");
}

TEST(Table, AlignsNumbersRightAndTextLeft) {
  Table table({"name", "bits"});
  table.add({"int4", "4"});
  table.add({"bfloat16", "16"});
  EXPECT_EQ(table.to_text(),
            "name      bits\n"
            "int4         4\n"
            "bfloat16    16\n");
  EXPECT_EQ(table.to_markdown(),
            "| name | bits |\n"
            "|---|---|\n"
            "| int4 | 4 |\n"
            "| bfloat16 | 16 |\n");
}

}  // namespace
}  // namespace fewbit
