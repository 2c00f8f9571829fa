// Stimulus: nothing is missed where it is exhaustive, and accumulators see every promised
// situation. SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "sim/vectors/accumulator.h"
#include "sim/vectors/corner.h"
#include "sim/vectors/pairs.h"

namespace fewbit::vectors {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsSupersetOf;
using ::testing::Not;

Format format(const char* name) { return parse_format(name).value(); }

OperatorSpec mac_spec(const char* a, const char* b, std::optional<long long> terms,
                      std::optional<long long> acc_width = {}, const char* overflow = "",
                      const char* reset = "") {
  OperatorRequest request;
  request.op = "mac";
  request.a = a;
  request.b = b;
  request.terms = terms;
  request.acc_width = acc_width;
  request.overflow = overflow;
  request.reset = reset;
  return make_operator_spec(request).value();
}

std::vector<Cycle> all_cycles(const OperatorSpec& spec, AccumulatorStimulus::Options options) {
  AccumulatorStimulus stimulus(spec, options);
  std::vector<Cycle> cycles;
  for (Cycle cycle; stimulus.next(cycle);) cycles.push_back(cycle);
  return cycles;
}

TEST(CornerCodes, IntegersHaveExtremesAndPatterns) {
  EXPECT_THAT(corner_codes(format("int8")),
              IsSupersetOf(std::vector<Code>{0, 1, 2, 0x40, 0x55, 0x7e, 0x7f, 0x80, 0x81, 0xaa,
                                             0xfe, 0xff}));
  EXPECT_THAT(corner_codes(format("int2")), ElementsAre(0, 1, 2, 3));
}

TEST(CornerCodes, FloatsHaveEveryClassOnBothSides) {
  // E5M2: subnormals 1..3, normals 4..0x7b, one 0x3c, infinity 0x7c, quiet NaN 0x7e.
  EXPECT_THAT(corner_codes(format("e5m2")),
              IsSupersetOf(std::vector<Code>{0x00, 0x01, 0x03, 0x04, 0x3c, 0x7b, 0x7c, 0x7e, 0x7f,
                                             0x80, 0x81, 0x83, 0x84, 0xbc, 0xfb, 0xfc, 0xff}));
  EXPECT_THAT(corner_codes(format("e4m3fnuz")), Contains(Code{0x80}));
}

TEST(PairSequence, ExhaustiveAppliesEveryPairOnce) {
  for (const auto& [a, b] : {std::pair("int2", "int2"), std::pair("int3", "e3m2f"),
                             std::pair("e4m3fn", "int8"), std::pair("int10", "int10")}) {
    const PairSequence pairs(format(a), format(b), 7, 0);
    EXPECT_TRUE(pairs.exhaustive());
    std::set<std::pair<Code, Code>> seen;
    for (std::uint64_t i = 0; i < pairs.size(); ++i) {
      EXPECT_LT(pairs[i].a, Code{1} << format(a).bits());
      EXPECT_LT(pairs[i].b, Code{1} << format(b).bits());
      seen.insert({pairs[i].a, pairs[i].b});
    }
    EXPECT_EQ(seen.size(), std::size_t{1} << (format(a).bits() + format(b).bits()));
    EXPECT_EQ(pairs.distinct(), seen.size());
    EXPECT_EQ(pairs.phase(0), "every operand");
  }
}

TEST(PairSequence, OneOperandAlone) {
  const PairSequence pairs(format("e4m3fn"), std::nullopt, 1, 0);
  std::set<Code> seen;
  for (std::uint64_t i = 0; i < pairs.size(); ++i) {
    seen.insert(pairs[i].a);
    EXPECT_EQ(pairs[i].b, 0U);
  }
  EXPECT_EQ(seen.size(), 256U);
}

TEST(PairSequence, SampledCrossesCornersThenGoesRandom) {
  const PairSequence pairs(format("int16"), format("int12"), 3, 5000);
  EXPECT_FALSE(pairs.exhaustive());
  EXPECT_EQ(pairs.possible(), std::ldexp(1.0, 28));
  std::set<std::pair<Code, Code>> corners, all;
  for (std::uint64_t i = 0; i < pairs.size(); ++i) {
    EXPECT_LT(pairs[i].a, 0x10000U);
    EXPECT_LT(pairs[i].b, 0x1000U);
    all.insert({pairs[i].a, pairs[i].b});
    if (pairs.phase(i) == "corner pairs") corners.insert({pairs[i].a, pairs[i].b});
  }
  for (const Code a : {0x0000, 0x0001, 0x7fff, 0x8000, 0xffff, 0x5555}) {
    for (const Code b : {0x000, 0x001, 0x7ff, 0x800, 0xfff, 0xaaa}) {
      EXPECT_TRUE(corners.contains({a, b})) << a << " " << b;
    }
  }
  EXPECT_EQ(pairs.size(), corners.size() + 5000);
  EXPECT_EQ(pairs.distinct(), all.size());
  EXPECT_GT(all.size() - corners.size(), 4000U);
}

TEST(PairSequence, SameSeedSameSequence) {
  for (const char* b : {"int8", "int16"}) {
    const PairSequence x(format("int8"), format(b), 5, 1000);
    const PairSequence y(format("int8"), format(b), 5, 1000);
    const PairSequence other(format("int8"), format(b), 6, 1000);
    int different = 0;
    for (std::uint64_t i = 0; i < x.size(); ++i) {
      ASSERT_EQ(x[i], y[i]);
      if (x[i] != other[i]) ++different;
    }
    EXPECT_GT(different, 500);
  }
}

TEST(AccumulatorStimulus, SameSeedSameCycles) {
  const OperatorSpec spec = mac_spec("int4", "e2m1f", 100);
  const auto key = [](const Cycle& c) {
    return std::make_tuple(c.reset_pulse, c.reset, c.valid, c.first, c.a, c.b, c.phase);
  };
  const std::vector<Cycle> x = all_cycles(spec, {.seed = 9});
  const std::vector<Cycle> y = all_cycles(spec, {.seed = 9});
  const std::vector<Cycle> other = all_cycles(spec, {.seed = 10});
  ASSERT_EQ(x.size(), y.size());
  int different = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    ASSERT_EQ(key(x[i]), key(y[i]));
    if (i < other.size() && key(x[i]) != key(other[i])) ++different;
  }
  EXPECT_GT(different, 100);
}

