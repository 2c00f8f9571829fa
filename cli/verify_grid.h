// The grid: every pair of the all-finite minifloats and integers of a few bits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/cli/request_options.h"
#include "fewbit/gen/util/result.h"
#include "fewbit/sim/verify/verify.h"

namespace fewbit::cli {

/// One subject for each operator in `ops`, architecture (both, unless `request` names one) and
/// ordered pair of paper_formats of `bits` ("3..8" or "4"); or each of the demo's pairs where it is
/// "demo". `request` gives all other fields. An exact mul comes with the one rounded into its first
/// operand's format. With `latencies` ("0..6"): each of them that the operator can have, of the
/// optimized architecture.
Result<std::vector<verify::Subject>> grid_subjects(RequestOptions request, const std::string& bits,
                                                   const std::vector<std::string>& ops,
                                                   const std::string& latencies);

}  // namespace fewbit::cli
