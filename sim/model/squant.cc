// squant: a block of numbers as codes between its least and its largest.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "fewbit/sim/model/arithmetic.h"
#include "fewbit/sim/model/operators.h"
#include "fewbit/sim/model/reader.h"

namespace fewbit::model {
namespace {

/// x in the order of values, -0 below +0.
bool is_less(const Datum& x, const Datum& y) {
  const int order = compare(x.value, y.value);
  return order != 0 ? order < 0 : x.negative && !y.negative;
}

ExactValue magnitude_of(const Datum& x) { return x.negative ? -x.value : x.value; }

/// The unit 2^(e - F) that the block's numbers are cut off to; absent: they are whole.
std::optional<int> unit_exponent(const OperatorSpec& spec, const std::vector<Datum>& lanes) {
  if (spec.a.is_int()) return std::nullopt;
  const FloatFormat& f = spec.a.as_float();
  int exponent = 1 - f.bias;  // of the least normal number
  for (const Datum& x : lanes) {
    if (x.is_zero()) continue;
    const ExactValue m = magnitude_of(x);
    exponent = std::max(exponent, bit_length(m.significand) - 1 + m.exponent);
  }
  return exponent - std::max(f.fraction_bits + 1, spec.result->bits() + spec.random_bits + 1);
}

ExactValue cut_off(const Datum& x, std::optional<int> unit) {
  if (x.is_zero()) return {0, 0};
  if (!unit || x.value.exponent >= *unit) return x.value;
  const ExactValue whole = {BigInt(magnitude_of(x).significand >> (*unit - x.value.exponent)),
                            *unit};
  return x.negative ? -whole : whole;
}

}  // namespace

Outputs quantise_in_steps(const OperatorSpec& spec, const Reader& reader) {
  const std::vector<Datum> lanes = reader.lanes(Operand::kA);
  const int bits = spec.a.bits();
  Outputs outputs;
  std::size_t least = 0, largest = 0;
  for (std::size_t k = 0; k < lanes.size(); ++k) {
    if (!lanes[k].is_finite()) {
      const FloatFormat& f = spec.a.as_float();
      const BigInt code = f.has_nan() ? f.canonical_nan() : *f.infinity;
      outputs.scale = code + (code << bits);
      return outputs;
    }
    if (is_less(lanes[k], lanes[least])) least = k;
    if (is_less(lanes[largest], lanes[k])) largest = k;
  }
  const auto code_of = [&](std::size_t k) {
    return BigInt((reader.code(Operand::kA) >> (static_cast<int>(k) * bits)) & (pow2(bits) - 1));
  };
  outputs.scale = code_of(least) + (code_of(largest) << bits);

  const std::optional<int> unit = unit_exponent(spec, lanes);
  const ExactValue below = -cut_off(lanes[least], unit);
  const ExactValue range = cut_off(lanes[largest], unit) + below;
  if (range.significand == 0) return outputs;
  const int code_bits = spec.result->bits();
  const BigInt steps = pow2(code_bits) - 1;
  for (std::size_t k = 0; k < lanes.size(); ++k) {
    const int place = static_cast<int>(k) * spec.random_bits;
    const BigInt random = (reader.random() >> place) & (pow2(spec.random_bits) - 1);
    const ExactValue share = {2 * random + 1, -spec.random_bits - 1};
    const ExactValue offset = cut_off(lanes[k], unit) + below;
    const ExactValue reached = offset * ExactValue{steps, 0} + share * range;
    BigInt code = 0;  // the largest k that is reached
    for (int bit = code_bits - 1; bit >= 0; --bit) {
      const BigInt next = code + pow2(bit);
      if (compare(reached, ExactValue{next, 0} * range) >= 0) code = next;
    }
    outputs.result |= code << (static_cast<int>(k) * code_bits);
  }
  return outputs;
}

}  // namespace fewbit::model
