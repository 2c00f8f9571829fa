// Aligned sum: the rounded adder of one minifloat format, from the operands' codes to the result's.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/gen/ops/operand/interface.h"

namespace fewbit::ops {

/// a_i + b_i (or a_i - b_i) where both operands and the result have one format, to nearest, ties to
/// even: the strategy `aligned`, for what it serves.
///
/// The operand with the larger magnitude code is the base; the other one is moved to its exponent
/// and added or subtracted, with two bits and a sticky bit below the last place. The sum moves left
/// to its leading one, but no further than the subnormal numbers, and exponent change and rounding
/// meet in one carry chain. Infinities and NaN are codes above every finite one: the base is passed
/// on as it is, because nothing is added to it.
Results build_aligned_sum(rtl::Module& module, const OperatorSpec& spec, const Interface& io);

}  // namespace fewbit::ops
