// Zero points: see zero_point.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/sum/zero_point.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

Signal with_zero_point(Module& m, const OperatorSpec& spec, const Signal& value,
                       const Signal& zero_point, const Signal& beyond, const Signal& negative) {
  const IntFormat& f = spec.result->as_int();
  const int width = value.width() + 1;
  const Signal offset = spec.zero_point->is_signed() ? sign_extend(zero_point, width)
                                                     : zero_extend(zero_point, width);
  const Signal sum = m.net("with_zero_point", sign_extend(value, width) + offset);
  const Signal code = sum.low(f.bits);
  if (spec.overflow == OverflowMode::kWrap) return code;
  // Numbers far beyond the range stay there.
  const Signal sign = m.net("sum_negative", mux(beyond, negative, sum.top()));
  const Signal upper = sum.slice(width - 1, f.bits - (f.is_signed ? 1 : 0));
  const Signal outside =
      m.net("outside", f.is_signed ? reduce_or(upper) & ~reduce_and(upper) : reduce_or(upper));
  const Signal limit = m.net("limit", mux(sign, m.constant(f.bits, to_bits(f.min(), f.bits)),
                                          m.constant(f.bits, to_bits(f.max(), f.bits))));
  return m.net("code_limited", mux(outside | beyond, limit, code));
}

}  // namespace fewbit::ops
