// Mutants: a module with one small mistake planted, to see whether verification finds it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/gen/rtl/module.h"

namespace fewbit::rtl {

/// One mistake, at a place that exists in every module built the same way.
struct Mutation {
  enum class Kind {
    kOperator,      ///< and, or, xor, add, sub, reductions: another of the same shape (detail: Op)
    kFirstArg,      ///< mux or not: its data argument number `detail` alone
    kSwapBranches,  ///< of a mux, cases `detail` and detail + 1, or (-1) the sides of a comparison
    kDropCarry,
    kOtherSign,   ///< factor `detail` of a product, or a comparison: signed for unsigned, or the
                  ///< reverse
    kOrEqual,     ///< less or equal instead of less
    kFlipBit,     ///< bit `detail` of a constant, of a table or of a memory's contents
    kShiftSlice,  ///< a slice `detail` places up (1) or down (-1)
    kStuck,       ///< a one-bit net at `detail`
    kNoEnable,
    kNoClear,
    kNoReset,
    kOtherReset,  ///< to the complement of its reset value
    kHold,        ///< a register that never loads
    // Memories with a write port; `node` is what is read.
    kOtherWord,  ///< the word beside the one at the address
    kNewWord,    ///< of the word that is being written, what it becomes
    kWrites      ///< never (detail 0) or at every clock edge (1)
  };
  int node = 0;
  Kind kind = Kind::kOperator;
  int detail = 0;
  std::string text;    ///< "sum_q: enable dropped"
  std::string module;  ///< one that is instanced; "" for the top
};

/// Every mutation of the live nodes of a module and of the modules that it instances; of a wide
/// constant, table or memory a few bits, chosen by `seed`. Deterministic.
std::vector<Mutation> mutations_of(const Module& top, unsigned seed);

/// Plants it, in every instance of its module. Nothing must have been printed yet.
void apply(Module& top, const Mutation& mutation);

}  // namespace fewbit::rtl
