// Lowering: a quantized network as integers alone, by the rules of docs/numerics.md.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/quant/hardware/lowered_network.h"
#include "fewbit/quant/quantizer.h"

namespace fewbit::quant {

inline constexpr int kLeastMultiplierBits = 4;
inline constexpr int kMostMultiplierBits = 18;
inline constexpr int kLeastStreamBits = 8;
inline constexpr int kMostStreamBits = 18;

struct LoweringOptions {
  int multiplier_bits = 16;
  int stream_bits = 16;
};

/// ratio as a factor of `bits` bits over a power of two, nearest, ties to even; absent where it is
/// 2^bits or more. `ratio` is positive.
std::optional<Multiplier> multiplier_of(double ratio, int bits);

/// The network that `arithmetic` quantizes, in integers. Images are bytes. Magnitudes of streams
/// are looked up on the calibration images, in float. Errors: what read_network and choose_units
/// refuse; formats in blocks, accumulators that are not exact, sums of more than kMostSumBits bits.
Result<LoweredNetwork> lower(const Network& network, const QuantizedArithmetic& arithmetic,
                             const Tensor& calibration, const LoweringOptions& options);

}  // namespace fewbit::quant
