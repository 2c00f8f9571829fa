// Search of a latency: see fmax_search.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/study/fmax_search.h"

#include <fmt/format.h>

#include <algorithm>

#include "fewbit/gen/ops/emit.h"

namespace fewbit::study {

namespace {

/// A latency is passed over where the delay model estimates less than this part of the frequency.
constexpr double kTrust = 0.7;

}  // namespace

Result<LatencySearch> least_latency(
    OperatorRequest request, const flows::Target& target, double mhz, const MeasureOptions& options,
    const std::function<void(int latency, const flows::CostPoint& cost)>& tried) {
  request.latency.reset();
  FEWBIT_ASSIGN_OR_RETURN(first, make_operator_spec(request));
  if (!first.info().has(Option::kLatency)) {
    return Error{"--fmax", fmt::format("{}", mhz), "nothing",
                 first.info().name + " cannot be pipelined"};
  }
  LatencySearch search;
  // Without a register there is no frequency.
  for (int latency = std::max(1, first.usual_latency()); latency <= kMostLatency; ++latency) {
    request.latency = latency;
    FEWBIT_ASSIGN_OR_RETURN(spec, make_operator_spec(request));
    if (1000.0 / ops::estimated_period(spec) < kTrust * mhz) continue;
    FEWBIT_ASSIGN_OR_RETURN(measured, measure(spec, target, options));
    if (!measured.cost) {
      search.mismatch = spec;
      return search;
    }
    const flows::Fmax& fmax = *measured.cost->fmax_mhz;
    tried(latency, *measured.cost);
    search.best_mhz = std::max(search.best_mhz, fmax.median);
    if (fmax.ok > 0 && fmax.median >= mhz) {
      search.spec = spec;
      return search;
    }
  }
  return search;
}

}  // namespace fewbit::study
