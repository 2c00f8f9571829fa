// Worker threads that share numbered jobs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>

namespace fewbit {

/// Calls job(0) .. job(count - 1) on `workers` threads and waits for all of them; after an
/// interrupt no further one begins. A job must not throw.
void run_parallel(std::size_t count, int workers, const std::function<void(std::size_t)>& job);

}  // namespace fewbit
