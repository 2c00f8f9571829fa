// mxquant: a block of floats as MX elements with a common scale.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "fewbit/sim/model/arithmetic.h"
#include "fewbit/sim/model/operators.h"
#include "fewbit/sim/model/reader.h"

namespace fewbit::model {
namespace {

constexpr int kScaleBias = 127;
constexpr int kScaleNan = 0xff;

/// floor(log2 |x|), x not zero.
int floor_log2(const ExactValue& x) { return bit_length(x.significand) - 1 + x.exponent; }

bool is_power_of_two(const BigInt& x) { return x == pow2(bit_length(x) - 1); }

/// Fraction bits of the element format's largest binade.
int fraction_bits_of(const Format& element) {
  if (element.is_float()) return element.as_float().fraction_bits;
  return bit_length(element.as_int().max()) - 1;
}

/// Exponent of the element format's largest value.
int largest_exponent(const Format& element) {
  const ExactRange range = operand_range(element);
  return bit_length(range.max) - 1 + range.lsb_exponent;
}

/// The exponent that the scale policy gives to a magnitude.
int exponent_of(const ExactValue& magnitude, const OperatorSpec& spec) {
  const int exponent = floor_log2(magnitude);
  switch (spec.scale_policy) {
    case ScalePolicy::kFloor:
      return exponent;
    case ScalePolicy::kCeil:
      return is_power_of_two(magnitude.significand) ? exponent : exponent + 1;
    case ScalePolicy::kEven: {
      // To nearest at the element's precision: 1.11..1 and half a unit more go to the next binade.
      // The tie there is between an odd last bit and the power of two, which is even.
      const int p = fraction_bits_of(*spec.result) + 1;
      const ExactValue limit = {pow2(p + 1) - 1, exponent - p};
      return compare(magnitude, limit) >= 0 ? exponent + 1 : exponent;
    }
    case ScalePolicy::kRceil: {
      // The least e with m <= largest x 2^(e - emax): that of m, or the next.
      ExactValue most = {operand_range(*spec.result).max, operand_range(*spec.result).lsb_exponent};
      most.exponent += exponent - largest_exponent(*spec.result);
      return compare(magnitude, most) > 0 ? exponent + 1 : exponent;
    }
  }
  FEWBIT_CHECK(false, "unknown scale policy");
}

/// The element nearest to x, saturating. Integers are used symmetrically, as OCP MX's table of INT8
/// has one largest magnitude for both signs: the least one has no place.
BigInt encode_element(const Format& element, const Datum& x) {
  const Projection projection{RoundingMode::kTiesToEven, OverflowMode::kSaturate, false, 0, 0, 0};
  const BigInt code = encode(element, x, projection);
  const bool is_least = element.is_int() && element.is_signed() && code == pow2(element.bits() - 1);
  return is_least ? BigInt(code + 1) : code;
}

}  // namespace

Outputs quantise_block(const OperatorSpec& spec, const Reader& reader) {
  const std::vector<Datum> lanes = reader.lanes(Operand::kA);
  Outputs outputs;
  std::optional<ExactValue> largest;
  for (const Datum& x : lanes) {
    if (!x.is_finite()) {
      outputs.scale = kScaleNan;
      outputs.result_defined = false;
      return outputs;
    }
    if (x.is_zero()) continue;
    const ExactValue magnitude = x.negative ? -x.value : x.value;
    if (!largest || compare(magnitude, *largest) > 0) largest = magnitude;
  }
  int exponent = -kScaleBias;
  if (largest) {
    exponent = std::clamp(exponent_of(*largest, spec) - largest_exponent(*spec.result), -kScaleBias,
                          kScaleBias);
  }
  outputs.scale = exponent + kScaleBias;
  for (std::size_t lane = 0; lane < lanes.size(); ++lane) {
    Datum element = lanes[lane];
    element.value.exponent -= exponent;
    outputs.result |= encode_element(*spec.result, element)
                      << (static_cast<int>(lane) * spec.result->bits());
  }
  return outputs;
}

}  // namespace fewbit::model
