// Pipelining: the same values some cycles later, in fewer nanoseconds of the delay model.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/rtl/pipeline.h"

#include <gmock/gmock.h>

#include <random>

#include "fewbit/gen/rtl/evaluator.h"
#include "fewbit/gen/rtl/passes.h"

namespace fewbit::rtl {
namespace {

constexpr int kWidth = 8;

DelayModel simple_model() {
  DelayModel model;
  model.lut_inputs = 4;
  model.clock_to_output = 0.5;
  model.wire = 0.5;
  model.lut = 0.5;
  model.setup = 0.5;
  model.carry = 0.1;
  model.carry_enter = 0.2;
  model.carry_exit = 0.2;
  return model;
}

/// Sums, logic and a table over three inputs; by hand the value is in `expected`.
Signal datapath(Module& m) {
  const Signal a = m.input("a_i", kWidth);
  const Signal b = m.input("b_i", kWidth);
  const Signal c = m.input("c_i", kWidth);
  const Signal sum = m.net("sum", a + b);
  const Signal mixed = m.net("mixed", (sum ^ c) & ~b);
  const Signal twice = m.net("twice", mixed + sum);
  const Signal odd = m.net("odd", reduce_xor(twice));
  return m.net("picked", mux(odd, twice + c, concat({twice.low(kWidth - 1), odd})));
}

unsigned expected(unsigned a, unsigned b, unsigned c) {
  const unsigned mask = (1U << kWidth) - 1;
  const unsigned sum = (a + b) & mask;
  const unsigned twice = (((sum ^ c) & ~b & mask) + sum) & mask;
  const bool odd = __builtin_parity(twice) != 0;
  return odd ? (twice + c) & mask : ((twice << 1) | 0U) & mask;
}

TEST(Pipeline, ValuesComeTheGivenNumberOfCyclesLater) {
  for (int registers = 0; registers <= 6; ++registers) {
    Module m("pipelined");
    m.clocked(Reset::kNone);
    const std::vector<PipelineSink> sinks = {{datapath(m)}};
    const DelayModel model = simple_model();
    const PipelinePlan plan = plan_pipeline(m, sinks, registers, model);
    m.output("y_o", pipeline(m, sinks, plan, {}).front());
    legalise_names(m);
    EXPECT_THAT(find_defects(m), ::testing::IsEmpty());
    Evaluator run(m);
    std::mt19937 random(5);
    std::vector<unsigned> due;
    for (int cycle = 0; cycle < 200; ++cycle) {
      const unsigned a = random() % 256;
      const unsigned b = random() % 256;
      const unsigned c = random() % 256;
      run.set("a_i", a);
      run.set("b_i", b);
      run.set("c_i", c);
      due.push_back(expected(a, b, c));
      run.settle();
      if (cycle >= registers) {
        EXPECT_EQ(run.get("y_o"), due[static_cast<std::size_t>(cycle - registers)])
            << registers << " registers, cycle " << cycle;
      }
      run.clock();
    }
  }
}

TEST(Pipeline, MoreRegistersAreNeverSlower) {
  Module m("plans");
  const std::vector<PipelineSink> sinks = {{datapath(m)}};
  const DelayModel model = simple_model();
  double before = 1e9;
  for (int registers = 0; registers <= 6; ++registers) {
    const PipelinePlan plan = plan_pipeline(m, sinks, registers, model);
    EXPECT_LE(plan.period, before + 1e-6) << registers;
    EXPECT_EQ(plan.register_bits > 0, registers > 0);
    before = plan.period;
  }
  // Three sums one after the other cannot come below one of them alone.
  EXPECT_GE(before, model.adder_period(kWidth) - model.carry - 1e-6);
  EXPECT_LT(before, 2 * model.adder_period(kWidth));
}

TEST(Pipeline, RegistersAreCounted) {
  // One gate of two bits into one bit: behind it a register costs 1 flip-flop, before it 2.
  Module m("cheap");
  const Signal a = m.input("a_i", 1);
  const Signal b = m.input("b_i", 1);
  const std::vector<PipelineSink> sinks = {{m.net("both", a & b)}};
  const PipelinePlan plan = plan_pipeline(m, sinks, 1, simple_model());
  EXPECT_EQ(plan.register_bits, 1);
  EXPECT_EQ(plan.stage[static_cast<std::size_t>(sinks[0].signal.id())], 0);
}

TEST(Delay, AnAdderIsWorkedOutByHand) {
  const DelayModel model = simple_model();
  Module m("adder");
  const Signal a = m.input("a_i", 4);
  const Signal b = m.input("b_i", 4);
  m.output("y_o", m.net("sum", a + b));
  // 0.5 clock, 0.5 wire, 0.2 into the chain, 3 carries of 0.1, 0.2 out of it, 0.5 setup
  EXPECT_NEAR(estimate_period(m, model), 2.2, 1e-9);
}

TEST(Delay, GatesShareATable) {
  const DelayModel model = simple_model();
  Module m("gates");
  const Signal x = m.input("x_i", 6);
  const Signal four = m.net("four", (x.bit(0) & x.bit(1)) ^ (x.bit(2) | x.bit(3)));
  m.output("y_o", four);
  EXPECT_NEAR(estimate_period(m, model), 0.5 + 1.0 + 0.5, 1e-9);  // one table of four inputs
  m.output("z_o", m.net("six", four & x.bit(4) & x.bit(5)));
  EXPECT_NEAR(estimate_period(m, model), 0.5 + 2.0 + 0.5, 1e-9);  // two
}

}  // namespace
}  // namespace fewbit::rtl
