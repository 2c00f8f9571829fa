// The least latency that reaches a clock frequency after place and route.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "fewbit/cli/console.h"
#include "fewbit/cli/measure.h"
#include "fewbit/cli/request_options.h"

namespace fewbit::cli {

/// Tries one latency after the other, from the first that the delay model gives a chance, and
/// verifies and measures each. The first whose median reaches `mhz`; nothing, after a note, where
/// none up to the longest latency does.
Result<std::optional<OperatorSpec>> least_latency(RequestOptions request,
                                                  const flows::Target& target, double mhz,
                                                  const MeasureOptions& options,
                                                  const Console& console);

}  // namespace fewbit::cli
