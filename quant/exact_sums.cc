// Exact sums: see exact_sums.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/exact_sums.h"

#include <cmath>
#include <utility>

namespace fewbit::quant {
namespace {

constexpr double kHalf = 131072.0;  ///< 17 low bits, at most 16 high ones
/// So many products of halves have an exact sum in binary64.
constexpr auto kMostHalves = static_cast<std::int64_t>(kExactInDouble / kHalf / kHalf);

std::vector<double> high_halves(const std::vector<double>& values) {
  std::vector<double> halves(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) halves[i] = std::trunc(values[i] / kHalf);
  return halves;
}

std::vector<double> low_halves(const std::vector<double>& values, const std::vector<double>& high) {
  std::vector<double> halves(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) halves[i] = values[i] - high[i] * kHalf;
  return halves;
}

void add_products(const LinearCall& call, const std::vector<double>& left,
                  const std::vector<double>& right, __int128 factor, std::vector<__int128>& to) {
  std::vector<double> products(to.size());
  sums_of_products(call, left.data(), right.data(), products.data());
  for (std::size_t i = 0; i < to.size(); ++i) {
    to[i] += static_cast<__int128>(products[i]) * factor;
  }
}

/// visit(place of left, place of right) for every product of output element `place` whose left
/// operand lies inside the image.
template <typename Visit>
void for_each_product(const ConvolutionShape& shape, std::int64_t place, Visit visit) {
  const auto& [y, x] = shape.window;
  const std::int64_t column = place % x.output * x.stride - x.pad_begin;
  const std::int64_t row = place / x.output % y.output * y.stride - y.pad_begin;
  const std::int64_t output = place / (x.output * y.output) % shape.outputs;
  const std::int64_t image = place / (x.output * y.output * shape.outputs);
  const std::int64_t depth = shape.channels / shape.groups;
  const std::int64_t first =
      image * shape.channels + output / (shape.outputs / shape.groups) * depth;
  std::int64_t right = output * shape.terms();
  for (std::int64_t channel = 0; channel < depth; ++channel) {
    for (std::int64_t ky = 0; ky < y.kernel; ++ky) {
      const std::int64_t line = row + ky * y.dilation;
      for (std::int64_t kx = 0; kx < x.kernel; ++kx, ++right) {
        const std::int64_t at = column + kx * x.dilation;
        if (line < 0 || line >= y.input || at < 0 || at >= x.input) continue;
        visit(((first + channel) * y.input + line) * x.input + at, right);
      }
    }
  }
}

template <typename Visit>
void for_each_product(const MatrixShape& shape, std::int64_t place, Visit visit) {
  const std::int64_t column = place % shape.columns;
  const std::int64_t row = place / shape.columns % shape.rows;
  const auto matrix = static_cast<std::size_t>(place / (shape.columns * shape.rows));
  const std::int64_t left = shape.left_matrices[matrix] * shape.rows * shape.terms +
                            (shape.left_transposed ? row : row * shape.terms);
  const std::int64_t right = shape.right_matrices[matrix] * shape.terms * shape.columns +
                             (shape.right_transposed ? column * shape.terms : column);
  const std::int64_t left_step = shape.left_transposed ? shape.rows : 1;
  const std::int64_t right_step = shape.right_transposed ? 1 : shape.columns;
  for (std::int64_t i = 0; i < shape.terms; ++i)
    visit(left + i * left_step, right + i * right_step);
}

}  // namespace

std::vector<__int128> exact_sums(const LinearCall& call, const std::vector<double>& left,
                                 const std::vector<double>& right, double greatest_sum) {
  std::vector<__int128> sums(element_count(call.output), 0);
  if (greatest_sum <= kExactInDouble) {
    add_products(call, left, right, 1, sums);
    return sums;
  }
  FEWBIT_CHECK(call.terms() <= kMostHalves, "{} products of halves do not fit a double",
               call.terms());
  const std::vector<double> left_high = high_halves(left);
  const std::vector<double> right_high = high_halves(right);
  const std::vector<double> left_low = low_halves(left, left_high);
  const std::vector<double> right_low = low_halves(right, right_high);
  const auto half = static_cast<__int128>(kHalf);
  add_products(call, left_high, right_high, half * half, sums);
  add_products(call, left_high, right_low, half, sums);
  add_products(call, left_low, right_high, half, sums);
  add_products(call, left_low, right_low, 1, sums);
  return sums;
}

void ExactSum::add(double x) {
  std::size_t kept = 0;
  for (double part : parts_) {
    if (std::abs(x) < std::abs(part)) std::swap(x, part);
    const double high = x + part;
    const double low = part - (high - x);
    if (low != 0) parts_[kept++] = low;
    x = high;
  }
  parts_.resize(kept);
  parts_.push_back(x);
}

void ExactSum::add_product(double x, double y) {
  const double product = x * y;
  add(product);
  const double rest = std::fma(x, y, -product);
  if (rest != 0) add(rest);
}

double ExactSum::rounded() const {
  if (parts_.empty()) return 0;
  std::size_t i = parts_.size() - 1;
  double high = parts_[i];
  double low = 0;
  while (i > 0 && low == 0) {
    const double before = high;
    const double part = parts_[--i];
    high = before + part;
    low = part - (high - before);
  }
  // `low` decided a tie that what follows breaks: then the neighbour in its direction is nearer.
  if (i > 0 && low != 0 && std::signbit(low) == std::signbit(parts_[i - 1])) {
    const double twice = low * 2;
    const double moved = high + twice;
    if (moved - high == twice) high = moved;
  }
  return high;
}

double exact_sum(const LinearCall& call, const std::vector<double>& left,
                 const std::vector<double>& right, std::size_t place) {
  ExactSum sum;
  const auto add = [&](std::int64_t l, std::int64_t r) {
    const double x = left[static_cast<std::size_t>(l)];
    if (x != 0) sum.add_product(x, right[static_cast<std::size_t>(r)]);
  };
  const auto number = static_cast<std::int64_t>(place);
  if (const auto* shape = std::get_if<ConvolutionShape>(&call.shape)) {
    for_each_product(*shape, number, add);
  } else {
    for_each_product(std::get<MatrixShape>(call.shape), number, add);
  }
  return sum.rounded();
}

double error_bound(std::int64_t terms, double magnitude) {
  // n products and n - 1 sums: n u / (1 - n u), u = 2^-53; some more for the roundings of this
  // bound itself and of what is computed with it.
  return (static_cast<double>(terms) + 8) * 0x1p-53 * magnitude * (1 + 0x1p-20);
}

}  // namespace fewbit::quant
