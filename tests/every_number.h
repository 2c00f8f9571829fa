// Every number format of up to 8 bits that has a name, code by code as doubles, for property tests;
// shares nothing with the model.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "fewbit/sim/model/exact.h"
#include "fewbit/tests/textbook_format.h"

namespace fewbit::testing {

/// A number format of up to 8 bits, written down a second time.
struct NumberSet {
  std::string name;
  std::vector<double> values;       ///< by code: numbers, infinities, -0 and NaN
  int nan_code = -1;                ///< of results; -1: no NaN
  bool is_integer = false;          ///< or fixed point: no special values, wraps
  bool clamps_at_smallest = false;  ///< E8M0: smaller values than the least one become that one
  double next = 0;                  ///< floats: the magnitude after the largest finite one

  [[nodiscard]] int codes() const { return static_cast<int>(values.size()); }
  [[nodiscard]] double value(int code) const { return values[static_cast<std::size_t>(code)]; }
  [[nodiscard]] bool has_infinity() const {
    return std::any_of(values.begin(), values.end(), [](double x) { return std::isinf(x); });
  }
  [[nodiscard]] bool has_minus_zero() const {
    return std::any_of(values.begin(), values.end(),
                       [](double x) { return x == 0 && std::signbit(x); });
  }
  /// The finite values, ascending, without minus zero.
  [[nodiscard]] std::vector<double> grid() const {
    std::vector<double> finite;
    for (const double x : values) {
      if (std::isfinite(x) && !(x == 0 && std::signbit(x))) finite.push_back(x);
    }
    std::sort(finite.begin(), finite.end());
    return finite;
  }
};

inline NumberSet number_set(const TextbookFormat& textbook) {
  NumberSet set{textbook.name(), {}, textbook.has_nan() ? textbook.nan_code() : -1};
  for (int code = 0; code < textbook.codes(); ++code) set.values.push_back(textbook.value(code));
  set.next = textbook.magnitude_value(textbook.max_finite() + 1);
  return set;
}

inline NumberSet integer_set(int bits, bool is_signed, int lsb_exponent) {
  const std::string lsb =
      (lsb_exponent < 0 ? "_lsbm" : "_lsb") + std::to_string(std::abs(lsb_exponent));
  NumberSet set{(is_signed ? "int" : "uint") + std::to_string(bits) + lsb, {}};
  set.is_integer = true;
  for (int code = 0; code < 1 << bits; ++code) {
    const bool negative = is_signed && code >= 1 << (bits - 1);
    set.values.push_back(std::ldexp(negative ? code - (1 << bits) : code, lsb_exponent));
  }
  return set;
}

/// 2^(code - 127); no zero, 0xff is NaN.
inline NumberSet e8m0_set() {
  NumberSet set{"e8m0", {}, 0xff};
  for (int code = 0; code < 0xff; ++code) set.values.push_back(std::ldexp(1.0, code - 127));
  set.values.push_back(TextbookFormat::quiet_nan());
  set.clamps_at_smallest = true;
  set.next = std::ldexp(1.0, 128);
  return set;
}

/// Floats of min_bits to max_bits bits: every coding with its own bias, every P3109 format, and
/// every coding with the biases -3, 20 and -200.
inline std::vector<NumberSet> float_sets(int min_bits, int max_bits) {
  std::vector<NumberSet> sets;
  for (TextbookFormat textbook : textbook_formats(min_bits, max_bits)) {
    if (textbook.max_finite() < 1) continue;                   // zero alone: refused
    if (textbook.is_p3109() && textbook.bits() < 3) continue;  // P3109 begins at 3 bits
    if (textbook.bits() < 2) continue;
    sets.push_back(number_set(textbook));
    if (textbook.is_p3109()) continue;
    for (const int bias : {-3, 20, -200}) {
      textbook.free_bias = bias;
      sets.push_back(number_set(textbook));
    }
    if (textbook.coding == "fn" && !textbook.is_signed && textbook.bits() >= 3) {
      textbook.free_bias = 1 << (textbook.x - 1);
      sets.push_back(number_set(textbook));
      sets.back().name =
          "binary" + std::to_string(textbook.bits()) + "p" + std::to_string(textbook.y + 1) + "uf";
    }
  }
  if (max_bits >= 8) sets.push_back(e8m0_set());
  return sets;
}

/// Integers and fixed-point numbers of 1 to max_bits bits.
inline std::vector<NumberSet> integer_sets(int max_bits) {
  std::vector<NumberSet> sets;
  for (int bits = 1; bits <= max_bits; ++bits) {
    for (const bool is_signed : {true, false}) {
      for (const int lsb_exponent : {-6, 0, 3}) {
        sets.push_back(integer_set(bits, is_signed, lsb_exponent));
      }
    }
  }
  return sets;
}

inline std::vector<NumberSet> every_number_set(int max_bits) {
  std::vector<NumberSet> sets = float_sets(2, max_bits);
  for (NumberSet& set : integer_sets(max_bits)) sets.push_back(std::move(set));
  return sets;
}

/// The model's datum of a double, which holds every value here exactly.
inline model::Datum to_datum(double value) {
  if (std::isnan(value)) return {model::FloatClass::kNan, false, {}};
  const bool negative = std::signbit(value);
  if (std::isinf(value)) return {model::FloatClass::kInfinity, negative, {}};
  if (value == 0) return {model::FloatClass::kZero, negative, {}};
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);
  const auto significand = static_cast<long long>(std::ldexp(fraction, 53));
  return {model::FloatClass::kNormal, negative, {BigInt(significand), exponent - 53}};
}

inline constexpr RoundingMode kDeterministicModes[] = {
    RoundingMode::kTiesToEven,         RoundingMode::kTiesToAway,        RoundingMode::kTowardZero,
    RoundingMode::kTowardPositive,     RoundingMode::kTowardNegative,    RoundingMode::kToOdd,
    RoundingMode::kTiesTowardPositive, RoundingMode::kTiesTowardNegative};

}  // namespace fewbit::testing
