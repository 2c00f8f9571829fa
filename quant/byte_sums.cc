// Sums of bytes: see byte_sums.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/byte_sums.h"

#include <algorithm>
#include <array>

#include "fewbit/quant/wide_vectors.h"

namespace fewbit::quant {
namespace {

constexpr double kMostByte = 255;
constexpr double kMostOfTwo = 32767;       ///< 16 bits
constexpr double kMostSum = 2147483647.0;  ///< 32 bits
constexpr std::size_t kAtATime = 4096;     ///< operands, which stay in the nearest cache
/// Products for each operand and result: the time that bytes save in 50 is that of their copies.
constexpr std::int64_t kFewestProducts = 50;

FEWBIT_WIDE_VECTORS void shift_to_bytes(const float* x, std::size_t count, float shift,
                                        std::uint8_t* to) {
  for (std::size_t i = 0; i < count; ++i) {
    to[i] = static_cast<std::uint8_t>(static_cast<int>(x[i] + shift));
  }
}

FEWBIT_WIDE_VECTORS void subtract(const std::int32_t* from, std::size_t count, std::int32_t* to) {
  for (std::size_t i = 0; i < count; ++i) to[i] -= from[i];
}

std::size_t count_of(std::initializer_list<std::int64_t> extents) {
  return element_count(Shape(extents));
}

}  // namespace

std::optional<int> byte_shift(double left, bool left_is_signed, double right, std::int64_t terms,
                              ByteSums sums) {
  const double most = left_is_signed ? 2 * left : left;  // of the bytes
  if (most > kMostByte || right > 127) return std::nullopt;
  if (sums == ByteSums::kOfPairs && 2 * most * right > kMostOfTwo) return std::nullopt;
  if (static_cast<double>(terms) * most * right > kMostSum) return std::nullopt;
  return left_is_signed ? static_cast<int>(left) : 0;
}

bool bytes_are_worth_it(const ConvolutionShape& shape) {
  const auto& [y, x] = shape.window;
  const std::int64_t results = shape.outputs * y.output * x.output;
  return results * shape.terms() >=
         kFewestProducts * (results + shape.channels * y.input * x.input);
}

std::unique_ptr<std::int32_t[]> byte_sums(const ConvolutionShape& shape, int shift,
                                          const UnitWriter& left, const std::int8_t* right,
                                          std::uint64_t identity) {
  const auto& [y, x] = shape.window;
  const std::size_t count = count_of({shape.batch, shape.channels, y.input, x.input});
  const auto bytes = std::make_unique_for_overwrite<std::uint8_t[]>(count);
  std::array<float, kAtATime> units;
  for (std::size_t first = 0; first < count; first += kAtATime) {
    const std::size_t some = std::min(kAtATime, count - first);
    left(first, some, units.data());
    shift_to_bytes(units.data(), some, static_cast<float>(shift), bytes.get() + first);
  }
  const std::size_t size = count_of({shape.outputs, y.output, x.output});
  const std::size_t all = size * static_cast<std::size_t>(shape.batch);
  auto sums = std::make_unique_for_overwrite<std::int32_t[]>(all);
  if (!convolve_directly(shape, bytes.get(), right, identity, sums.get())) return nullptr;
  if (shift == 0) return sums;
  // Zeros around the image were not shifted, so what is taken off is the convolution of an image
  // of shifts.
  ConvolutionShape one = shape;
  one.batch = 1;
  std::fill_n(bytes.get(), count / static_cast<std::size_t>(shape.batch),
              static_cast<std::uint8_t>(shift));
  const auto own = std::make_unique_for_overwrite<std::int32_t[]>(size);
  if (!convolve_directly(one, bytes.get(), right, identity, own.get())) return nullptr;
  for (std::size_t first = 0; first < all; first += size) {
    subtract(own.get(), size, sums.get() + first);
  }
  return sums;
}

}  // namespace fewbit::quant
