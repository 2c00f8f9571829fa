// Worker threads that share numbered jobs.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/util/parallel.h"

#include <atomic>
#include <thread>
#include <vector>

#include "fewbit/gen/util/interrupt.h"

namespace fewbit {

void run_parallel(std::size_t count, int workers, const std::function<void(std::size_t)>& job) {
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < count && !interrupted(); i = next++) job(i);
  };
  std::vector<std::jthread> threads;
  for (int i = 1; i < workers; ++i) threads.emplace_back(work);
  work();
}

}  // namespace fewbit
