// Model of the requantizer: see requantizer.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/model/blocks/requantizer.h"

#include "fewbit/gen/util/check.h"
#include "fewbit/sim/model/arithmetic.h"

namespace fewbit::model {
namespace {

/// What so many low bits of a number say, two's complement where they are signed.
BigInt low_bits(const BigInt& number, int bits, bool is_signed) {
  const BigInt modulus = BigInt(1) << bits;
  BigInt low = number % modulus;
  if (low < 0) low += modulus;
  return is_signed && low >= modulus / 2 ? low - modulus : low;
}

}  // namespace

std::vector<BigInt> requantized(const RequantizerSpec& spec, const std::vector<BigInt>& sums) {
  FEWBIT_CHECK(static_cast<int>(sums.size()) == spec.outputs, "{} sums of a vector", sums.size());
  const BigInt zero = encode(spec.result, make_finite({0, 0}, false), Projection{});
  std::vector<BigInt> codes;
  for (std::size_t c = 0; c < sums.size(); ++c) {
    BigInt scaled = spec.biases[c];
    scaled += sums[c] << spec.sum.as_int().lsb_exponent;
    scaled = low_bits(scaled, spec.biased_bits, spec.requant.a.is_signed());
    scaled *= BigInt(spec.multipliers[c]);
    const Datum exact = make_finite({scaled, -static_cast<int>(spec.shifts[c])}, false);
    BigInt code = encode(spec.result, exact, Projection{});
    const Datum rounded = decode(spec.result, code);
    if (spec.relu && rounded.negative) code = zero;
    if (spec.least &&
        compare(decode(spec.result, code).value, decode(spec.result, *spec.least).value) < 0) {
      code = *spec.least;
    }
    if (spec.most && compare(rounded.value, decode(spec.result, *spec.most).value) > 0) {
      code = *spec.most;
    }
    codes.push_back(code);
  }
  return codes;
}

}  // namespace fewbit::model
