// Numbers of the machine: see numbers.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/arrays/numbers.h"

#include <bit>
#include <cmath>
#include <limits>

namespace fewbit::arrays {

template <typename Float>
const Format& machine_format() {
  using M = Machine<Float>;
  constexpr Code kAllOnes = (Code{1} << M::kExponentBits) - 1;
  static const Format kFormat = FloatFormat{.exponent_bits = M::kExponentBits,
                                            .fraction_bits = M::kFractionBits,
                                            .bias = (1 << (M::kExponentBits - 1)) - 1,
                                            .max_finite = (kAllOnes << M::kFractionBits) - 1,
                                            .infinity = kAllOnes << M::kFractionBits};
  return kFormat;
}
template const Format& machine_format<float>();
template const Format& machine_format<double>();

template <typename Float>
model::Datum datum_of(Float x) {
  return model::decode(machine_format<Float>(),
                       BigInt(std::bit_cast<typename Machine<Float>::Bits>(x)));
}
template model::Datum datum_of(float);
template model::Datum datum_of(double);

template <typename Float>
std::optional<Float> exact(const model::Datum& datum) {
  using Limits = std::numeric_limits<Float>;
  if (datum.is_nan()) return Limits::quiet_NaN();
  if (datum.is_infinite()) return datum.negative ? -Limits::infinity() : Limits::infinity();
  BigInt significand = datum.value.significand;
  if (significand == 0) return datum.negative ? -Float(0) : Float(0);
  int exponent = datum.value.exponent;
  if (significand < 0) significand = -significand;
  const auto zeros = static_cast<int>(boost::multiprecision::lsb(significand));
  significand >>= zeros;
  exponent += zeros;
  const int bits = bit_length(significand);
  // The weights of the last and of the leading bit; the least one is that of subnormals.
  const int least = Limits::min_exponent - Limits::digits;
  if (bits > Limits::digits || exponent < least || exponent + bits > Limits::max_exponent)
    return {};
  const Float magnitude = std::ldexp(significand.convert_to<Float>(), exponent);
  return datum.negative ? -magnitude : magnitude;
}
template std::optional<float> exact(const model::Datum&);
template std::optional<double> exact(const model::Datum&);

}  // namespace fewbit::arrays
