// Hardware numerics in plain integers, by docs/numerics.md alone: slow, and obviously so.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "fewbit/sim/model/exact.h"

namespace fewbit::integer_reading {

/// Integers of one image, [channels][rows][columns].
struct Integers {
  std::int64_t channels = 0, rows = 1, columns = 1;
  std::vector<std::int64_t> values;
  [[nodiscard]] std::int64_t at(std::int64_t c, std::int64_t y, std::int64_t x) const {
    return values[static_cast<std::size_t>((c * rows + y) * columns + x)];
  }
};

/// A window with one size for rows and columns.
struct Square {
  std::int64_t kernel = 1, stride = 1, pad = 0;
  [[nodiscard]] std::int64_t outputs(std::int64_t input) const {
    return (input + 2 * pad - kernel) / stride + 1;
  }
};

/// Weights [outputs][channels or 1][kernel][kernel]; with one channel each where `depthwise`.
inline Integers convolution(const Integers& from, const std::vector<double>& weights,
                            std::int64_t outputs, const Square& window, bool depthwise) {
  Integers to{outputs, window.outputs(from.rows), window.outputs(from.columns), {}};
  const std::int64_t inputs = depthwise ? 1 : from.channels;
  for (std::int64_t c = 0; c < outputs; ++c) {
    for (std::int64_t y = 0; y < to.rows; ++y) {
      for (std::int64_t x = 0; x < to.columns; ++x) {
        std::int64_t sum = 0;
        for (std::int64_t k = 0; k < inputs * window.kernel * window.kernel; ++k) {
          const std::int64_t channel = depthwise ? c : k / (window.kernel * window.kernel);
          const std::int64_t row =
              y * window.stride + k / window.kernel % window.kernel - window.pad;
          const std::int64_t column = x * window.stride + k % window.kernel - window.pad;
          if (row < 0 || row >= from.rows || column < 0 || column >= from.columns) continue;
          const auto place =
              static_cast<std::size_t>(c * inputs * window.kernel * window.kernel + k);
          sum += static_cast<std::int64_t>(weights[place]) * from.at(channel, row, column);
        }
        to.values.push_back(sum);
      }
    }
  }
  return to;
}

/// The largest (or the sum) of each window inside the image.
inline Integers pooled(const Integers& from, const Square& window, bool is_sum) {
  Integers to{from.channels, window.outputs(from.rows), window.outputs(from.columns), {}};
  for (std::int64_t c = 0; c < from.channels; ++c) {
    for (std::int64_t y = 0; y < to.rows; ++y) {
      for (std::int64_t x = 0; x < to.columns; ++x) {
        std::vector<std::int64_t> seen;
        for (std::int64_t k = 0; k < window.kernel * window.kernel; ++k) {
          const std::int64_t row = y * window.stride + k / window.kernel - window.pad;
          const std::int64_t column = x * window.stride + k % window.kernel - window.pad;
          if (row < 0 || row >= from.rows || column < 0 || column >= from.columns) continue;
          seen.push_back(from.at(c, row, column));
        }
        std::int64_t result = is_sum ? 0 : *std::max_element(seen.begin(), seen.end());
        for (const std::int64_t value : seen) result += is_sum ? value : 0;
        to.values.push_back(result);
      }
    }
  }
  return to;
}

/// numerator / 2^shift to the nearest integer, ties to even.
inline BigInt round_shifted(const BigInt& numerator, int shift) {
  if (shift <= 0) return numerator << -shift;
  const BigInt unit = BigInt(1) << shift;
  BigInt quotient = numerator / unit, rest = numerator % unit;  // truncated
  if (rest < 0) {
    rest += unit;
    --quotient;
  }
  const BigInt twice = rest * 2;
  if (twice > unit || (twice == unit && quotient % 2 != 0)) ++quotient;
  return quotient;
}

/// Q(numerator / 2^shift) in the least steps of `format`, by the model. Integers are used
/// symmetrically.
inline std::int64_t nearest_steps(const Format& format, const BigInt& numerator, int shift) {
  const int step =
      format.is_int() ? format.as_int().lsb_exponent : format.as_float().lsb_exponent();
  model::Datum datum;
  datum.cls = numerator == 0 ? model::FloatClass::kZero : model::FloatClass::kNormal;
  datum.negative = numerator < 0;
  datum.value = {numerator, step - shift};
  const BigInt code =
      model::encode(format, datum, RoundingMode::kTiesToEven, OverflowMode::kSaturate);
  const model::ExactValue value = model::decode(format, code).value;
  const BigInt steps = value.exponent >= step ? value.significand << (value.exponent - step)
                                              : value.significand >> (step - value.exponent);
  const auto result = steps.convert_to<std::int64_t>();
  if (!format.is_int()) return result;
  return std::max(result, -format.as_int().max().convert_to<std::int64_t>());
}

/// m and s of docs/numerics.md for a ratio.
struct Factor {
  std::int64_t m = 0;
  int s = 0;
};
inline Factor factor_of(double ratio, int bits) {
  int floor_log2 = 0;
  while (std::ldexp(1.0, floor_log2 + 1) <= ratio) ++floor_log2;
  while (std::ldexp(1.0, floor_log2) > ratio) --floor_log2;
  int s = std::min(62, bits - 1 - floor_log2);
  auto m = static_cast<std::int64_t>(std::nearbyint(ratio * std::ldexp(1.0, s)));
  if (m == std::int64_t{1} << bits) {
    m /= 2;
    --s;
  }
  return {m, s};
}

/// By channel, or one for all.
struct Factors {
  std::vector<std::int64_t> biases;
  std::vector<Factor> factors;
  int k = 0;  ///< biases are finer than sums by so many bits
  [[nodiscard]] BigInt product(std::int64_t sum, std::size_t channel) const {
    const std::size_t own = factors.size() == 1 ? 0 : channel;
    return ((BigInt(sum) << k) + biases[own]) * factors[own].m;
  }
  [[nodiscard]] int shift(std::size_t channel) const {
    return factors[factors.size() == 1 ? 0 : channel].s;
  }
};

/// Results and how many of them the N bits limited.
struct Stream {
  Integers integers;
  std::uint64_t saturated = 0;
};

struct Range {
  std::int64_t least = 0, most = 0;
};
inline Range stream_range(int bits) {
  return {-(std::int64_t{1} << (bits - 1)), (std::int64_t{1} << (bits - 1)) - 1};
}

inline void put(const BigInt& value, const Range& bounds, int bits, Stream& to) {
  const Range all = stream_range(bits);
  if ((value < all.least && bounds.least == all.least) ||
      (value > all.most && bounds.most == all.most)) {
    ++to.saturated;
  }
  const BigInt limited = std::min(BigInt(bounds.most), std::max(BigInt(bounds.least), value));
  to.integers.values.push_back(limited.convert_to<std::int64_t>());
}

inline Stream to_stream(const Integers& sums, const Factors& by, const Range& bounds, int bits) {
  Stream to{{sums.channels, sums.rows, sums.columns, {}}, 0};
  const auto inner = static_cast<std::size_t>(sums.rows * sums.columns);
  for (std::size_t i = 0; i < sums.values.size(); ++i) {
    put(round_shifted(by.product(sums.values[i], i / inner), by.shift(i / inner)), bounds, bits,
        to);
  }
  return to;
}

inline Stream sum_of(const Integers& x, const Integers& y, const Range& bounds, int bits) {
  Stream to{{x.channels, x.rows, x.columns, {}}, 0};
  for (std::size_t i = 0; i < x.values.size(); ++i) {
    put(BigInt(x.values[i]) + y.values[i], bounds, bits, to);
  }
  return to;
}

inline Integers limited(Integers values, const Range& bounds) {
  for (std::int64_t& value : values.values) {
    value = std::min(bounds.most, std::max(bounds.least, value));
  }
  return values;
}

inline Integers to_codes(const Integers& sums, const Factors& by, const Format& format) {
  Integers to{sums.channels, sums.rows, sums.columns, {}};
  const auto inner = static_cast<std::size_t>(sums.rows * sums.columns);
  for (std::size_t i = 0; i < sums.values.size(); ++i) {
    to.values.push_back(
        nearest_steps(format, by.product(sums.values[i], i / inner), by.shift(i / inner)));
  }
  return to;
}

/// Q(v / 2^f).
inline Integers converted(const Integers& stream, int f, const Format& format) {
  Integers to{stream.channels, stream.rows, stream.columns, {}};
  for (const std::int64_t value : stream.values) {
    to.values.push_back(f >= 0 ? nearest_steps(format, value, f)
                               : nearest_steps(format, BigInt(value) << -f, 0));
  }
  return to;
}

}  // namespace fewbit::integer_reading
