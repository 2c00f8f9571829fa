// pool_max, pool_mean and depthwise against their models, under stalls; rate; refusals.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/blocks/pool.h"

#include <gmock/gmock.h>

#include <functional>
#include <random>

#include "fewbit/gen/blocks/depthwise.h"
#include "fewbit/gen/blocks/stream.h"
#include "fewbit/gen/rtl/design.h"
#include "fewbit/sim/model/blocks/pool.h"
#include "fewbit/tests/graph_edit.h"
#include "fewbit/tests/stream_run.h"

namespace fewbit {
namespace {

using fewbit::testing::Beat;
using fewbit::testing::GraphEdit;
using fewbit::testing::StreamRun;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Codes or sums as beats of so many, the last of a packet marked.
template <typename Value>
void append(std::vector<Beat>& beats, const std::vector<Value>& values, int lanes, int bits) {
  const auto step = static_cast<std::size_t>(lanes);
  for (std::size_t k = 0; k < values.size(); k += step) {
    BigInt data = 0;
    for (std::size_t s = step; s-- > 0;) data = (data << bits) | to_bits(BigInt(values[k + s]), bits);
    beats.push_back({data, k + step == values.size()});
  }
}

/// What a window makes of each channel, and the bits of that.
struct Answer {
  int bits;
  std::function<std::vector<BigInt>(const std::vector<Code>&)> of;
};

/// Whether all is right: the values, and one beat a cycle in the first windows, without stalls.
template <typename Spec>
bool passes(const Spec& spec, const Format& format, const Answer& answer, rtl::Module& module,
            std::string& why) {
  EXPECT_THAT(blocks::stream_defects(module), IsEmpty());
  constexpr int kWindows = 60;
  constexpr int kFree = 12;
  std::mt19937 random(8);
  std::vector<Beat> x, y;
  for (int w = 0; w < kWindows; ++w) {
    std::vector<Code> window(static_cast<std::size_t>(spec.pixels * spec.channels));
    for (Code& code : window) {
      code = random() % (1U << format.bits());
      if (w % 4 == 3 && random() % 3 != 0) code = random() % 2 << (format.bits() - 1);  // zeros
    }
    append(x, window, spec.lanes, format.bits());
    append(y, answer.of(window), spec.lanes, answer.bits);
  }
  const auto free = [&](const std::vector<Beat>& beats) { return beats.size() * kFree / kWindows; };
  StreamRun behaviour({{"x", {.beats = x, .stalls = {30, 2, free(x)}}}},
                      {{"y", {.beats = y, .stalls = {50, 3, free(y)}}}}, 6);
  const auto report = verify::verify_design(rtl::Design(module).emit(), behaviour, {});
  EXPECT_TRUE(report.ok()) << report.error().message();
  why = verify::to_text(*report) + behaviour.waiting();
  if (!report->passed || !behaviour.waiting().empty()) return false;
  const std::vector<int>& cycles = behaviour.output("y").cycles;
  const auto beats = static_cast<std::size_t>(spec.pixel_beats());
  EXPECT_EQ(cycles[10 * beats - 1] - cycles[4 * beats - 1], 6 * spec.pixels * spec.pixel_beats());
  return true;
}

PoolRequest request_of(const std::string& format, int pixels, int channels, int lanes) {
  PoolRequest request{.format = format};
  request.pixels = pixels;
  request.channels = channels;
  request.lanes = lanes;
  return request;
}

TEST(PoolMax, GivesTheLargestCodesOfItsModel) {
  for (const PoolRequest& request :
       {request_of("e2m1", 4, 6, 2), request_of("int5", 9, 3, 1), request_of("ue1m3f", 4, 4, 4)}) {
    const auto spec = make_pool_max_spec(request);
    ASSERT_TRUE(spec.ok()) << spec.error().message();
    const auto of = [&](const std::vector<Code>& window) {
      const std::vector<Code> codes = model::largest(*spec, window);
      return std::vector<BigInt>(codes.begin(), codes.end());
    };
    std::string why;
    EXPECT_TRUE(passes(*spec, spec->format, {spec->format.bits(), of}, *blocks::pool_max(*spec), why))
        << why;
  }
}

TEST(PoolMax, TheModelOrdersByHand) {
  const PoolSpec spec = make_pool_max_spec(request_of("e2m1", 3, 2, 1)).value();
  // Channel 0: -6, -0.5, -0; channel 1: 1, -0, +0. Then -0 and +0, whichever comes first.
  EXPECT_THAT(model::largest(spec, {0xf, 0x2, 0x9, 0x8, 0x8, 0x0}), ElementsAre(0x8, 0x2));
  EXPECT_THAT(model::largest(spec, {0x8, 0x0, 0x0, 0x8, 0x8, 0x8}), ElementsAre(0x0, 0x0));
}

TEST(PoolMean, GivesTheSumsOfItsModel) {
  for (const PoolRequest& request : {request_of("e2m1", 49, 4, 2), request_of("uint8", 4, 3, 3)}) {
    const auto spec = make_pool_mean_spec(request);
    ASSERT_TRUE(spec.ok()) << spec.error().message();
    const auto of = [&](const std::vector<Code>& window) { return model::sums(*spec, window); };
    std::string why;
    EXPECT_TRUE(
        passes(*spec, spec->format, {spec->sum_format().bits, of}, *blocks::pool_mean(*spec), why))
        << why;
  }
}

DepthwiseRequest depthwise_of(const std::string& w, const std::string& x, int pixels, int channels,
                              int lanes) {
  DepthwiseRequest request{.weights_format = w, .activations_format = x};
  request.pixels = pixels;
  request.channels = channels;
  request.lanes = lanes;
  std::mt19937 random(2);
  const int bits = parse_format(w).value().bits();
  for (int i = 0; i < pixels * channels; ++i) request.weights.push_back(random() % (1U << bits));
  return request;
}

TEST(Depthwise, GivesTheSumsOfItsModel) {
  for (const DepthwiseRequest& request :
       {depthwise_of("e2m1", "ue2m2f", 9, 6, 2), depthwise_of("int8", "uint8", 4, 2, 2),
        depthwise_of("int3", "e1m2f", 1, 3, 3)}) {
    const auto spec = make_depthwise_spec(request);
    ASSERT_TRUE(spec.ok()) << spec.error().message();
    SCOPED_TRACE(spec->module_name);
    const auto of = [&](const std::vector<Code>& window) { return model::sums(*spec, window); };
    std::string why;
    EXPECT_TRUE(passes(*spec, spec->activation, {spec->sum_format().bits, of},
                       *blocks::depthwise(*spec), why))
        << why;
  }
}

TEST(Depthwise, TheModelAddsByHand) {
  DepthwiseRequest request{.weights_format = "int4", .activations_format = "uint4"};
  request.pixels = 2;
  request.channels = 2;
  request.lanes = 1;
  request.weights = {1, 2, 15, 3};  // 1, 2; -1, 3
  EXPECT_THAT(model::sums(make_depthwise_spec(request).value(), {5, 6, 7, 8}),
              ElementsAre(-2, 36));
}

TEST(Pools, AMistakeShows) {
  const DepthwiseSpec spec = make_depthwise_spec(depthwise_of("e2m1", "ue2m2f", 9, 6, 2)).value();
  const auto module = blocks::depthwise(spec);
  GraphEdit edit(*module);
  edit.plant("is_complete", edit["pixel_last"], edit["beat_last"]);
  std::string why;
  const auto of = [&](const std::vector<Code>& window) { return model::sums(spec, window); };
  EXPECT_FALSE(passes(spec, spec.activation, {spec.sum_format().bits, of}, *module, why));
  // A value that is not taken over from the window before.
  const PoolSpec pool = make_pool_max_spec(request_of("ue1m3f", 4, 4, 4)).value();
  const auto other = blocks::pool_max(pool);
  GraphEdit again(*other);
  again.plant("lane_1_takes", again["is_first"], again.constant(1, 0));
  again.plant("lane_1_held", ~again["is_first"], again.constant(1, 1));
  const auto largest = [&](const std::vector<Code>& window) {
    const std::vector<Code> codes = model::largest(pool, window);
    return std::vector<BigInt>(codes.begin(), codes.end());
  };
  EXPECT_FALSE(passes(pool, pool.format, {4, largest}, *other, why));
}

TEST(Pools, RefuseWhatTheyDoNotCover) {
  const auto refusal = [&](const auto& spec) {
    return spec.ok() ? std::string("accepted") : spec.error().message();
  };
  EXPECT_THAT(refusal(make_pool_max_spec(request_of("e4m3fn", 4, 4, 4))), HasSubstr("--format"));
  EXPECT_THAT(refusal(make_pool_max_spec(request_of("e2m1", 4, 4, 3))), HasSubstr("divisor of 4"));
  EXPECT_THAT(refusal(make_pool_max_spec(request_of("e2m1", 0, 4, 4))), HasSubstr("--pixels"));
  EXPECT_THAT(refusal(make_pool_mean_spec(request_of("e2m1", 4, 1024, 1))), HasSubstr("at least 4"));
  EXPECT_THAT(refusal(make_pool_mean_spec(request_of("e5m2f", 4, 1, 1))), HasSubstr("32 bits"));
  DepthwiseRequest request = depthwise_of("int8", "uint8", 4, 2, 2);
  request.weights.push_back(0);
  EXPECT_THAT(refusal(make_depthwise_spec(request)), HasSubstr("8 codes"));
  request = depthwise_of("int8", "uint8", 4, 2, 2);
  request.weights[1] = 256;
  EXPECT_THAT(refusal(make_depthwise_spec(request)), HasSubstr("weight 1"));
  request = depthwise_of("int8", "bipolar", 4, 2, 2);
  EXPECT_THAT(refusal(make_depthwise_spec(request)), HasSubstr("--activations-format"));
}

}  // namespace
}  // namespace fewbit
