// The least latency that reaches a clock frequency after place and route.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>

#include "fewbit/flows/study/measure.h"

namespace fewbit::study {

struct LatencySearch {
  std::optional<OperatorSpec> spec;  ///< the first whose median reaches the frequency
  std::optional<OperatorSpec>
      mismatch;         ///< one that differs from the model: the search ended there
  double best_mhz = 0;  ///< greatest median; 0 where none was measured
};

/// Tries one latency after the other, from the first that the delay model gives a chance to the
/// longest, and verifies and measures each on `target`, until the median reaches `mhz`. `request`
/// is one for the target's fabric; its latency is not read. `tried` hears of each that was
/// measured.
Result<LatencySearch> least_latency(
    OperatorRequest request, const flows::Target& target, double mhz, const MeasureOptions& options,
    const std::function<void(int latency, const flows::CostPoint& cost)>& tried);

}  // namespace fewbit::study
