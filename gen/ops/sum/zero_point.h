// Zero points: what is added to a rounded integer before its range is looked at.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/gen/ops/fabric/stage.h"

namespace fewbit::ops {

/// The code of value + zero_point in the integer format spec.result: saturated, or its low bits.
/// `value` is two's complement, at least two bits wider than the result. Where `beyond`, 1 bit, is
/// 1, `value` means nothing: the number of sign `negative` is so far outside that no zero point
/// brings it back.
rtl::Signal with_zero_point(rtl::Module& module, const OperatorSpec& spec, const rtl::Signal& value,
                            const rtl::Signal& zero_point, const rtl::Signal& beyond,
                            const rtl::Signal& negative);

}  // namespace fewbit::ops
