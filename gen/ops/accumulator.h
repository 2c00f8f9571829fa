// Accumulator: the clocked half of acc and mac, with the clear one operation ahead.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gen/ops/exact_product.h"

namespace fewbit::ops {

/// Special addends as one-bit signals of the input cycle; constant 0 where they cannot occur.
struct SpecialAddend {
  rtl::Signal nan;
  rtl::Signal pinf;
  rtl::Signal ninf;
  [[nodiscard]] rtl::Signal any() const { return nan | pinf | ninf; }
};

/// The inputs valid_i and first_i, and the register stage that follows the operands.
struct AccumulatorInputs {
  rtl::Signal valid;
  rtl::Signal first;
};

/// Adds outputs valid_o, acc_o (AccWidth bits) and the sticky flags to the module. Latency 2:
///   cycle 1: the addend is in the stage's registers; cycle 2: the sum is in acc_o.
/// first_i must make the sum start from 0. A multiplexer for that would cost a cell per bit, so the
/// running sum is cleared one operation ahead, while acc_o keeps the last result: two registers,
/// one adder. After reset the sum is 0 (one clock edge later) and acc_o is 0. Overflow wraps, or
/// saturates at the ends of AccWidth bits where spec.overflow says so.
void accumulate(rtl::Module& module, const OperatorSpec& spec, const AccumulatorInputs& inputs,
                const Addend& addend, const SpecialAddend& specials);

}  // namespace fewbit::ops
