// Ordering: which operand of a rounded adder has the larger magnitude code.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gen/ops/interface.h"

namespace fewbit::ops {

/// The operands of an adder of one signed minifloat format. A subtraction has b's sign inverted.
struct Operands {
  rtl::Signal a, b;  ///< magnitude codes
  rtl::Signal a_sign, b_sign;
};
Operands split_operands(rtl::Module& module, const OperatorSpec& spec, const Interface& io);

/// `swap` where b's magnitude code is larger; of equal ones the negative one counts as smaller, so
/// that the larger operand's sign is the result's, and x - x is plus zero.
struct Order {
  rtl::Signal swap;
  rtl::Signal subtract;  ///< the signs differ
};
Order order_by_chain(rtl::Module& module, const Operands& x);   ///< by one carry chain
Order order_by_ripple(rtl::Module& module, const Operands& x);  ///< by one table cell a bit

}  // namespace fewbit::ops
