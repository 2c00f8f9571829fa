// thresholds against its model, under stalls; a table counted by hand; refusals.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/blocks/thresholds.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>

#include "fewbit/sim/model/blocks/thresholds.h"
#include "fewbit/tests/graph_edit.h"
#include "fewbit/tests/sums_traffic.h"

namespace fewbit {
namespace {

using fewbit::testing::GraphEdit;
using fewbit::testing::Outcome;
using fewbit::testing::run_block;
using fewbit::testing::sums_traffic;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

ThresholdsRequest request_of(const std::string& sums, const std::string& result, int levels,
                             int outputs, int rows, int units) {
  ThresholdsRequest request{.sums_format = sums, .result_format = result};
  request.outputs = outputs;
  request.rows = rows;
  request.units = units;
  const IntFormat sum = parse_format(sums).value().as_int();
  const auto least = sum.min().convert_to<long long>();
  const auto most = sum.max().convert_to<long long>() + 1;
  std::mt19937 random(5);
  for (int c = 0; c < outputs; ++c) {
    std::vector<long long> row;
    for (int j = 1; j < levels; ++j) {
      row.push_back(least + static_cast<long long>(random() % (most - least + 1)));
    }
    std::sort(row.begin(), row.end());
    if (c == 1) row.back() = most;                    // a level that no sum has
    if (c == 2) row.assign(row.size(), row.front());  // all at once
    request.thresholds.push_back(row);
  }
  return request;
}

TEST(Thresholds, GivesTheCodesOfItsModel) {
  for (const ThresholdsRequest& request :
       {request_of("int18", "e2m1", 15, 22, 8, 1), request_of("int11", "uint2", 4, 6, 6, 2),
        request_of("uint14", "ue2m2f", 16, 9, 4, 4), request_of("int12", "int3", 8, 5, 1, 1),
        request_of("int9", "e2m0f", 7, 1, 1, 1)}) {
    const auto spec = make_thresholds_spec(request);
    ASSERT_TRUE(spec.ok()) << spec.error().message();
    SCOPED_TRACE(spec->module_name);
    const auto module = blocks::thresholds(*spec);
    const Outcome outcome = run_block(*module, sums_traffic(*spec, model::levels), true);
    EXPECT_TRUE(outcome.report.passed) << outcome.text();
  }
}

TEST(Thresholds, TheModelCountsAsByHand) {
  ThresholdsRequest request{.sums_format = "int6", .result_format = "int2"};
  request.thresholds = {{-10, 0, 7}};
  const ThresholdsSpec spec = make_thresholds_spec(request).value();
  const auto code = [&](int sum) {
    return model::levels(spec, {BigInt(sum)})[0].convert_to<int>();
  };
  EXPECT_THAT((std::vector<int>{code(-32), code(-11), code(-10), code(-1), code(0), code(6),
                                code(7), code(31)}),
              ElementsAre(2, 2, 3, 3, 0, 0, 1, 1));  // -2, -1, 0, 1
}

TEST(Thresholds, AMistakeShows) {
  const ThresholdsSpec spec =
      make_thresholds_spec(request_of("int11", "uint2", 4, 6, 6, 2)).value();
  const auto module = blocks::thresholds(spec);
  GraphEdit edit(*module);
  edit.plant("unit_1_bit_1_address", edit["unit_1_bit_0_level_1_q"], edit.constant(1, 0));
  EXPECT_FALSE(run_block(*module, sums_traffic(spec, model::levels), true).report.passed);
}

TEST(Thresholds, RefusesWhatItDoesNotCover) {
  const auto refusal = [&](auto change) {
    ThresholdsRequest request = request_of("int11", "uint2", 4, 6, 6, 2);
    change(request);
    const auto spec = make_thresholds_spec(request);
    return spec.ok() ? std::string("accepted") : spec.error().message();
  };
  EXPECT_EQ(refusal([](auto&) {}), "accepted");
  EXPECT_THAT(refusal([](auto& r) { r.result_format = "int5"; }), HasSubstr("at most 4 bits"));
  EXPECT_THAT(refusal([](auto& r) { r.result_format = "int3"; }), HasSubstr("7 numbers"));
  EXPECT_THAT(refusal([](auto& r) { r.sums_format = "e2m1"; }), HasSubstr("integer"));
  EXPECT_THAT(refusal([](auto& r) { r.thresholds[3][1] = -1025; }), HasSubstr("to 1024"));
  EXPECT_THAT(refusal([](auto& r) { r.thresholds[0] = {5, 4, 6}; }), HasSubstr("below the one"));
  EXPECT_THAT(refusal([](auto& r) { r.thresholds.pop_back(); }), HasSubstr("6 outputs"));
  EXPECT_THAT(refusal([](auto& r) { r.units = 4; }), HasSubstr("divisor of 6"));
}

}  // namespace
}  // namespace fewbit
