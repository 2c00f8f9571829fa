// window against its model, under stalls; its rate; refusals; mistakes that must show.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/blocks/window.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "fewbit/sim/model/blocks/window.h"
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
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Random images, and the windows of the model.
MakeTraffic traffic_of(const WindowSpec& spec) {
  return [spec](std::mt19937_64& random, std::size_t count) {
    Traffic traffic;
    const int bits = spec.format.bits();
    while (std::max(traffic.x.size(), traffic.y.size()) < count) {
      const std::vector<Code> image =
          random_codes(random, spec.height * spec.width * spec.channels, bits);
      append(traffic.x, image, spec.lanes, bits);
      const std::vector<Code> windows = model::windows(spec, image);
      const auto size = static_cast<std::ptrdiff_t>(spec.beats() * spec.lanes);
      for (auto at = windows.begin(); at != windows.end(); at += size) {
        append(traffic.y, std::vector<Code>(at, at + size), spec.lanes, bits);
      }
    }
    return traffic;
  };
}

WindowRequest request_of(int height, int width, int channels, int lanes, int kernel) {
  WindowRequest request{.format = "e2m1"};
  request.height = height;
  request.width = width;
  request.channels = channels;
  request.lanes = lanes;
  request.kernel = kernel;
  return request;
}

WindowRequest padded(WindowRequest request, int top, int left, int bottom, int right) {
  request.pad_top = top;
  request.pad_left = left;
  request.pad_bottom = bottom;
  request.pad_right = right;
  return request;
}

std::vector<WindowRequest> requests() {
  std::vector<WindowRequest> all = {padded(request_of(6, 7, 4, 2, 3), 1, 1, 1, 1),
                                    request_of(5, 6, 3, 1, 2),
                                    padded(request_of(8, 9, 2, 2, 3), 1, 0, 0, 1),
                                    padded(request_of(9, 7, 1, 1, 3), 2, 2, 2, 2),
                                    request_of(6, 6, 6, 3, 1),
                                    padded(request_of(1, 1, 2, 1, 3), 1, 1, 1, 1),
                                    request_of(7, 7, 1, 1, 2)};
  all[2].stride = 2;
  all[3].dilation = 2;
  all[4].stride = 2;
  all[6].stride = 3;  // rows and columns that no window reads
  return all;
}

TEST(Window, GivesTheWindowsOfItsModel) {
  for (const WindowRequest& request : requests()) {
    const auto spec = make_window_spec(request);
    ASSERT_TRUE(spec.ok()) << spec.error().message();
    SCOPED_TRACE(spec->module_name);
    const int in = spec->height * spec->width * spec->pixel_beats();
    const int out = spec->out_height() * spec->out_width() * spec->beats();
    // Where few beats come, one leaves in each cycle; where many do, their rows are waited for.
    const Outcome outcome = run_block(*blocks::window(*spec), traffic_of(*spec), out > 2 * in, 600);
    EXPECT_TRUE(outcome.report.passed) << outcome.text();
    if (out > 2 * in) continue;
    EXPECT_GE(outcome.rates.at("x"), 0.7 * in / std::max(in, out));
  }
}

TEST(Window, TheModelKnowsAnImageWrittenByHand) {
  WindowRequest request = padded(request_of(2, 3, 1, 1, 2), 1, 0, 0, 0);
  // 1 2 3 below a row of padding
  // 4 5 6
  EXPECT_THAT(model::windows(make_window_spec(request).value(), {1, 2, 3, 4, 5, 6}),
              ElementsAre(0, 0, 1, 2, 0, 0, 2, 3, 1, 2, 4, 5, 2, 3, 5, 6));
}

TEST(Window, AMistakeShows) {
  const WindowSpec spec = make_window_spec(requests()[0]).value();
  // Windows that do not wait for their rows; rows that come over those that are still read.
  for (const bool early : {true, false}) {
    const auto module = blocks::window(spec);
    GraphEdit edit(*module);
    if (early) {
      edit.plant("has_rows_q", edit["has_rows_d"], edit.constant(1, 1));
    } else {
      edit.plant("rows_read", edit["frees_3_q"], edit["rows_done_q"]);
    }
    EXPECT_FALSE(run_block(*module, traffic_of(spec), true, 600).report.passed) << early;
  }
}

TEST(Window, RefusesWhatItDoesNotCover) {
  const auto refusal = [&](auto change) {
    WindowRequest request = request_of(5, 6, 4, 2, 3);
    change(request);
    const auto spec = make_window_spec(request);
    return spec.ok() ? std::string("accepted") : spec.error().message();
  };
  EXPECT_EQ(refusal([](auto&) {}), "accepted");
  EXPECT_THAT(refusal([](auto& r) { r.format = "bipolar"; }),
              AllOf(HasSubstr("--format"), HasSubstr("zero")));
  EXPECT_THAT(refusal([](auto& r) { r.lanes = 3; }), HasSubstr("divisor of 4"));
  EXPECT_THAT(refusal([](auto& r) { r.lanes = 0; }), HasSubstr("divisor of 4"));
  EXPECT_THAT(refusal([](auto& r) { r.kernel = 6; }), HasSubstr("--height"));
  EXPECT_THAT(refusal([](auto& r) { r.pad_left = 3; }), HasSubstr("0 to 2"));
  EXPECT_THAT(refusal([](auto& r) { r.stride = 0; }), HasSubstr("--stride"));
  EXPECT_THAT(refusal([](auto& r) { r.dilation = 3; }), HasSubstr("at least 7"));
  EXPECT_THAT(refusal([](auto& r) { r.width = 4096, r.channels = 4096, r.lanes = 1; }),
              HasSubstr("in the rows of a window"));
}

}  // namespace
}  // namespace fewbit
