// A batch of jobs measured together: one simulator for many designs and their netlists.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "fewbit/flows/store/result_row.h"
#include "fewbit/flows/sweep/plan.h"

namespace fewbit::study {

/// A job and its row, as planned_row() made it.
struct PlannedJob {
  sweep::SweepJob job;
  store::ResultRow row;
};

/// Jobs in one batch at most: what a killed worker loses.
inline constexpr std::size_t kMostJobsInBatch = 20;

/// Measures every job as `fewbit cost` does and hands over its row, complete, as soon as it is
/// known; a job that cannot be measured gets the row of a failure. Where one job spoils a step that
/// all share, each is measured alone. An Error is one of the machine (a full disk, a missing tool)
/// or of `finished`: then no row says anything. After an interrupt nothing more is handed over.
Status measure_batch(std::vector<PlannedJob> jobs,
                     const std::function<Status(const store::ResultRow&)>& finished);

}  // namespace fewbit::study
