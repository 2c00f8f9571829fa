// Sums in turn: a rounded running sum, or several of them in one pipelined loop.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "fewbit/gen/ops/operand/interface.h"

namespace fewbit::ops {

/// acc_q and what comes before it: the results of the last spec.interleave operations. An operation
/// that leaves the first stage goes on with the result of so many operations before, and its own is
/// there as many cycles later, so that this one always is: of results, as many are behind it as
/// there are operations in the loop. Cycles without an operation change nothing.
class SumsInTurn {
 public:
  SumsInTurn(rtl::Module& module, const OperatorSpec& spec, const Control& control);

  /// The sum that the operation behind the first stage goes on with.
  [[nodiscard]] const rtl::Signal& before() const { return before_; }
  /// Its result, as a function of before() and of what has crossed the stage. With more than one
  /// sum interleave - 1 registers go into it. Gives acc_q.
  rtl::Signal finish(const rtl::Signal& next);

 private:
  rtl::Module& m_;
  const OperatorSpec& spec_;
  const Control& control_;
  std::vector<rtl::Signal> results_;  // the latest first
  rtl::Signal before_;
};

}  // namespace fewbit::ops
