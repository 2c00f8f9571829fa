// Number formats as data: integers, fixed point, minifloats of any widths, bias and coding.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "fewbit/gen/util/bigint.h"
#include "fewbit/gen/util/result.h"

namespace fewbit {

/// Raw bits of one number, right-aligned.
using Code = std::uint64_t;

/// Two's complement or unsigned integer; with lsb_exponent != 0 a fixed-point number.
/// value = integer(code) x 2^lsb_exponent. Exact results of operators have this format too, so
/// `bits` may be larger than 64. A name gives up to 32 bits for an integer (int8) and up to 1024
/// for a fixed-point number (int48_lsbm18, int48_lsb0).
/// Bipolar, of one bit, has no zero: code 0 is -1, code 1 is +1.
struct IntFormat {
  int bits = 8;
  bool is_signed = true;
  int lsb_exponent = 0;
  bool is_bipolar = false;
  bool operator==(const IntFormat&) const = default;

  [[nodiscard]] BigInt min() const { return is_signed ? BigInt(-pow2(bits - 1)) : BigInt(0); }
  [[nodiscard]] BigInt max() const {
    return is_bipolar ? BigInt(1) : BigInt(pow2(is_signed ? bits - 1 : bits) - 1);
  }
};

/// Sign (if any), exponent and fraction, from the top. A "magnitude code" is the code without its
/// sign bit, so it grows with the value. The coding of special values is data:
/// magnitude codes up to max_finite are finite, `infinity` (where there is one) is infinite, every
/// other one above max_finite is NaN, and with negative_zero_is_nan so is "minus zero".
/// value of a finite code with exponent field E and fraction F, m = fraction_bits:
///   E = 0, zero_exponent_is_subnormal:  F x 2^(1 - bias - m)
///   otherwise:                          (2^m + F) x 2^(E - bias - m)
struct FloatFormat {
  int exponent_bits = 4;
  int fraction_bits = 3;
  int bias = 7;
  bool is_signed = true;
  bool zero_exponent_is_subnormal = true;  ///< false only for scales without a zero (E8M0)
  Code max_finite = 0x7f;                  ///< largest finite magnitude code
  std::optional<Code> infinity;            ///< magnitude code of infinity
  bool negative_zero_is_nan = false;       ///< FNUZ and signed P3109: code 2^(K-1) is NaN
  bool operator==(const FloatFormat&) const = default;

  [[nodiscard]] int magnitude_bits() const { return exponent_bits + fraction_bits; }
  [[nodiscard]] int bits() const { return magnitude_bits() + (is_signed ? 1 : 0); }
  [[nodiscard]] Code magnitude_mask() const { return (Code{1} << magnitude_bits()) - 1; }
  /// NaN codes among the magnitudes (FN, IEEE-like), not counting negative_zero_is_nan.
  [[nodiscard]] bool has_magnitude_nan() const;
  [[nodiscard]] bool has_nan() const { return has_magnitude_nan() || negative_zero_is_nan; }
  [[nodiscard]] bool has_infinity() const { return infinity.has_value(); }
  [[nodiscard]] bool has_negative_zero() const { return is_signed && !negative_zero_is_nan; }
  /// The NaN code that results use: the quiet one for IEEE-like codings, else the only one.
  [[nodiscard]] Code canonical_nan() const;
  /// Exponent field of the largest finite value.
  [[nodiscard]] int max_exponent_field() const {
    return static_cast<int>(max_finite >> fraction_bits);
  }
  /// Weight of the last fraction bit of subnormals: every finite value is a multiple of 2^this.
  [[nodiscard]] int lsb_exponent() const {
    return (zero_exponent_is_subnormal ? 1 : 0) - bias - fraction_bits;
  }
  /// Largest finite magnitude in units of 2^lsb_exponent().
  [[nodiscard]] BigInt max_magnitude() const;
};

/// A number format with its canonical name. Equal names mean equal formats.
class Format {
 public:
  Format(IntFormat format);    // NOLINT(google-explicit-constructor)
  Format(FloatFormat format);  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool is_int() const { return std::holds_alternative<IntFormat>(format_); }
  [[nodiscard]] bool is_float() const { return !is_int(); }
  [[nodiscard]] bool is_bipolar() const { return is_int() && as_int().is_bipolar; }
  /// Whether one of the values is 0: not so of bipolar numbers and of scales (e8m0).
  [[nodiscard]] bool has_zero() const {
    return is_int() ? !as_int().is_bipolar : as_float().zero_exponent_is_subnormal;
  }
  [[nodiscard]] const IntFormat& as_int() const { return std::get<IntFormat>(format_); }
  [[nodiscard]] const FloatFormat& as_float() const { return std::get<FloatFormat>(format_); }
  [[nodiscard]] int bits() const { return is_int() ? as_int().bits : as_float().bits(); }
  [[nodiscard]] bool is_signed() const {
    return is_int() ? as_int().is_signed : as_float().is_signed;
  }
  [[nodiscard]] bool has_nan() const { return is_float() && as_float().has_nan(); }
  [[nodiscard]] bool has_infinity() const { return is_float() && as_float().has_infinity(); }
  /// Canonical, unambiguous, legal inside an identifier: int4, e4m3f, e4m3fn, e4m3b11fnuz.
  /// parse_format reads it back, except where a program made what no name stands for: a coding of
  /// special values without a name (e3m2b3_max1a_inf1c), or fields outside the grammar's ranges.
  [[nodiscard]] const std::string& name() const { return name_; }
  /// One line for headers and reports: "1 sign, 4 exponent, 3 fraction bits, bias 7, ...".
  [[nodiscard]] std::string description() const;

  bool operator==(const Format& other) const { return format_ == other.format_; }

 private:
  std::variant<IntFormat, FloatFormat> format_;
  std::string name_;
};

/// The format a name stands for (see docs/formats.md for the grammar), or what was wrong with it.
/// A bare name that means several formats ("e4m3") is refused with the list of what it can mean.
Result<Format> parse_format(std::string_view name);

/// One row of the catalogue: a name people use, other names for it, and where it is defined.
struct CatalogueEntry {
  std::string name;
  std::vector<std::string> aliases;
  Format format;
  std::string source;
};

/// Every named format, in the order in which `fewbit formats` lists them.
const std::vector<CatalogueEntry>& format_catalogue();

/// The paper's space: the all-finite ExMy with 1 <= x <= 5 and the signed integers, of
/// min_bits..max_bits bits, down to int2 and e1m0f of two bits, and bipolar of one.
std::vector<Format> paper_formats(int min_bits, int max_bits);

}  // namespace fewbit
