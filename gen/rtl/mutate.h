// Mutants: a module with one small mistake planted, to see whether verification finds it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "gen/rtl/module.h"

namespace fewbit::rtl {

/// One mistake, at a place that exists in every module built the same way.
struct Mutation {
  enum class Kind {
    kOperator,  ///< and, or, xor, add, sub, reductions: another of the same shape (detail: Op)
    kFirstArg,  ///< mux or not: its data argument number `detail` alone
    kSwapBranches,
    kDropCarry,
    kOtherSign,   ///< factor number `detail` of a product: signed for unsigned, or the reverse
    kFlipBit,     ///< bit `detail` of a constant or of a table
    kShiftSlice,  ///< a slice `detail` places up (1) or down (-1)
    kStuck,       ///< a one-bit net at `detail`
    kNoEnable,
    kNoClear,
    kNoReset,
    kOtherReset,  ///< to ones instead of zero, or the reverse
    kHold         ///< a register that never loads
  };
  int node = 0;
  Kind kind = Kind::kOperator;
  int detail = 0;
  std::string text;  ///< "sum_q: enable dropped"
};

/// Every mutation of the module's live nodes; of a wide constant or table a few bits, chosen by
/// `seed`. Deterministic.
std::vector<Mutation> mutations_of(const Module& module, unsigned seed);

/// Plants it. The module must not have been printed yet.
void apply(Module& module, const Mutation& mutation);

}  // namespace fewbit::rtl
