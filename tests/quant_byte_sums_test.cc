// Sums of bytes and of floats by oneDNN, before sums of integers one product at a time.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "fewbit/quant/byte_sums.h"
#include "quant_networks.h"

namespace fewbit::quant {
namespace {

struct Case {
  ConvolutionShape shape;
  LinearCall call;
  Tensor left, right;
};

Case case_of(const ConvolutionShape& shape) {
  const auto& [y, x] = shape.window;
  Case made;
  made.shape = shape;
  made.left = float_tensor({shape.batch, shape.channels, y.input, x.input});
  made.right = float_tensor({shape.outputs, shape.channels / shape.groups, y.kernel, x.kernel});
  made.call = {0, shape, nullptr, nullptr, {shape.batch, shape.outputs, y.output, x.output}};
  return made;
}

ConvolutionShape convolution(std::int64_t batch, std::int64_t channels, std::int64_t outputs,
                             std::int64_t groups, WindowAxis rows, WindowAxis columns) {
  for (WindowAxis* axis : {&rows, &columns}) {
    const std::int64_t span = (axis->kernel - 1) * axis->dilation + 1;
    axis->output = (axis->input + axis->pad_begin + axis->pad_end - span) / axis->stride + 1;
  }
  return {batch, channels, outputs, groups, {rows, columns}};
}

/// One product at a time, from the definition of a convolution and of a product of matrices.
std::vector<std::int64_t> sums_by_hand(const ConvolutionShape& shape, const Case& made) {
  const auto& [y, x] = shape.window;
  std::vector<std::int64_t> sums;
  const std::int64_t depth = shape.channels / shape.groups;
  for (std::int64_t image = 0; image < shape.batch; ++image) {
    for (std::int64_t out = 0; out < shape.outputs; ++out) {
      const std::int64_t group = out / (shape.outputs / shape.groups);
      for (std::int64_t row = 0; row < y.output; ++row) {
        for (std::int64_t column = 0; column < x.output; ++column) {
          std::int64_t sum = 0;
          for (std::int64_t i = 0; i < depth * y.kernel * x.kernel; ++i) {
            const std::int64_t channel = i / (y.kernel * x.kernel);
            const std::int64_t ky = i / x.kernel % y.kernel, kx = i % x.kernel;
            const std::int64_t line = row * y.stride - y.pad_begin + ky * y.dilation;
            const std::int64_t at = column * x.stride - x.pad_begin + kx * x.dilation;
            if (line < 0 || line >= y.input || at < 0 || at >= x.input) continue;
            const std::int64_t pixel =
                ((image * shape.channels + group * depth + channel) * y.input + line) * x.input +
                at;
            sum += static_cast<std::int64_t>(made.left.floats()[static_cast<std::size_t>(pixel)]) *
                   static_cast<std::int64_t>(made.right.floats()[static_cast<std::size_t>(
                       out * depth * y.kernel * x.kernel + i)]);
          }
          sums.push_back(sum);
        }
      }
    }
  }
  return sums;
}

std::vector<Case> cases() {
  return {
      case_of(convolution(3, 1, 24, 1, {28, 3, 2, 1, 1, 1, 0}, {28, 3, 2, 1, 1, 1, 0})),
      case_of(convolution(2, 24, 48, 1, {7, 3, 1, 1, 1, 1, 0}, {9, 3, 1, 1, 1, 1, 0})),
      case_of(convolution(2, 48, 16, 1, {6, 1, 1, 1, 0, 0, 0}, {5, 1, 1, 1, 0, 0, 0})),
      case_of(convolution(2, 24, 48, 1, {9, 1, 2, 1, 0, 0, 0}, {9, 1, 2, 1, 0, 0, 0})),
      case_of(convolution(2, 32, 32, 32, {8, 3, 1, 1, 1, 1, 0}, {8, 3, 1, 1, 1, 1, 0})),
      case_of(convolution(2, 16, 32, 2, {8, 3, 2, 1, 0, 1, 0}, {8, 3, 1, 2, 2, 2, 0})),
      case_of(convolution(1, 5, 3, 1, {1, 1, 1, 1, 0, 0, 0}, {40, 5, 2, 3, 4, 0, 0})),
  };
}

enum class Fill { kRandom, kGreatest, kAlternating };

float number(Fill fill, std::size_t place, int least, int most, std::mt19937_64& random) {
  if (fill == Fill::kGreatest) return static_cast<float>(most);
  if (fill == Fill::kAlternating) return static_cast<float>(place % 3 == 0 ? least : most);
  return static_cast<float>(least +
                            static_cast<int>(random() % static_cast<unsigned>(most - least + 1)));
}

struct Limits {
  int left_least, left_most, right_most;
};

/// Whether bytes did it; floats always have to.
bool expect_exact(Case made, const Limits& limits, Fill fill, ByteSums byte_sums_by) {
  std::mt19937_64 random(5);
  std::size_t place = 0;
  for (float& x : made.left.floats()) {
    x = number(fill, place++, limits.left_least, limits.left_most, random);
  }
  for (float& w : made.right.floats()) {
    w = number(fill, place++, -limits.right_most, limits.right_most, random);
  }
  made.call.left = &made.left;
  made.call.right = &made.right;
  const std::vector<std::int64_t> expected = sums_by_hand(made.shape, made);
  const std::string what = fmt::format("{} x {}: {} to {} by {}, {}", to_string(made.left.shape),
                                       to_string(made.right.shape), limits.left_least,
                                       limits.left_most, limits.right_most, static_cast<int>(fill));
  const auto shift = byte_shift(limits.left_most, limits.left_least < 0, limits.right_most,
                                made.call.terms(), byte_sums_by);
  const std::vector<std::int8_t> bytes(made.right.floats().begin(), made.right.floats().end());
  const UnitWriter units = [&](std::size_t first, std::size_t count, float* to) {
    std::copy_n(made.left.floats().data() + first, count, to);
  };
  bool by_bytes = false;
  for (const std::uint64_t identity : {std::uint64_t{0}, new_identity()}) {
    for (int time = 0; time < 2 && shift; ++time) {
      const auto got = byte_sums(made.shape, *shift, units, bytes.data(), identity);
      if (!got) continue;
      by_bytes = true;
      EXPECT_EQ(std::vector<std::int64_t>(got.get(), got.get() + expected.size()), expected)
          << what;
    }
    std::vector<float> floats(expected.size());
    sums_of_products_anyhow(made.call, made.left.floats().data(), made.right.floats().data(),
                            identity, floats.data());
    EXPECT_EQ(std::vector<std::int64_t>(floats.begin(), floats.end()), expected) << what;
  }
  return by_bytes;
}

constexpr Limits kPairs[] = {
    {-7, 7, 7},                                    // int4 x int4
    {-127, 127, 7},                                // int8 x int4
    {0, 255, 7},                                   // uint8 x int4
    {-12, 12, 12},                                 // e2m1 x e2m1
    {-60, 60, 60},                                 // e2m3 x e2m3
    {0, 124, 60},                                  // ue2m4f x e2m3
    {-127, 127, 64}, {0, 129, 127}, {0, 255, 64},  // what pairs can take at most
};
constexpr Limits kWidePairs[] = {{-127, 127, 127}, {0, 255, 127}};  // int8 and uint8 x int8

TEST(ByteSums, AreThoseOfIntegersAtTheLimitsToo) {
  std::size_t by_bytes = 0;
  for (const Case& made : cases()) {
    for (const Fill fill : {Fill::kRandom, Fill::kGreatest, Fill::kAlternating}) {
      for (const Limits& limits : kPairs) {
        by_bytes += expect_exact(made, limits, fill, ByteSums::kOfPairs);
      }
      for (const Limits& limits : kWidePairs) {
        const bool done = expect_exact(made, limits, fill, byte_sums_here());
        EXPECT_TRUE(!done || byte_sums_here() == ByteSums::kWide);  // in pairs they would saturate
      }
    }
  }
  EXPECT_GT(by_bytes, __builtin_cpu_supports("avx2") ? 100U : 0U);
}

TEST(ByteSums, ResnetsConvolutionsAreThere) {
  if (!__builtin_cpu_supports("avx2")) GTEST_SKIP() << "a processor without AVX2";
  for (const Case& made : cases()) {
    if (made.shape.channels % 24 != 0) continue;
    const std::vector<float> images(made.left.size()), weights(made.right.size());
    std::vector<float> out(element_count(made.call.output));
    EXPECT_TRUE(convolve_directly(made.shape, images.data(), weights.data(), 0, out.data()));
    const std::vector<std::uint8_t> bytes(made.left.size());
    const std::vector<std::int8_t> signed_bytes(made.right.size());
    std::vector<std::int32_t> sums(out.size());
    EXPECT_TRUE(convolve_directly(made.shape, bytes.data(), signed_bytes.data(), 0, sums.data()));
  }
}

/// In another order than BLAS adds, but the same numbers.
TEST(FastFloatArithmetic, OfNetworksIsNearThatOfBlas) {
  const Tensor images = test_images(5);
  for (const char* name : kNetworkNames) {
    const Network network = network_named(name);
    const Tensor expected = network.run(images, FloatArithmetic()).value();
    for (int time = 0; time < 2; ++time) {  // the second time with weights that were kept
      const Tensor got = network.run(images, FastFloatArithmetic()).value();
      ASSERT_EQ(got.shape, expected.shape);
      for (std::size_t i = 0; i < got.size(); ++i) {
        EXPECT_NEAR(got.floats()[i], expected.floats()[i], 1e-4) << name << " " << i;
      }
    }
  }
}

/// What saturates in pairs is left to floats: 255 x 127 + 255 x 127 has 17 bits.
TEST(ByteShift, KeepsPairsWithin16Bits) {
  std::size_t covered = 0;
  for (int right = 1; right <= 140; ++right) {
    for (int left = 1; left <= 260; ++left) {
      for (const bool is_signed : {false, true}) {
        const auto shift = byte_shift(left, is_signed, right, 100, ByteSums::kOfPairs);
        const int most = is_signed ? 2 * left : left;
        const bool fits = most <= 255 && right <= 127 && 2 * most * right <= 32767;
        ASSERT_EQ(shift.has_value(), fits) << left << " " << right;
        ASSERT_EQ(shift.value_or(0), fits && is_signed ? left : 0);
        covered += fits;
        const auto wide = byte_shift(left, is_signed, right, 100, ByteSums::kWide);
        ASSERT_EQ(wide.has_value(), most <= 255 && right <= 127);
      }
    }
  }
  EXPECT_GT(covered, 0U);
  EXPECT_FALSE(byte_shift(255, false, 127, 70000, ByteSums::kWide)) << "more than 32 bits";
}

}  // namespace
}  // namespace fewbit::quant
