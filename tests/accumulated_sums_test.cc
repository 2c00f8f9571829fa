// Sums by narrow and rounding accumulators, before the bit-exact model of mac, dot and fmac.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "fewbit/quant/accumulators.h"
#include "fewbit/quant/number_grid.h"
#include "fewbit/quant/quantizer.h"
#include "fewbit/sim/model/operators.h"
#include "fewbit/tests/accumulated_sum.h"
#include "fewbit/tests/dot_products.h"
#include "fewbit/tests/quant_networks.h"

namespace fewbit::quant {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

Format format_named(const std::string& name) { return parse_format(name).value(); }

/// Random numbers of a format, a few of them zeros, large ones and ones of both signs among them.
std::vector<double> random_operands(const NumberGrid& grid, std::size_t count,
                                    std::mt19937_64& random) {
  std::vector<double> units(count);
  for (double& unit : units) {
    const double size = std::ldexp(1.0, static_cast<int>(random() % 40) - 36);
    const double x = size * static_cast<double>(random() % 1000) / 999 * grid.max();
    unit = random() % 9 == 0 ? 0 : grid.nearest(random() % 2 == 0 ? x : -x);
  }
  return units;
}

/// A layer with random operands.
struct RandomCall {
  LinearCall call;
  std::vector<double> left, right;
  double greatest_sum = 0;
};

/// Of the operands that meet in output element `place`, with their magnitudes.
std::vector<std::pair<__int128, __int128>> products(const RandomCall& made, std::size_t place) {
  std::vector<std::pair<__int128, __int128>> all;
  for (const auto& [l, r] : dot_product(made.call, place)) {
    if (l < 0) continue;
    const __int128 product = static_cast<__int128>(made.left[static_cast<std::size_t>(l)]) *
                             static_cast<__int128>(made.right[static_cast<std::size_t>(r)]);
    all.emplace_back(product, product < 0 ? -product : product);
  }
  return all;
}

RandomCall random_call(const std::string& kind, const NumberGrid& left, const NumberGrid& right,
                       std::mt19937_64& random) {
  RandomCall made;
  if (kind == "conv") {
    ConvolutionShape shape{2, 4, 6, 2, {}};
    shape.window = {WindowAxis{5, 3, 2, 1, 1, 1, 3}, WindowAxis{9, 2, 1, 2, 2, 1, 10}};
    made.call.shape = shape;
    made.call.output = {2, 6, 3, 10};
    made.left = random_operands(left, 2 * 4 * 5 * 9, random);
    made.right = random_operands(right, static_cast<std::size_t>(6 * shape.terms()), random);
  } else {
    MatrixShape shape{3, 37, 19};
    shape.left_transposed = kind == "left transposed";
    shape.right_transposed = kind == "right transposed";
    shape.left_matrices = {0, 1, 1};
    shape.right_matrices = {1, 0, 1};
    made.call.shape = shape;
    made.call.output = {3, 3, 19};
    made.left = random_operands(left, 2 * 3 * 37, random);
    made.right = random_operands(right, 2 * 37 * 19, random);
  }
  for (std::size_t place = 0; place < element_count(made.call.output); ++place) {
    // A little more than the sum of magnitudes, where that is rounded.
    double magnitudes = 0;
    for (const auto& [product, magnitude] : products(made, place)) {
      magnitudes += static_cast<double>(magnitude) * (1 + 0x1p-40);
    }
    made.greatest_sum = std::max(made.greatest_sum, std::floor(magnitudes));
  }
  return made;
}

/// Compares every sum of random layers of all kinds with the model; how many were unlike exact
/// ones.
std::size_t compare(const AccumulatorOptions& options, const char* left, const char* right) {
  std::mt19937_64 random(7);
  const NumberGrid left_grid = NumberGrid::make(format_named(left)).value();
  const NumberGrid right_grid = NumberGrid::make(format_named(right)).value();
  std::size_t differ = 0;
  for (const char* kind : {"conv", "plain", "left transposed", "right transposed"}) {
    SCOPED_TRACE(fmt::format("{} x {}, {}", left, right, kind));
    const RandomCall made = random_call(kind, left_grid, right_grid, random);
    const OperatorSpec spec =
        accumulator_spec(options, left_grid.format(), right_grid.format(), made.greatest_sum)
            .value();
    const std::vector<double> sums =
        accumulated_sums(made.call, spec, made.left, made.right, made.greatest_sum);
    EXPECT_EQ(sums.size(), element_count(made.call.output));
    for (std::size_t place = 0; place < sums.size(); ++place) {
      const OperandCodes codes =
          operand_codes(made.call, place, left_grid, right_grid, made.left, made.right);
      const double wanted = in_products(spec, sum_by_model(spec, codes));
      EXPECT_TRUE(is_same_sum(spec, sums[place], wanted))
          << spec.command() << ", sum " << place << ": " << sums[place] << ", not " << wanted;
      __int128 exact = 0;
      for (const auto& [product, magnitude] : products(made, place)) exact += product;
      differ += sums[place] != static_cast<double>(exact) ? 1 : 0;
      if (::testing::Test::HasFailure()) return differ;
    }
  }
  return differ;
}

constexpr std::pair<const char*, const char*> kPairs[] = {
    {"int4", "int4"},   {"uint8", "int8"},   {"int8", "e2m1"},
    {"e4m3f", "e4m3f"}, {"ue4m4f", "e3m4f"}, {"e5m2", "e5m2"},
    {"uint4", "uint4"}, {"int20", "int20"},  {"e2m1b5f", "int8_lsbm3"}};

TEST(AccumulatedSums, NarrowOnesAreThoseOfMac) {
  for (const auto& [left, right] : kPairs) {
    for (const char* overflow : {"wrap", "saturate"}) {
      for (const int below : {0, 2, 64}) {
        AccumulatorOptions options{.width = AccumulatorWidth{below, true}, .overflow = overflow};
        const std::size_t differ = compare(options, left, right);
        EXPECT_TRUE(below != 0 || differ == 0) << left << " x " << right;
      }
      AccumulatorOptions wide{.width = AccumulatorWidth{200, false}, .overflow = overflow};
      EXPECT_EQ(compare(wide, left, right), 0U);
    }
  }
}

TEST(AccumulatedSums, OfLanesAreThoseOfDot) {
  for (const auto& [left, right] : kPairs) {
    for (const int lanes : {2, 5, 64}) {
      AccumulatorOptions options{
          .width = AccumulatorWidth{64, true}, .lanes = lanes, .overflow = "saturate"};
      compare(options, left, right);
    }
  }
}

TEST(AccumulatedSums, RoundedOnesAreThoseOfFmac) {
  std::size_t differ = 0;
  for (const auto& [left, right] : kPairs) {
    for (const char* format : {"binary16", "bfloat16", "binary32", "e5m10f", "e4m3f", "e5m2",
                               "e4m3fnuz", "e2m3", "e8m0f", "e2m10f"}) {
      for (const bool fit : {false, true}) {
        differ += compare({.format = format_named(format), .fit_bias = fit}, left, right);
      }
    }
  }
  EXPECT_GT(differ, 10000U);
}

TEST(AccumulatedSums, OverflowsOfFmac) {
  for (const auto& [left, right] : kPairs) {
    for (const auto& [format, overflow] : {std::pair{"binary16", "infinity"},
                                           {"binary16", "nan"},
                                           {"binary16", "saturate"},
                                           {"binary16", "propagate"},
                                           {"binary16", "saturate_nan"},
                                           {"e4m3fn", "nan"},
                                           {"e4m3fn", "saturate"},
                                           {"e4m3fnuz", "nan"},
                                           {"e3m0f", "saturate"}}) {
      compare({.format = format_named(format), .overflow = overflow}, left, right);
    }
  }
}

TEST(AccumulatedSums, WhatNoOperatorHasIsRefused) {
  const auto refused = [](const AccumulatorOptions& options, bool has_blocks = false) {
    return check_accumulator(options, has_blocks).error().message();
  };
  const Format half = format_named("binary16");
  const AccumulatorWidth width{20, false};
  EXPECT_THAT(refused({.format = half, .width = width}), HasSubstr("--acc-width: '20'"));
  EXPECT_THAT(refused({.overflow = "wrap"}), HasSubstr("--overflow: 'wrap'"));
  EXPECT_THAT(refused({.lanes = 4}), HasSubstr("--acc-lanes: '4'"));
  EXPECT_THAT(refused({.fit_bias = true}), HasSubstr("--accumulator-bias: 'fit'"));
  EXPECT_THAT(refused({.format = format_named("int16")}), HasSubstr("--accumulator: 'int16'"));
  EXPECT_THAT(refused({.format = format_named("ue4m3")}), HasSubstr("a signed float format"));
  EXPECT_THAT(refused({.format = half, .overflow = "wrap"}),
              AllOf(HasSubstr("--overflow: 'wrap'"), HasSubstr("infinity")));
  EXPECT_THAT(refused({.width = width, .overflow = "infinity"}), HasSubstr("wrap, saturate"));
  EXPECT_THAT(refused({.width = width, .lanes = 65}), HasSubstr("--acc-lanes: '65'"));
  EXPECT_THAT(refused({.width = width}, true), HasSubstr("--acc-width: '20'"));
  EXPECT_THAT(refused({.format = half}, true),
              AllOf(HasSubstr("--accumulator"), HasSubstr("in blocks")));
  EXPECT_TRUE(check_accumulator({}, true).ok());

  const Format int8 = format_named("int8");
  const auto refused_layer = [&](const AccumulatorOptions& options) {
    return accumulator_spec(options, int8, int8, 1000.0).error().message();
  };
  EXPECT_THAT(refused_layer({.width = AccumulatorWidth{15, false}}),
              AllOf(HasSubstr("--acc-width: '15'"), HasSubstr("16 to 1024"), HasSubstr("int8")));
  EXPECT_THAT(refused_layer({.format = format_named("e2m1b9f")}),
              HasSubstr("numbers of at least 2^0"));
}

TEST(AccumulatedSums, FitTakesTheFinestStepsThatHoldAllSums) {
  for (const auto& [left, right] : kPairs) {
    const NumberGrid left_grid = NumberGrid::make(format_named(left)).value();
    const NumberGrid right_grid = NumberGrid::make(format_named(right)).value();
    for (const double greatest : {1.0, 7.0, 8.0, 65504.0, 65536.0, 1e6, 3e12}) {
      for (const char* format : {"binary16", "e4m3f", "e4m3fn", "e5m2", "e3m0f"}) {
        AccumulatorOptions options{.format = format_named(format), .fit_bias = true};
        const OperatorSpec spec =
            accumulator_spec(options, left_grid.format(), right_grid.format(), greatest).value();
        const FloatFormat& fit = spec.result->as_float();
        const double limit = in_products(spec, fit.max_finite);
        EXPECT_GE(limit, greatest) << spec.command();
        EXPECT_LT(limit / 2, greatest) << spec.command();
        EXPECT_EQ(fit.exponent_bits, options.format->as_float().exponent_bits);
        EXPECT_EQ(fit.max_finite, options.format->as_float().max_finite);
      }
    }
  }
}

TEST(AccumulatedSums, OfNetworksFollowTheLayersAccumulators) {
  const Network network = network_named("vit");
  const Tensor images = test_images(8);
  QuantizerOptions options;
  const auto make = [&](const AccumulatorOptions& accumulator) {
    options.accumulator = accumulator;
    return QuantizedArithmetic::make(network, images, options);
  };
  const auto logits = [&](const AccumulatorOptions& accumulator) {
    return network.run(images, make(accumulator).value()).value().floats();
  };
  const std::vector<float> exact = logits({});
  EXPECT_EQ(logits({.width = AccumulatorWidth{0, true}}), exact);
  EXPECT_EQ(logits({.width = AccumulatorWidth{64, false}, .overflow = "saturate"}), exact);
  EXPECT_EQ(logits({.format = format_named("binary32"), .fit_bias = true}), exact);
  EXPECT_NE(logits({.format = format_named("e5m10f"), .fit_bias = true}), exact);
  EXPECT_NE(logits({.width = AccumulatorWidth{16, false}}), exact);
  EXPECT_THAT(make({.width = AccumulatorWidth{9, false}}).error().message(),
              HasSubstr("16 to 1024"));
  options.weight_blocks = BlockScale::kMx;
  EXPECT_THAT(make({.width = AccumulatorWidth{0, true}}).error().message(), HasSubstr("in blocks"));
}

}  // namespace
}  // namespace fewbit::quant
