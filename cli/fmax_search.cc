// Search of a latency: see fmax_search.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/fmax_search.h"

#include <fmt/format.h>

#include "fewbit/cli/subjects.h"
#include "fewbit/gen/ops/emit.h"

namespace fewbit::cli {

namespace {

/// A latency is passed over where the delay model estimates less than this part of the frequency.
constexpr double kTrust = 0.7;

}  // namespace

Result<std::optional<OperatorSpec>> least_latency(RequestOptions request,
                                                  const flows::Target& target, double mhz,
                                                  const MeasureOptions& options,
                                                  const Console& console) {
  FEWBIT_ASSIGN_OR_RETURN(first, request.spec());
  if (!first.info().has(Option::kLatency)) {
    return Error{"--fmax", fmt::format("{}", mhz), "nothing",
                 first.info().name + " cannot be pipelined"};
  }
  double best = 0;
  // Without a register there is no frequency.
  for (int latency = std::max(1, first.least_latency()); latency <= kMostLatency; ++latency) {
    request.value(Option::kLatency) = std::to_string(latency);
    FEWBIT_ASSIGN_OR_RETURN(spec, request.spec());
    if (1000.0 / ops::estimated_period(spec) < kTrust * mhz) continue;
    FEWBIT_ASSIGN_OR_RETURN(measured, measure(spec, target, options));
    if (!measured.cost) {
      console.print(fmt::format("{}: hardware and model differ\n", label_of(spec)));
      return std::optional<OperatorSpec>();
    }
    const flows::Fmax& fmax = *measured.cost->fmax_mhz;
    console.note(fmt::format("latency {}: {:.1f} MHz ({:.1f}..{:.1f}, {} of {} seeds), {} LUTs",
                             latency, fmax.median, fmax.min, fmax.max, fmax.ok,
                             fmax.ok + fmax.failed, measured.cost->luts));
    best = std::max(best, fmax.median);
    if (fmax.ok > 0 && fmax.median >= mhz) return std::optional<OperatorSpec>(spec);
  }
  console.print(fmt::format(
      "not reached: {} MHz on {} with up to {} cycles; {}; nothing written\n", mhz, target.name,
      kMostLatency,
      best > 0 ? fmt::format("the best was {:.1f} MHz", best)
               : std::string("the delay model gives no latency a chance, so none was measured")));
  return std::optional<OperatorSpec>();
}

}  // namespace fewbit::cli
