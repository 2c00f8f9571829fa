// Greedy CTC decoding, edit distances and dictionaries, before values worked out by hand.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fewbit/gen/util/files.h"
#include "fewbit/quant/sequences.h"

namespace fewbit::quant {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Scores in which each step says one class of four.
Classes decoded(const std::vector<std::size_t>& steps) {
  std::vector<float> scores(steps.size() * 4, -1.0F);
  for (std::size_t i = 0; i < steps.size(); ++i) scores[i * 4 + steps[i]] = 0.5F;
  return ctc_classes(scores, 4);
}

TEST(Sequences, RunsAreOneClassAndBlanksAreNone) {
  EXPECT_THAT(decoded({0, 0, 0}), IsEmpty());
  EXPECT_THAT(decoded({1, 1, 2, 2, 2, 3}), ElementsAre(1, 2, 3));
  EXPECT_THAT(decoded({0, 1, 1, 0, 1, 0}), ElementsAre(1, 1));
  EXPECT_THAT(decoded({3, 0, 0, 3, 3, 2}), ElementsAre(3, 3, 2));
  EXPECT_THAT(decoded({2, 1, 2}), ElementsAre(2, 1, 2));
}

TEST(Sequences, TheFirstOfEqualScoresWins) {
  EXPECT_THAT(ctc_classes(std::vector<float>{0, 2, 2, 1, 1, 1}, 3), ElementsAre(1));
}

TEST(Sequences, StepsThatASequenceNeeds) {
  EXPECT_EQ(ctc_steps({}), 0U);
  EXPECT_EQ(ctc_steps({1, 2, 1}), 3U);
  EXPECT_EQ(ctc_steps({1, 1, 1}), 5U);
  EXPECT_EQ(ctc_steps({2, 1, 1, 3, 3}), 7U);
}

Classes letters(const std::string& word) { return {word.begin(), word.end()}; }

TEST(Sequences, DistancesOfKnownWords) {
  const auto distance = [](const std::string& x, const std::string& y) {
    EXPECT_EQ(edit_distance(letters(x), letters(y)), edit_distance(letters(y), letters(x)));
    return edit_distance(letters(x), letters(y));
  };
  EXPECT_EQ(distance("", ""), 0U);
  EXPECT_EQ(distance("", "abc"), 3U);
  EXPECT_EQ(distance("kitten", "sitting"), 3U);
  EXPECT_EQ(distance("saturday", "sunday"), 3U);
  EXPECT_EQ(distance("intention", "execution"), 5U);
  EXPECT_EQ(distance("ab", "ba"), 2U);
  EXPECT_EQ(distance("flaw", "lawn"), 2U);
}

class Dictionaries : public ::testing::Test {
 protected:
  fs::path file(const std::string& text) {
    const std::string name = fmt::format("file{}", ++count_);
    EXPECT_TRUE(write_files(scratch_.path(), {{name, text}}).ok());
    return scratch_.path() / name;
  }
  std::string refused(const std::string& text) {
    const Result<Dictionary> dictionary = Dictionary::read(file(text));
    return dictionary.ok() ? "no error" : dictionary.error().message();
  }

 private:
  const ScratchDirectory scratch_ = ScratchDirectory::make().value();
  int count_ = 0;
};

TEST_F(Dictionaries, LinesAreClassesFromOneOnAndTheSpaceIsBehindThem) {
  const Dictionary dictionary = Dictionary::read(file("a\n\u00e9\r\n\u7530\n\U0001F600")).value();
  const Text text = dictionary.read_text(file("\u7530a\r\n\u00e9 \U0001F600\n")).value();
  EXPECT_THAT(text.lines, ElementsAre(ElementsAre(3, 1), ElementsAre(2, 5, 4)));
  EXPECT_FALSE(text.check_classes(5).ok());
  EXPECT_TRUE(text.check_classes(6).ok());
  EXPECT_FALSE(text.check_classes(7).ok());
  const Text plain = dictionary.read_text(file("a\n")).value();
  EXPECT_FALSE(plain.check_classes(4).ok());
  EXPECT_TRUE(plain.check_classes(5).ok());
  EXPECT_TRUE(plain.check_classes(6).ok());
  EXPECT_THAT(plain.check_classes(9).error().message(),
              AllOf(HasSubstr("9 classes"), HasSubstr("5 or 6")));
}

TEST_F(Dictionaries, ASpaceOfTheFileIsItsOwnLine) {
  const Text text = Dictionary::read(file(" \na\n")).value().read_text(file("a a\n")).value();
  EXPECT_THAT(text.lines, ElementsAre(ElementsAre(2, 1, 2)));
  EXPECT_TRUE(text.check_classes(3).ok());
  EXPECT_FALSE(text.check_classes(4).ok());
}

TEST_F(Dictionaries, WhatIsWrongIsNamedWithItsLine) {
  EXPECT_THAT(refused(""), HasSubstr("it is empty"));
  EXPECT_THAT(refused("a\n\nb\n"), HasSubstr("line 2 has 0"));
  EXPECT_THAT(refused("a\nbc\n"), HasSubstr("line 2 has 2"));
  EXPECT_THAT(refused("a\nb\na\n"), HasSubstr("line 3: U+0061 was there before"));
  // Continuation bytes alone, cut short, more bytes than needed, a surrogate, beyond U+10FFFF.
  for (const char* bytes : {"\x80", "\xc3", "\xe7\x94", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                            "\xf4\x90\x80\x80", "\xff", "\xc3\x28"}) {
    EXPECT_THAT(refused(std::string("a\n") + bytes), HasSubstr("line 2 has other bytes")) << bytes;
  }
  EXPECT_THAT(Dictionary::read("/nonexistent").error().message(), HasSubstr("/nonexistent"));
  const Dictionary dictionary = Dictionary::read(file("a\nb\n")).value();
  const auto text_message = [&](const std::string& text) {
    return dictionary.read_text(file(text)).error().message();
  };
  EXPECT_THAT(text_message("ab\na\u7530\n"), HasSubstr("line 2 has U+7530"));
  EXPECT_THAT(text_message("ab\n\nb\n"), HasSubstr("line 2 is empty"));
  EXPECT_THAT(text_message("ab\n\xff\n"), HasSubstr("line 2 has other bytes"));
}

}  // namespace
}  // namespace fewbit::quant
