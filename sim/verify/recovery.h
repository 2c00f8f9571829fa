// Recovery from X: whatever was X before, results and registers become known in time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "fewbit/sim/verify/bench.h"
#include "fewbit/sim/verify/icarus.h"

namespace fewbit::verify {

/// Puts X into state, operands and control inputs of all subjects of `simulation`, in turns of
/// several kinds; then a cycle of reset, or none, and operations in a row with ready_i high, the
/// first of them (of each sum, where several are in turn) with first_i. Found wrong: a result,
/// flag, tag or valid_o of these operations that the model does not have, a register that is X
/// after latency + 1 of them (latency + N of N sums), and an output that is X because of an X on
/// other inputs while valid_i is 0. Combinational subjects: a result that is X or wrong after
/// operands that were X. Reports count a recovery for each turn.
void recover(IcarusSimulation& simulation, const std::vector<Slot>& slots,
             const VerifyOptions& options);

}  // namespace fewbit::verify
