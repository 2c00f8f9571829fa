// Models of sums of streams and of argmax: see join.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/model/blocks/join.h"

#include <algorithm>

#include "fewbit/sim/model/arithmetic.h"

namespace fewbit::model {
namespace {

BigInt scaled(const Format& format, const BigInt& value, const std::optional<Scaling>& by) {
  if (!by) return value;
  BigInt product = value;
  product *= BigInt(by->multiplier);
  const Datum exact = make_finite({product, -static_cast<int>(by->shift)}, false);
  return in_units(decode(format, encode(format, exact, Projection{})), 0);
}

}  // namespace

BigInt joined(const JoinSpec& spec, const BigInt& left, const BigInt& right) {
  BigInt sum = scaled(spec.format, left, spec.left);
  sum += scaled(spec.format, right, spec.right);
  return std::min(BigInt(spec.most), std::max(BigInt(spec.least), sum));
}

int argmax(const std::vector<BigInt>& values) {
  return static_cast<int>(std::max_element(values.begin(), values.end()) - values.begin());
}

}  // namespace fewbit::model
