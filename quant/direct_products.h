// Convolutions of floats and of bytes by oneDNN, without unfolding.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "fewbit/quant/linear.h"

namespace fewbit::quant {

/// How a processor adds products of bytes.
enum class ByteSums {
  kOfPairs,  ///< two at a time in 16 bits, which saturate: x0 w0 + x1 w1 has to be at most 32767
  kWide,     ///< in 32 bits (VNNI)
};
/// Of this processor.
ByteSums byte_sums_here();

/// The sums of a convolution, [batch, outputs, rows, columns], by a direct algorithm: never
/// Winograd's, whose sums of integers are not exact. Integers give exact sums where float holds
/// these, whatever the order. False, and nothing is written, where oneDNN has nothing faster than
/// unfolding. `identity` is that of the weights: equal ones stand for equal weights, which are then
/// arranged for the processor once; 0 for weights that are used once.
bool convolve_directly(const ConvolutionShape& shape, const float* images, const float* weights,
                       std::uint64_t identity, float* out);

/// The same of bytes, exact as long as 32 bits hold the sums and, where ByteSums are kOfPairs, 16
/// bits hold those of any two products.
bool convolve_directly(const ConvolutionShape& shape, const std::uint8_t* images,
                       const std::int8_t* weights, std::uint64_t identity, std::int32_t* out);

}  // namespace fewbit::quant
