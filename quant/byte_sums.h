// Exact sums of convolutions whose operands fit bytes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "fewbit/quant/direct_products.h"

namespace fewbit::quant {

/// What is added to left operands of at most `left` in magnitude (none below 0 unless
/// `left_is_signed`) to make them unsigned bytes, such that their products with right ones of at
/// most `right`, `terms` in a sum, are summed exactly: the sums fit 32 bits and, where ByteSums are
/// kOfPairs, those of any two products 16. Absent where that is not so.
std::optional<int> byte_shift(double left, bool left_is_signed, double right, std::int64_t terms,
                              ByteSums sums);

/// Whether bytes are faster than floats: each operand takes part in many products.
bool bytes_are_worth_it(const ConvolutionShape& shape);

/// Writes left operands first .. first + count - 1, integers within the limits.
using UnitWriter = std::function<void(std::size_t first, std::size_t count, float* to)>;

/// The exact sums of a convolution with a shift of byte_shift; null where oneDNN has none for
/// bytes. `identity` is that of `right` (convolve_directly).
std::unique_ptr<std::int32_t[]> byte_sums(const ConvolutionShape& shape, int shift,
                                          const UnitWriter& left, const std::int8_t* right,
                                          std::uint64_t identity);

}  // namespace fewbit::quant
