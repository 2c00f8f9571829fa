// The grid: every ordered pair of the paper's formats, as subjects for verify().
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/verify/verify.h"

namespace fewbit::verify {

/// What grid_subjects() accepts as operators: "mac" (sized for 1024 terms), "mul" (exact product)
/// and "mul_rounded" (rounded into a's format, ties to even, overflow to its default).
const std::vector<std::string>& grid_operators();

/// Both architectures of each operator for every ordered pair of paper_formats(min_bits, max_bits).
/// `emit` is called from `jobs` threads. An unknown operator is an Error of field "--ops".
Result<std::vector<Subject>> grid_subjects(
    int min_bits, int max_bits, const std::vector<std::string>& operators,
    const std::function<rtl::EmittedDesign(const OperatorSpec&)>& emit, int jobs = 1);

}  // namespace fewbit::verify
