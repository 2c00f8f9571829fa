// Worker pool: batches of work in processes of their own, so that a crash costs one batch.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>

#include "fewbit/gen/util/result.h"

namespace fewbit::sweep {

/// What the pool does and tells. `work` runs in a forked process with everything that the caller
/// had in memory; what it changes there is lost. The rest runs in the caller's process.
struct PoolWork {
  std::size_t batches = 0;
  int workers = 1;
  /// Does a batch. It adds what it has finished to `finished`. An Error ends the whole pool.
  std::function<Status(std::size_t batch, const std::function<void(int)>& finished)> work;
  /// Called a few times a second with the sum of all `finished`.
  std::function<void(long long finished)> tick;
};

/// How a worker ended that did not come to its end.
struct Crash {
  std::string reason;        ///< the signal or exit code, and the last line that it wrote to stderr
  bool is_accident = false;  ///< it was killed, or had too little memory: nothing about its batch
};

/// Batches whose process a signal ended or that left otherwise. The other batches were done. An
/// Error is that of `work`, or that no process could be made. After SIGINT or SIGTERM all workers
/// end, and with them the programs that they run; so they do when the caller's process is killed.
/// The caller has one thread and holds no open database.
Result<std::map<std::size_t, Crash>> run_pool(const PoolWork& pool);

}  // namespace fewbit::sweep
