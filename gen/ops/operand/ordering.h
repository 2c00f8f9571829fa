// Ordering: which operand of a rounded adder has the larger magnitude code.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/gen/ops/operand/interface.h"

namespace fewbit::ops {

/// The operands of an adder of one signed minifloat format. A subtraction has b's sign inverted.
struct Operands {
  rtl::Signal a, b;  ///< magnitude codes
  rtl::Signal a_sign, b_sign;
  rtl::Signal is_nan;   ///< of formats whose NaN is the code of minus zero; else absent
  rtl::Signal a_alone;  ///< the sum is a, whatever b is, X too; absent: never
};
Operands split_operands(rtl::Module& module, const OperatorSpec& spec, const Interface& io);

/// x + y + carry, modulo 2^width. On Xilinx the carry comes out of a bit of its own below the sum:
/// as a third operand it would cost more, and ABC of Yosys 0.23 stops on one such adder.
rtl::Signal chain_sum(rtl::Module& module, const std::string& name, Fabric fabric,
                      const rtl::Signal& x, const rtl::Signal& y, const rtl::Signal& carry);

/// `swap` where b's magnitude code is larger; of equal ones the negative one counts as smaller, so
/// that the larger operand's sign is the result's, and x - x is plus zero.
struct Order {
  rtl::Signal swap;
  rtl::Signal subtract;  ///< the signs differ
};
/// By one carry chain.
Order order_by_chain(rtl::Module& module, const Operands& x, Fabric fabric);
/// By one table cell a bit.
Order order_by_ripple(rtl::Module& module, const Operands& x);

}  // namespace fewbit::ops
