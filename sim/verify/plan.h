// Which subjects are built and run together.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "fewbit/sim/verify/verify.h"

namespace fewbit::verify {

/// Subjects to one Verilator model. With 40 of them verilating and compiling take some 0.07 s each,
/// alone 1 s, and beyond 100 the compiler's time grows faster than their number.
constexpr std::size_t kSubjectsPerSimulation = 40;
/// To one Icarus model, which compiles at once: few, since a model runs as long as its longest.
constexpr std::size_t kSubjectsPerIcarus = 4;

/// One piece of work. Numbers are places in the caller's list of subjects.
struct Job {
  std::vector<std::vector<std::size_t>> benches;      ///< subjects of one behaviour each
  std::vector<std::vector<std::size_t>> simulations;  ///< the same subjects; no two of one model
                                                      ///< have different texts under one file name
  [[nodiscard]] std::size_t size() const;
};

/// Every subject in exactly one job; the long ones first, enough for all `workers` where there are
/// enough subjects, with up to `most` subjects in a simulation. `cycles` says how long the stimulus
/// of each subject is, about: a simulation runs as long as its longest, so that those of one job
/// are alike. Clocked and combinational ones are never in one job.
std::vector<Job> plan_jobs(const std::vector<Subject>& subjects,
                           const std::vector<std::uint64_t>& cycles, int workers,
                           std::size_t most = kSubjectsPerSimulation);

}  // namespace fewbit::verify
