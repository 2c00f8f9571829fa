// Drawings of accelerators, read as pictures: boxes apart, texts inside of them, every line from
// box to box; and foldings within a budget.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <cstring>
#include <random>
#include <regex>

#include "fewbit/flows/study/network/drawing.h"
#include "fewbit/flows/study/network/fit.h"
#include "fewbit/quant/hardware/lowering.h"
#include "fewbit/tests/lowered_graph.h"

namespace fewbit::study {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

quant::LoweredNetwork small_network() {
  std::mt19937_64 random(7);
  const quant::Network network = quant::Network::make(quant::small_graph(random)).value();
  const quant::Tensor calibration = quant::random_images(random, 12, 255);
  quant::QuantizerOptions options;
  options.weights = options.activations = parse_format("int4").value();
  const auto arithmetic = quant::QuantizedArithmetic::make(network, calibration, options).value();
  return quant::lower(network, arithmetic, calibration, {}).value();
}

FitBudget budget_of(int blocks) {
  return {{rtl::ice40_blocks(), 240, false}, blocks, 512, std::nullopt};
}

AcceleratorRequest request() {
  AcceleratorRequest request;
  request.name = "fewbit_small";
  request.command = "none";
  return request;
}

struct Rectangle {
  double x = 0, y = 0, width = 0, height = 0;
  [[nodiscard]] bool overlaps(const Rectangle& other) const {
    return x < other.x + other.width && other.x < x + width && y < other.y + other.height &&
           other.y < y + height;
  }
};

double attribute(const std::string& element, const char* name) {
  const std::size_t at = element.find(std::string(" ") + name + "=\"");
  EXPECT_NE(at, std::string::npos) << element;
  return std::stod(element.substr(at + std::strlen(name) + 3));
}

std::vector<std::string> elements(const std::string& svg, const std::string& kind) {
  std::vector<std::string> found;
  const std::regex pattern("<" + kind + " [^>]*>[^<]*");
  for (std::sregex_iterator at(svg.begin(), svg.end(), pattern), end; at != end; ++at) {
    found.push_back(at->str());
  }
  return found;
}

class NetworkDrawing : public ::testing::Test {
 protected:
  [[nodiscard]] std::string drawn() const {
    DrawingFacts facts;
    facts.title = "a title";
    facts.place = [](const rtl::MemorySpec&) { return std::string("somewhere"); };
    facts.luts = [](std::size_t layer) { return layer == 1 ? "about 77 LUTs" : ""; };
    return drawing_of(network_, accelerator_, facts).value();
  }
  [[nodiscard]] std::vector<Rectangle> boxes(const std::string& svg) const {
    std::vector<Rectangle> boxes;
    for (const std::string& element : elements(svg, "rect")) {
      boxes.push_back({attribute(element, "x"), attribute(element, "y"),
                       attribute(element, "width"), attribute(element, "height")});
    }
    return boxes;
  }
  int least_ = 0;
  const quant::LoweredNetwork network_ = small_network();
  const Accelerator accelerator_ =
      fit_fastest(network_, request(), budget_of(32), least_).value()->accelerator;
};

TEST_F(NetworkDrawing, BoxesAreApartAndTextsInsideOfThem) {
  const std::string svg = drawn();
  const std::vector<Rectangle> all = boxes(svg);
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) EXPECT_FALSE(all[i].overlaps(all[k])) << i << " " << k;
  }
  std::vector<Rectangle> texts;
  for (const std::string& element : elements(svg, "text")) {
    // A character of a monospace font is 0.6 of its size wide at most.
    const std::string shown = element.substr(element.find('>') + 1);
    const Rectangle text{attribute(element, "x"), attribute(element, "y") - 11,
                         7.3 * static_cast<double>(shown.size()), 14};
    texts.push_back(text);
    EXPECT_EQ(std::count_if(all.begin(), all.end(),
                            [&](const Rectangle& box) {
                              return text.x > box.x && text.y > box.y &&
                                     text.x + text.width < box.x + box.width &&
                                     text.y + text.height < box.y + box.height;
                            }),
              1)
        << element;
  }
  for (std::size_t i = 0; i < texts.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) EXPECT_FALSE(texts[i].overlaps(texts[k])) << i << " " << k;
  }
}

/// Lines run down and across; none crosses a box.
TEST_F(NetworkDrawing, LinesCrossNoBox) {
  const std::string svg = drawn();
  const std::vector<Rectangle> all = boxes(svg);
  const std::vector<std::string> lines = elements(svg, "path");
  EXPECT_GT(lines.size(), accelerator_.engines.size());
  for (const std::string& element : lines) {
    double x = 0, y = 0, gap = 0, end = 0, head = 0;
    ASSERT_EQ(
        std::sscanf(element.c_str(), "<path d=\"M%lf %lfV%lfH%lfV%lf", &x, &y, &gap, &end, &head),
        5)
        << element;
    EXPECT_TRUE(y <= gap && gap <= head) << element;
    for (const Rectangle& part :
         {Rectangle{x - 1, y, 2, gap - y}, Rectangle{end - 1, gap, 2, head - gap},
          Rectangle{std::min(x, end), gap - 1, std::abs(x - end), 2}}) {
      for (const Rectangle& box : all) EXPECT_FALSE(part.overlaps(box)) << element;
    }
  }
}

TEST_F(NetworkDrawing, SaysWhatIsBuilt) {
  const std::string svg = drawn();
  EXPECT_EQ(svg, drawn());
  for (const EngineReport& engine : accelerator_.engines) {
    EXPECT_THAT(svg, HasSubstr(">" + engine.name + "<"));
    EXPECT_THAT(svg, HasSubstr("P " + std::to_string(engine.folding.rows) + ", S " +
                               std::to_string(engine.folding.lanes) + ", "));
    EXPECT_THAT(svg, HasSubstr(std::to_string(engine.cycles) + " cycles"));
  }
  for (const WaitingPlace& place : accelerator_.waiting) {
    EXPECT_THAT(svg, HasSubstr("fifo of " + std::to_string(place.depth) + " x "));
    EXPECT_THAT(svg, HasSubstr(">" + std::to_string(place.least) + " must fit<"));
  }
  EXPECT_THAT(svg, HasSubstr("about 77 LUTs, "));
  EXPECT_THAT(svg, HasSubstr("weights: somewhere"));
}

/// Fewer block RAMs are slower ones, and what does not fit says what the smallest took.
TEST(NetworkFit, TheFastestWithinTheMemories) {
  const quant::LoweredNetwork network = small_network();
  int least = 0;
  const auto all = fit_fastest(network, request(), budget_of(32), least).value();
  ASSERT_TRUE(all.has_value());
  const auto nothing = fit_fastest(network, request(), budget_of(0), least).value();
  if (!nothing.has_value()) {
    ASSERT_GT(least, 0);
    const int needed = least;
    const auto some = fit_fastest(network, request(), budget_of(needed), least).value();
    ASSERT_TRUE(some.has_value());
    EXPECT_LE(some->memory.blocks, needed);
    EXPECT_GE(some->accelerator.slowest().cycles, all->accelerator.slowest().cycles);
  }
  EXPECT_LE(all->memory.blocks, 32);
  EXPECT_GE(all->accelerator.slowest().cycles, 64);  // an image has 64 bytes
  const auto more = fit_fastest(network, request(), budget_of(1000), least).value();
  EXPECT_LE(more->accelerator.slowest().cycles, all->accelerator.slowest().cycles);
}

}  // namespace
}  // namespace fewbit::study
