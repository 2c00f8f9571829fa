// Stimulus: nothing is missed where it is exhaustive, and clocked operators see every promised
// situation.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "fewbit/sim/vectors/corner.h"
#include "fewbit/sim/vectors/operands.h"
#include "fewbit/sim/vectors/stream.h"

namespace fewbit::vectors {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsSupersetOf;
using ::testing::Not;

using Codes = std::vector<BigInt>;

Format format(const char* name) { return parse_format(name).value(); }

OperatorSpec spec_of(const OperatorRequest& request) { return make_operator_spec(request).value(); }

OperatorSpec mul_spec(const char* a, const char* b) {
  return spec_of({.op = "mul", .a = a, .b = b});
}

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
  return spec_of(request);
}

long long signed4(const BigInt& code) { return static_cast<long long>(code ^ BigInt(8)) - 8; }

std::vector<Cycle> all_cycles(const OperatorSpec& spec, StreamStimulus::Options options) {
  StreamStimulus stimulus(spec, options);
  std::vector<Cycle> cycles;
  for (Cycle cycle; stimulus.next(cycle);) cycles.push_back(cycle);
  return cycles;
}

std::set<std::string_view> phases(const OperatorSpec& spec) {
  std::set<std::string_view> seen;
  for (const Cycle& cycle : all_cycles(spec, {.quick = true})) {
    EXPECT_TRUE(!cycle.phase.empty() || (!cycle.valid && !cycle.reset && !cycle.reset_pulse));
    if (!cycle.phase.empty()) seen.insert(cycle.phase);
  }
  return seen;
}

TEST(CornerCodes, IntegersHaveExtremesAndPatterns) {
  EXPECT_THAT(corner_codes(format("int8")),
              IsSupersetOf(Codes{0, 1, 2, 0x40, 0x55, 0x7e, 0x7f, 0x80, 0x81, 0xaa, 0xfe, 0xff}));
  EXPECT_THAT(corner_codes(format("int2")), ElementsAre(0, 1, 2, 3));
}

TEST(CornerCodes, FloatsHaveEveryClassOnBothSides) {
  // E5M2: subnormals 1..3, normals 4..0x7b, one 0x3c, infinity 0x7c, quiet NaN 0x7e.
  EXPECT_THAT(corner_codes(format("e5m2")),
              IsSupersetOf(Codes{0x00, 0x01, 0x03, 0x04, 0x3c, 0x7b, 0x7c, 0x7e, 0x7f, 0x80, 0x81,
                                 0x83, 0x84, 0xbc, 0xfb, 0xfc, 0xff}));
  EXPECT_THAT(corner_codes(format("e4m3fnuz")), Contains(BigInt(0x80)));
}

/// Every combination exactly once, each operand within the bits of its port.
void expect_every_combination(const OperatorSpec& spec) {
  SCOPED_TRACE(spec.command());
  const std::vector<OperandPort> ports = operand_ports(spec);
  const OperandSequence sequence(spec, 7, 0);
  EXPECT_TRUE(sequence.exhaustive());
  EXPECT_EQ(sequence.possible(), std::ldexp(1.0, operand_bits(spec)));
  std::set<model::Operands> seen;
  for (std::uint64_t i = 0; i < sequence.size(); ++i) {
    const model::Operands operands = sequence[i];
    ASSERT_EQ(operands.size(), ports.size());
    for (std::size_t p = 0; p < ports.size(); ++p) {
      EXPECT_GE(operands[p], 0);
      EXPECT_LT(operands[p], pow2(ports[p].bits())) << ports[p].name;
    }
    EXPECT_EQ(sequence.phase(i), "every operand");
    seen.insert(operands);
  }
  EXPECT_EQ(seen.size(), std::size_t{1} << operand_bits(spec));
  EXPECT_EQ(sequence.distinct(), seen.size());
  EXPECT_EQ(sequence.size(), seen.size());
}

TEST(OperandSequence, ExhaustiveAppliesEveryPairOnce) {
  for (const auto& [a, b] : {std::pair("int2", "int2"), std::pair("int3", "e3m2f"),
                             std::pair("e4m3fn", "int8"), std::pair("int10", "int10")}) {
    const OperatorSpec spec = mul_spec(a, b);
    ASSERT_EQ(operand_bits(spec), format(a).bits() + format(b).bits());
    expect_every_combination(spec);
  }
}

