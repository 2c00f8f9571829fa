// pool_max, pool_mean and depthwise against their models, under stalls; rate; refusals.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/blocks/pool.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <random>

#include "fewbit/gen/blocks/depthwise.h"
#include "fewbit/sim/model/blocks/pool.h"
#include "fewbit/tests/block_run.h"
#include "fewbit/tests/graph_edit.h"

namespace fewbit {
namespace {

using fewbit::testing::append;
using fewbit::testing::GraphEdit;
using fewbit::testing::MakeTraffic;
using fewbit::testing::Outcome;
using fewbit::testing::random_codes;
using fewbit::testing::run_block;
using fewbit::testing::Traffic;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// What a window makes of each channel, and the bits of that.
struct Answer {
  int bits;
  std::function<std::vector<BigInt>(const std::vector<Code>&)> of;
};

/// Windows of random codes, some of them with many zeros of both signs.
template <typename Spec>
MakeTraffic traffic_of(const Spec& spec, const Format& format, const Answer& answer) {
  return [spec, bits = format.bits(), answer](std::mt19937_64& random, std::size_t count) {
    Traffic traffic;
    while (std::max(traffic.x.size(), traffic.y.size()) < count) {
      std::vector<Code> window = random_codes(random, spec.pixels * spec.channels, bits);
      const bool has_zeros = random() % 4 == 0;
      for (Code& code : window) {
        if (has_zeros && random() % 3 != 0) code = random() % 2 << (bits - 1);
      }
      append(traffic.x, window, spec.lanes, bits);
      append(traffic.y, answer.of(window), spec.lanes, answer.bits);
    }
    return traffic;
  };
}

template <typename Spec>
void expect_right(const Spec& spec, const Format& format, const Answer& answer,
                  rtl::Module& module) {
  const Outcome outcome = run_block(module, traffic_of(spec, format, answer), true);
  EXPECT_TRUE(outcome.report.passed) << module.name() << "\n" << outcome.text();
}

Answer largest_of(const PoolSpec& spec) {
  return {spec.format.bits(), [spec](const std::vector<Code>& window) {
            const std::vector<Code> codes = model::largest(spec, window);
            return std::vector<BigInt>(codes.begin(), codes.end());
          }};
}

template <typename Spec>
Answer sums_of(const Spec& spec) {
  return {spec.sum_format().bits,
          [spec](const std::vector<Code>& window) { return model::sums(spec, window); }};
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
    expect_right(*spec, spec->format, largest_of(*spec), *blocks::pool_max(*spec));
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
    expect_right(*spec, spec->format, sums_of(*spec), *blocks::pool_mean(*spec));
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
    expect_right(*spec, spec->activation, sums_of(*spec), *blocks::depthwise(*spec));
  }
}

TEST(Depthwise, TheModelAddsByHand) {
  DepthwiseRequest request{.weights_format = "int4", .activations_format = "uint4"};
  request.pixels = 2;
  request.channels = 2;
  request.lanes = 1;
  request.weights = {1, 2, 15, 3};  // 1, 2; -1, 3
  EXPECT_THAT(model::sums(make_depthwise_spec(request).value(), {5, 6, 7, 8}), ElementsAre(-2, 36));
}

TEST(Pools, AMistakeShows) {
  const DepthwiseSpec spec = make_depthwise_spec(depthwise_of("e2m1", "ue2m2f", 9, 6, 2)).value();
  const auto module = blocks::depthwise(spec);
  GraphEdit edit(*module);
  edit.plant("is_complete", edit["mul_0_valid"] & edit["pixel_last"],
             edit["mul_0_valid"] & edit["beat_last"]);
  EXPECT_FALSE(
      run_block(*module, traffic_of(spec, spec.activation, sums_of(spec)), true).report.passed);
  // A value that the window before has left.
  const PoolSpec pool = make_pool_max_spec(request_of("ue1m3f", 4, 4, 4)).value();
  const auto other = blocks::pool_max(pool);
  GraphEdit again(*other);
  again.plant("lane_1_takes", again["is_first"], again.constant(1, 0));
  EXPECT_FALSE(
      run_block(*other, traffic_of(pool, pool.format, largest_of(pool)), true).report.passed);
}

TEST(Pools, RefuseWhatTheyDoNotCover) {
  const auto refusal = [&](const auto& spec) {
    return spec.ok() ? std::string("accepted") : spec.error().message();
  };
  EXPECT_THAT(refusal(make_pool_max_spec(request_of("e4m3fn", 4, 4, 4))), HasSubstr("--format"));
  EXPECT_THAT(refusal(make_pool_max_spec(request_of("e2m1", 4, 4, 3))), HasSubstr("divisor of 4"));
  EXPECT_THAT(refusal(make_pool_max_spec(request_of("e2m1", 0, 4, 4))), HasSubstr("--pixels"));
  EXPECT_THAT(refusal(make_pool_mean_spec(request_of("e2m1", 4, 1024, 1))),
              HasSubstr("at least 4"));
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
