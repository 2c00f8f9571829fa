// Quantization of continuous sources: see quantization.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/model/quantization.h"

#include <algorithm>
#include <climits>
#include <cmath>
#include <numbers>
#include <vector>

#include "fewbit/sim/model/exact.h"

namespace fewbit::model {
namespace {

/// The largest finite value; 0 for a signed integer of one bit.
ExactValue largest_value(const Format& format) {
  const BigInt code =
      format.is_int() ? format.as_int().max() : BigInt(format.as_float().max_finite);
  return decode(format, code).value;
}

/// Of the least positive finite value, where there is one.
int first_positive_code(const Format& format) {
  const bool zero_is_positive = format.is_float() && !format.as_float().zero_exponent_is_subnormal;
  return zero_is_positive ? 0 : 1;
}

/// log2 of a positive value.
double log2_of(const ExactValue& value) {
  const int shift = std::max(0, bit_length(value.significand) - 64);
  return std::log2(BigInt(value.significand >> shift).convert_to<double>()) + shift +
         value.exponent;
}

/// Integrals of p(t) and t p(t) from some x to infinity.
struct Tail {
  double mass, first;
};

/// `x` may be negative or infinite: both densities are even.
Tail tail_of(Source source, double x) {
  const double distance = std::abs(x);
  Tail far{0, 0};
  if (source == Source::kGaussian) {
    far.mass = std::erfc(distance / std::numbers::sqrt2) / 2;
    far.first = std::exp(-distance * distance / 2) / std::sqrt(2 * std::numbers::pi);
  } else if (std::isfinite(distance)) {
    const double b = 1 / std::numbers::sqrt2;  // variance 2 b^2
    far.mass = std::exp(-distance / b) / 2;
    far.first = far.mass * (distance + b);
  }
  return x >= 0 ? far : Tail{1 - far.mass, far.first};
}

/// The finite values in rising order, each once, times a power of two that brings the largest
/// magnitude to 0.5 .. 1.
std::vector<double> levels_of(const Format& format) {
  std::vector<ExactValue> values;
  int top = INT_MIN;
  for (BigInt code = 0; code < pow2(format.bits()); ++code) {
    const Datum datum = decode(format, code);
    if (!datum.is_finite()) continue;
    values.push_back(datum.value);
    const BigInt& significand = datum.value.significand;
    if (significand != 0) top = std::max(top, bit_length(significand) + datum.value.exponent);
  }
  std::vector<double> levels;
  for (const ExactValue& value : values) {
    levels.push_back(value.significand == 0 ? 0
                                            : std::ldexp(value.significand.convert_to<double>(),
                                                         value.exponent - top));
  }
  std::sort(levels.begin(), levels.end());
  levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
  return levels;
}

/// Rounding to the nearest of scale x levels.
Quantization quantize_with(const std::vector<double>& levels, bool magnitude_only, Source source,
                           double scale) {
  Quantization result{.scale = scale, .cross = 0, .power = 0};
  const double sides = magnitude_only ? 2 : 1;  // x and -x alike
  Tail upper = tail_of(source, magnitude_only ? 0 : -INFINITY);
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const double level = scale * levels[i];
    const double end = i + 1 == levels.size() ? INFINITY : scale * (levels[i] + levels[i + 1]) / 2;
    const Tail lower = upper;
    upper = tail_of(source, end);
    result.cross += sides * level * (lower.first - upper.first);
    result.power += sides * level * level * (lower.mass - upper.mass);
  }
  return result;
}

double error_of(const Quantization& quantization) {
  return 1 - 2 * quantization.cross + quantization.power;
}

}  // namespace

double Quantization::sqnr_db() const { return -10 * std::log10(error_of(*this)); }

std::optional<Quantization> quantize(const Format& format, Source source) {
  if (format.bits() > kMostQuantizedBits) return std::nullopt;
  const std::vector<double> levels = levels_of(format);
  if (levels.empty() || levels.back() <= 0) return std::nullopt;
  const auto with_octave = [&](double octave) {
    return quantize_with(levels, !format.is_signed(), source, std::exp2(octave) / levels.back());
  };
  // From a largest value of a quarter standard deviation to one of 64, beyond which nothing is left
  // of the source: a still larger scale only loses small values.
  constexpr int kStepsPerOctave = 32;
  double best = -2;
  Quantization result = with_octave(best);
  for (int step = 1; step <= 8 * kStepsPerOctave; ++step) {
    const double octave = -2 + static_cast<double>(step) / kStepsPerOctave;
    const Quantization candidate = with_octave(octave);
    if (error_of(candidate) >= error_of(result)) continue;
    result = candidate;
    best = octave;
  }
  for (double step = 0.5 / kStepsPerOctave; step > 1e-6; step /= 2) {
    for (const double octave : {best - step, best + step}) {
      const Quantization candidate = with_octave(octave);
      if (error_of(candidate) >= error_of(result)) continue;
      result = candidate;
      best = octave;
    }
  }
  // In units of the format's own values.
  const double largest = std::exp2(best);
  const ExactValue top = largest_value(format);
  result.scale = std::ldexp(largest / top.significand.convert_to<double>(), -top.exponent);
  return result;
}

double product_sqnr_db(const Quantization& x, const Quantization& y) {
  return -10 * std::log10(1 - 2 * x.cross * y.cross + x.power * y.power);
}

std::optional<double> dynamic_range_db(const Format& format) {
  const ExactValue largest = largest_value(format);
  if (largest.significand <= 0) return std::nullopt;
  const ExactValue least = decode(format, first_positive_code(format)).value;
  return 20 * std::log10(2.0) * (log2_of(largest) - log2_of(least));
}

}  // namespace fewbit::model
