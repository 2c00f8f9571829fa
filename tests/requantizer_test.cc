// requantizer against its model, under stalls; against rounding in double; its rate; refusals.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/blocks/requantizer.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "fewbit/sim/model/blocks/requantizer.h"
#include "fewbit/tests/graph_edit.h"
#include "fewbit/tests/sums_traffic.h"

namespace fewbit {
namespace {

using fewbit::testing::GraphEdit;
using fewbit::testing::Outcome;
using fewbit::testing::run_block;
using fewbit::testing::sums_traffic;
using ::testing::AllOf;
using ::testing::HasSubstr;

RequantizerRequest request_of(const std::string& sums, const std::string& result, int outputs,
                              int rows, int units) {
  RequantizerRequest request{.sums_format = sums, .result_format = result};
  request.outputs = outputs;
  request.rows = rows;
  request.units = units;
  request.fabric = Fabric::kEcp5;
  std::mt19937 random(3);
  const int bits = parse_format(sums).value().bits();
  for (int c = 0; c < outputs; ++c) {
    request.biases.push_back(static_cast<int>(random() % 2001) - 1000);
    request.multipliers.push_back(random() % 65536);
    // From results that saturate to results that are 0.
    request.shifts.push_back(12 + static_cast<int>(random() % static_cast<unsigned>(bits)));
  }
  return request;
}

TEST(Requantizer, GivesTheCodesOfItsModel) {
  std::vector<RequantizerRequest> requests = {
      request_of("int18", "e2m1", 22, 8, 1),  request_of("int20_lsb2", "int16", 6, 6, 2),
      request_of("int17", "ue1m3f", 9, 4, 4), request_of("uint14", "e4m3fn", 5, 1, 1),
      request_of("int16", "int8", 3, 3, 3),   request_of("int16", "e2m1", 4, 4, 2)};
  requests[0].relu = true;
  requests[0].most = 6;
  requests[1].least = 65536 - 900;
  requests[1].most = 65536 - 20;
  requests[2].most = 11;
  requests[4].least = 129;  // -127
  requests[5].least = 11;   // -1.5
  requests[5].most = 3;
  requests.push_back(request_of("int17_lsb2", "e2m1", 6, 3, 1));
  requests.back().biased_bits = 18;
  requests.back().dsp = "one";
  for (const RequantizerRequest& request : requests) {
    const auto spec = make_requantizer_spec(request);
    ASSERT_TRUE(spec.ok()) << spec.error().message();
    SCOPED_TRACE(spec->module_name);
    const auto module = blocks::requantizer(*spec);
    const Outcome outcome = run_block(*module, sums_traffic(*spec, model::requantized), true);
    EXPECT_TRUE(outcome.report.passed) << outcome.text();
  }
}

TEST(Requantizer, TheModelRoundsAsDoubleDoes) {
  RequantizerRequest request = request_of("int18", "int8", 4, 2, 1);
  request.least = 256 - 70;
  request.most = 100;
  std::mt19937 random(9);
  for (int i = 0; i < 2000; ++i) {
    request.relu = i % 2 == 0;
    const RequantizerSpec spec = make_requantizer_spec(request).value();
    std::vector<BigInt> sums;
    for (int c = 0; c < 4; ++c) sums.emplace_back(static_cast<int>(random() % 262144) - 131072);
    const std::vector<BigInt> codes = model::requantized(spec, sums);
    for (std::size_t c = 0; c < 4; ++c) {
      const double exact = (sums[c].convert_to<double>() + static_cast<double>(spec.biases[c])) *
                           static_cast<double>(spec.multipliers[c]) /
                           std::ldexp(1, static_cast<int>(spec.shifts[c]));
      const double least = request.relu ? 0 : -70;
      const int code = static_cast<int>(std::clamp(std::nearbyint(exact), least, 100.0));
      EXPECT_EQ(codes[c], code & 255);
    }
  }
}

TEST(Requantizer, OfABiasedSumSoManyBitsCount) {
  RequantizerRequest request = request_of("int8", "int8", 1, 1, 1);
  request.biases = {100};
  request.multipliers = {1};
  request.shifts = {0};
  request.biased_bits = 8;
  const RequantizerSpec spec = make_requantizer_spec(request).value();
  EXPECT_EQ(model::requantized(spec, {27})[0], 127);
  EXPECT_EQ(model::requantized(spec, {28})[0], 128);  // -128
  EXPECT_EQ(model::requantized(spec, {-128})[0], 256 - 28);
}

TEST(Requantizer, AMistakeShows) {
  const RequantizerSpec spec = make_requantizer_spec(request_of("int18", "e2m1", 22, 8, 2)).value();
  // The units take a step where the last of a vector has no sums left in its beat.
  const auto module = blocks::requantizer(spec);
  GraphEdit edit(*module);
  edit.plant("ends", edit["channels_last"], edit.constant(1, 0));
  EXPECT_FALSE(run_block(*module, sums_traffic(spec, model::requantized), true).report.passed);
}

TEST(Requantizer, RefusesWhatItDoesNotCover) {
  const RequantizerRequest good = request_of("int18", "e2m1", 8, 4, 2);
  ASSERT_TRUE(make_requantizer_spec(good).ok());
  const auto refusal = [&](auto change) {
    RequantizerRequest request = good;
    change(request);
    const auto spec = make_requantizer_spec(request);
    return spec.ok() ? std::string("accepted") : spec.error().message();
  };
  EXPECT_THAT(refusal([](auto& r) { r.sums_format = "e4m3f"; }),
              AllOf(HasSubstr("--sums-format"), HasSubstr("integer")));
  EXPECT_THAT(refusal([](auto& r) { r.result_format = "bipolar"; }), HasSubstr("with a zero"));
  EXPECT_THAT(refusal([](auto& r) { r.units = 3; }), HasSubstr("divisor of 4"));
  EXPECT_THAT(refusal([](auto& r) { r.rows = 9; }), HasSubstr("1 to 8"));
  EXPECT_THAT(refusal([](auto& r) { r.biases.pop_back(); }), HasSubstr("8 numbers"));
  EXPECT_THAT(refusal([](auto& r) { r.multipliers[2] = 65536; }),
              AllOf(HasSubstr("multiplier of output 2"), HasSubstr("0 to 65535")));
  EXPECT_THAT(refusal([](auto& r) { r.shifts[0] = 64; }), HasSubstr("0 to 63"));
  EXPECT_THAT(refusal([](auto& r) { r.biased_bits = 1; }), HasSubstr("2 to 64"));
  EXPECT_THAT(refusal([](auto& r) { r.most = 16; }), HasSubstr("codes of 4 bits"));
  EXPECT_THAT(refusal([](auto& r) { r.result_format = "e4m3fn", r.least = 8; }),
              HasSubstr("NaN or infinity"));
  EXPECT_THAT(refusal([](auto& r) { r.latency = 0; }), HasSubstr("1 to 64"));
}

}  // namespace
}  // namespace fewbit
