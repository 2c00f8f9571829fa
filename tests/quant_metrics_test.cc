// Metrics by hand, and by their definitions over pairs.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "fewbit/quant/metrics.h"

namespace fewbit::quant {
namespace {

using ::testing::HasSubstr;

double value(Metric metric, const Tensor& outputs, const Tensor& targets) {
  return metric_of(metric, outputs, targets).value();
}
std::string message(Metric metric, const Tensor& outputs, const Tensor& targets) {
  return metric_of(metric, outputs, targets).error().message();
}

TEST(Metrics, OfClassesByHand) {
  const Tensor scores = float_tensor({1, 3, 6}, {1, 2, 3, 4, 5, 6,  //
                                                 6, 6, 0, 0, 0, 0,  //
                                                 0, 0, 0, 0, 0, 0});
  const Tensor labels = integer_tensor({3}, {0, 1, 4});
  EXPECT_EQ(value(Metric::kTop1, scores, integer_tensor({3}, {5, 0, 0})), 100);
  EXPECT_EQ(value(Metric::kTop1, scores, labels), 0);  // the first of equals answers
  EXPECT_NEAR(value(Metric::kTop5, scores, labels), 200.0 / 3, 1e-9);
  // A fair die, and log2 of 2 + 4 / e^6.
  EXPECT_NEAR(value(Metric::kBitsPerCharacter, scores, labels),
              (std::log2(1 + std::exp(1) + std::exp(2) + std::exp(3) + std::exp(4) + std::exp(5)) +
               std::log2(2 + 4 * std::exp(-6)) + std::log2(6)) /
                  3,
              1e-6);
  EXPECT_THAT(message(Metric::kTop1, scores, integer_tensor({2}, {0, 0})), HasSubstr("each row"));
  EXPECT_THAT(message(Metric::kTop5, scores, integer_tensor({3}, {0, 6, 0})), HasSubstr("0 to 5"));
  EXPECT_THAT(message(Metric::kTop1, scores, float_tensor({3})), HasSubstr("an integer"));
}

TEST(Metrics, OfNumbersByHand) {
  const Tensor x = float_tensor({2, 2}, {1, 2, 3, 5});
  EXPECT_NEAR(value(Metric::kRmse, x, float_tensor({4}, {1, 4, 3, 1})), std::sqrt(5.0), 1e-9);
  EXPECT_NEAR(value(Metric::kRankCorrelation, x, integer_tensor({4}, {10, 20, 30, 40})), 1, 1e-12);
  EXPECT_NEAR(value(Metric::kRankCorrelation, x, float_tensor({4}, {4, 3, 2, 1})), -1, 1e-12);
  // Ranks 1 2 3 4 and 1.5 1.5 3.5 3.5.
  EXPECT_NEAR(value(Metric::kRankCorrelation, x, float_tensor({4}, {1, 1, 2, 2})),
              4 / std::sqrt(5.0 * 4), 1e-12);
  EXPECT_THAT(message(Metric::kRankCorrelation, x, float_tensor({4})), HasSubstr("differ"));
  EXPECT_THAT(message(Metric::kRankCorrelation, float_tensor({4}), x), HasSubstr("network output"));
  EXPECT_THAT(message(Metric::kRmse, x, float_tensor({3})), HasSubstr("[2, 2]"));
  EXPECT_THAT(message(Metric::kAuc, x, integer_tensor({4}, {0, 1, 2, 0})), HasSubstr("0 and 1"));
  EXPECT_THAT(message(Metric::kAuc, x, integer_tensor({4}, {1, 1, 1, 1})), HasSubstr("both"));
  EXPECT_THAT(message(Metric::kRmse, float_tensor({1}, {NAN}), float_tensor({1})),
              HasSubstr("finite"));
}

/// The share of pairs, one of each kind, in which the larger score is where the 1 is.
TEST(Metrics, AreaUnderTheCurveIsTheShareOfPairs) {
  std::mt19937 random(3);
  for (int run = 0; run < 20; ++run) {
    Tensor scores = float_tensor({40}), labels = float_tensor({40});
    for (std::size_t i = 0; i < 40; ++i) {
      labels.floats()[i] = static_cast<float>(i == 0 || (i > 1 && random() % 3 == 0));
      scores.floats()[i] = static_cast<float>(random() % 12) + labels.floats()[i];
    }
    double right = 0, pairs = 0;
    for (std::size_t i = 0; i < 40; ++i) {
      for (std::size_t k = 0; k < 40; ++k) {
        if (labels.floats()[i] != 1 || labels.floats()[k] != 0) continue;
        const float difference = scores.floats()[i] - scores.floats()[k];
        right += difference > 0 ? 1 : difference == 0 ? 0.5 : 0;
        ++pairs;
      }
    }
    ASSERT_NEAR(value(Metric::kAuc, scores, labels), right / pairs, 1e-12);
  }
}

TEST(Metrics, NamesAreRead) {
  for (const Metric metric : {Metric::kTop1, Metric::kTop5, Metric::kRmse, Metric::kRankCorrelation,
                              Metric::kAuc, Metric::kBitsPerCharacter}) {
    EXPECT_EQ(parse_metric(metric_name(metric)).value(), metric);
  }
  EXPECT_THAT(parse_metric("f1").error().message(), HasSubstr("rank-correlation"));
}

TEST(Metrics, OutputsComeInTheOrderOfTheImages) {
  Graph graph;
  graph.inputs = {{"x", {-1, 2}}};
  graph.outputs = {"y"};
  graph.nodes = {{"Neg", "n", 13, {"x"}, {"y"}, {}}};
  const Network network = Network::make(graph).value();
  Tensor images = float_tensor({101, 2});
  for (std::size_t i = 0; i < images.size(); ++i) images.floats()[i] = static_cast<float>(i);
  for (const int jobs : {1, 3}) {
    const Tensor got = all_outputs(network, FloatArithmetic(), images, jobs).value();
    ASSERT_EQ(got.shape, images.shape);
    for (std::size_t i = 0; i < got.size(); ++i) {
      ASSERT_EQ(got.floats()[i], -static_cast<float>(i));
    }
  }
}

}  // namespace
}  // namespace fewbit::quant
