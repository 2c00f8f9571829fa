// Aligned sum: the rounded adder of one minifloat format, from the operands' codes to the result's.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/gen/ops/operand/ordering.h"

namespace fewbit::ops {

/// The code of a + b, both operands and the result of the format spec.result, to nearest, ties to
/// even: the strategy `aligned`, for what it serves. Of `spec`: result, overflow, what is flushed,
/// fabric.
///
/// The operand with the larger magnitude code is the base; the other one is moved to its exponent
/// and added or subtracted, with two bits and a sticky bit below the last place. The sum moves left
/// to its leading one, but no further than the subnormal numbers, and exponent change and rounding
/// meet in one carry chain. Infinities and NaN are codes above every finite one: the base is passed
/// on as it is, because nothing is added to it. So is `a` where it is alone.
rtl::Signal aligned_sum(rtl::Module& module, const OperatorSpec& spec, const Operands& operands);

}  // namespace fewbit::ops