TEST(AccumulatorStimulus, EveryPairIsAcceptedInItsPhase) {
  for (const bool quick : {false, true}) {
    std::set<std::pair<Code, Code>> seen;
    for (const Cycle& cycle : all_cycles(mac_spec("int4", "e2m1f", 16), {.quick = quick})) {
      if (cycle.valid && cycle.phase == "every operand") seen.insert({cycle.a, cycle.b});
    }
    EXPECT_EQ(seen.size(), 256U);
  }
}

TEST(AccumulatorStimulus, RunsNeverExceedTerms) {
  for (const long long terms : {1, 2, 3, 5, 16, 1024}) {
    long long run = 0, longest = 0;
    for (const Cycle& cycle : all_cycles(mac_spec("int3", "int3", terms), {})) {
      if (cycle.reset || cycle.reset_pulse) run = 0;
      if (!cycle.valid || cycle.reset) continue;
      run = cycle.first ? 1 : run + 1;
      longest = std::max(longest, run);
    }
    EXPECT_EQ(longest, terms);
  }
}

TEST(AccumulatorStimulus, SynchronousResetIgnoresPulsesButNotTerms) {
  long long run = 0, longest = 0;
  for (const Cycle& cycle : all_cycles(mac_spec("int3", "int3", 4, {}, "", "sync_high"), {})) {
    if (cycle.reset) run = 0;
    if (!cycle.valid || cycle.reset) continue;
    run = cycle.first ? 1 : run + 1;
    longest = std::max(longest, run);
  }
  EXPECT_EQ(longest, 4);
}

TEST(AccumulatorStimulus, ExtremeSumsAreExact) {
  // int4 x int4: products from -56 to 64.
  std::map<std::string_view, long long> extreme;
  long long sum = 0;
  const auto signed4 = [](Code code) { return static_cast<long long>(code ^ 8) - 8; };
  for (const Cycle& cycle : all_cycles(mac_spec("int4", "int4", 300), {})) {
    if (!cycle.valid) continue;
    sum = (cycle.first ? 0 : sum) + signed4(cycle.a) * signed4(cycle.b);
    long long& kept = extreme[cycle.phase];
    if (std::abs(sum) > std::abs(kept)) kept = sum;
  }
  EXPECT_EQ(extreme["extreme sum +"], 300 * 64);
  EXPECT_EQ(extreme["extreme sum -"], 300 * -56);
}

