// ROM product: the product of two significands read from a block RAM.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/gen/ops/operand/interface.h"
#include "fewbit/gen/ops/operand/unpack.h"

namespace fewbit::ops {

/// Operands, and what goes with them, of one cycle before; beside them the product of their
/// significands, in as many bits as both have.
struct LateOperands {
  rtl::Signal a_code;
  rtl::Signal b_code;
  rtl::Signal random;  ///< no bits where the request has none
  rtl::Signal significands_product;
};

/// For requests with reads_bram(). `split` is unpack or unpack_sign_magnitude, as the builder uses
/// it: it says what is multiplied.
LateOperands operands_from_rom(rtl::Module& module, const OperatorSpec& spec, const Interface& io,
                               decltype(unpack)* split);

}  // namespace fewbit::ops
