// Fused sums: special values and signs of a product plus a number.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gen/ops/operators.h"

namespace fewbit::ops {

/// NaN for a NaN product or addend and for infinities of both signs; else infinite. `product_sign`
/// is the exclusive or of the factors' signs.
ProductSpecials fused_specials(rtl::Module& module, const ProductSpecials& product,
                               const Unpacked& c, const rtl::Signal& product_sign);

/// Sign of the result: of an infinity, of an exact zero (by the rule for zeros), else of the sum.
rtl::Signal fused_sign(rtl::Module& module, const OperatorSpec& spec,
                       const ProductSpecials& specials, const rtl::Signal& is_zero,
                       const rtl::Signal& sum_negative, const rtl::Signal& product_sign,
                       const rtl::Signal& c_sign);

}  // namespace fewbit::ops
