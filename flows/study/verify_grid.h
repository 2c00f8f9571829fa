// The grid: every pair of the all-finite minifloats and integers of a few bits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/gen/spec/operator_spec.h"
#include "fewbit/gen/util/result.h"
#include "fewbit/sim/verify/verify.h"

namespace fewbit::study {

struct Grid {
  std::string bits;              ///< "3..8", "4", or "demo"
  std::vector<std::string> ops;  ///< names of operators
  std::string arch;              ///< "": both, or with latencies the optimized one
  std::string latencies;         ///< "0..6", or ""
};

/// One subject for each operator, architecture and ordered pair of paper_formats of the bits; or
/// each of the demo's pairs where they are "demo". `request` gives all other fields. An exact mul
/// comes with the one rounded into its first operand's format. With latencies: each of them that
/// the operator can have. Errors name the options of `fewbit verify`.
Result<std::vector<verify::Subject>> grid_subjects(OperatorRequest request, const Grid& grid);

}  // namespace fewbit::study
