// Special values and signs of a sum: what add, fma and the rounded running sums have in common.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/gen/ops/operators.h"

namespace fewbit::ops {

/// Of x + y: NaN for a NaN and for infinities of both signs; else infinite. `x_sign` and `y_sign`
/// are those of the addends, whatever they are.
ProductSpecials sum_specials(rtl::Module& module, const ProductSpecials& x,
                             const rtl::Signal& x_sign, const Unpacked& y,
                             const rtl::Signal& y_sign);

/// Sign of the result: of an infinity; of an exact zero, which keeps the sign of zeros of one sign
/// and is +0 otherwise, rounded downward -0; else of the sum.
rtl::Signal sum_sign(rtl::Module& module, const OperatorSpec& spec, const ProductSpecials& specials,
                     const rtl::Signal& is_zero, const rtl::Signal& sum_negative,
                     const rtl::Signal& x_sign, const rtl::Signal& y_sign);

}  // namespace fewbit::ops
