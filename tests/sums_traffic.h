// Vectors of sums, and the codes that must come out.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "fewbit/tests/block_run.h"

namespace fewbit::testing {

/// Sums: the ends of their range, small ones, and random ones; beyond the outputs anything. Spec is
/// that of a requantizer or of thresholds, `model` gives the codes of one vector.
template <typename Spec, typename Model>
MakeTraffic sums_traffic(const Spec& spec, const Model& model) {
  return [spec, model](std::mt19937_64& random, std::size_t count) {
    const IntFormat sum = spec.sum.as_int();
    Traffic traffic;
    while (std::max(traffic.x.size(), traffic.y.size()) < count) {
      std::vector<BigInt> sums;
      for (int c = 0; c < spec.outputs; ++c) {
        const auto kind = random() % 8;
        sums.push_back(kind == 0   ? sum.min()
                       : kind == 1 ? sum.max()
                       : kind == 2
                           ? std::min(sum.max(), BigInt(random() % 40))
                           : from_bits(BigInt(random()) % pow2(sum.bits), sum.bits, sum.is_signed));
      }
      append(traffic.x, sums, spec.rows, sum.bits, [&] { return BigInt(random()); });
      append(traffic.y, model(spec, sums), spec.units, spec.result.bits());
    }
    return traffic;
  };
}

}  // namespace fewbit::testing
