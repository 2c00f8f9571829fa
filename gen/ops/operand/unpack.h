// Unpack: an operand's code taken apart into sign, significand and exponent, special values marked.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fewbit/gen/ops/fabric/stage.h"
#include "fewbit/gen/rtl/module.h"
#include "fewbit/gen/spec/format.h"
#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit::ops {

/// A decoded operand. Finite value, in units of 2^lsb_exponent:
///   (-1)^negative x significand x 2^(max_shift - shift)      with 0 <= shift <= max_shift.
/// The significand of a minifloat is unsigned with the hidden bit on top (fraction_bits + 1 bits);
/// an integer is its own significand, two's complement if signed, with max_shift 0.
/// shift counts down from the largest exponent, so that it is the complement of max(E, 1) and
/// costs nothing.
struct Unpacked {
  rtl::Signal negative;  ///< 1 bit; constant 0 for integers, but bipolar, and unsigned formats
  rtl::Signal significand;
  bool significand_is_signed = false;
  rtl::Signal exponent_field;  ///< E as stored; width 0 where max_shift is 0
  rtl::Signal exponent_low;    ///< low bit of max(E, 1), whose other bits are those of E
  int max_shift = 0;
  bool is_integer = false;
  bool is_one = false;  ///< the significand is 1: bipolar
  int lsb_exponent = 0;
  rtl::Signal sign;         ///< top bit of a signed code, else constant 0: also of specials
  rtl::Signal is_zero;      ///< also of a subnormal that is flushed
  rtl::Signal is_nan;       ///< constant 0 where the format has none
  rtl::Signal is_infinite;  ///< constant 0 where the format has none

  /// max(E, 1), all bits: shift = ~exponent().
  [[nodiscard]] rtl::Signal exponent() const {
    const int bits = exponent_field.width();
    return bits == 0 ? exponent_field : concat({exponent_field.slice(bits - 1, 1), exponent_low});
  }
};

/// Exponent of a format's largest value, and fraction bits of the values of that exponent.
int largest_exponent(const Format& format);
int largest_fraction_bits(const Format& format);

/// Unpacks `code` under net names that begin with `prefix` ("a" or "b"). Specials have unspecified
/// significands and exponents. With `flush` subnormals are zeros of their sign.
Unpacked unpack(rtl::Module& module, const Format& format, const rtl::Signal& code,
                const std::string& prefix, bool flush);

/// The same with the significand of a signed integer made a magnitude (bits wide) and a sign.
Unpacked unpack_sign_magnitude(rtl::Module& module, const Format& format, const rtl::Signal& code,
                               const std::string& prefix, bool flush);

}  // namespace fewbit::ops
