// Unpack: see unpack.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/operand/unpack.h"

#include "fewbit/gen/util/check.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

namespace {

/// Above the largest finite magnitude code: a comparison only where one is needed.
Signal magnitude_equals(const Signal& magnitude, Code code) {
  return equal(magnitude, magnitude.module().constant(magnitude.width(), code));
}

Signal nan_of(Module& m, const FloatFormat& f, const Signal& code, const Signal& magnitude,
              const std::string& prefix) {
  Signal nan = m.constant(1, 0);
  if (f.has_magnitude_nan()) {
    const Code all = f.magnitude_mask();
    const Code codes = all - f.max_finite - (f.infinity ? 1 : 0);
    if (codes == 1 && f.infinity != all) {
      nan = reduce_and(magnitude);  // the one code of ones
    } else {
      FEWBIT_CHECK(f.infinity && f.infinity == (all >> f.fraction_bits) << f.fraction_bits,
                   "a NaN coding that no builder knows");
      // IEEE-like: exponent all ones, fraction not zero.
      nan = reduce_and(magnitude.slice(f.magnitude_bits() - 1, f.fraction_bits)) &
            reduce_or(magnitude.low(f.fraction_bits));
    }
  }
  if (f.negative_zero_is_nan) {
    nan = nan | equal(code, m.constant(f.bits(), pow2(f.bits() - 1)));
  }
  return m.net(prefix + "_nan", nan);
}

}  // namespace

int largest_exponent(const Format& format) {
  const ExactRange range = operand_range(format);
  return bit_length(range.max) - 1 + range.lsb_exponent;
}

int largest_fraction_bits(const Format& format) {
  if (format.is_float()) return format.as_float().fraction_bits;
  return bit_length(format.as_int().max()) - 1;
}

Unpacked unpack(Module& m, const Format& format, const Signal& code, const std::string& prefix,
                bool flush) {
  Unpacked u;
  u.sign = format.is_signed() ? code.top() : m.constant(1, 0);
  u.negative = m.constant(1, 0);
  u.is_nan = m.constant(1, 0);
  u.is_infinite = m.constant(1, 0);
  u.exponent_field = m.constant(0, 0);
  u.exponent_low = m.constant(0, 0);
  if (format.is_bipolar()) {
    u.is_one = true;
    u.negative = m.net(prefix + "_negative", ~code);
    u.sign = u.negative;
    u.is_zero = m.constant(1, 0);
    u.significand = m.constant(1, 1);
    u.lsb_exponent = format.as_int().lsb_exponent;
    return u;
  }
  if (format.is_int()) {
    u.is_integer = true;
    u.is_zero = m.net(prefix + "_zero", ~reduce_or(code));
    u.significand = code;
    u.significand_is_signed = format.is_signed();
    u.lsb_exponent = format.as_int().lsb_exponent;
    return u;
  }
  const FloatFormat& f = format.as_float();
  const Signal magnitude = code.low(f.magnitude_bits());
  const Signal fraction = code.low(f.fraction_bits);
  const Signal field = code.slice(f.magnitude_bits() - 1, f.fraction_bits);
  if (f.is_signed) u.negative = m.net(prefix + "_negative", code.top());
  u.lsb_exponent = f.lsb_exponent();
  const Signal hidden =
      f.zero_exponent_is_subnormal ? m.net(prefix + "_hidden", reduce_or(field)) : m.constant(1, 1);
  const bool flushed = flush && f.zero_exponent_is_subnormal && f.fraction_bits > 0;
  const Signal kept =
      flushed ? m.net(prefix + "_fraction", fraction & replicate(hidden, f.fraction_bits))
              : fraction;
  u.significand = m.net(prefix + "_significand", concat({hidden, kept}));
  u.is_zero = !f.zero_exponent_is_subnormal ? m.constant(1, 0)
              : flushed                     ? m.net(prefix + "_zero", ~hidden)
                                            : m.net(prefix + "_zero", ~reduce_or(magnitude));
  u.max_shift = (1 << f.exponent_bits) - 1 - (f.zero_exponent_is_subnormal ? 1 : 0);
  if (u.max_shift > 0) {
    u.exponent_field = field;
    // Subnormals have the exponent of E = 1: an OR into the low bit.
    u.exponent_low = f.zero_exponent_is_subnormal
                         ? m.net(prefix + "_exponent_low", field.bit(0) | ~hidden)
                         : field.bit(0);
  }
  u.is_nan = nan_of(m, f, code, magnitude, prefix);
  if (f.infinity)
    u.is_infinite = m.net(prefix + "_infinite", magnitude_equals(magnitude, *f.infinity));
  return u;
}

Unpacked unpack_sign_magnitude(Module& m, const Format& format, const Signal& code,
                               const std::string& prefix, bool flush) {
  Unpacked u = unpack(m, format, code, prefix, flush);
  if (!u.significand_is_signed) return u;
  u.negative = m.net(prefix + "_negative", code.top());
  const Signal flipped = code ^ replicate(u.negative, code.width());
  u.significand = m.net(prefix + "_magnitude", flipped + zero_extend(u.negative, code.width()));
  u.significand_is_signed = false;
  return u;
}

}  // namespace fewbit::ops
