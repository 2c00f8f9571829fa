// Late table: a small table whose last cells are those of the adder behind a register.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "fewbit/gen/ops/fabric/stage.h"

namespace fewbit::ops {

/// As table_of, on the far side of `stage`: bit i of the result is bit i of function(index), in
/// `width` bits; function(0) is 0, and so is the result where the stage is cleared. The index has
/// at most 6 bits. Behind the stage each bit is a function of at most `inputs` registers, which
/// leaves room for it in the cell that uses it. What crosses is chosen for few cells in front:
/// bits of the index, which take none; codes of some bits of the index, where several bits of the
/// result need no more than that; else the result's own bits. The top bit crosses as itself where
/// `many_use_top`.
rtl::Signal late_table(rtl::Module& module, const std::string& name, int width,
                       const rtl::Signal& index, const std::function<BigInt(unsigned)>& function,
                       const Stage& stage, int inputs, bool many_use_top);

}  // namespace fewbit::ops
