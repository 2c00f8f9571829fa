// Probes: marks that stay with their nets through naming and pipelining; ports made of them.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/rtl/probe.h"

#include <gmock/gmock.h>

#include "fewbit/gen/rtl/evaluator.h"
#include "fewbit/gen/rtl/passes.h"
#include "fewbit/gen/rtl/pipeline.h"
#include "fewbit/gen/rtl/printer.h"

namespace fewbit::rtl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Probe& probe_of(const std::vector<Probe>& probes, ProbeRole role) {
  for (const Probe& probe : probes) {
    if (probe.role == role) return probe;
  }
  ADD_FAILURE() << "no " << to_string(role);
  return probes.front();
}

/// result_o = (a_i + b_i) ^ b_i; the sum is the addend, and two nets have one name.
void build_sum(Module& m) {
  const Signal a = m.input("a_i", 4), b = m.input("b_i", 4);
  const Signal first = m.net("sum", a & b);
  const Signal sum = m.net("sum", a + b);
  m.mark(ProbeRole::kAddend, sum, 2, 5);
  m.mark(ProbeRole::kAddendCarry, m.constant(1, 0));
  m.mark(ProbeRole::kTerm, m.net("dead", a - b));
  m.output("result_o", sum ^ b);
  m.output("first_o", first);
}

TEST(Probes, HaveTheNamesOfTheText) {
  Module m("m");
  build_sum(m);
  EXPECT_THAT(print(m), HasSubstr("wire [3:0] sum_2 = a_i + b_i;"));
  const std::vector<Probe> probes = probes_of(m);
  ASSERT_EQ(probes.size(), 2U);  // what is not in the text has no probe
  const Probe& sum = probe_of(probes, ProbeRole::kAddend);
  EXPECT_EQ(sum.net, "sum_2");
  EXPECT_EQ(sum.width_bits, 4);
  EXPECT_EQ(sum.lane, 2);
  EXPECT_EQ(sum.place, 5);
  EXPECT_FALSE(sum.is_register);
  EXPECT_EQ(sum.port, "");
  EXPECT_EQ(probe_of(probes, ProbeRole::kAddendCarry).net, "");
}

TEST(Probes, AreShownByOutputs) {
  Module m("m");
  build_sum(m);
  open_probes(m, {});
  print(m);
  const std::vector<Probe> probes = probes_of(m);
  ASSERT_EQ(probes.size(), 2U);
  const Probe& sum = probe_of(probes, ProbeRole::kAddend);
  EXPECT_FALSE(sum.is_free);
  EXPECT_NE(sum.port, sum.net);
  Evaluator run(m);
  run.set("a_i", 9);
  run.set("b_i", 3);
  run.settle();
  EXPECT_EQ(run.get(sum.port), 12);
  EXPECT_EQ(run.get("result_o"), 12 ^ 3);
}

TEST(Probes, OfAFreeRoleAreInputs) {
  Module m("m");
  build_sum(m);
  open_probes(m, {ProbeRole::kAddend});
  print(m);
  const std::vector<Probe> probes = probes_of(m);
  const Probe& sum = probe_of(probes, ProbeRole::kAddend);
  EXPECT_TRUE(sum.is_free);
  Evaluator run(m);
  run.set("a_i", 9);
  run.set("b_i", 3);
  run.set(sum.port, 7);
  run.settle();
  EXPECT_EQ(run.get("result_o"), 7 ^ 3);
}

TEST(Probes, ARegisterCanBeFreedAndLosesItsInput) {
  Module m("m");
  m.clocked(Reset::kAsyncLow);
  const Signal q = m.reg("sum_q", 4);
  m.drive(q, q + m.input("a_i", 4));
  m.mark(ProbeRole::kSum, q);
  m.output("sum_o", q);
  EXPECT_TRUE(probes_of(m).front().is_register);
  open_probes(m, {ProbeRole::kSum});
  print(m);
  const Probe sum = probes_of(m).front();
  Evaluator run(m);
  run.set("a_i", 1);
  run.set(sum.port, 7);
  run.clock();
  run.settle();
  EXPECT_EQ(run.get("sum_o"), 7);
}

/// What the pipeline copies, and then is dead, takes its mark along.
TEST(Probes, StayWithNetsThatThePipelineMoves) {
  Module m("m");
  m.clocked(Reset::kNone);
  const Signal a = m.input("a_i", 8), b = m.input("b_i", 8);
  const Signal sum = m.net("sum", a + b);
  const Signal total = m.net("total", sum + (a ^ b));
  m.mark(ProbeRole::kAddend, sum);
  m.mark(ProbeRole::kTerm, total, 3);
  const std::vector<PipelineSink> sinks = {{total}};
  const DelayModel model{.wire = 1, .lut = 1, .carry = 1};
  const std::vector<Signal> late = pipeline(m, sinks, plan_pipeline(m, sinks, 2, model), {});
  m.output("total_o", late.front());
  open_probes(m, {});
  EXPECT_THAT(find_defects(m), ElementsAre());
  print(m);
  const std::vector<Probe> probes = probes_of(m);
  ASSERT_EQ(probes.size(), 2U);
  Evaluator run(m);
  run.set("a_i", 100);
  run.set("b_i", 27);
  for (int cycle = 0; cycle < 3; ++cycle) run.clock();
  run.settle();
  EXPECT_EQ(run.get("total_o"), (127 + (100 ^ 27)) & 255);
  EXPECT_EQ(run.get(probe_of(probes, ProbeRole::kAddend).port), 127);
  EXPECT_EQ(run.get(probe_of(probes, ProbeRole::kTerm).port), (127 + (100 ^ 27)) & 255);
  EXPECT_EQ(probe_of(probes, ProbeRole::kTerm).lane, 3);
}

}  // namespace
}  // namespace fewbit::rtl
