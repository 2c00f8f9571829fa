// Ordering: see ordering.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/operand/ordering.h"

#include <fmt/format.h>

#include "fewbit/gen/ops/fabric/stage.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

Operands split_operands(Module& m, const OperatorSpec& spec, const Interface& io) {
  const FloatFormat& f = spec.result->as_float();
  const int bits = f.magnitude_bits();
  const Signal a = io.operand("a_i");
  const Signal b = io.operand("b_i");
  const bool subtracts = spec.expression().kind == Expression::Kind::kDifference;
  const Signal b_sign = subtracts ? m.net("b_sign", ~b.top()) : b.top();
  Operands x{a.low(bits), b.low(bits), a.top(), b_sign, {}, {}};
  if (f.negative_zero_is_nan) {
    const Signal nan_code = m.constant(f.bits(), f.canonical_nan());
    x.is_nan = m.net("operand_nan", equal(a, nan_code) | equal(b, nan_code));
  }
  return x;
}

Signal chain_sum(Module& m, const std::string& name, Fabric fabric, const Signal& x,
                 const Signal& y, const Signal& carry) {
  if (!fabric_traits(fabric).carry_in_by_place) return m.net(name, add_with_carry(x, y, carry));
  const Signal sum = concat({x, m.constant(1, 1)}) + concat({y, carry});
  return m.net(name, m.net(name + "_and_carry", sum).without_low(1));
}

Order order_by_chain(Module& m, const Operands& x, Fabric fabric) {
  const int bits = x.a.width();
  // a - b - 1, one more where a is plus: not below zero where a is the larger one.
  const Signal difference = chain_sum(m, "code_difference", fabric, zero_extend(x.a, bits + 1),
                                      zero_extend(~x.b, bits + 1), ~x.a_sign);
  return {m.net("swap", ~difference.top()), m.net("subtract", x.a_sign ^ x.b_sign)};
}

Order order_by_ripple(Module& m, const Operands& x) {
  Signal larger = x.a_sign;
  for (int i = 0; i < x.a.width(); ++i) {
    const Signal a = x.a.bit(i);
    const Signal b = x.b.bit(i);
    larger = m.net(fmt::format("b_larger_{}", i), (b & ~a) | (larger & ~(a & ~b)));
  }
  return {m.net("swap", larger), m.net("subtract", x.a_sign ^ x.b_sign)};
}

}  // namespace fewbit::ops
