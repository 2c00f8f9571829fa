// Running a plan: what is missing in a database, by a pool of worker processes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "fewbit/flows/study/sweep/batch.h"
#include "fewbit/flows/sweep/plan.h"

namespace fewbit::study {

struct RunSummary {
  std::size_t jobs = 0;
  std::size_t there = 0;   ///< rows that were in the database before
  std::size_t failed = 0;  ///< rows of failures, of the plan's jobs, at the end
  double seconds = 0;
};

struct RunOptions {
  std::filesystem::path database;
  int workers = 1;
  bool retry_failed = false;  ///< rows of failures are deleted first
  /// Called several times a second with `jobs` and `there`, and how many rows this run has
  /// inserted; may be empty.
  std::function<void(const RunSummary& begun, std::size_t finished)> tick = {};
};

/// Every job with its row-to-be, on `workers` threads. A tool that is missing, or not of the
/// version that the plan demands, is an Error.
Result<std::vector<PlannedJob>> planned_jobs(const sweep::Plan& plan, int workers);

/// Measures the jobs that have no row yet. Returns when every one has, or at an interrupt.
Result<RunSummary> run_sweep(const std::vector<PlannedJob>& jobs, const RunOptions& options);

}  // namespace fewbit::study
