// Search of a latency: see fmax_search.h.
// SPDX-License-Identifier: Apache-2.0
#include "cli/fmax_search.h"

#include <fmt/format.h>

#include "cli/subjects.h"
#include "gen/ops/emit.h"

namespace fewbit::cli {

namespace {

/// The model may be wrong by this much, to either side, before a latency is passed over.
constexpr double kTrust = 0.85;
constexpr int kMostTrials = 16;

}  // namespace

Result<std::optional<OperatorSpec>> least_latency(RequestOptions request,
                                                  const flows::Target& target, double mhz,
                                                  const MeasureOptions& options,
                                                  const Console& console) {
  FEWBIT_ASSIGN_OR_RETURN(first, request.spec());
  // Without a register there is no frequency.
  int latency = std::max(1, first.least_latency());
  double best = 0;
  for (int trials = 0; trials < kMostTrials; ++latency) {
    request.value(Option::kLatency) = std::to_string(latency);
    const Result<OperatorSpec> spec = request.spec();
    if (!spec.ok()) {
      if (trials == 0) return spec.error();
      break;
    }
    if (1000.0 / ops::estimated_period(*spec) < kTrust * mhz) continue;
    ++trials;
    FEWBIT_ASSIGN_OR_RETURN(measured, measure(*spec, target, options));
    if (!measured.cost) {
      console.print(fmt::format("{}: hardware and model differ\n", label_of(*spec)));
      return std::optional<OperatorSpec>();
    }
    const flows::Fmax& fmax = *measured.cost->fmax_mhz;
    console.note(fmt::format("latency {}: {:.1f} MHz ({:.1f}..{:.1f}, {} of {} seeds), {} LUTs",
                             latency, fmax.median, fmax.min, fmax.max, fmax.ok,
                             fmax.ok + fmax.failed, measured.cost->luts));
    best = std::max(best, fmax.median);
    if (fmax.median >= mhz) return std::optional<OperatorSpec>(*spec);
  }
  console.print(fmt::format("not reached: {} MHz on {}; the best was {:.1f} MHz; nothing written\n",
                            mhz, target.name, best));
  return std::optional<OperatorSpec>();
}

}  // namespace fewbit::cli