TEST(OperandSequence, ExhaustiveOverEveryKindOfOperand) {
  expect_every_combination(spec_of({.op = "fma", .a = "int3", .b = "e2m1", .c = "uint5"}));
  expect_every_combination(spec_of({.op = "dot", .a = "int2", .b = "uint3", .lanes = 3}));
  expect_every_combination(
      spec_of({.op = "mxdot", .a = "int1", .b = "int2", .scale = "ue3m2f", .lanes = 2}));
  expect_every_combination(
      spec_of({.op = "requant", .a = "int9", .b = "int3", .result = "int4", .shift_bits = 3}));
  expect_every_combination(spec_of({.op = "mxquant", .a = "e2m1", .result = "e2m1", .lanes = 4}));
  expect_every_combination(spec_of({.op = "convert",
                                    .a = "e4m3fn",
                                    .result = "e2m1",
                                    .rounding = "stochastic_a",
                                    .random_bits = 7}));
}

TEST(OperandSequence, OneOperandAlone) {
  for (const OperatorSpec& spec : {spec_of({.op = "acc", .a = "e4m3fn"}),
                                   spec_of({.op = "convert", .a = "e4m3fn", .result = "int4"})}) {
    const OperandSequence sequence(spec, 1, 0);
    std::set<BigInt> seen;
    for (std::uint64_t i = 0; i < sequence.size(); ++i) {
      ASSERT_EQ(sequence[i].size(), 1U);
      seen.insert(sequence[i][0]);
    }
    EXPECT_EQ(seen.size(), 256U);
    EXPECT_EQ(sequence.size(), 256U);
  }
}

TEST(OperandSequence, TheLimitIsTwentyBits) {
  EXPECT_TRUE(OperandSequence(mul_spec("int10", "int10"), 1, 0).exhaustive());
  EXPECT_FALSE(OperandSequence(mul_spec("int10", "int11"), 1, 0).exhaustive());
}

TEST(OperandSequence, SampledCrossesCornersThenGoesRandom) {
  const OperandSequence sequence(mul_spec("int16", "int12"), 3, 5000);
  EXPECT_FALSE(sequence.exhaustive());
  EXPECT_EQ(sequence.possible(), std::ldexp(1.0, 28));
  std::set<model::Operands> corners, all;
  bool random_yet = false;
  for (std::uint64_t i = 0; i < sequence.size(); ++i) {
    const model::Operands operands = sequence[i];
    ASSERT_EQ(operands.size(), 2U);
    EXPECT_GE(operands[0], 0);
    EXPECT_GE(operands[1], 0);
    EXPECT_LT(operands[0], 0x10000);
    EXPECT_LT(operands[1], 0x1000);
    all.insert(operands);
    if (sequence.phase(i) == "corner operands") {
      EXPECT_FALSE(random_yet);
      corners.insert(operands);
    } else {
      EXPECT_EQ(sequence.phase(i), "random operands");
      random_yet = true;
    }
  }
  for (const int a : {0x0000, 0x0001, 0x7fff, 0x8000, 0xffff, 0x5555}) {
    for (const int b : {0x000, 0x001, 0x7ff, 0x800, 0xfff, 0xaaa}) {
      EXPECT_TRUE(corners.contains({a, b})) << a << " " << b;
    }
  }
  EXPECT_EQ(sequence.size(), corners.size() + 5000);
  EXPECT_EQ(sequence.distinct(), all.size());
  EXPECT_GT(all.size() - corners.size(), 4000U);
}

