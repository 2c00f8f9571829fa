// Learned rounding: small cases by hand, and layers of real networks.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/learned_rounding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "fewbit/quant/quantizer.h"
#include "fewbit/tests/quant_networks.h"

namespace fewbit::quant {
namespace {

using ::testing::ElementsAre;

NumberGrid grid_of(const char* format) {
  return NumberGrid::make(parse_format(format).value()).value();
}

std::vector<double> learned(const char* format, const std::vector<double>& moments,
                            std::size_t terms, const std::vector<double>& weights,
                            RoundingStart start = RoundingStart::kLocalGrid) {
  return learn_rounding(grid_of(format), moments, terms, weights, start);
}

TEST(NumberGrid, StepsAroundANumber) {
  const NumberGrid e2m1 = grid_of("e2m1");  // in units of 0.5: 0 1 2 3 4 6 8 12
  const std::pair<double, double> steps[] = {{0, 1}, {0.7, 1}, {3.9, 1}, {4, 2}, {-5, 2},
                                             {8, 4}, {-11, 4}, {12, 4},  {99, 4}};
  for (const auto& [x, step] : steps) EXPECT_EQ(e2m1.step_at(x), step) << x;
  EXPECT_EQ(grid_of("int4").step_at(6.5), 1);
  const NumberGrid e3m0 = grid_of("e3m0f");  // 0 1 2 4 8 ...
  EXPECT_EQ(e3m0.step_at(0.5), 1);
  EXPECT_EQ(e3m0.step_at(3), 2);
  EXPECT_EQ(e3m0.step_at(-9), 8);
}

TEST(LearnedRounding, OfIndependentInputsIsTheNearest) {
  const std::vector<double> moments = {2, 0, 0, 0, 5, 0, 0, 0, 3};
  EXPECT_THAT(learned("int4", moments, 3, {0.3, -1.7, 9.0, 2.8, -3.4, -8.0}),
              ElementsAre(0, -2, 7, 3, -3, -7));
  // Steps of 1 up to 4, of 2 up to 8, of 4 up to 12.
  EXPECT_THAT(learned("e2m1", moments, 3, {0.3, -4.8, 11.1, -13, 7.2, -8.9}),
              ElementsAre(0, -4, 12, -12, 8, -8));
}

TEST(LearnedRounding, MakesUpForAnErrorInInputsThatMoveTogether) {
  // Two inputs that are always equal: of 0.4 + 0.45 one goes up; the sum of 4.7 and 4.9 is best
  // at 4 + 6.
  const std::vector<double> moments = {1, 1, 1, 1};
  const std::vector<double> small = learned("int4", moments, 2, {0.4, 0.45});
  EXPECT_EQ(small[0] + small[1], 1);
  const std::vector<double> large = learned("e2m1", moments, 2, {4.7, 4.9});
  EXPECT_THAT(large, ElementsAre(4, 6));
}

TEST(LearnedRounding, InputsThatAreAlwaysZeroRoundToTheNearest) {
  EXPECT_THAT(learned("int4", {0, 0, 0, 0}, 2, {0.3, -1.7}), ElementsAre(0, -2));
}

double error_of(const std::vector<double>& moments, std::size_t terms,
                const std::vector<double>& weights, const std::vector<double>& rounded) {
  double error = 0;
  for (std::size_t row = 0; row < weights.size(); row += terms) {
    for (std::size_t i = 0; i < terms; ++i) {
      for (std::size_t k = 0; k < terms; ++k) {
        error += (rounded[row + i] - weights[row + i]) * (rounded[row + k] - weights[row + k]) *
                 moments[i * terms + k];
      }
    }
  }
  return error;
}

/// Of one channel with all 2^8 choices tried.
TEST(LearnedRounding, LiesBetweenTheBestChoiceAndTheNearest) {
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal;
  constexpr std::size_t kTerms = 8;
  const NumberGrid grid = grid_of("e2m1");
  double nearest = 0, learned_error = 0, best_error = 0;
  for (int round = 0; round < 20; ++round) {
    std::vector<double> moments(kTerms * kTerms), weights(kTerms), lows(kTerms), steps(kTerms);
    for (int image = 0; image < 12; ++image) {
      std::vector<double> inputs(kTerms);
      const double common = normal(random);
      for (double& input : inputs) input = common + 0.3 * normal(random);
      for (std::size_t i = 0; i < moments.size(); ++i) {
        moments[i] += inputs[i / kTerms] * inputs[i % kTerms];
      }
    }
    std::vector<double> plain(kTerms);
    for (std::size_t i = 0; i < kTerms; ++i) {
      weights[i] = std::clamp(4 * normal(random), -11.9, 11.9);
      plain[i] = grid.nearest(weights[i]);
      steps[i] = std::abs(weights[i]) < 4 ? 1 : std::abs(weights[i]) < 8 ? 2 : 4;
      lows[i] = std::floor(weights[i] / steps[i]) * steps[i];
    }
    double best = std::numeric_limits<double>::infinity();
    for (unsigned choice = 0; choice < 1U << kTerms; ++choice) {
      std::vector<double> candidate = lows;
      for (std::size_t i = 0; i < kTerms; ++i) candidate[i] += (choice >> i & 1) * steps[i];
      best = std::min(best, error_of(moments, kTerms, weights, candidate));
    }
    best_error += best;
    nearest += error_of(moments, kTerms, weights, plain);
    learned_error += error_of(moments, kTerms, weights, learned("e2m1", moments, kTerms, weights));
  }
  EXPECT_GE(learned_error, best_error);
  EXPECT_LT(learned_error, 0.6 * nearest);
}

/// The bar of the study: less error than the nearest numbers make, and than a start that takes the
/// format for integers.
TEST(LearnedRounding, TheLocalStartIsBetterOnRealLayers) {
  use_one_blas_thread();
  const Network network = network_named("vit");
  const std::vector<LayerSample> samples = sample_operands(network, test_images(32), true).value();
  std::size_t layers = 0;
  for (const char* format : {"e2m1", "e3m2", "e4m3f"}) {
    const NumberGrid grid = grid_of(format);
    double nearest_error = 0, integer_error = 0, local_error = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const LinearLayer& layer = network.layers()[i];
      // The output of the last attention: 64 x 64.
      if (layer.op != "MatMul" || layer.weights == nullptr || layer.weights->size() != 4096 ||
          i + 6 < samples.size()) {
        continue;
      }
      ++layers;
      const std::vector<float>& values = layer.weights->floats();
      const double scale = choose_scale(grid, values, RangeRule::kLeastSquares);
      std::vector<double> weights(values.size()), nearest(values.size());
      for (std::size_t k = 0; k < values.size(); ++k) {  // [terms, channels] to [channels, terms]
        weights[k] = static_cast<double>(values[k % 64 * 64 + k / 64]) / scale;
        nearest[k] = grid.nearest(weights[k]);
      }
      const std::vector<double>& moments = samples[i].moments;
      const auto error = [&](const std::vector<double>& rounded) {
        return scale * scale * error_of(moments, 64, weights, rounded);
      };
      const std::vector<double> local =
          learn_rounding(grid, moments, 64, weights, RoundingStart::kLocalGrid);
      nearest_error += error(nearest);
      local_error += error(local);
      integer_error += error(learn_rounding(grid, moments, 64, weights, RoundingStart::kInteger));
      if (layers == 1) {  // nothing is random
        EXPECT_EQ(learn_rounding(grid, moments, 64, weights, RoundingStart::kLocalGrid), local);
      }
    }
    EXPECT_LT(local_error, 0.7 * nearest_error) << format;
    EXPECT_LT(local_error, integer_error) << format;
  }
  EXPECT_EQ(layers, 3U);
}

TEST(LearnedRounding, ExcludesGptq) {
  QuantizerOptions options;
  options.gptq = true;
  options.learned_rounding = RoundingStart::kLocalGrid;
  EXPECT_THAT(
      QuantizedArithmetic::make(network_named("resnet"), test_images(1), options).error().message(),
      ::testing::HasSubstr("--learned-rounding"));
}

}  // namespace
}  // namespace fewbit::quant
