// Model of repack: a list of values, cut anew.
// SPDX-License-Identifier: Apache-2.0
#include <deque>

#include "fewbit/sim/model/blocks/blocks.h"

namespace fewbit::model {
namespace {

/// The first `count` values of the list, which ends with zeros, as a beat.
BigInt taken(std::deque<BigInt>& values, int count, int bits) {
  BigInt data = 0;
  for (int k = 0; k < count && !values.empty(); ++k) {
    data += values.front() * pow2(k * bits);
    values.pop_front();
  }
  return data;
}

}  // namespace

Beats repack(const BlockSpec& spec, const Beats& in) {
  const int bits = spec.number("--value-bits");
  const auto out_values = static_cast<std::size_t>(spec.number("--out-values"));
  std::deque<BigInt> values;
  Beats out;
  for (const Beat& beat : in) {
    const int counted = spec.number(beat.last ? "--last-values" : "--in-values");
    BigInt rest = beat.data;
    for (int k = 0; k < counted; ++k) {
      values.push_back(rest % pow2(bits));
      rest /= pow2(bits);
    }
    while (values.size() >= out_values || (beat.last && !values.empty())) {
      out.push_back({taken(values, static_cast<int>(out_values), bits), false});
    }
    if (beat.last) out.back().last = true;
  }
  return out;
}

}  // namespace fewbit::model
