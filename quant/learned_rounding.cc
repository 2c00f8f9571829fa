// Learned rounding by gradient descent (Adam) on matrices of weights, products by BLAS.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/learned_rounding.h"

#include <cblas.h>

#include <algorithm>
#include <cmath>

namespace fewbit::quant {
namespace {

// The stretched sigmoid reaches 0 and 1 at finite arguments.
constexpr float kUpper = 1.1F;
constexpr float kLower = -0.1F;

constexpr int kSteps = 1000;
constexpr float kWarmUp = 0.2F;  ///< of the steps: without the push to 0 or 1
constexpr float kRate = 0.1F;
/// Weight of sum(1 - |2h - 1|^power) beside the error, which is counted in root mean square steps.
constexpr float kPush = 1.0F;
constexpr float kFirstPower = 20.0F;
constexpr float kLastPower = 2.0F;
constexpr float kMeanDecay = 0.9F;
constexpr float kSquareDecay = 0.999F;
constexpr float kEpsilon = 1e-8F;

/// One weight: its candidates low and low + step, in units, and the variable behind h.
struct Weight {
  float low = 0;
  float step = 0;
  float logit = 0;
  float mean = 0;    // of gradients
  float square = 0;  // of gradients
};

float sigmoid(float x) { return 1.0F / (1.0F + std::exp(-x)); }

float stretched(float logit) {
  return std::clamp(sigmoid(logit) * (kUpper - kLower) + kLower, 0.0F, 1.0F);
}

/// d stretched / d logit.
float slope(float logit) {
  const float s = sigmoid(logit);
  const float h = s * (kUpper - kLower) + kLower;
  return h < 0 || h > 1 ? 0.0F : s * (1 - s) * (kUpper - kLower);
}

Weight weight_at(const NumberGrid& grid, double x, RoundingStart start) {
  const double step = grid.step_at(x);
  const double low = std::max(-grid.max(), std::floor(x / step) * step);
  Weight weight;
  weight.low = static_cast<float>(grid.nearest(low));
  weight.step = static_cast<float>(grid.nearest(low + step) - grid.nearest(low));
  const double counted =
      start == RoundingStart::kLocalGrid ? x / step : std::ldexp(x, grid.unit_exponent());
  const auto h = static_cast<float>(counted - std::floor(counted));
  weight.logit = -std::log((kUpper - kLower) / (h - kLower) - 1);
  return weight;
}

}  // namespace

std::vector<double> learn_rounding(const NumberGrid& grid, std::span<const double> moments,
                                   std::size_t terms, std::span<const double> weights,
                                   RoundingStart start) {
  const std::size_t channels = weights.size() / terms;
  std::vector<Weight> state(weights.size());
  std::transform(weights.begin(), weights.end(), state.begin(),
                 [&](double x) { return weight_at(grid, x, start); });
  double trace = 0;
  for (std::size_t i = 0; i < terms; ++i) trace += moments[i * terms + i];
  const double mean_moment = trace > 0 ? trace / static_cast<double>(terms) : 1.0;
  std::vector<float> matrix(moments.size());
  std::transform(moments.begin(), moments.end(), matrix.begin(),
                 [&](double moment) { return static_cast<float>(moment / mean_moment); });
  // Errors of a channel are counted in its root mean square step.
  std::vector<float> reciprocals(channels);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    reciprocals[i / terms] += state[i].step * state[i].step * matrix[i % terms * (terms + 1)];
  }
  for (float& sum : reciprocals) {
    sum = sum > 0 ? std::sqrt(static_cast<float>(terms) / sum) : 0.0F;
  }

  std::vector<float> errors(weights.size());
  std::vector<float> slopes(weights.size());
  const auto rows = static_cast<int>(channels);
  const auto columns = static_cast<int>(terms);
  float mean_power = 1;
  float square_power = 1;
  for (int step = 0; step < kSteps; ++step) {
    for (std::size_t i = 0; i < state.size(); ++i) {
      errors[i] = (state[i].low + stretched(state[i].logit) * state[i].step -
                   static_cast<float>(weights[i])) *
                  reciprocals[i / terms];
    }
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, columns, columns, 1.0F,
                errors.data(), columns, matrix.data(), columns, 0.0F, slopes.data(), columns);
    const float time =
        (static_cast<float>(step) / static_cast<float>(kSteps) - kWarmUp) / (1 - kWarmUp);
    const float power = kFirstPower + (kLastPower - kFirstPower) * time;
    mean_power *= kMeanDecay;
    square_power *= kSquareDecay;
    for (std::size_t i = 0; i < state.size(); ++i) {
      Weight& weight = state[i];
      float gradient = 2 * slopes[i] * weight.step * reciprocals[i / terms];
      if (time >= 0) {
        const float centred = 2 * stretched(weight.logit) - 1;
        gradient -=
            kPush * 2 * power * std::copysign(std::pow(std::abs(centred), power - 1), centred);
      }
      gradient *= slope(weight.logit);
      weight.mean += (1 - kMeanDecay) * (gradient - weight.mean);
      weight.square += (1 - kSquareDecay) * (gradient * gradient - weight.square);
      weight.logit -= kRate * weight.mean / (1 - mean_power) /
                      (std::sqrt(weight.square / (1 - square_power)) + kEpsilon);
    }
  }
  std::vector<double> rounded(weights.size());
  std::transform(state.begin(), state.end(), rounded.begin(), [](const Weight& weight) {
    return static_cast<double>(weight.low) +
           (weight.logit < 0 ? 0.0 : static_cast<double>(weight.step));
  });
  return rounded;
}

}  // namespace fewbit::quant
