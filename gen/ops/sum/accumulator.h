// Accumulator: the clocked half of acc, mac and accumulating dots, with the clear one operation
// ahead.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/gen/ops/operand/interface.h"
#include "fewbit/gen/ops/product/exact_product.h"

namespace fewbit::ops {

/// Bits to which the parameter AccWidth of an emitted accumulator can be overridden.
inline constexpr int kMostAccWidth = 2048;

/// The registered sum (AccWidth bits) and sticky flags. Latency 2:
///   cycle 1: the addend is in the stage's registers; cycle 2: the sum is in acc_o.
/// first_i must make the sum start from 0. On iCE40, where no carry comes with the addend, the cell
/// that adds can take the addend alone. Elsewhere a multiplexer for that would cost a cell per bit,
/// so the running sum is cleared one operation ahead, while acc_o keeps the last result: two
/// registers, one adder. After reset the sum is 0 (one clock edge later) and acc_o is 0. Overflow
/// wraps, or saturates at the ends of AccWidth bits where spec.overflow says so.
///
/// Latency 1: no registers of the stage. The first addend is loaded in its own step, or the running
/// sum is masked in it.
///
/// More latency goes into registers in front of the stage (rtl/pipeline.h) and into segments of the
/// sum: each adds its bits one or two cycles after the one below, when that one's carry has come
/// through a register or two; results of lower segments wait for the last. Still one operation a
/// cycle, still exact. `specials` are signals of the input cycle.
Results accumulate(rtl::Module& module, const OperatorSpec& spec, const Control& control,
                   const Addend& addend, const SpecialResult& specials);

}  // namespace fewbit::ops
