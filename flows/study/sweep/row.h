// The row of a job: what is known before it is measured, and what measuring adds.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/flows/cost.h"
#include "fewbit/flows/store/result_row.h"
#include "fewbit/flows/sweep/plan.h"
#include "fewbit/gen/rtl/signature.h"

namespace fewbit::study {

/// Key, request, tools and hash of a job; nothing is measured. An Error is a tool that is missing.
Result<store::ResultRow> planned_row(const sweep::SweepJob& job);

/// Puts the figures of a verified cost into a row.
void fill_cost(store::ResultRow& row, const flows::Target& target, const flows::CostPoint& point);

/// Makes it the row of a failure.
void fill_failure(store::ResultRow& row, const std::string& reason);

}  // namespace fewbit::study
