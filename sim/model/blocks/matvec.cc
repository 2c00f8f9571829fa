// Model of the matrix-vector engine: see matvec.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/model/blocks/matvec.h"

#include <algorithm>

#include "fewbit/gen/util/check.h"
#include "fewbit/sim/model/arithmetic.h"

namespace fewbit::model {
namespace {

/// The values of codes in units of 2^unit, where `unit` is the least exponent that any has.
std::vector<BigInt> in_least_units(const Format& format, const std::vector<Code>& codes,
                                   int& unit) {
  std::vector<Datum> data;
  unit = 0;
  bool is_first = true;
  for (const Code code : codes) {
    data.push_back(decode(format, code));
    FEWBIT_CHECK(data.back().is_finite(), "code {} of {} is no number", code, format.name());
    if (data.back().is_zero()) continue;
    unit = is_first ? data.back().value.exponent : std::min(unit, data.back().value.exponent);
    is_first = false;
  }
  std::vector<BigInt> values;
  for (const Datum& datum : data) {
    values.push_back(datum.is_zero()
                         ? BigInt(0)
                         : BigInt(datum.value.significand * pow2(datum.value.exponent - unit)));
  }
  return values;
}

}  // namespace

Matvec::Matvec(const MatvecSpec& spec) : spec_(spec), lsb_exponent_(0) {
  weights_ = in_least_units(spec.weight, spec.weights, lsb_exponent_);
}

std::vector<BigInt> Matvec::operator()(const std::vector<Code>& x) const {
  FEWBIT_CHECK(static_cast<int>(x.size()) == spec_.terms, "{} codes of a vector", x.size());
  int unit = 0;
  const std::vector<BigInt> values = in_least_units(spec_.activation, x, unit);
  std::vector<BigInt> sums;
  auto weight = weights_.begin();
  for (int c = 0; c < spec_.outputs; ++c) {
    BigInt sum = 0;
    for (const BigInt& value : values) sum += *weight++ * value;
    const bool is_negative = sum < 0;
    sums.push_back(in_units(make_finite({sum, lsb_exponent_ + unit}, is_negative),
                            spec_.sum_format().lsb_exponent));
  }
  return sums;
}

}  // namespace fewbit::model
