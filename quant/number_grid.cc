// Rounding to the numbers of a format, many at a time.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/number_grid.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "fewbit/quant/wide_vectors.h"

namespace fewbit::quant {
namespace {

constexpr std::uint64_t kExponentMask = std::uint64_t{0x7ff} << 52;

/// What rounding to a grid takes. Scaled to the grid's units first.
struct Rounding {
  std::uint64_t binade_mask;
  double least_binade, magic, min, max;
  bool exponents_alone;
};

template <bool kExponentsAlone>
[[gnu::always_inline]] inline double rounded(const Rounding& r, double x) {
  const double limited = std::max(r.min, std::min(r.max, x));
  const double binade = std::max(
      r.least_binade, std::bit_cast<double>(std::bit_cast<std::uint64_t>(limited) & r.binade_mask));
  const double magic = binade * r.magic;
  const double nearest = (limited + magic) - magic;
  if constexpr (!kExponentsAlone) return nearest;
  // Without fraction bits a binade has one number, and the even code is the even exponent field:
  // that of 1 unit is 1, so halfway above an odd power of two, an even field of binary64, the lower
  // code is even.
  const bool halfway = std::abs(limited) == 1.5 * binade;
  const bool odd_power = (std::bit_cast<std::uint64_t>(binade) >> 52 & 1) == 0;
  return halfway & odd_power ? std::copysign(binade, limited) : nearest;
}

template <bool kExponentsAlone, typename T>
[[gnu::always_inline]] inline void round_each(const Rounding& by, double reciprocal_scale,
                                              const float* x, std::size_t count, T* units) {
  const Rounding r = by;  // a copy: `units` changes none of it
  for (std::size_t i = 0; i < count; ++i) {
    units[i] =
        static_cast<T>(rounded<kExponentsAlone>(r, static_cast<double>(x[i]) * reciprocal_scale));
  }
}
FEWBIT_WIDE_VECTORS void round_all(const Rounding& by, double reciprocal_scale, const float* x,
                                   std::size_t count, float* units) {
  by.exponents_alone ? round_each<true>(by, reciprocal_scale, x, count, units)
                     : round_each<false>(by, reciprocal_scale, x, count, units);
}
FEWBIT_WIDE_VECTORS void round_all(const Rounding& by, double reciprocal_scale, const float* x,
                                   std::size_t count, double* units) {
  by.exponents_alone ? round_each<true>(by, reciprocal_scale, x, count, units)
                     : round_each<false>(by, reciprocal_scale, x, count, units);
}

template <bool kExponentsAlone, typename T>
[[gnu::always_inline]] inline void round_each_affine(const Rounding& by, double addend,
                                                     double factor, const T* x, std::size_t count,
                                                     float* units) {
  const Rounding r = by;
  for (std::size_t i = 0; i < count; ++i) {
    units[i] = static_cast<float>(
        rounded<kExponentsAlone>(r, (static_cast<double>(x[i]) + addend) * factor));
  }
}
FEWBIT_WIDE_VECTORS void round_all_affine(const Rounding& by, double addend, double factor,
                                          const float* x, std::size_t count, float* units) {
  by.exponents_alone ? round_each_affine<true>(by, addend, factor, x, count, units)
                     : round_each_affine<false>(by, addend, factor, x, count, units);
}
FEWBIT_WIDE_VECTORS void round_all_affine(const Rounding& by, double addend, double factor,
                                          const double* x, std::size_t count, float* units) {
  by.exponents_alone ? round_each_affine<true>(by, addend, factor, x, count, units)
                     : round_each_affine<false>(by, addend, factor, x, count, units);
}

}  // namespace

Result<NumberGrid> NumberGrid::make(const Format& format) {
  const std::string legal =
      fmt::format("a format with a zero whose largest value is below 2^{} of its least steps",
                  kMostMagnitudeBits);
  NumberGrid grid(format);
  BigInt max;
  if (format.is_int()) {
    max = format.as_int().max();
    grid.bipolar_ = format.is_bipolar();
    grid.unit_exponent_ = format.as_int().lsb_exponent;
  } else {
    const FloatFormat& minifloat = format.as_float();
    if (!minifloat.zero_exponent_is_subnormal) {
      return Error{"format", format.name(), legal, "it has no zero"};
    }
    max = minifloat.max_magnitude();
    grid.unit_exponent_ = minifloat.lsb_exponent();
    grid.binade_mask_ = kExponentMask;
    grid.least_binade_ = std::ldexp(1.0, minifloat.fraction_bits);
    grid.exponents_alone_ = minifloat.fraction_bits == 0;
  }
  if (max < 1 || max >= pow2(kMostMagnitudeBits)) {
    return Error{"format", format.name(), legal,
                 max < 1 ? "it holds nothing but 0 and below" : "its range is too wide"};
  }
  grid.max_ = max.convert_to<double>();
  grid.min_ = format.is_signed() ? -grid.max_ : 0.0;
  // 1.5 x 2^52 steps: doubles of that size are whole steps apart, on both sides of it. A step is
  // the binade over 2^fraction_bits = least_binade.
  grid.magic_ = 1.5 * std::ldexp(1.0, 52) / grid.least_binade_;
  return grid;
}

template <typename T>
void NumberGrid::round(const float* x, std::size_t count, double reciprocal_scale, T* units) const {
  if (bipolar_) {
    for (std::size_t i = 0; i < count; ++i) units[i] = x[i] < 0 ? T(-1) : T(1);
    return;
  }
  const Rounding by{binade_mask_, least_binade_, magic_, min_, max_, exponents_alone_};
  round_all(by, reciprocal_scale, x, count, units);
}
template void NumberGrid::round(const float*, std::size_t, double, float*) const;
template void NumberGrid::round(const float*, std::size_t, double, double*) const;

template <typename T>
void NumberGrid::round_affine(const T* x, std::size_t count, double addend, double factor,
                              float* units) const {
  const Rounding by{binade_mask_, least_binade_, magic_, min_, max_, exponents_alone_};
  round_all_affine(by, addend, factor, x, count, units);
}
template void NumberGrid::round_affine(const float*, std::size_t, double, double, float*) const;
template void NumberGrid::round_affine(const double*, std::size_t, double, double, float*) const;

double NumberGrid::nearest(double x) const {
  if (bipolar_) return x < 0 ? -1 : 1;
  const Rounding by{binade_mask_, least_binade_, magic_, min_, max_, exponents_alone_};
  return exponents_alone_ ? rounded<true>(by, x) : rounded<false>(by, x);
}

double NumberGrid::step_at(double x) const {
  const double limited = std::max(min_, std::min(max_, x));
  const double binade = std::bit_cast<double>(std::bit_cast<std::uint64_t>(limited) & binade_mask_);
  return std::max(least_binade_, binade) / least_binade_;
}

Code NumberGrid::code_of(double units) const {
  const auto magnitude = static_cast<std::uint64_t>(std::abs(units));
  if (bipolar_) return units > 0 ? 1 : 0;
  if (format_.is_int()) {
    const auto bits = static_cast<Code>(static_cast<std::int64_t>(units));
    return bits & ((Code{1} << format_.bits()) - 1);
  }
  const FloatFormat& minifloat = format_.as_float();
  const int length = static_cast<int>(std::bit_width(magnitude));
  // With exponent field E >= 1 the code is (E - 1) x 2^m + significand, and so it is of subnormals
  // with E = 1.
  const int field = std::max(1, length - minifloat.fraction_bits);
  const Code code =
      (static_cast<Code>(field - 1) << minifloat.fraction_bits) + (magnitude >> (field - 1));
  const bool negative = units < 0;
  return negative ? code | (Code{1} << minifloat.magnitude_bits()) : code;
}

}  // namespace fewbit::quant
