// Model of thresholds: see thresholds.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/model/blocks/thresholds.h"

#include <algorithm>

#include "fewbit/gen/util/check.h"
#include "fewbit/sim/model/exact.h"

namespace fewbit::model {
namespace {

/// The format's values in order, as codes; without -0.
std::vector<Code> sorted_codes(const Format& format) {
  std::vector<Code> codes;
  for (Code code = 0; code < Code{1} << format.bits(); ++code) {
    const Datum datum = decode(format, code);
    if (!datum.is_zero() || !datum.negative) codes.push_back(code);
  }
  std::sort(codes.begin(), codes.end(), [&](Code a, Code b) {
    return compare(decode(format, a).value, decode(format, b).value) < 0;
  });
  return codes;
}

}  // namespace

std::vector<BigInt> levels(const ThresholdsSpec& spec, const std::vector<BigInt>& sums) {
  FEWBIT_CHECK(static_cast<int>(sums.size()) == spec.outputs, "{} sums of a vector", sums.size());
  const std::vector<Code> codes = sorted_codes(spec.result);
  std::vector<BigInt> result;
  for (std::size_t c = 0; c < sums.size(); ++c) {
    const std::vector<long long>& row = spec.thresholds[c];
    const auto reached =
        std::count_if(row.begin(), row.end(), [&](long long t) { return sums[c] >= BigInt(t); });
    result.emplace_back(codes[static_cast<std::size_t>(reached)]);
  }
  return result;
}

}  // namespace fewbit::model
