// Instances in the delay model and in the pipeliner: delays from port to port, registers at ports
// alone, and stated latencies that other paths are balanced with.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <deque>
#include <functional>

#include "fewbit/gen/rtl/delay.h"
#include "fewbit/gen/rtl/design.h"
#include "fewbit/gen/rtl/evaluator.h"
#include "fewbit/gen/rtl/passes.h"
#include "fewbit/gen/rtl/pipeline.h"

namespace fewbit::rtl {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// A gate of two inputs takes 3 with the wire to it, so that sums of delays are whole numbers.
constexpr DelayModel kModel = {
    .lut_inputs = 2, .clock_to_output = 1, .wire = 1, .lut = 2, .setup = 1};

using ModulePtr = std::shared_ptr<Module>;

/// late_o has `gates` gates behind x_i and one behind y_i; early_o is y_i inverted.
ModulePtr chain(int gates) {
  auto m = std::make_shared<Module>("chain");
  const Signal x = m->input("x_i", 1);
  const Signal y = m->input("y_i", 1);
  const Signal rest = m->input("rest_i", gates - 1);
  Signal value = x;
  for (int i = 0; i + 1 < gates; ++i) value = m->net("xored", value ^ rest.bit(i));
  m->output("late_o", m->net("late", value ^ y));
  m->output("early_o", m->net("early", ~y));
  return m;
}

TEST(ModuleDelays, AreFromEachInputToEachOutput) {
  const ModuleDelays delays = module_delays(*chain(4), kModel);
  EXPECT_THAT(delays.inputs, ElementsAre("x_i", "y_i", "rest_i"));
  EXPECT_THAT(delays.through[0], ElementsAre(12, 3, 12));
  EXPECT_THAT(delays.through[1], ElementsAre(-1, 0, -1));  // whoever reads it inverts
  EXPECT_THAT(delays.from_clock, Each(-1));
  EXPECT_THAT(delays.to_register, Each(-1));
  EXPECT_EQ(delays.period, 0);
}

/// Two gates before a register that is behind three of its own, and one behind it.
ModulePtr with_register() {
  auto m = std::make_shared<Module>("with_register");
  m->clocked(Reset::kNone);
  const Signal x = m->input("x_i", 3);
  const Signal own = m->reg("own_q", 4, {.reset = false});
  m->drive(own, m->net("same", own));
  const Signal first = m->net("first", x.bit(0) ^ x.bit(1));
  const Signal q = m->reg("result_q", 1, {.reset = false});
  const Signal o1 = m->net("o1", own.bit(0) ^ own.bit(1));
  const Signal o2 = m->net("o2", o1 ^ own.bit(2));
  m->drive(q, m->net("data", m->net("second", first ^ x.bit(2)) ^ m->net("o3", o2 ^ own.bit(3))));
  m->output("q_o", m->net("out", q ^ own.bit(0)));
  m->output("mixed_o", m->net("mixed", q ^ x.bit(0)));
  return m;
}

TEST(ModuleDelays, KnowRegisters) {
  const ModuleDelays delays = module_delays(*with_register(), kModel);
  EXPECT_THAT(delays.inputs, ElementsAre("clk_i", "x_i"));
  EXPECT_THAT(delays.through[0], ElementsAre(-1, -1));
  EXPECT_THAT(delays.through[1], ElementsAre(-1, 3));
  EXPECT_THAT(delays.from_clock, ElementsAre(4, 4));
  EXPECT_THAT(delays.to_register, ElementsAre(-1, 3 * 3 + 1));
  EXPECT_EQ(delays.period, 1 + 4 * 3 + 1);
}

TEST(EstimatedPeriod, OfInstancesIsThatOfTheLogicInThem) {
  Module m("top");
  m.clocked(Reset::kNone);
  const Signal x = m.input("x_i", 3);
  const auto one =
      m.instance(chain(2), "u_a", {{"x_i", x.bit(0)}, {"y_i", x.bit(1)}, {"rest_i", x.bit(2)}});
  const auto two = m.instance(chain(2), "u_b",
                              {{"x_i", one["late_o"]}, {"y_i", x.bit(1)}, {"rest_i", x.bit(2)}});
  m.output("y_o", two["late_o"]);
  EXPECT_EQ(estimate_period(m, kModel), 1 + 4 * 3 + 1);
  const auto three =
      m.instance(with_register(), "u_c", {{"x_i", concat({x.low(2), two["late_o"]})}});
  m.output("z_o", three["q_o"]);
  EXPECT_EQ(estimate_period(m, kModel), 1 + 4 * 3 + 3 * 3 + 1);
}

/// z = ((x ^ c0) ^ c1 ...) through instances of chain(3), and beside them a path of one gate.
struct Built {
  Module m{"piped"};
  std::vector<Signal> ends;
  PipelinePlan plan;
};
std::unique_ptr<Built> chains(int registers) {
  auto built = std::make_unique<Built>();
  Module& m = built->m;
  m.clocked(Reset::kSyncHigh);
  const Signal x = m.input("x_i", 1);
  const Signal c = m.input("c_i", 9);
  const ModulePtr part = chain(3);
  Signal value = x;
  for (int k = 0; k < 3; ++k) {
    const auto link = m.instance(
        part, "u_link",
        {{"x_i", value}, {"y_i", c.bit(3 * k)}, {"rest_i", c.slice(3 * k + 2, 3 * k + 1)}});
    value = link["late_o"];
    m.output("inverse_" + std::to_string(k) + "_o", link["early_o"]);
  }
  const Signal end = m.net("end", value ^ m.net("beside", x & c.bit(0)));
  built->plan = plan_pipeline(m, {{end}}, registers, kModel);
  built->ends = pipeline(m, {{end}}, built->plan, {.reset = false});
  m.output("end_o", built->ends[0]);
  return built;
}

TEST(PipelineOfInstances, RegistersAreAtPortsAlone) {
  // 9 gates in three instances and one more.
  EXPECT_NEAR(chains(0)->plan.period, 1 + 10 * 3 + 1, 1e-3);
  EXPECT_NEAR(chains(1)->plan.period, 1 + 6 * 3 + 1, 1e-3);  // 6 and 4
  EXPECT_NEAR(chains(3)->plan.period, 1 + 3 * 3 + 1, 1e-3);
  EXPECT_NEAR(chains(9)->plan.period, 1 + 3 * 3 + 1, 1e-3);  // no register inside
}

TEST(PipelineOfInstances, TheResultIsTheSameSoManyCyclesLater) {
  for (const int registers : {0, 1, 2, 3, 5}) {
    const auto built = chains(registers);
    Design design(built->m);
    ASSERT_THAT(design.defects(), IsEmpty());
    Evaluator run(built->m);
    std::deque<int> expected;
    for (int cycle = 0; cycle < 300; ++cycle) {
      const int x = cycle * 5 % 7 & 1;
      const int c = cycle * 293 % 512;
      run.set("x_i", x);
      run.set("c_i", c);
      run.settle();
      int parity = x;
      for (int bit = 0; bit < 9; ++bit) parity ^= c >> bit & 1;
      expected.push_back(parity ^ (x & c & 1));
      if (static_cast<int>(expected.size()) > registers) {
        ASSERT_EQ(run.get("end_o"), expected.front()) << registers;
        expected.pop_front();
      }
      run.clock();
    }
  }
}

/// y_o = x_i + k_i two clock edges later, three gates deep before the first register.
ModulePtr two_stage_adder(bool with_enable) {
  auto m = std::make_shared<Module>("two_stages");
  m->clocked(Reset::kNone);
  const Signal enable = with_enable ? m->input("enable_i", 1) : Signal();
  const Signal sum = m->input("x_i", 4) + m->input("k_i", 4);
  const Signal first = m->reg("first_q", 4, {.enable = enable, .reset = false});
  const Signal second = m->reg("second_q", 4, {.enable = enable, .reset = false});
  m->drive(first, m->net("sum", sum));
  m->drive(second, first);
  m->output("y_o", second);
  m->pipelined(2, with_enable ? "enable_i" : "");
  return m;
}

/// (x + k) ^ ~k, where the sum comes from the adder; moves where `advance` is 1.
void mixed(Module& m, int registers, bool with_enable) {
  m.clocked(Reset::kNone);
  const Signal x = m.input("x_i", 4);
  const Signal k = m.input("k_i", 4);
  const Signal advance = with_enable ? m.input("advance_i", 1) : Signal();
  std::vector<std::pair<std::string, Signal>> inputs = {{"x_i", m.net("negated", ~x)}, {"k_i", k}};
  if (with_enable) inputs.emplace_back("enable_i", advance);
  const auto sum = m.instance(two_stage_adder(with_enable), "u_sum", inputs);
  const Signal end = m.net("end", sum["y_o"] ^ m.net("other", ~k));
  const PipelinePlan plan = plan_pipeline(m, {{end}}, registers, kModel);
  const auto ends = pipeline(m, {{end}}, plan, {.enable = advance, .reset = false});
  m.output("y_o", ends[0]);
}

TEST(PipelineOfInstances, AStatedLatencyCountsAndOtherPathsWait) {
  for (const bool with_enable : {false, true}) {
    for (const int registers : {2, 3, 4}) {
      Module m("mixed");
      mixed(m, registers, with_enable);
      ASSERT_THAT(Design(m).defects(), IsEmpty());
      Evaluator run(m);
      std::deque<int> expected;
      for (int cycle = 0; cycle < 200; ++cycle) {
        const int x = cycle * 11 % 16;
        const int k = cycle * 7 % 13;
        const bool advance = !with_enable || cycle % 3 != 0;
        run.set("x_i", x);
        run.set("k_i", k);
        if (with_enable) run.set("advance_i", advance ? 1 : 0);
        run.clock();
        if (!advance) continue;
        expected.push_back(((15 - x + k) ^ (15 - k)) & 15);
        if (static_cast<int>(expected.size()) < registers) continue;
        ASSERT_EQ(run.get("y_o"), expected.front()) << registers;
        expected.pop_front();
      }
    }
  }
}

TEST(StatedLatency, IsHeldAgainstTheRegisters) {
  EXPECT_THAT(find_defects(*two_stage_adder(false)), IsEmpty());
  const auto wrong = [](int stated, const std::function<Signal(Module&, Signal)>& end) {
    Module m("wrong");
    m.clocked(Reset::kNone);
    const Signal x = m.input("x_i", 4);
    m.output("y_o", end(m, x));
    m.pipelined(stated);
    return find_defects(m);
  };
  const auto held = [](Module& m, Signal x) {
    const Signal q = m.reg("held_q", 4, {.reset = false});
    m.drive(q, x);
    return q;
  };
  EXPECT_THAT(wrong(1, held), IsEmpty());
  EXPECT_THAT(wrong(2, held),
              ElementsAre("wrong states a latency of 2 and reaches y_o by 1 registers"));
  EXPECT_THAT(wrong(1, [&](Module& m, Signal x) { return m.net("mixed", held(m, x) ^ x); }),
              ElementsAre("wrong states a latency of 1 and reaches y_o by 0 registers"));
  EXPECT_THAT(wrong(1,
                    [](Module& m, Signal x) {
                      const Signal q = m.reg("sum_q", 4, {.reset = false});
                      m.drive(q, m.net("sum", q + x));
                      return q;
                    }),
              ElementsAre("wrong states a latency and has a loop of registers"));
  EXPECT_THAT(wrong(3,
                    [&](Module& m, Signal x) {
                      return held(m, m.instance(two_stage_adder(false), "u_sum",
                                                {{"x_i", x}, {"k_i", x}})["y_o"]);
                    }),
              IsEmpty());
}

}  // namespace
}  // namespace fewbit::rtl
