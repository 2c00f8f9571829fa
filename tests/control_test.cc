// Comparisons, reset values, case statements, states and counters.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/rtl/control.h"

#include <gmock/gmock.h>

#include <set>

#include "fewbit/gen/rtl/delay.h"
#include "fewbit/gen/rtl/design.h"
#include "fewbit/gen/rtl/evaluator.h"
#include "fewbit/gen/rtl/mutate.h"
#include "fewbit/gen/rtl/passes.h"

namespace fewbit::rtl {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

void comparisons(Module& m) {
  const Signal x = m.input("x_i", 4);
  const Signal y = m.input("y_i", 4);
  m.output("less_o", m.net("less", less(x, y)));
  m.output("signed_o", m.net("less_signed", less_signed(~x, y)));
}

TEST(Less, ComparesUnsignedAndTwosComplement) {
  Module m("compare");
  comparisons(m);
  EXPECT_THAT(find_defects(m), IsEmpty());
  Evaluator run(m);
  for (int x = 0; x < 16; ++x) {
    for (int y = 0; y < 16; ++y) {
      run.set("x_i", x);
      run.set("y_i", y);
      run.settle();
      const int inverted = 15 - x;
      const auto number = [](int code) { return code < 8 ? code : code - 16; };
      EXPECT_EQ(run.get("less_o"), x < y ? 1 : 0);
      EXPECT_EQ(run.get("signed_o"), number(inverted) < number(y) ? 1 : 0) << x << " " << y;
    }
  }
  const std::string text = Design(m).files()[0].text;
  EXPECT_THAT(text, HasSubstr("wire less = x_i < y_i;"));
  EXPECT_THAT(text, HasSubstr("wire less_signed = $signed(~x_i) < $signed(y_i);"));
}

TEST(Less, WhatCanOnlyBeFalseIsAConstant) {
  Module m("constant");
  const Signal x = m.input("x_i", 4);
  const auto value = [&](const Signal& s) {
    const Node& node = m.node(s.id());
    return node.op == Op::kConst ? static_cast<int>(node.value) : -1;
  };
  EXPECT_EQ(value(less(x, m.constant(4, 0))), 0);
  EXPECT_EQ(value(less(m.constant(4, 15), x)), 0);
  EXPECT_EQ(value(less(x, x)), 0);
  EXPECT_EQ(value(less(x, m.constant(4, 8))), -1);
  EXPECT_EQ(value(less_signed(x, m.constant(4, 8))), 0);
  EXPECT_EQ(value(less_signed(m.constant(4, 7), x)), 0);
}

TEST(Less, TakesTheTimeOfACarryChain) {
  const DelayModel model{
      .clock_to_output = 1, .wire = 2, .setup = 3, .carry_enter = 4, .carry = 5, .carry_exit = 6};
  Module m("compare");
  m.output("y_o", m.net("less", less(m.input("a_i", 3), m.input("b_i", 3))));
  EXPECT_DOUBLE_EQ(estimate_period(m, model), 1 + 2 + 4 + 3 * 5 + 6 + 3);
}

/// Machine of three states: start_i, then busy until the counter of 5 is at its end, then done
/// until taken_i.
void machine(Module& m, StateMachine::Encoding encoding) {
  m.clocked(Reset::kSyncHigh);
  const Signal start = m.input("start_i", 1);
  const Signal taken = m.input("taken_i", 1);
  StateMachine state(m, "state", {"idle", "busy", "all_done"}, encoding);
  const Counter count = counter(m, "count", 5, m.net("is_busy", state.in("busy")));
  state.go("idle", start, "busy");
  state.go("busy", count.last, "all_done");
  state.go("all_done", m.net("again", taken & start), "busy");
  state.go("all_done", taken, "idle");
  state.finish();
  m.output("count_o", count.value);
  m.output("done_o", state.in("all_done"));
  m.output("state_o", state.code());
}

TEST(StateMachine, GoesByTheFirstConditionThatHolds) {
  for (const auto encoding : {StateMachine::Encoding::kBinary, StateMachine::Encoding::kOneHot}) {
    const bool is_one_hot = encoding == StateMachine::Encoding::kOneHot;
    Module m("machine");
    machine(m, encoding);
    EXPECT_THAT(find_defects(m), IsEmpty());
    Evaluator run(m);
    int state = 0;
    int count = 0;
    std::set<std::pair<int, int>> steps;
    for (int cycle = 0; cycle < 500; ++cycle) {
      const bool start = cycle * 7 % 11 < 6;
      const bool taken = cycle * 5 % 13 < 4;
      const bool reset = cycle % 101 == 100;
      run.set("start_i", start ? 1 : 0);
      run.set("taken_i", taken ? 1 : 0);
      run.set("rst_i", reset ? 1 : 0);
      run.settle();
      ASSERT_EQ(run.get("state_o"), is_one_hot ? 1 << state : state);
      ASSERT_EQ(run.get("count_o"), count);
      ASSERT_EQ(run.get("done_o"), state == 2 ? 1 : 0);
      run.clock();
      int next = state;
      if (state == 0 && start) next = 1;
      if (state == 1 && count == 4) next = 2;
      if (state == 2 && taken) next = start ? 1 : 0;
      if (state == 1) count = (count + 1) % 5;
      if (reset) next = count = 0;
      steps.insert({state, next});
      state = next;
    }
    EXPECT_GE(steps.size(), 7U);
  }
}

TEST(StateMachine, IsPrintedByNames) {
  Module m("machine");
  machine(m, StateMachine::Encoding::kBinary);
  const std::string text = Design(m).files()[0].text;
  EXPECT_THAT(text, HasSubstr("  localparam logic [1:0] StateIdle = 2'b00;\n"
                              "  localparam logic [1:0] StateBusy = 2'b01;\n"
                              "  localparam logic [1:0] StateAllDone = 2'b10;\n"));
  EXPECT_THAT(text, HasSubstr(R"(
  logic [1:0] state_d;
  always_comb begin
    case (state_q)
      StateIdle: state_d = start_i ? StateBusy : StateIdle;
      StateBusy: state_d = count_last ? StateAllDone : StateBusy;
      StateAllDone: state_d = again ? StateBusy : (taken_i ? StateIdle : StateAllDone);
      default: state_d = StateIdle;
    endcase
  end
)"));
  EXPECT_THAT(text, HasSubstr("      state_q <= StateIdle;\n"));
  EXPECT_THAT(text, HasSubstr("state_q == StateAllDone"));
}

TEST(StateMachine, MistakesArePlanted) {
  Module original("machine");
  machine(original, StateMachine::Encoding::kBinary);
  std::set<Mutation::Kind> kinds;
  for (const Mutation& mutation : mutations_of(original, 1)) {
    kinds.insert(mutation.kind);
    Module mutant("machine");
    machine(mutant, StateMachine::Encoding::kBinary);
    apply(mutant, mutation);
    EXPECT_THAT(Design(mutant).defects(), IsEmpty()) << mutation.text;
  }
  EXPECT_TRUE(kinds.contains(Mutation::Kind::kSwapBranches));
  Module compare("compare");
  comparisons(compare);
  kinds.clear();
  for (const Mutation& mutation : mutations_of(compare, 1)) {
    kinds.insert(mutation.kind);
    Module right("compare");
    Module wrong("compare");
    comparisons(right);
    comparisons(wrong);
    apply(wrong, mutation);
    Evaluator expected(right);
    Evaluator got(wrong);
    bool differs = false;
    for (int code = 0; code < 256; ++code) {
      for (Evaluator* run : {&expected, &got}) {
        run->set("x_i", code >> 4);
        run->set("y_i", code & 15);
        run->settle();
      }
      differs = differs || expected.get("less_o") != got.get("less_o") ||
                expected.get("signed_o") != got.get("signed_o");
    }
    EXPECT_TRUE(differs) << mutation.text;
  }
  EXPECT_TRUE(kinds.contains(Mutation::Kind::kOrEqual));
}

TEST(Register, ResetsToItsNumber) {
  Module m("register");
  m.clocked(Reset::kAsyncLow);
  const Signal load = m.input("load_i", 1);
  const Signal clear = m.input("clear_i", 1);
  const Signal q = m.reg("value_q", 9, {.enable = load, .clear = clear, .reset_value = 300});
  m.drive(q, m.input("x_i", 9));
  m.output("value_o", q);
  Evaluator run(m);
  EXPECT_EQ(run.get("value_o"), 300);
  run.set("rst_ni", 1);
  run.set("load_i", 1);
  run.set("x_i", 17);
  run.clock();
  EXPECT_EQ(run.get("value_o"), 17);
  run.set("clear_i", 1);
  run.clock();
  EXPECT_EQ(run.get("value_o"), 0);
  run.set("rst_ni", 0);
  run.clock();
  EXPECT_EQ(run.get("value_o"), 300);
  EXPECT_THAT(Design(m).files()[0].text, HasSubstr("value_q <= 9'h12c;"));
}

TEST(Counter, OfAPowerOfTwoWrapsByItselfAndOfOneIsNothing) {
  Module m("counters");
  m.clocked(Reset::kNone);
  const Signal advance = m.input("advance_i", 1);
  const Counter eight = counter(m, "eight", 8, advance, m.input("clear_i", 1));
  const Counter one = counter(m, "one", 1, advance);
  EXPECT_EQ(one.value.width(), 0);
  m.output("eight_o", eight.value);
  m.output("last_o", m.net("last", eight.last & one.last));
  Evaluator run(m);
  run.set("advance_i", 1);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(run.get("eight_o"), i % 8);
    EXPECT_EQ(run.get("last_o"), i % 8 == 7 ? 1 : 0);
    run.clock();
  }
  run.set("clear_i", 1);
  run.clock();
  EXPECT_EQ(run.get("eight_o"), 0);
}

}  // namespace
}  // namespace fewbit::rtl
