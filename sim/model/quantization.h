// Quantization of continuous sources: how well the values of a format stand for random numbers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "fewbit/gen/spec/format.h"

namespace fewbit::model {

/// Distributions of mean 0 and variance 1: weights of networks are nearly Gaussian, activations
/// have heavier tails, like those of Laplace's.
enum class Source { kGaussian, kLaplacian };

/// The widest format that is quantized to, in bits: the work grows with the number of its values.
inline constexpr int kMostQuantizedBits = 16;

/// A random number x and the value q nearest to it among the values of a format times a scale.
struct Quantization {
  double scale = 1;  ///< of all scales the one of least mean squared error
  double cross = 1;  ///< E[x q]
  double power = 1;  ///< E[q^2]

  /// E[x^2] / E[(x - q)^2] in dB.
  [[nodiscard]] double sqnr_db() const;
};

/// The best scale for a source and what it gives. Values too large become the largest one; to an
/// unsigned format goes the magnitude of x, its sign apart. Accurate to 1e-4 dB: the error is
/// integrated in closed form, the scale searched among 256 and refined between the nearest. Nothing
/// for a format of more than kMostQuantizedBits, or without a positive value.
std::optional<Quantization> quantize(const Format& format, Source source);

/// SQNR in dB of a product of two independent random numbers, each quantized, and so of a dot
/// product of many such: E[(xy)^2] / E[(xy - pq)^2].
double product_sqnr_db(const Quantization& x, const Quantization& y);

/// 20 log10 of the largest over the least positive finite value, in dB; nothing where there is
/// none.
std::optional<double> dynamic_range_db(const Format& format);

}  // namespace fewbit::model
