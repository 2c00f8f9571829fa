// Running benches against simulations, cycle by cycle.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "fewbit/sim/verify/bench.h"

namespace fewbit::verify {

/// Who is asked and told while benches run; what is empty is neither.
struct RunHooks {
  std::function<void(double share)> share = nullptr;         ///< how much is done, now and then
  std::function<bool(std::uint64_t cycle)> cycle = nullptr;  ///< before each; false ends the run
};

/// Until every bench is at the end of its stimulus. Benches and simulations are all clocked, or all
/// combinational. An Error is an interrupt.
Status drive_all(std::vector<std::unique_ptr<Bench>>& benches,
                 const std::vector<Simulation*>& simulations, bool clocked, const RunHooks& hooks);

}  // namespace fewbit::verify
