// Models of pools and depthwise layers: see pool.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/model/blocks/pool.h"

#include "fewbit/gen/util/check.h"
#include "fewbit/sim/model/arithmetic.h"

namespace fewbit::model {
namespace {

/// What each channel has of a window: its data pixel by pixel.
template <typename Spec>
std::vector<std::vector<Code>> channels_of(const Spec& spec, const std::vector<Code>& window) {
  const auto channels = static_cast<std::size_t>(spec.channels);
  FEWBIT_CHECK(window.size() == channels * static_cast<std::size_t>(spec.pixels),
               "{} codes of a window", window.size());
  std::vector<std::vector<Code>> all(channels);
  for (std::size_t i = 0; i < window.size(); ++i) all[i % channels].push_back(window[i]);
  return all;
}

}  // namespace

std::vector<Code> largest(const PoolSpec& spec, const std::vector<Code>& window) {
  std::vector<Code> result;
  for (const std::vector<Code>& codes : channels_of(spec, window)) {
    Code best = codes[0];
    for (const Code code : codes) {
      const Datum now = decode(spec.format, code);
      const Datum held = decode(spec.format, best);
      const int order = compare(now.value, held.value);
      if (order > 0 || (order == 0 && held.negative)) best = code;
    }
    result.push_back(best);
  }
  return result;
}

std::vector<BigInt> sums(const PoolSpec& spec, const std::vector<Code>& window) {
  std::vector<BigInt> result;
  for (const std::vector<Code>& codes : channels_of(spec, window)) {
    std::vector<Datum> data;
    for (const Code code : codes) data.push_back(decode(spec.format, code));
    result.push_back(
        in_units(sum(data, RoundingMode::kTiesToEven), spec.sum_format().lsb_exponent));
  }
  return result;
}

std::vector<BigInt> sums(const DepthwiseSpec& spec, const std::vector<Code>& window) {
  const std::vector<std::vector<Code>> codes = channels_of(spec, window);
  const std::vector<std::vector<Code>> weights = channels_of(spec, spec.weights);
  std::vector<BigInt> result;
  for (std::size_t c = 0; c < codes.size(); ++c) {
    std::vector<Datum> products;
    for (std::size_t p = 0; p < codes[c].size(); ++p) {
      products.push_back(
          multiply(decode(spec.weight, weights[c][p]), decode(spec.activation, codes[c][p])));
    }
    result.push_back(
        in_units(sum(products, RoundingMode::kTiesToEven), spec.sum_format().lsb_exponent));
  }
  return result;
}

}  // namespace fewbit::model
