// Mutants: each is one mistake, prints, and is a different text; live ones change the function.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/rtl/mutate.h"

#include <gmock/gmock.h>

#include <set>

#include "fewbit/gen/rtl/evaluator.h"
#include "fewbit/gen/rtl/printer.h"

namespace fewbit::rtl {
namespace {

/// sum_q <= sum_q + (a & ~b) where enable, 0 where clear; and a table of a.
void build(Module& m) {
  m.clocked(Reset::kSyncHigh);
  const Signal a = m.input("a_i", 4);
  const Signal b = m.input("b_i", 4);
  const Signal enable = m.input("enable_i", 1);
  const Signal clear = m.input("clear_i", 1);
  const Signal masked = m.net("masked", a & ~b);
  const Signal sum_q = m.reg("sum_q", 4, {.enable = enable, .clear = clear});
  m.drive(sum_q, m.net("sum", add_with_carry(sum_q, masked, a.bit(0))));
  m.output("sum_o", sum_q);
  m.output("bit_o", m.net("looked_up", table(0x8001, a)));
  m.output("any_o", m.net("any", mux(enable, reduce_or(masked), b.bit(3))));
}

std::string text_of(const Mutation* mutation) {
  Module module("mutated");
  build(module);
  if (mutation != nullptr) apply(module, *mutation);
  return print(module);
}

TEST(Mutate, EveryMutantPrintsAndIsAnotherText) {
  Module module("mutated");
  build(module);
  const std::vector<Mutation> mutations = mutations_of(module, 1);
  const std::string original = text_of(nullptr);
  std::set<Mutation::Kind> kinds;
  for (const Mutation& mutation : mutations) {
    EXPECT_NE(text_of(&mutation), original) << mutation.text;
    kinds.insert(mutation.kind);
  }
  EXPECT_EQ(kinds.size(), 12U);  // all of them
  EXPECT_GT(mutations.size(), 20U);
}

TEST(Mutate, SameSeedSameMutants) {
  Module x("x"), y("y");
  build(x);
  build(y);
  const auto one = mutations_of(x, 1);
  const auto other = mutations_of(y, 1);
  ASSERT_EQ(one.size(), other.size());
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_EQ(one[i].text, other[i].text);
}

TEST(Mutate, DroppedCarryChangesTheSum) {
  Module module("mutated");
  build(module);
  for (const Mutation& mutation : mutations_of(module, 1)) {
    if (mutation.kind != Mutation::Kind::kDropCarry) continue;
    Module mutant("mutant");
    build(mutant);
    apply(mutant, mutation);
    print(mutant);
    Evaluator evaluator(mutant);
    evaluator.set("a_i", 1);
    evaluator.set("b_i", 0);
    evaluator.set("enable_i", 1);
    evaluator.set("clear_i", 0);
    evaluator.clock();
    EXPECT_EQ(evaluator.get("sum_o"), 1);  // 2 with the carry
  }
}

}  // namespace
}  // namespace fewbit::rtl
