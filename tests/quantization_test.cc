// SQNR and dynamic range of formats against published quantizers, closed forms and grid sums.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/model/quantization.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

namespace fewbit::model {
namespace {

Format format(const std::string& name) { return parse_format(name).value(); }
double mean_squared_error(const std::string& name, Source source) {
  return std::pow(10, -quantize(format(name), source)->sqnr_db() / 10);
}

double density(Source source, double x) {
  return source == Source::kGaussian
             ? std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi)
             : std::exp(-std::numbers::sqrt2 * std::abs(x)) / std::numbers::sqrt2;
}

double nearest(const std::vector<double>& values, double x) {
  double best = values[0];
  for (const double value : values) {
    if (std::abs(value - x) < std::abs(best - x)) best = value;
  }
  return best;
}

/// E[(x - q)^2] with the magnitudes written out by hand, by the midpoint rule.
double error_on_grid(const std::vector<double>& magnitudes, double scale, Source source) {
  constexpr double kStep = 1e-3;
  double error = 0;
  for (double x = kStep / 2; x < 25; x += kStep) {
    const double difference = x - scale * nearest(magnitudes, x / scale);
    error += 2 * kStep * density(source, x) * difference * difference;
  }
  return error;
}

/// Magnitudes 0 .. 2^n - 1 with a sign: the uniform quantizers of 2^(n+1) - 1 levels that Max
/// tabulates in "Quantizing for Minimum Distortion", IRE Trans. Inform. Theory 6 (1960), table II.
TEST(Quantization, UniformQuantizersOfMax) {
  EXPECT_NEAR(mean_squared_error("e1m0f", Source::kGaussian), 0.1902, 0.00005);
  EXPECT_NEAR(mean_squared_error("e1m1f", Source::kGaussian), 0.04686, 0.000005);
}

/// Three levels -c, 0, c have the least error for the Laplacian where the threshold
/// is c/2; with b = 1/sqrt 2 the error is 1 - 2C + P is 1 - exp(-t/b) (2 c (t + b) - c^2), t = c/2.
TEST(Quantization, ThreeLevelsOfLaplaceInClosedForm) {
  const double b = 1 / std::numbers::sqrt2;
  double least = 1;
  for (double c = 0.5; c < 4; c += 1e-5) {
    const double t = c / 2;
    least = std::min(least, 1 - std::exp(-t / b) * (2 * c * (t + b) - c * c));
  }
  EXPECT_NEAR(mean_squared_error("e1m0f", Source::kLaplacian), least, 1e-8);
}

TEST(Quantization, MinifloatAsSumOverAGrid) {
  const std::vector<double> e2m1 = {0, 0.5, 1, 1.5, 2, 3, 4, 6};
  for (const Source source : {Source::kGaussian, Source::kLaplacian}) {
    const std::optional<Quantization> found = quantize(format("e2m1"), source);
    ASSERT_TRUE(found);
    EXPECT_NEAR(std::pow(10, -found->sqnr_db() / 10), error_on_grid(e2m1, found->scale, source),
                2e-6);
    for (double scale = 0.05; scale < 3; scale *= 1.02) {
      EXPECT_GE(error_on_grid(e2m1, scale, source) + 2e-6, std::pow(10, -found->sqnr_db() / 10))
          << scale;
    }
  }
}

/// The error of a fine uniform quantizer goes with the square of its step, 6.02 dB a bit, less what
/// the range grows.
TEST(Quantization, IntegersGainSixDecibelsABit) {
  double before = quantize(format("int6"), Source::kGaussian)->sqnr_db();
  for (const char* name : {"int7", "int8", "int9", "int10"}) {
    const double now = quantize(format(name), Source::kGaussian)->sqnr_db();
    EXPECT_GT(now - before, 5.0) << name;
    EXPECT_LT(now - before, 6.02) << name;
    before = now;
  }
}

/// With a range to spare, steps of 2^(e-m) between 2^e and 2^(e+1) make errors of step^2 / 12.
TEST(Quantization, WideFloatsHaveTheErrorOfTheirSteps) {
  constexpr double kStep = 1e-4;
  for (const Source source : {Source::kGaussian, Source::kLaplacian}) {
    double least = 1;
    for (double scale = 1; scale < 2; scale *= 1.01) {
      double error = 0;
      for (double x = kStep / 2; x < 20; x += kStep) {
        const double step = std::exp2(std::floor(std::log2(x / scale)) - 4) * scale;
        error += 2 * kStep * density(source, x) * step * step / 12;
      }
      least = std::min(least, error);
    }
    EXPECT_NEAR(quantize(format("e5m4f"), source)->sqnr_db(), -10 * std::log10(least), 0.1);
  }
}

TEST(Quantization, AScaleChangesNothing) {
  for (const Source source : {Source::kGaussian, Source::kLaplacian}) {
    EXPECT_NEAR(quantize(format("int8"), source)->sqnr_db(),
                quantize(format("mxint8"), source)->sqnr_db(), 1e-4);
    EXPECT_NEAR(quantize(format("e3m2"), source)->scale * 8,
                quantize(format("e3m2b6f"), source)->scale, 1e-4);
  }
}

/// An unsigned format takes magnitudes: one more bit than a signed one of as many values.
TEST(Quantization, UnsignedFormatsTakeMagnitudes) {
  EXPECT_NEAR(quantize(format("ue4m3"), Source::kGaussian)->sqnr_db(),
              quantize(format("e4m3fn"), Source::kGaussian)->sqnr_db(), 1e-4);
}

/// E[(xy - pq)^2] by a sum over a grid in two dimensions.
TEST(Quantization, ProductOfTwo) {
  const std::vector<double> e2m1 = {0, 0.5, 1, 1.5, 2, 3, 4, 6};
  const std::vector<double> e1m1 = {0, 1, 2, 3};
  const auto x = quantize(format("e2m1"), Source::kGaussian);
  const auto y = quantize(format("e1m1f"), Source::kLaplacian);
  constexpr double kStep = 0.02;
  double error = 0;
  for (double u = kStep / 2; u < 8; u += kStep) {
    const double p = x->scale * nearest(e2m1, u / x->scale);
    for (double v = kStep / 2; v < 16; v += kStep) {
      const double q = y->scale * nearest(e1m1, v / y->scale);
      error += 4 * kStep * kStep * density(Source::kGaussian, u) * density(Source::kLaplacian, v) *
               (u * v - p * q) * (u * v - p * q);
    }
  }
  EXPECT_NEAR(product_sqnr_db(*x, *y), -10 * std::log10(error), 0.01);
}

TEST(Quantization, WhatCannotBeQuantized) {
  EXPECT_FALSE(quantize(format("int17"), Source::kGaussian));
  EXPECT_TRUE(quantize(format("bfloat16"), Source::kGaussian));
  EXPECT_FALSE(quantize(format("int1"), Source::kGaussian));
  EXPECT_FALSE(dynamic_range_db(format("int1")));
}

TEST(DynamicRange, LargestOverLeast) {
  const auto db = [](double ratio) { return 20 * std::log10(ratio); };
  EXPECT_NEAR(*dynamic_range_db(format("int8")), db(127), 1e-9);
  EXPECT_NEAR(*dynamic_range_db(format("uint4")), db(15), 1e-9);
  EXPECT_NEAR(*dynamic_range_db(format("e2m1")), db(6 / 0.5), 1e-9);
  EXPECT_NEAR(*dynamic_range_db(format("e4m3fn")), db(448 * 512.0), 1e-9);
  EXPECT_NEAR(*dynamic_range_db(format("e5m2")), db(57344 * 65536.0), 1e-9);
  EXPECT_NEAR(*dynamic_range_db(format("e8m0")), db(std::ldexp(1, 254)), 1e-9);
  EXPECT_NEAR(*dynamic_range_db(format("binary32")), db(3.40282347e38) - db(1.40129846e-45), 1e-5);
  EXPECT_NEAR(*dynamic_range_db(format("int1024_lsb0")), 1023 * db(2), 1e-9);
}

}  // namespace
}  // namespace fewbit::model
