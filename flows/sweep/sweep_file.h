// Sweep file: a design space in YAML, as the plan of its jobs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "fewbit/flows/sweep/plan.h"

namespace fewbit::sweep {

/// The jobs of a sweep file (docs/sweep.md): the product of all lists of a block, blocks one after
/// the other, each job once, and up to `most_jobs` choices in all. Order: target, operator, options
/// as `fewbit help cost` lists them, architecture last. Blocks without `targets` have
/// `default_target`, or are an Error where that is "". An Error says the line.
Result<Plan> parse_sweep(const std::string& text, const std::string& name,
                         std::size_t most_jobs = kMostJobs, const std::string& default_target = "");

/// A sweep file, or the plan of one.
Result<Plan> read_plan(const std::filesystem::path& path);

}  // namespace fewbit::sweep
