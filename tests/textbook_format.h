// Minifloats written down a second time, for tests alone; shares nothing with the model.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace fewbit::testing {

/// A minifloat by field widths and coding: f, fn, fnuz, ieee; se and ue are P3109's extended ones.
struct TextbookFormat {
  int x = 4;
  int y = 3;
  bool is_signed = true;
  std::string coding = "fn";
  std::optional<int> free_bias;  ///< absent: the coding's own; not for P3109's

  [[nodiscard]] int bits() const { return x + y + (is_signed ? 1 : 0); }
  [[nodiscard]] int codes() const { return 1 << bits(); }
  [[nodiscard]] int magnitudes() const { return 1 << (x + y); }
  [[nodiscard]] bool is_p3109() const { return coding == "se" || coding == "ue"; }
  [[nodiscard]] int bias() const {
    if (free_bias) return *free_bias;
    const bool is_large = coding == "fnuz" || is_p3109();
    return (1 << (x - 1)) - (is_large ? 0 : 1);
  }
  [[nodiscard]] std::string name() const {
    if (is_p3109()) {
      return "binary" + std::to_string(bits()) + "p" + std::to_string(y + 1) + coding;
    }
    std::string bias_part;
    if (free_bias) {
      bias_part = (*free_bias < 0 ? "bm" : "b") + std::to_string(std::abs(*free_bias));
    }
    return (is_signed ? "e" : "ue") + std::to_string(x) + "m" + std::to_string(y) + bias_part +
           coding;
  }

  /// Value of a magnitude code whose exponent field may be wider than the format's.
  [[nodiscard]] double magnitude_value(int magnitude) const {
    const int exponent = magnitude >> y;
    const int fraction = magnitude % (1 << y);
    if (exponent == 0) return std::ldexp(fraction, 1 - bias() - y);
    return std::ldexp((1 << y) + fraction, exponent - bias() - y);
  }
  [[nodiscard]] int max_finite() const {
    if (coding == "f" || coding == "fnuz") return magnitudes() - 1;
    if (coding == "fn" || coding == "se") return magnitudes() - 2;
    if (coding == "ue") return magnitudes() - 3;
    return magnitudes() - (1 << y) - 1;  // ieee: the topmost exponent is taken
  }
  [[nodiscard]] bool has_infinity() const { return coding == "ieee" || is_p3109(); }
  [[nodiscard]] bool has_nan() const { return coding != "f"; }
  [[nodiscard]] bool has_negative_zero() const {
    return is_signed && coding != "fnuz" && coding != "se";
  }
  /// Code of NaN: quiet for ieee, else the only one.
  [[nodiscard]] int nan_code() const {
    if (coding == "fnuz" || coding == "se") return magnitudes();
    if (coding == "ieee") return magnitudes() - (1 << y) + (1 << (y - 1));
    return magnitudes() - 1;
  }

  /// Value of a code: a number, an infinity or NaN. Exact: every value here is a double.
  [[nodiscard]] double value(int code) const {
    const bool negative = code >= magnitudes();
    const int magnitude = code % magnitudes();
    const double sign = negative ? -1.0 : 1.0;
    if (negative && magnitude == 0 && !has_negative_zero()) return quiet_nan();
    if (magnitude <= max_finite()) return std::copysign(magnitude_value(magnitude), sign);
    if (has_infinity() && magnitude == max_finite() + 1) {
      return sign * std::numeric_limits<double>::infinity();
    }
    return quiet_nan();
  }
  /// The code of a magnitude with a sign.
  [[nodiscard]] int code(int magnitude, bool negative) const {
    if (!negative) return magnitude;
    if (!is_signed || (magnitude == 0 && !has_negative_zero())) return 0;
    return magnitudes() + magnitude;
  }
  static double quiet_nan() { return std::numeric_limits<double>::quiet_NaN(); }
};

/// Every format of min_bits to max_bits bits in every coding that the fields allow.
inline std::vector<TextbookFormat> textbook_formats(int min_bits, int max_bits) {
  std::vector<TextbookFormat> formats;
  for (const bool is_signed : {true, false}) {
    for (int x = 1; x <= 8; ++x) {
      for (int y = 0; y < max_bits; ++y) {
        const int bits = x + y + (is_signed ? 1 : 0);
        if (bits < min_bits || bits > max_bits) continue;
        const std::vector<std::string> codings =
            is_signed ? std::vector<std::string>{"f", "fn", "fnuz", "ieee", "se"}
                      : std::vector<std::string>{"f", "fn", "ieee", "ue"};
        for (const std::string& coding : codings) {
          if (coding == "ieee" && y == 0) continue;
          formats.push_back({x, y, is_signed, coding, {}});
        }
      }
    }
  }
  return formats;
}

}  // namespace fewbit::testing
