// Sums without error, before integers of 128 bits and by hand.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <random>

#include "fewbit/quant/exact_sums.h"

namespace fewbit::quant {
namespace {

TEST(ExactSums, WideOnesByHalves) {
  std::mt19937_64 random(9);
  const MatrixShape shape{3, 50, 4, false, false, {0}, {0}};
  const LinearCall call{0, shape, nullptr, nullptr, {3, 4}};
  std::vector<double> left(150), right(200);
  for (double& value : left) value = static_cast<double>(random() % 0x1ffffffff) - 4294967295.0;
  for (double& value : right) value = static_cast<double>(random() % 0x1ffffffff) - 4294967295.0;
  const std::vector<__int128> sums = exact_sums(call, left, right, 1e21);
  for (std::size_t i = 0; i < 12; ++i) {
    __int128 sum = 0;
    for (std::size_t k = 0; k < 50; ++k) {
      sum +=
          static_cast<__int128>(left[i / 4 * 50 + k]) * static_cast<__int128>(right[k * 4 + i % 4]);
    }
    EXPECT_TRUE(sums[i] == sum) << i;
  }
}

TEST(ExactSum, IsRoundedOnceWhateverTheOrder) {
  const auto sum = [](const std::vector<double>& addends) {
    ExactSum exact;
    for (const double x : addends) exact.add(x);
    return exact.rounded();
  };
  EXPECT_EQ(sum({}), 0.0);
  EXPECT_EQ(sum({1e300, 1.0, -1e300}), 1.0);
  EXPECT_EQ(sum({1.0, 0x1p-53}), 1.0);                      // a tie goes to the even neighbour
  EXPECT_EQ(sum({1.0, 0x1p-53, 0x1p-200}), 1.0 + 0x1p-52);  // that is broken from far below
  EXPECT_EQ(sum({0x1p-200, 1.0, 0x1p-53}), 1.0 + 0x1p-52);
  EXPECT_EQ(sum({1.0, 0x1p-53, -0x1p-200}), 1.0);
  EXPECT_EQ(sum({1.0 + 0x1p-52, 0x1p-53, -0x1p-200}), 1.0 + 0x1p-52);
  ExactSum product;
  product.add_product(1 + 0x1p-30, 1 + 0x1p-30);
  product.add(-1);
  product.add(-0x1p-29);
  EXPECT_EQ(product.rounded(), 0x1p-60);
}

/// Sums of integers, as __int128 has them, against doubles.
TEST(ExactSum, OfEveryElementIsThatOfHalves) {
  std::mt19937_64 random(11);
  const auto draw = [&](std::size_t count) {
    std::vector<double> values(count);
    for (double& value : values) value = static_cast<double>(random() % 0x1ffffffff) - 4294967295.0;
    return values;
  };
  const auto check = [&](const LinearCall& call, const std::vector<double>& left,
                         const std::vector<double>& right) {
    const std::vector<__int128> sums = exact_sums(call, left, right, 1e21);
    for (std::size_t i = 0; i < sums.size(); ++i) {
      ASSERT_EQ(exact_sum(call, left, right, i), static_cast<double>(sums[i])) << i;
    }
  };
  const MatrixShape matrices{3, 50, 4, true, true, {0, 1}, {0, 0}};
  check({0, matrices, nullptr, nullptr, {2, 3, 4}}, draw(300), draw(200));
  const Window window = {WindowAxis{9, 3, 2, 1, 1, 0, 4}, WindowAxis{8, 2, 1, 2, 0, 2, 8}};
  const ConvolutionShape convolution{2, 6, 4, 2, window};
  check({0, convolution, nullptr, nullptr, {2, 4, 4, 8}}, draw(2 * 6 * 72), draw(4 * 3 * 6));
}

}  // namespace
}  // namespace fewbit::quant
