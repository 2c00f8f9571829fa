// Accumulator: the clocked half of acc, mac and accumulating dots, with the clear one operation
// ahead. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gen/ops/exact_product.h"
#include "gen/ops/interface.h"

namespace fewbit::ops {

/// The registered sum (AccWidth bits) and sticky flags. Latency 2:
///   cycle 1: the addend is in the stage's registers; cycle 2: the sum is in acc_o.
/// first_i must make the sum start from 0. A multiplexer for that would cost a cell per bit, so the
/// running sum is cleared one operation ahead, while acc_o keeps the last result: two registers,
/// one adder. After reset the sum is 0 (one clock edge later) and acc_o is 0. Overflow wraps, or
/// saturates at the ends of AccWidth bits where spec.overflow says so. `specials` are signals of
/// the input cycle.
Results accumulate(rtl::Module& module, const OperatorSpec& spec, const Control& control,
                   const Addend& addend, const SpecialResult& specials);

}  // namespace fewbit::ops
