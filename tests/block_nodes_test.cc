// Products and ROM words of the intermediate form: values, text and what is refused.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "fewbit/gen/rtl/delay.h"
#include "fewbit/gen/rtl/evaluator.h"
#include "fewbit/gen/rtl/mutate.h"
#include "fewbit/gen/rtl/passes.h"
#include "fewbit/gen/rtl/printer.h"

namespace fewbit::rtl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int kA = 4;
constexpr int kB = 3;

int value(int code, int bits, bool is_signed) {
  return is_signed && code >> (bits - 1) != 0 ? code - (1 << bits) : code;
}

void multiplier(Module& m, bool a_signed, bool b_signed) {
  const Signal a = m.input("a_i", kA);
  const Signal b = m.input("b_i", kB);
  m.output("p_o", m.net("p", product(a, a_signed, b, b_signed)));
}

TEST(BlockNodes, ProductsAreExactForEverySignedness) {
  for (const bool a_signed : {false, true}) {
    for (const bool b_signed : {false, true}) {
      Module m("multiplier");
      multiplier(m, a_signed, b_signed);
      EXPECT_THAT(find_defects(m), IsEmpty());
      Evaluator run(m);
      for (int a = 0; a < 1 << kA; ++a) {
        for (int b = 0; b < 1 << kB; ++b) {
          run.set("a_i", a);
          run.set("b_i", b);
          run.settle();
          const int expected = value(a, kA, a_signed) * value(b, kB, b_signed);
          EXPECT_EQ(run.get("p_o"), expected & ((1 << (kA + kB)) - 1)) << a << " x " << b;
        }
      }
    }
  }
}

TEST(BlockNodes, ProductsArePrintedSoThatFactorsKeepTheirWidth) {
  const auto text = [](bool a_signed, bool b_signed) {
    Module m("multiplier");
    multiplier(m, a_signed, b_signed);
    return print(m);
  };
  EXPECT_THAT(text(false, false), HasSubstr("wire [6:0] p = a_i * b_i;"));
  EXPECT_THAT(text(true, true), HasSubstr("wire [6:0] p = $signed(a_i) * $signed(b_i);"));
  EXPECT_THAT(text(true, false), HasSubstr("p = $signed(a_i) * $signed({1'b0, b_i});"));
  Module m("inverted");
  const Signal a = m.input("a_i", kA);
  m.output("p_o", m.net("p", product(~a, false, a, false)));
  EXPECT_THAT(print(m), HasSubstr("wire [7:0] p = {~a_i} * a_i;"));
}

TEST(BlockNodes, AProductTakesItsTime) {
  Module m("multiplier");
  multiplier(m, false, false);
  DelayModel model;
  const double without = estimate_period(m, model);
  model.multiply = 7;
  EXPECT_DOUBLE_EQ(estimate_period(m, model), without + 7);
}

TEST(BlockNodes, MistakesArePlantedInBoth) {
  Module m("multiplier");
  multiplier(m, false, true);
  std::vector<std::string> texts;
  for (const Mutation& mutation : mutations_of(m, 1)) texts.push_back(mutation.text);
  EXPECT_THAT(texts, ElementsAre("p: factor 0 of the other sign", "p: factor 1 of the other sign"));
  for (const Mutation& mutation : mutations_of(m, 1)) {
    Module mutant("multiplier");
    multiplier(mutant, false, true);
    apply(mutant, mutation);
    Evaluator run(mutant);
    run.set("a_i", 15);
    run.set("b_i", 7);
    run.settle();
    EXPECT_NE(run.get("p_o"), (15 * -1) & 127) << mutation.text;
  }
}

/// Words 3 i + 1, read with an enable.
Signal counting_rom(Module& m, const RegisterControl& control) {
  m.clocked(Reset::kSyncHigh);
  std::vector<BigInt> words;
  for (int i = 0; i < 16; ++i) words.push_back(3 * i + 1);
  const int memory = m.memory(
      "word_q_words", {.depth = 16, .width = 6, .contents = words, .style = MemoryStyle::kBlock});
  const Signal q = m.reg("word_q", 6, control);
  m.drive(q, m.word(memory, m.input("address_i", 4)));
  return q;
}

TEST(BlockNodes, ARomGivesItsWordAfterTheClock) {
  Module m("rom");
  m.output("word_o", counting_rom(m, {.reset = false}));
  EXPECT_THAT(find_defects(m), IsEmpty());
  Evaluator run(m);
  for (int i = 0; i < 16; ++i) {
    run.set("address_i", i);
    run.clock();
    EXPECT_EQ(run.get("word_o"), 3 * i + 1);
  }
  const std::string text = print(m);
  EXPECT_THAT(text, HasSubstr("(* ram_style = \"block\" *) logic [5:0] word_q_words [0:15];"));
  EXPECT_THAT(text, HasSubstr("word_q <= word_q_words[address_i];"));
}

TEST(BlockNodes, ARomElsewhereThanBehindSuchARegisterIsADefect) {
  Module with_reset("rom");
  with_reset.output("word_o", counting_rom(with_reset, {}));
  EXPECT_THAT(find_defects(with_reset), ElementsAre(HasSubstr("a memory's word that is not")));
  Module plain("rom");
  plain.clocked(Reset::kNone);
  const int memory = plain.memory("words", {.depth = 4, .width = 1, .contents = {1, 0, 1}});
  plain.output("word_o", plain.net("word", plain.word(memory, plain.input("address_i", 2))));
  EXPECT_THAT(find_defects(plain), ElementsAre(HasSubstr("a memory's word that is not")));
}

}  // namespace
}  // namespace fewbit::rtl
