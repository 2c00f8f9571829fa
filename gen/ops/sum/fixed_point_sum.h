// Fixed-point sum: the rounded adder of a small minifloat, decoded and encoded by tables.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/gen/ops/operand/interface.h"

namespace fewbit::ops {

/// a_i + b_i (or a_i - b_i) where both operands and the result have one format without special
/// values, to nearest, ties to even: the strategy `fixed_point`. Tables turn the operands into
/// integers, one carry chain adds them, tables turn the exact sum into the nearest code.
///
/// Where a table cell holds a whole operand, the integers are in two's complement. Elsewhere the
/// larger magnitude is found first, and the smaller one enters in one's complement where the signs
/// differ: the chain's carry-in completes it, and the sum is a magnitude already.
Results build_fixed_point_sum(rtl::Module& module, const OperatorSpec& spec, const Interface& io);

/// The same for the strategy `table`: sum and difference of the magnitudes as one table each, and
/// one more for which operand is larger.
Results build_sum_table(rtl::Module& module, const OperatorSpec& spec, const Interface& io);

}  // namespace fewbit::ops