/// Wide operands of every kind stay within their ports, and most random ones are distinct.
TEST(OperandSequence, SampledOperandsStayWithinTheirPorts) {
  for (const OperatorSpec& spec :
       {spec_of({.op = "fma", .a = "binary16", .b = "e4m3fn", .c = "binary32", .result = "e5m2"}),
        spec_of({.op = "sub", .a = "bfloat16", .b = "bfloat16"}),
        spec_of({.op = "dot", .a = "int8", .b = "e4m3fn", .lanes = 16}),
        spec_of({.op = "dot", .a = "uint5", .b = "e4m3fnuz", .lanes = 5}),
        spec_of({.op = "mxdot", .a = "e2m1", .b = "e2m1", .result = "binary32"}),
        spec_of({.op = "mxquant", .a = "bfloat16", .result = "e4m3fn"}),
        spec_of({.op = "requant", .a = "int32", .b = "uint9", .result = "int8"}),
        spec_of({.op = "convert", .a = "int100_lsbm18", .result = "e5m2"}),
        spec_of({.op = "convert",
        .a = "binary32",
        .result = "e4m3fn",
        .rounding = "stochastic_c",
        .random_bits = 32})}) {
    SCOPED_TRACE(spec.command());
    const std::vector<OperandPort> ports = operand_ports(spec);
    const OperandSequence sequence(spec, 4, 2000);
    EXPECT_FALSE(sequence.exhaustive());
    EXPECT_EQ(sequence.possible(), std::ldexp(1.0, operand_bits(spec)));
    std::set<model::Operands> all, random;
    std::uint64_t corners = 0;
    for (std::uint64_t i = 0; i < sequence.size(); ++i) {
      const model::Operands operands = sequence[i];
      ASSERT_EQ(operands.size(), ports.size());
      for (std::size_t p = 0; p < ports.size(); ++p) {
        ASSERT_GE(operands[p], 0) << ports[p].name;
        ASSERT_LT(operands[p], pow2(ports[p].bits())) << ports[p].name;
      }
      all.insert(operands);
      sequence.phase(i) == "corner operands" ? void(++corners) : void(random.insert(operands));
    }
    EXPECT_GT(corners, 10U);
    EXPECT_EQ(sequence.size(), corners + 2000);
    EXPECT_EQ(sequence.distinct(), all.size());
    EXPECT_GT(random.size(), 1000U);
  }
}

/// Corner codes of the format itself, crossed, are among the corner operands: one code per lane.
TEST(OperandSequence, CornersFillEveryLane) {
  const OperatorSpec spec = spec_of({.op = "dot", .a = "int8", .b = "int8", .lanes = 4});
  const OperandSequence sequence(spec, 2, 10);
  std::set<model::Operands> corners;
  for (std::uint64_t i = 0; i < sequence.size(); ++i) {
    if (sequence.phase(i) == "corner operands") corners.insert(sequence[i]);
  }
  for (const BigInt& a : corner_codes(format("int8"))) {
    for (const BigInt& b : corner_codes(format("int8"))) {
      EXPECT_TRUE(corners.contains({a * 0x01010101, b * 0x01010101})) << a << " " << b;
    }
  }
}

TEST(OperandSequence, SameSeedSameSequence) {
  for (const OperatorSpec& spec :
       {mul_spec("int8", "int8"), mul_spec("int8", "int16"),
        spec_of({.op = "dot", .a = "int8", .b = "e4m3fn", .result = "e5m2", .lanes = 4}),
        spec_of({.op = "fma", .a = "e4m3fn", .b = "e4m3fn", .result = "binary16"})}) {
    SCOPED_TRACE(spec.command());
    const OperandSequence x(spec, 5, 1000);
    const OperandSequence y(spec, 5, 1000);
    const OperandSequence other(spec, 6, 1000);
    int different = 0;
    ASSERT_EQ(x.size(), y.size());
    for (std::uint64_t i = 0; i < x.size(); ++i) {
      ASSERT_EQ(x[i], y[i]);
      if (i < other.size() && x[i] != other[i]) ++different;
    }
    EXPECT_GT(different, 500);
  }
}

