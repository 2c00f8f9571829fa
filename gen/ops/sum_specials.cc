// Special values and signs of a sum: see sum_specials.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/sum_specials.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

ProductSpecials sum_specials(Module& m, const ProductSpecials& x, const Signal& x_sign,
                             const Unpacked& y, const Signal& y_sign) {
  const Signal nan =
      m.net("sum_nan", x.nan | y.is_nan | (x.infinite & y.is_infinite & (x_sign ^ y_sign)));
  const bool any = !is_zero_constant(x.infinite) || !is_zero_constant(y.is_infinite);
  return {nan, m.net("sum_infinite", (x.infinite | y.is_infinite) & ~nan),
          any ? m.net("sum_infinity_negative", mux(x.infinite, x_sign, y_sign)) : m.constant(1, 0)};
}

Signal sum_sign(Module& m, const OperatorSpec& spec, const ProductSpecials& specials,
                const Signal& is_zero, const Signal& sum_negative, const Signal& x_sign,
                const Signal& y_sign) {
  const Signal zero_sign =
      spec.rounding == RoundingMode::kTowardNegative ? x_sign | y_sign : x_sign & y_sign;
  return m.net("result_negative",
               mux(specials.infinite, specials.negative, mux(is_zero, zero_sign, sum_negative)));
}

}  // namespace fewbit::ops
