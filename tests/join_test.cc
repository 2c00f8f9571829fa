// join and argmax against their models, under stalls; against double; rate; refusals.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/blocks/join.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "fewbit/sim/model/blocks/join.h"
#include "fewbit/tests/block_run.h"
#include "fewbit/tests/graph_edit.h"

namespace fewbit {
namespace {

using fewbit::testing::append;
using fewbit::testing::GraphEdit;
using fewbit::testing::MakeStreams;
using fewbit::testing::Outcome;
using fewbit::testing::run_block;
using fewbit::testing::run_streams;
using fewbit::testing::StreamsTraffic;
using fewbit::testing::Traffic;
using ::testing::HasSubstr;

JoinRequest request_of(const std::string& format, int lanes) {
  JoinRequest request{.format = format};
  request.lanes = lanes;
  return request;
}

/// Values of a signed format, a quarter of them small.
std::vector<BigInt> values_of(std::mt19937_64& random, const Format& format, int count) {
  std::vector<BigInt> values;
  for (int k = 0; k < count; ++k) {
    const auto bits = random() % 4 == 0 ? 3 : format.bits();
    values.push_back(from_bits(BigInt(random()) % pow2(bits), bits, format.is_signed()));
  }
  return values;
}

/// Packets of three beats.
MakeStreams traffic_of(const JoinSpec& spec) {
  return [spec](std::mt19937_64& random, std::size_t count) {
    StreamsTraffic traffic;
    const int bits = spec.format.bits();
    while (traffic.first["left"].size() < count) {
      const std::vector<BigInt> left = values_of(random, spec.format, 3 * spec.lanes);
      const std::vector<BigInt> right = values_of(random, spec.format, 3 * spec.lanes);
      std::vector<BigInt> sums;
      for (std::size_t k = 0; k < left.size(); ++k) {
        sums.push_back(model::joined(spec, left[k], right[k]));
      }
      append(traffic.first["left"], left, spec.lanes, bits);
      append(traffic.first["right"], right, spec.lanes, bits);
      append(traffic.second["y"], sums, spec.lanes, bits);
    }
    return traffic;
  };
}

TEST(Join, GivesTheSumsOfItsModel) {
  std::vector<JoinRequest> requests = {request_of("int16", 2), request_of("int16", 1),
                                       request_of("int8", 3), request_of("int12", 1)};
  requests[0].least = 0;
  requests[1].left = Scaling{40000, 17};
  requests[2].right = Scaling{60000, 13};  // saturates
  requests[3].left = Scaling{50001, 16};
  requests[3].right = Scaling{3, 2};
  requests[3].most = 600;
  requests[3].least = -100;
  for (const JoinRequest& request : requests) {
    const auto spec = make_join_spec(request);
    ASSERT_TRUE(spec.ok()) << spec.error().message();
    const Outcome outcome = run_streams(*blocks::join(*spec), traffic_of(*spec), true);
    EXPECT_TRUE(outcome.report.passed) << spec->module_name << "\n" << outcome.text();
  }
}

TEST(Join, TheModelRoundsAsDoubleDoes) {
  JoinRequest request = request_of("int8", 1);
  request.left = Scaling{12345, 14};
  request.most = 90;
  const JoinSpec spec = make_join_spec(request).value();
  for (int left = -128; left < 128; ++left) {
    for (int right = -128; right < 128; right += 5) {
      const double scaled = std::clamp(std::nearbyint(left * 12345 / 16384.0), -128.0, 127.0);
      EXPECT_EQ(model::joined(spec, left, right),
                static_cast<int>(std::clamp(scaled + right, -128.0, 90.0)));
    }
  }
}

Traffic classes(const ArgmaxSpec& spec, std::mt19937_64& random, std::size_t count) {
  Traffic traffic;
  while (traffic.x.size() < count) {
    const std::vector<BigInt> values = values_of(random, spec.format, spec.classes);
    append(traffic.x, values, 1, spec.format.bits());
    traffic.y.push_back({BigInt(model::argmax(values)), false});
  }
  return traffic;
}

TEST(Argmax, GivesTheNumberOfItsModel) {
  for (const auto& [format, count] :
       {std::pair{"int16", 10}, std::pair{"uint4", 2}, std::pair{"int3", 7}}) {
    ArgmaxRequest request{.format = format};
    request.classes = count;
    const ArgmaxSpec spec = make_argmax_spec(request).value();
    const auto traffic = [spec](std::mt19937_64& random, std::size_t beats) {
      return classes(spec, random, beats);
    };
    const Outcome outcome = run_block(*blocks::argmax(spec), traffic, true);
    EXPECT_TRUE(outcome.report.passed) << spec.module_name << "\n" << outcome.text();
  }
  EXPECT_EQ(model::argmax({-3, 5, 2, 5}), 1);
}

TEST(Join, AMistakeShows) {
  const JoinSpec spec = make_join_spec(request_of("int16", 2)).value();
  const auto module = blocks::join(spec);
  GraphEdit edit(*module);
  // A beat of the one moves without one of the other.
  edit.plant("both_valid", edit["left_valid_i"] & edit["right_valid_i"],
             edit["left_valid_i"] | edit["right_valid_i"]);
  EXPECT_FALSE(run_streams(*module, traffic_of(spec), true).report.passed);

  ArgmaxRequest request{.format = "int3"};
  request.classes = 7;
  const ArgmaxSpec largest = make_argmax_spec(request).value();
  const auto other = blocks::argmax(largest);
  GraphEdit again(*other);
  again.plant("is_larger", less_signed(again["largest_q"], again["x_data_i"]),
              ~less_signed(again["x_data_i"], again["largest_q"]));  // the last of equals
  const auto traffic = [largest](std::mt19937_64& random, std::size_t beats) {
    return classes(largest, random, beats);
  };
  EXPECT_FALSE(run_block(*other, traffic, true).report.passed);
}

TEST(Join, RefusesWhatItDoesNotCover) {
  const auto refusal = [&](auto change) {
    JoinRequest request = request_of("int16", 2);
    change(request);
    const auto spec = make_join_spec(request);
    return spec.ok() ? std::string("accepted") : spec.error().message();
  };
  EXPECT_EQ(refusal([](auto&) {}), "accepted");
  EXPECT_THAT(refusal([](auto& r) { r.format = "uint16"; }), HasSubstr("signed integer"));
  EXPECT_THAT(refusal([](auto& r) { r.format = "e2m1"; }), HasSubstr("integer"));
  EXPECT_THAT(refusal([](auto& r) { r.lanes = 65; }), HasSubstr("1 to 64"));
  EXPECT_THAT(refusal([](auto& r) { r.left = Scaling{65536, 3}; }), HasSubstr("left multiplier"));
  EXPECT_THAT(refusal([](auto& r) { r.right = Scaling{1, 64}; }), HasSubstr("right shift"));
  EXPECT_THAT(refusal([](auto& r) { r.least = -40000; }), HasSubstr("-32768 to 32767"));
  EXPECT_THAT(refusal([](auto& r) { r.least = 5, r.most = 4; }), HasSubstr("5 to 32767"));
  EXPECT_THAT(refusal([](auto& r) { r.dsp = "one"; }), HasSubstr("no operand is scaled"));
  ArgmaxRequest request{.format = "int16"};
  request.classes = 1;
  EXPECT_THAT(make_argmax_spec(request).error().message(), HasSubstr("2 to 65536"));
}

}  // namespace
}  // namespace fewbit
