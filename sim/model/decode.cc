// What a code stands for.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/model/exact.h"

namespace fewbit::model {
namespace {

Datum decode_int(const IntFormat& format, const BigInt& bits) {
  Datum datum;
  if (format.is_bipolar) {
    datum.cls = FloatClass::kNormal;
    datum.negative = bits == 0;
    datum.value = {datum.negative ? BigInt(-1) : BigInt(1), format.lsb_exponent};
    return datum;
  }
  datum.value = {from_bits(bits, format.bits, format.is_signed), format.lsb_exponent};
  datum.negative = datum.value.significand < 0;
  datum.cls = datum.value.significand == 0 ? FloatClass::kZero : FloatClass::kNormal;
  return datum;
}

Datum decode_float(const FloatFormat& format, Code code) {
  Datum datum;
  const Code magnitude = code & format.magnitude_mask();
  const bool negative = format.is_signed && (code >> format.magnitude_bits()) != 0;
  const bool is_infinity = format.infinity == magnitude;
  if ((format.negative_zero_is_nan && negative && magnitude == 0) ||
      (magnitude > format.max_finite && !is_infinity)) {
    datum.cls = FloatClass::kNan;
    return datum;
  }
  datum.negative = negative;
  if (is_infinity) {
    datum.cls = FloatClass::kInfinity;
    return datum;
  }
  const Code fraction = magnitude & ((Code{1} << format.fraction_bits) - 1);
  const int exponent = static_cast<int>(magnitude >> format.fraction_bits);
  Code significand = fraction;
  int weight = 1 - format.bias - format.fraction_bits;
  if (exponent == 0 && format.zero_exponent_is_subnormal) {
    datum.cls = fraction == 0 ? FloatClass::kZero : FloatClass::kSubnormal;
  } else {
    datum.cls = FloatClass::kNormal;
    significand += Code{1} << format.fraction_bits;
    weight = exponent - format.bias - format.fraction_bits;
  }
  datum.value.significand = negative ? -BigInt(significand) : BigInt(significand);
  datum.value.exponent = weight;
  return datum;
}

}  // namespace

Datum decode(const Format& format, const BigInt& code) {
  const BigInt bits = code & BigInt(pow2(format.bits()) - 1);
  if (format.is_int()) return decode_int(format.as_int(), bits);
  return decode_float(format.as_float(), bits.convert_to<Code>());
}

}  // namespace fewbit::model
