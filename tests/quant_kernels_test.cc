// Kernels beyond ONNX's node tests: convolutions of every kind by plain loops, Gelu, wrong shapes.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "fewbit/quant/kernels.h"

namespace fewbit::quant {
namespace {

using ::testing::HasSubstr;
using Integers = std::vector<std::int64_t>;

Tensor small_integers(Shape shape, unsigned seed) {
  std::mt19937 random(seed);
  Tensor tensor = float_tensor(std::move(shape));
  for (float& value : tensor.floats()) value = static_cast<float>(random() % 15) - 7.0F;
  return tensor;
}

Result<Outputs> run(const Node& node, const std::vector<Tensor>& inputs) {
  const FloatArithmetic arithmetic;
  Arguments arguments{node, {}, 0, arithmetic};
  for (const Tensor& input : inputs) arguments.inputs.push_back(&input);
  return run_kernel(*find_kernel(node.op), arguments);
}

/// The definition, one product at a time. Small integers: exact whatever the order.
float convolution_at(const Tensor& x, const Tensor& w, std::int64_t groups, const Integers& strides,
                     const Integers& dilations, const Integers& pads, std::int64_t n,
                     std::int64_t m, std::int64_t row, std::int64_t column) {
  const auto at = [](const Tensor& t, std::int64_t a, std::int64_t b, std::int64_t c,
                     std::int64_t d) {
    return t.floats()[static_cast<std::size_t>(
        ((a * t.shape[1] + b) * t.shape[2] + c) * t.shape[3] + d)];
  };
  float sum = 0;
  const std::int64_t group = m / (w.shape[0] / groups);
  for (std::int64_t c = 0; c < w.shape[1]; ++c) {
    for (std::int64_t i = 0; i < w.shape[2]; ++i) {
      for (std::int64_t k = 0; k < w.shape[3]; ++k) {
        const std::int64_t y = row * strides[0] + i * dilations[0] - pads[0];
        const std::int64_t z = column * strides[1] + k * dilations[1] - pads[1];
        if (y < 0 || y >= x.shape[2] || z < 0 || z >= x.shape[3]) continue;
        sum += at(x, n, group * w.shape[1] + c, y, z) * at(w, m, c, i, k);
      }
    }
  }
  return sum;
}

TEST(Kernels, ConvolutionsOfEveryKindAreTheirDefinition) {
  std::mt19937 random(5);
  const auto among = [&](std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(random() % (most - least + 1));
  };
  for (unsigned seed = 0; seed < 300; ++seed) {
    const std::int64_t groups = among(1, 3);
    const std::int64_t depth = among(1, 2);
    const std::int64_t outputs = groups * among(1, 2);
    const Integers kernel = {among(1, 3), among(1, 3)};
    const Integers strides = {among(1, 3), among(1, 3)};
    const Integers dilations = {among(1, 2), among(1, 2)};
    const Integers pads = {among(0, 3), among(0, 3), among(0, 3), among(0, 3)};
    const Tensor x = small_integers({2, groups * depth, among(5, 8), among(5, 8)}, seed);
    const Tensor w = small_integers({outputs, depth, kernel[0], kernel[1]}, seed + 1000);
    const Tensor bias = small_integers({outputs}, seed + 2000);
    const Node node{"Conv",
                    "c",
                    13,
                    {},
                    {"y"},
                    {{"group", groups},
                     {"strides", strides},
                     {"dilations", dilations},
                     {"pads", pads},
                     {"kernel_shape", kernel}}};
    const Tensor y = run(node, {x, w, bias}).value()[0];
    ASSERT_EQ(
        y.shape[2],
        (x.shape[2] + pads[0] + pads[2] - dilations[0] * (kernel[0] - 1) - 1) / strides[0] + 1);
    std::size_t place = 0;
    for (std::int64_t n = 0; n < 2; ++n) {
      for (std::int64_t m = 0; m < outputs; ++m) {
        for (std::int64_t row = 0; row < y.shape[2]; ++row) {
          for (std::int64_t column = 0; column < y.shape[3]; ++column) {
            ASSERT_EQ(y.floats()[place++],
                      convolution_at(x, w, groups, strides, dilations, pads, n, m, row, column) +
                          bias.floats()[static_cast<std::size_t>(m)])
                << "seed " << seed;
          }
        }
      }
    }
  }
}

TEST(Kernels, MatrixProductsBroadcastTheirBatches) {
  const Tensor x = small_integers({2, 1, 3, 4}, 1);
  const Tensor y = small_integers({5, 4, 2}, 2);
  const Tensor z = run({"MatMul", "m", 13, {}, {"z"}, {}}, {x, y}).value()[0];
  ASSERT_EQ(z.shape, (Shape{2, 5, 3, 2}));
  for (std::size_t i = 0; i < z.size(); ++i) {
    const std::size_t column = i % 2, row = i / 2 % 3, right = i / 6 % 5, left = i / 30;
    float sum = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      sum += x.floats()[(left * 3 + row) * 4 + k] * y.floats()[(right * 4 + k) * 2 + column];
    }
    ASSERT_EQ(z.floats()[i], sum) << i;
  }
}

TEST(Kernels, GeluIsTheNormalDistributionTimesX) {
  // Phi(1) = 0.8413447461, Phi(-2) = 0.0227501319, Phi(0.5) = 0.6914624613.
  const Tensor x = float_tensor({4}, {1.0F, -2.0F, 0.5F, 0.0F});
  const Tensor y = run({"Gelu", "g", 20, {}, {"y"}, {}}, {x}).value()[0];
  EXPECT_NEAR(y.floats()[0], 0.8413447461, 1e-6);
  EXPECT_NEAR(y.floats()[1], -0.0455002639, 1e-6);
  EXPECT_NEAR(y.floats()[2], 0.3457312306, 1e-6);
  EXPECT_EQ(y.floats()[3], 0.0F);
}

TEST(Kernels, GlobalPoolingTakesWholeImages) {
  const Tensor x = float_tensor({1, 2, 2, 2}, {1, 2, 3, 6, -4, -3, -2, -1});
  const Tensor means = run({"GlobalAveragePool", "g", 13, {}, {"y"}, {}}, {x}).value()[0];
  const Tensor maxima = run({"GlobalMaxPool", "g", 13, {}, {"y"}, {}}, {x}).value()[0];
  EXPECT_EQ(means.shape, (Shape{1, 2, 1, 1}));
  EXPECT_EQ(means.floats(), (std::vector<float>{3.0F, -2.5F}));
  EXPECT_EQ(maxima.floats(), (std::vector<float>{6.0F, -1.0F}));
}

TEST(Kernels, SoftmaxOfOldOperatorSetsTakesAllAxes) {
  const Tensor x = float_tensor({1, 2, 2}, {0, 0, 0, 0});
  EXPECT_EQ(run({"Softmax", "s", 12, {}, {"y"}, {}}, {x}).value()[0].floats()[0], 0.25F);
  EXPECT_EQ(run({"Softmax", "s", 13, {}, {"y"}, {}}, {x}).value()[0].floats()[0], 0.5F);
}

TEST(Kernels, WhatDoesNotFitIsNamed) {
  const auto message = [](const Node& node, const std::vector<Tensor>& inputs) {
    const Result<Outputs> result = run(node, inputs);
    return result.ok() ? std::string("no error") : result.error().message();
  };
  const Node conv{"Conv", "stem", 13, {}, {"y"}, {}};
  EXPECT_THAT(message(conv, {float_tensor({1, 3, 4, 4}), float_tensor({2, 4, 3, 3})}),
              HasSubstr("Conv stem"));
  EXPECT_THAT(message(conv, {float_tensor({1, 4, 2, 2}), float_tensor({2, 4, 3, 3})}),
              HasSubstr("kernel, stride"));
  EXPECT_THAT(message(conv, {float_tensor({1, 3, 4, 4}), float_tensor({0, 3, 3, 3})}),
              HasSubstr("at least one element"));
  const Node padded{"Conv", "filter",
                    13,     {},
                    {"y"},  {{"pads", Integers(4, 65536)}, {"strides", Integers(2, 65536)}}};
  EXPECT_THAT(message(padded, {float_tensor({1, 1, 4, 4}), float_tensor({1, 1, 3, 3})}),
              HasSubstr("padded image of at most"));
  EXPECT_THAT(message(conv, {float_tensor({4, 4}), float_tensor({2, 4, 3, 3})}),
              HasSubstr("4 dimensions"));
  EXPECT_THAT(
      message({"MatMul", "m", 13, {}, {"y"}, {}}, {float_tensor({2, 3}), float_tensor({4, 2})}),
      HasSubstr("[2, 3] and [4, 2]"));
  EXPECT_THAT(message({"Add", "a", 13, {}, {"y"}, {}}, {float_tensor({2}), float_tensor({3})}),
              HasSubstr("[2] and [3]"));
  EXPECT_THAT(
      message({"Add", "a", 13, {}, {"y"}, {}}, {float_tensor({2}), integer_tensor({2}, {1, 2})}),
      HasSubstr("one type"));
  EXPECT_THAT(message({"Reshape", "r", 13, {}, {"y"}, {}},
                      {float_tensor({6}), integer_tensor({2}, {4, -1})}),
              HasSubstr("6 elements"));
  EXPECT_THAT(message({"Expand", "e", 13, {}, {"y"}, {}},
                      {float_tensor({1}), integer_tensor({3}, {100000, 100000, 100000})}),
              HasSubstr("at most"));
  EXPECT_THAT(
      message({"Gather", "g", 13, {}, {"y"}, {}}, {float_tensor({3}), integer_tensor({1}, {3})}),
      HasSubstr("-3 to 2"));
  EXPECT_THAT(message({"Div", "d", 13, {}, {"y"}, {}},
                      {integer_tensor({1}, {3}), integer_tensor({1}, {0})}),
              HasSubstr("other than 0"));
  EXPECT_THAT(
      message({"Softmax", "s", 13, {}, {"y"}, {{"axis", std::int64_t{2}}}}, {float_tensor({3, 3})}),
      HasSubstr("-2 to 1"));
  EXPECT_THAT(message({"Relu", "r", 13, {}, {"y"}, {}}, {integer_tensor({1}, {3})}),
              HasSubstr("it holds integers"));
  for (const std::int64_t axis : {0, -1}) {
    EXPECT_THAT(
        message({"Slice", "s", 13, {}, {"y"}, {}},
                {float_tensor({10}), integer_tensor({2}, {0, 5}), integer_tensor({2}, {10, 10}),
                 integer_tensor({2}, {0, axis}), integer_tensor({2}, {3, 1})}),
        HasSubstr("every axis once"));
  }
}

TEST(Kernels, PaddingThatMakesTooMuchOfALittleImageIsNamed) {
  const auto message = [](const Node& node, const std::vector<Tensor>& inputs) {
    return run(node, inputs).error().message();
  };
  const Integers most(4, 65536);
  for (const char* op : {"MaxPool", "AveragePool"}) {
    const Node pool{op, "p", 13, {}, {"y"}, {{"kernel_shape", Integers{1, 1}}, {"pads", most}}};
    EXPECT_THAT(message(pool, {float_tensor({1, 1, 1, 1})}), HasSubstr("131073"));
  }
  // A small result of 2 x 1986 x 1986 elements, each a sum of 4096 products.
  const Node conv{"Conv", "c", 13, {}, {"y"}, {{"pads", Integers(4, 1024)}}};
  EXPECT_THAT(message(conv, {float_tensor({1, 1, 1, 1}), float_tensor({2, 1, 64, 64})}),
              HasSubstr("there are 16155"));
}

/// The definition, channel by channel; the window of an even size reaches further behind.
TEST(Kernels, LocalResponseNormalizationIsItsDefinition) {
  const Tensor x = small_integers({2, 5, 2, 3}, 3);
  for (const std::int64_t size : {1, 2, 3, 4, 5, 9}) {
    const Node node{"LRN", "n", 13, {}, {"y"}, {{"size", size}, {"alpha", 0.5F}, {"bias", 2.0F}}};
    const Tensor got = std::move(run(node, {x}).value()[0]);
    for (std::int64_t i = 0; i < 60; ++i) {
      const std::int64_t channel = i / 6 % 5;
      double squares = 0;
      for (std::int64_t other = 0; other < 5; ++other) {
        if (other < channel - (size - 1) / 2 || other > channel + size / 2) continue;
        const auto value =
            static_cast<double>(x.floats()[static_cast<std::size_t>(i + (other - channel) * 6)]);
        squares += value * value;
      }
      const double expected = static_cast<double>(x.floats()[static_cast<std::size_t>(i)]) /
                              std::pow(2 + 0.5 / static_cast<double>(size) * squares, 0.75);
      ASSERT_NEAR(got.floats()[static_cast<std::size_t>(i)], expected, 1e-6) << size;
    }
  }
  EXPECT_THAT(run({"LRN", "n", 13, {}, {"y"}, {}}, {x}).error().message(), HasSubstr("size 0"));
  const Node wide{"LRN", "n", 13, {}, {"y"}, {{"size", std::int64_t{1} << 40}}};
  EXPECT_THAT(run(wide, {float_tensor({1, 1 << 17, 1})}).error().message(), HasSubstr("squares"));
}

TEST(Kernels, ResultsThatWouldBeTooLargeAreRefused) {
  const auto message = [](const Node& node, const std::vector<Tensor>& inputs) {
    return run(node, inputs).error().message();
  };
  const Tensor x = float_tensor({1, 1, 2, 2});
  const Integers far(8, std::int64_t{1} << 40), wide = {0, 0, 60000, 60000, 0, 0, 0, 0};
  EXPECT_THAT(message({"Pad", "p", 13, {}, {"y"}, {}}, {x, integer_tensor({8}, far)}),
              HasSubstr("paddings of at most"));
  EXPECT_THAT(message({"Pad", "p", 13, {}, {"y"}, {}}, {x, integer_tensor({8}, wide)}),
              HasSubstr("at most"));
  const Node resize{"Resize", "r", 13, {}, {"y"}, {}};
  const Tensor none = float_tensor({0});
  EXPECT_THAT(message(resize, {x, none, float_tensor({4}, {1, 1, 1, 3e6F})}), HasSubstr("places"));
  EXPECT_THAT(message(resize, {x, none, float_tensor({4}, {1, 1, NAN, 1})}), HasSubstr("places"));
  EXPECT_THAT(message(resize, {x, none, none, integer_tensor({4}, {1, 1, 1 << 20, 1 << 20})}),
              HasSubstr("at most"));
  const Node up{"ConvTranspose", "c", 13, {}, {"y"}, {{"strides", Integers{60000, 60000}}}};
  EXPECT_THAT(message(up, {x, float_tensor({1, 1, 1, 1})}), HasSubstr("at most"));
  const Node cubic{"Resize", "r", 13, {}, {"y"}, {{"mode", std::string("cubic")}}};
  EXPECT_THAT(message(cubic, {x, none, float_tensor({4}, {1, 1, 2, 2})}), HasSubstr("cubic"));
}

}  // namespace
}  // namespace fewbit::quant
