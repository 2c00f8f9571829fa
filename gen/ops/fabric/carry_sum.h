// Carry sum: x + y + carry in one carry chain, in the form that suits the fabric.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fewbit/gen/rtl/module.h"
#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit::ops {

/// x + y + carry modulo 2^width, in a form that synthesis keeps in one chain: the carry enters
/// through a lowest place of its own, which is cut off again. On ECP5, whose cells have two bits of
/// the chain, it is a third operand where that place would be a cell; on Xilinx the sum is a
/// subtraction, which keeps x on the adder's direct input.
rtl::Signal carry_sum(rtl::Module& module, const std::string& name, const rtl::Signal& x,
                      const rtl::Signal& y, const rtl::Signal& carry, Fabric fabric);

}  // namespace fewbit::ops
