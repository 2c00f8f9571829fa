// Designs against behaviours in Verilator, port by port; and through the flow that costs them.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <random>

#include "fewbit/flows/cost.h"
#include "fewbit/flows/yosys.h"
#include "fewbit/gen/rtl/control.h"
#include "fewbit/gen/rtl/design.h"
#include "fewbit/sim/verify/design_simulation.h"

namespace fewbit {
namespace {

using rtl::Module;
using rtl::Signal;
using ::testing::HasSubstr;

constexpr int kWide = 150;

/// sum_o: 8 or Width bits of what was counted, wide_o: x_i inverted one cycle later, word_o: a word
/// of a memory whose contents are in a file.
rtl::EmittedDesign counting(bool with_mistake) {
  Module m("verify_counting");
  m.clocked(rtl::Reset::kSyncHigh);
  const int width = m.parameter({"Width", 8, "Bits of the sum", 2, 40});
  const Signal count = m.input("count_i", 1);
  const Signal sum = m.reg("sum_q", rtl::Width(8, width), {.enable = count});
  m.drive(sum, m.net("next", sum + zero_extend(m.constant(1, 1), rtl::Width(8, width))));
  m.output("sum_o", sum);
  const Signal wide = m.reg("wide_q", kWide, {.reset = false});
  const Signal x = m.input("x_i", kWide);
  m.drive(wide, m.net("inverted",
                      with_mistake ? rtl::concat({~x.slice(kWide - 1, 1), x.bit(0) & count}) : ~x));
  m.output("wide_o", wide);
  rtl::MemorySpec spec{.depth = 256, .width = 20, .in_file = true};
  for (int i = 0; i < 256; ++i) spec.contents.push_back(i * 3001 % (1 << 20));
  m.output("word_o", m.read(m.memory("words", spec), "word", m.input("address_i", 8)));
  return rtl::Design(m).emit();
}

class Counting : public verify::Behaviour {
 public:
  explicit Counting(int width, int cycles = 3000) : width_(width), cycles_(cycles) {}
  bool drive(verify::Ports& inputs, std::string& phase) override {
    phase = cycle_ < 1500 ? "first half" : "second half";
    expected_ = {{"sum_o", sum_}, {"wide_o", pow2(kWide) - 1 - x_}, {"word_o", address_ * 3001}};
    const bool reset = cycle_ < 2;
    const bool count = random_() % 4 != 0;
    x_ = 0;
    for (int i = 0; i < 5; ++i) x_ = ((x_ << 32) | random_()) % pow2(kWide);
    address_ = static_cast<int>(random_() % 256);
    inputs = {
        {"rst_i", reset ? 1 : 0}, {"count_i", count ? 1 : 0}, {"x_i", x_}, {"address_i", address_}};
    sum_ = reset ? 0 : (sum_ + (count ? 1 : 0)) % (1LL << width_);
    return ++cycle_ <= cycles_;
  }
  verify::Ports expect(const verify::Ports& /*outputs*/) override {
    return cycle_ < 3 ? verify::Ports{} : expected_;
  }

 private:
  int width_, cycles_;
  std::mt19937 random_{4};
  int cycle_ = 0;
  long long sum_ = 0;
  int address_ = 0;
  BigInt x_;
  verify::Ports expected_;
};

TEST(VerifyDesign, PassesWhatDoesAsItShould) {
  for (const int width : {8, 37}) {
    Counting behaviour(width);
    const auto report = verify::verify_design(counting(false), behaviour, {}, {{"Width", width}});
    ASSERT_TRUE(report.ok()) << report.error().message();
    EXPECT_TRUE(report->passed) << verify::to_text(*report);
    EXPECT_EQ(report->vectors, 2998U);
  }
}

TEST(VerifyDesign, SaysWhereItDoesNot) {
  Counting behaviour(8);
  const auto report = verify::verify_design(counting(true), behaviour, {});
  ASSERT_TRUE(report.ok()) << report.error().message();
  EXPECT_FALSE(report->passed);
  EXPECT_GT(report->mismatch_count, 500U);
  ASSERT_FALSE(report->mismatches.empty());
  EXPECT_EQ(report->mismatches[0].port, "wide_o");
  EXPECT_EQ(report->mismatches[0].expected ^ report->mismatches[0].got, 1);
  EXPECT_THAT(verify::to_text(*report), HasSubstr("first half"));
}

TEST(VerifyDesign, NothingComparedIsNoPass) {
  Counting behaviour(8, 1);
  const auto report = verify::verify_design(counting(false), behaviour, {});
  ASSERT_TRUE(report.ok()) << report.error().message();
  EXPECT_EQ(report->vectors, 0U);
  EXPECT_FALSE(report->passed);
}

TEST(VerifyDesign, TheFlowMapsItsMemory) {
  const flows::Target target = flows::find_target("ice40-hx8k").value();
  const ScratchDirectory folder = ScratchDirectory::make().value();
  const auto mapped =
      flows::map_design(counting(false), target, target.flows.front(), 1, folder.path());
  ASSERT_TRUE(mapped.ok()) << mapped.error().message();
  const auto cells = flows::count_cells(target, mapped->cells);
  ASSERT_TRUE(cells.ok()) << cells.error().message();
  EXPECT_EQ(cells->brams, 2);
  EXPECT_GT(cells->lut_equivalents, 7);
}

}  // namespace
}  // namespace fewbit
