// The codings of special values that have a name, and floats made from field widths and a coding.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "fewbit/gen/spec/format.h"

namespace fewbit {

// What a name may ask for.
inline constexpr int kMaxIntegerBits = 32;       ///< int<N>
inline constexpr int kMaxFixedPointBits = 1024;  ///< int<W>_lsb<k>
inline constexpr int kMaxLsbExponent = 999'999;  ///< |k|
inline constexpr int kMaxExponentBits = 16;
inline constexpr int kMaxFractionBits = 23;
inline constexpr int kMaxFloatBits = 32;
inline constexpr int kMaxBias = 65'535;  ///< |bias|
inline constexpr int kMinP3109Bits = 3;
inline constexpr int kMaxP3109Bits = 16;

/// How a minifloat codes special values; the suffix of its name.
enum class Coding {
  kFinite,   ///< f: every code is finite
  kFn,       ///< fn: the largest magnitude code is NaN, no infinity
  kFnuz,     ///< fnuz: the code of minus zero is NaN, no infinity; signed only
  kIeee,     ///< ieee: exponent all ones is infinity (fraction 0) or NaN
  kExtended  ///< P3109 "se" and "ue": infinity is the largest magnitude code (signed; NaN is the
             ///< code of minus zero) or the one below NaN (unsigned; NaN is the largest)
};

/// 2^(exponent_bits - 1), less one except for kFnuz and kExtended.
int default_bias(int exponent_bits, Coding coding);

/// The format of these fields; bias absent = default_bias. The fields must make sense together
/// (kFnuz signed, kIeee with a fraction, at least one finite value other than zero).
FloatFormat make_float_format(int exponent_bits, int fraction_bits, bool is_signed, Coding coding,
                              std::optional<int> bias = std::nullopt);

/// The coding of a format, or nothing if it has none of the named ones.
std::optional<Coding> coding_of(const FloatFormat& format);

/// Largest finite value: six decimal digits ("448", "7.5", "3.38953e+38") where a double has its
/// magnitude, else exactly ("3 x 2^32766").
std::string largest_value_text(const FloatFormat& format);

/// The OCP MX block scale: value = 2^(code - 127), code 0xff is NaN, no zero.
FloatFormat e8m0_format();

/// Names and aliases of the catalogue and the grammar of docs/formats.md, without the catalogue's
/// aliases: what the catalogue itself is made with.
Result<Format> parse_format_grammar(std::string_view name);

}  // namespace fewbit
