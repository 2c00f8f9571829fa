// window against its model, under stalls; its rate; refusals; mistakes that must show.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/blocks/window.h"

#include <gmock/gmock.h>

#include <random>

#include "fewbit/gen/blocks/stream.h"
#include "fewbit/gen/rtl/design.h"
#include "fewbit/sim/model/blocks/window.h"
#include "fewbit/tests/graph_edit.h"
#include "fewbit/tests/stream_run.h"

namespace fewbit {
namespace {

using fewbit::testing::Beat;
using fewbit::testing::GraphEdit;
using fewbit::testing::StreamRun;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<Beat> beats_of(const std::vector<Code>& codes, const WindowSpec& spec,
                           std::size_t packet) {
  std::vector<Beat> beats;
  const auto lanes = static_cast<std::size_t>(spec.lanes);
  for (std::size_t k = 0; k < codes.size(); k += lanes) {
    BigInt data = 0;
    for (std::size_t s = lanes; s-- > 0;) data = (data << spec.format.bits()) | codes[k + s];
    beats.push_back({data, packet > 0 && (k / lanes + 1) % packet == 0});
  }
  return beats;
}

struct Outcome {
  verify::VerifyReport report;
  std::string waiting;
  std::vector<int> cycles;  ///< in which beats left
};

/// The first `free` images without stalls.
Outcome run(const WindowSpec& spec, const rtl::EmittedDesign& design, int images, int free) {
  std::mt19937 random(21);
  std::vector<Code> codes, expected;
  for (int i = 0; i < images; ++i) {
    std::vector<Code> image(static_cast<std::size_t>(spec.height * spec.width * spec.channels));
    for (Code& code : image) code = random() % (1U << spec.format.bits());
    const std::vector<Code> windows = model::windows(spec, image);
    codes.insert(codes.end(), image.begin(), image.end());
    expected.insert(expected.end(), windows.begin(), windows.end());
  }
  const std::vector<Beat> x = beats_of(codes, spec, 0);
  const std::vector<Beat> y = beats_of(expected, spec, static_cast<std::size_t>(spec.beats()));
  const auto first = [&](const std::vector<Beat>& beats) {
    return beats.size() / static_cast<std::size_t>(images) * static_cast<std::size_t>(free);
  };
  StreamRun behaviour({{"x", {.beats = x, .stalls = {40, 4, first(x)}, .has_last = false}}},
                      {{"y", {.beats = y, .stalls = {30, 9, first(y)}}}}, 5);
  const auto report = verify::verify_design(design, behaviour, {});
  EXPECT_TRUE(report.ok()) << report.error().message();
  return {report.value(), behaviour.waiting(), behaviour.output("y").cycles};
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
  std::vector<WindowRequest> all = {
      padded(request_of(6, 7, 4, 2, 3), 1, 1, 1, 1), request_of(5, 6, 3, 1, 2),
      padded(request_of(8, 9, 2, 2, 3), 1, 0, 0, 1), padded(request_of(9, 7, 1, 1, 3), 2, 2, 2, 2),
      request_of(6, 6, 6, 3, 1),                     padded(request_of(1, 1, 2, 1, 3), 1, 1, 1, 1),
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
    const auto module = blocks::window(*spec);
    EXPECT_THAT(blocks::stream_defects(*module), IsEmpty());
    const Outcome outcome = run(*spec, rtl::Design(*module).emit(), 24, 6);
    EXPECT_TRUE(outcome.report.passed) << verify::to_text(outcome.report);
    ASSERT_EQ(outcome.waiting, "");
    // Of images that come without a stall each takes as long as its beats, those that come or
    // those that go.
    const int in = spec->height * spec->width * spec->pixel_beats();
    const int out = spec->out_height() * spec->out_width() * spec->beats();
    const auto end_of = [&](int image) {
      return outcome.cycles[static_cast<std::size_t>(image * out) - 1];
    };
    if (out > 2 * in) EXPECT_EQ(end_of(5) - end_of(2), 3 * out);
    EXPECT_LE(end_of(5) - end_of(2), 3 * (std::max(in, out) + spec->height));
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
      edit.plant("has_rows", ~less(edit["rows_held_q"], edit["rows_wanted"]), edit.constant(1, 1));
    } else {
      edit.plant("rows_read", edit["frees_1_q"], edit["rows_done"]);
    }
    const Outcome outcome = run(spec, rtl::Design(*module).emit(), 8, 0);
    EXPECT_FALSE(outcome.report.passed && outcome.waiting.empty()) << early;
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