TEST(AccumulatorStimulus, LongSumsAreCutAndSaidToBe) {
  const AccumulatorStimulus whole(mac_spec("int4", "int4", 70000), {});
  EXPECT_EQ(whole.worst_sum_applied(), 70000U);
  EXPECT_EQ(whole.worst_sum_terms(), 70000);
  const AccumulatorStimulus cut(mac_spec("int4", "int4", 1000000), {});
  EXPECT_EQ(cut.worst_sum_applied(), 70000U);
  EXPECT_EQ(cut.worst_sum_terms(), 1000000);
  // 2^39 in steps of 64 up; -2^39 - 1 in steps of 56 down.
  const AccumulatorStimulus wide(mac_spec("int4", "int4", {}, 40, "wrap"), {});
  EXPECT_EQ(wide.worst_sum_applied(), 70000U);
  EXPECT_EQ(wide.worst_sum_terms(), std::ceil((std::ldexp(1.0, 39) + 1) / 56));
}

TEST(AccumulatorStimulus, FixedWidthsGoPastBothLimitsAndBack) {
  // 10 bits: -512 to 511.
  std::map<std::string_view, std::pair<long long, long long>> range;
  long long sum = 0;
  const auto signed4 = [](Code code) { return static_cast<long long>(code ^ 8) - 8; };
  for (const Cycle& cycle : all_cycles(mac_spec("int4", "int4", {}, 10, "saturate"), {})) {
    if (!cycle.valid) continue;
    sum = (cycle.first ? 0 : sum) + signed4(cycle.a) * signed4(cycle.b);
    auto& [low, high] = range.try_emplace(cycle.phase, sum, sum).first->second;
    low = std::min(low, sum);
    high = std::max(high, sum);
  }
  EXPECT_GT(range["past the upper limit"].second, 511 + 4 * 64);
  EXPECT_LT(range["past the lower limit"].first, -512 - 4 * 56);
  EXPECT_TRUE(range.contains("back from the upper limit"));
  EXPECT_TRUE(range.contains("back from the lower limit"));
}

TEST(AccumulatorStimulus, WithoutResetEverySumStartsWithFirst) {
  bool started = false;
  for (const Cycle& cycle : all_cycles(mac_spec("int3", "int3", 8, {}, "", "none"), {})) {
    EXPECT_FALSE(cycle.reset || cycle.reset_pulse);
    if (!cycle.valid) continue;
    EXPECT_TRUE(started || cycle.first);
    started = true;
  }
  EXPECT_TRUE(started);
}

TEST(AccumulatorStimulus, ResetMeetsOperandsInThePipelineAndSumsGoOnWithoutFirst) {
  int right_after_operand = 0, pulses = 0, without_first = 0;
  Cycle previous;
  bool after_reset = false;
  for (const Cycle& cycle : all_cycles(mac_spec("int3", "int3", 8), {})) {
    const bool reset = cycle.reset || cycle.reset_pulse;
    if (reset && previous.valid && !previous.reset) ++right_after_operand;
    if (cycle.reset_pulse) ++pulses;
    if (reset) after_reset = true;
    if (cycle.valid && !reset) {
      if (after_reset && !cycle.first) ++without_first;
      after_reset = false;
    }
    previous = cycle;
  }
  EXPECT_GT(right_after_operand, 20);
  EXPECT_GT(pulses, 20);
  EXPECT_GT(without_first, 50);
}

TEST(AccumulatorStimulus, GapsCarryGarbageAndFirst) {
  int idle_first = 0, idle = 0;
  std::set<Code> operands;
  for (const Cycle& cycle : all_cycles(mac_spec("int4", "int4", 64), {})) {
    if (cycle.valid) continue;
    ++idle;
    idle_first += cycle.first ? 1 : 0;
    operands.insert(cycle.a);
  }
  EXPECT_GT(idle, 50);
  EXPECT_GT(idle_first, idle / 4);
  EXPECT_LT(idle_first, idle * 3 / 4);
  EXPECT_EQ(operands.size(), 16U);
}

TEST(AccumulatorStimulus, StickyPhaseOnlyWhereThereAreFlags) {
  const auto phases = [](const OperatorSpec& spec) {
    std::set<std::string_view> seen;
    for (const Cycle& cycle : all_cycles(spec, {.quick = true})) seen.insert(cycle.phase);
    return seen;
  };
  EXPECT_THAT(phases(mac_spec("e4m3fn", "int4", 16)), Contains("sticky flags"));
  EXPECT_THAT(phases(mac_spec("e4m3f", "int4", 16)), Not(Contains("sticky flags")));
}

}  // namespace
}  // namespace fewbit::vectors
