// What holds of every plan: as lines it reads back, and is the same.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/flows/sweep/plan.h"

namespace fewbit::fuzz {

inline void check_reads_back(const sweep::Plan& plan) {
  const std::string lines = sweep::to_lines(plan);
  const Result<sweep::Plan> again = sweep::parse_lines(lines, "lines");
  FEWBIT_CHECK(again.ok(), "{}", again.error().message());
  FEWBIT_CHECK(sweep::to_lines(*again) == lines, "another plan than\n{}", lines);
}

}  // namespace fewbit::fuzz