TEST(StreamStimulus, SameSeedSameCycles) {
  const OperatorSpec spec = mac_spec("int4", "e2m1f", 100);
  const auto key = [](const Cycle& c) {
    return std::make_tuple(c.reset_pulse, c.reset, c.valid, c.first, c.operands, c.phase);
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

TEST(StreamStimulus, EveryPairIsAcceptedInItsPhase) {
  for (const bool quick : {false, true}) {
    std::set<model::Operands> seen;
    for (const Cycle& cycle : all_cycles(mac_spec("int4", "e2m1f", 16), {.quick = quick})) {
      ASSERT_EQ(cycle.operands.size(), 2U);
      if (cycle.valid && cycle.phase == "every operand") seen.insert(cycle.operands);
    }
    EXPECT_EQ(seen.size(), 256U);
  }
}

TEST(StreamStimulus, RunsNeverExceedTerms) {
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

TEST(StreamStimulus, SynchronousResetIgnoresPulsesButNotTerms) {
  long long run = 0, longest = 0;
  for (const Cycle& cycle : all_cycles(mac_spec("int3", "int3", 4, {}, "", "sync_high"), {})) {
    if (cycle.reset) run = 0;
    if (!cycle.valid || cycle.reset) continue;
    run = cycle.first ? 1 : run + 1;
    longest = std::max(longest, run);
  }
  EXPECT_EQ(longest, 4);
}

TEST(StreamStimulus, ExtremeSumsAreExact) {
  // int4 x int4: products from -56 to 64.
  std::map<std::string_view, long long> extreme;
  long long sum = 0;
  for (const Cycle& cycle : all_cycles(mac_spec("int4", "int4", 300), {})) {
    if (!cycle.valid) continue;
    sum = (cycle.first ? 0 : sum) + signed4(cycle.operands[0]) * signed4(cycle.operands[1]);
    long long& kept = extreme[cycle.phase];
    if (std::abs(sum) > std::abs(kept)) kept = sum;
  }
  EXPECT_EQ(extreme["extreme sum +"], 300 * 64);
  EXPECT_EQ(extreme["extreme sum -"], 300 * -56);
}

TEST(StreamStimulus, LongSumsAreCutAndSaidToBe) {
  const StreamStimulus whole(mac_spec("int4", "int4", 70000), {});
  EXPECT_EQ(whole.worst_sum_applied(), 70000U);
  EXPECT_EQ(whole.worst_sum_terms(), 70000);
  const StreamStimulus cut(mac_spec("int4", "int4", 1000000), {});
  EXPECT_EQ(cut.worst_sum_applied(), 70000U);
  EXPECT_EQ(cut.worst_sum_terms(), 1000000);
  // 2^39 in steps of 64 up; -2^39 - 1 in steps of 56 down.
  const StreamStimulus wide(mac_spec("int4", "int4", {}, 40, "wrap"), {});
  EXPECT_EQ(wide.worst_sum_applied(), 70000U);
  EXPECT_EQ(wide.worst_sum_terms(), std::ceil((std::ldexp(1.0, 39) + 1) / 56));
}

TEST(StreamStimulus, FixedWidthsGoPastBothLimitsAndBack) {
  // 10 bits: -512 to 511.
  std::map<std::string_view, std::pair<long long, long long>> range;
  long long sum = 0;
  for (const Cycle& cycle : all_cycles(mac_spec("int4", "int4", {}, 10, "saturate"), {})) {
    if (!cycle.valid) continue;
    sum = (cycle.first ? 0 : sum) + signed4(cycle.operands[0]) * signed4(cycle.operands[1]);
    auto& [low, high] = range.try_emplace(cycle.phase, sum, sum).first->second;
    low = std::min(low, sum);
    high = std::max(high, sum);
  }
  EXPECT_GT(range["past the upper limit"].second, 511 + 4 * 64);
  EXPECT_LT(range["past the lower limit"].first, -512 - 4 * 56);
  EXPECT_TRUE(range.contains("back from the upper limit"));
  EXPECT_TRUE(range.contains("back from the lower limit"));
}

TEST(StreamStimulus, WithoutResetEverySumStartsWithFirst) {
  bool started = false;
  for (const Cycle& cycle : all_cycles(mac_spec("int3", "int3", 8, {}, "", "none"), {})) {
    EXPECT_FALSE(cycle.reset || cycle.reset_pulse);
    if (!cycle.valid) continue;
    EXPECT_TRUE(started || cycle.first);
    started = true;
  }
  EXPECT_TRUE(started);
}

TEST(StreamStimulus, ResetMeetsOperandsInThePipelineAndSumsGoOnWithoutFirst) {
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

TEST(StreamStimulus, GapsCarryGarbageAndFirst) {
  int idle_first = 0, idle = 0;
  std::set<BigInt> operands;
  for (const Cycle& cycle : all_cycles(mac_spec("int4", "int4", 64), {})) {
    if (cycle.valid) continue;
    ++idle;
    idle_first += cycle.first ? 1 : 0;
    operands.insert(cycle.operands[0]);
  }
  EXPECT_GT(idle, 50);
  EXPECT_GT(idle_first, idle / 4);
  EXPECT_LT(idle_first, idle * 3 / 4);
  EXPECT_EQ(operands.size(), 16U);
}

TEST(StreamStimulus, StickyPhaseOnlyWhereThereAreFlags) {
  EXPECT_THAT(phases(mac_spec("e4m3fn", "int4", 16)), Contains("sticky flags"));
  EXPECT_THAT(phases(mac_spec("e4m3f", "int4", 16)), Not(Contains("sticky flags")));
}

/// A dot product that accumulates: the extremes are those of all lanes together.
TEST(StreamStimulus, ExtremeSumsOfLanes) {
  const OperatorSpec spec =
      spec_of({.op = "dot", .a = "int4", .b = "int4", .lanes = 3, .terms = 20});
  std::map<std::string_view, long long> extreme;
  long long sum = 0;
  for (const Cycle& cycle : all_cycles(spec, {.random_operands = 500})) {
    if (!cycle.valid) continue;
    if (cycle.first) sum = 0;
    for (int lane = 0; lane < 3; ++lane) {
      const auto code = [&](std::size_t port) {
        return BigInt((cycle.operands[port] >> (4 * lane)) & BigInt(15));
      };
      sum += signed4(code(0)) * signed4(code(1));
    }
    long long& kept = extreme[cycle.phase];
    if (std::abs(sum) > std::abs(kept)) kept = sum;
  }
  EXPECT_EQ(extreme["extreme sum +"], 20 * 3 * 64);
  EXPECT_EQ(extreme["extreme sum -"], 20 * 3 * -56);
}

/// Operators without a running sum: the operands, and the reset in mid-flow.
TEST(StreamStimulus, HandshakeAloneHasNoSums) {
  for (const char* handshake : {"valid", "valid_ready"}) {
    const OperatorRequest request{
        .op = "mul", .a = "int3", .b = "e2m1", .result = "e3m2", .handshake = handshake};
    const OperatorSpec spec = spec_of(request);
    EXPECT_THAT(phases(spec),
                ElementsAre("every operand", "reset at power-up", "reset in mid-flow"));
    std::set<model::Operands> seen;
    bool idle = false, reset = false, pulse = false;
    for (const Cycle& cycle : all_cycles(spec, {})) {
      if (cycle.valid && cycle.phase == "every operand") seen.insert(cycle.operands);
      if (!cycle.valid && cycle.phase == "every operand") idle = true;
      if (cycle.reset && cycle.phase == "reset in mid-flow") reset = true;
      if (cycle.reset_pulse && cycle.phase == "reset in mid-flow") pulse = true;
    }
    EXPECT_EQ(seen.size(), 128U);
    EXPECT_TRUE(idle);
    EXPECT_TRUE(reset);
    EXPECT_TRUE(pulse);
    EXPECT_EQ(StreamStimulus(spec, {}).worst_sum_applied(), 0U);
    OperatorRequest without = request;
    without.reset = "none";
    EXPECT_THAT(phases(spec_of(without)), ElementsAre("every operand", "power-up"));
  }
}

/// Sums that are rounded at each step go up to where they overflow or stop, and down from there.
TEST(StreamStimulus, RoundedSumsGoUpAndDown) {
  for (const char* op : {"facc", "fmac"}) {
    OperatorRequest request{.op = op, .a = "e5m2fnuz", .result = "e5m2"};
    if (request.op == "fmac") request.b = "int3";
    const OperatorSpec spec = spec_of(request);
    EXPECT_THAT(
        phases(spec),
        IsSupersetOf({"reset at power-up", "every operand", "up", "down", "down first", "up again",
                      "the same again", "from corners", "first every cycle", "reset in mid-flow"}));
    EXPECT_THAT(phases(spec), Not(Contains("sticky flags")));  // the result codes them
    model::Accumulator accumulator(spec);
    std::set<BigInt> at_the_end;  // infinities of both signs
    for (const Cycle& cycle : all_cycles(spec, {.quick = true})) {
      if (cycle.reset || cycle.reset_pulse) accumulator.reset();
      if (!cycle.valid || cycle.reset) continue;
      const BigInt sum = accumulator.step(cycle.first, cycle.operands).result;
      if (cycle.phase == "up" || cycle.phase == "down first") at_the_end.insert(sum);
    }
    EXPECT_THAT(at_the_end, IsSupersetOf({BigInt(0x7c), BigInt(0xfc)})) << op;
  }
}

/// The same stochastic request twice differs in the random bits alone; these are operands too.
TEST(StreamStimulus, RandomBitsVary) {
  const OperatorSpec spec = spec_of(
      {.op = "facc", .a = "e2m1", .result = "e3m2", .rounding = "stochastic_b", .random_bits = 5});
  std::set<BigInt> random_bits;
  std::set<model::Operands> seen;
  for (const Cycle& cycle : all_cycles(spec, {})) {
    ASSERT_EQ(cycle.operands.size(), 2U);
    if (cycle.valid && cycle.phase == "every operand") seen.insert(cycle.operands);
    if (cycle.valid) random_bits.insert(cycle.operands[1]);
  }
  EXPECT_EQ(seen.size(), 512U);
  EXPECT_EQ(random_bits.size(), 32U);
}

}  // namespace
}  // namespace fewbit::vectors
