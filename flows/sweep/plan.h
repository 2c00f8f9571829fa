// Plan: the jobs of a sweep, and the JSON lines in which they are handed on.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "fewbit/flows/cost.h"
#include "fewbit/gen/spec/operator_spec.h"
#include "fewbit/gen/util/check.h"
#include "fewbit/gen/util/result.h"

namespace fewbit::sweep {

/// More jobs than this in one plan are a mistake.
inline constexpr std::size_t kMostJobs = 1000000;
/// Place-and-route runs of one job.
inline constexpr int kMostSeeds = 100;

/// One measurement: a request on a target.
struct SweepJob {
  OperatorSpec spec;
  flows::Target target;
  std::string flow;  ///< the only flow variant tried; "": all but the extra ones
  int seeds = 0;     ///< place-and-route runs 1..seeds; 0: synthesis alone

  /// The command that gives the same figures: "fewbit cost mac --a int4 ... --seeds 3".
  [[nodiscard]] std::string command() const;
};

struct Plan {
  std::vector<SweepJob> jobs;
  /// Program -> what its version line must contain.
  std::map<std::string, std::string> tools;
};

/// A job made of a request and names; targets that only synthesise have no seeds.
Result<SweepJob> make_job(OperatorRequest request, const std::string& target,
                          const std::string& flow, int seeds);

/// One JSON object a line: command, operator, its options by name, target, flow, seeds, tools.
std::string to_lines(const Plan& plan);
/// Reads them back; `name` is the file's, for messages. `command` is for people and not read.
Result<Plan> parse_lines(const std::string& text, const std::string& name);

/// Shard `index` of `count`, 1 to `count`: every job in exactly one, alike jobs far apart.
template <typename Job>
std::vector<Job> shard_of(const std::vector<Job>& jobs, int index, int count) {
  FEWBIT_CHECK(index >= 1 && index <= count, "shard {} of {}", index, count);
  const auto shards = static_cast<std::size_t>(count);
  std::vector<Job> mine;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    // Dealt out one by one, each round one place further on: a plain i % n would give one shard all
    // jobs of one architecture or format wherever n divides their number.
    if ((i + i / shards) % shards == static_cast<std::size_t>(index - 1)) mine.push_back(jobs[i]);
  }
  return mine;
}

/// "acc_width" of "--acc-width": an option in a sweep file, a plan or a result.
std::string key_of(const OptionInfo& option);

}  // namespace fewbit::sweep
