// Rounded addend: what an exact accumulator without low bits adds.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/gen/ops/operand/interface.h"
#include "fewbit/gen/ops/product/exact_product.h"

namespace fewbit::ops {

/// The addend rounded to spec.acc_lsb, on the far side of the stage, 0 where `special` (absent:
/// never). What lies below is dropped, and where the rounding goes up one comes as the sum's
/// carry-in. `addend` is on the near side.
Addend rounded_addend(rtl::Module& module, const OperatorSpec& spec, const Control& control,
                      const rtl::Signal& special, const Addend& addend);

}  // namespace fewbit::ops
