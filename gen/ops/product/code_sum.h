// Code sum: a rounded product of minifloats as the sum of their codes and a carry.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/gen/rtl/module.h"
#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit::ops {

/// round(a x b) in the format of a, b and the result, for requests that Strategy::kCodeSum serves.
///
/// With m fraction bits, 1.fa x 1.fb rounded to m bits has the code {carry, fraction} = fa + fb + 0
/// or 1 in units of 2^-m, the last a function of fa and fb. So exponents, fractions and rounding
/// are one carry chain over the codes. A result below the normal numbers goes right and is rounded
/// a second time: a function of fa and fb, the tie bit, says which way a tie goes then, so that it
/// comes out as if it had been rounded once.
rtl::Signal code_sum_product(rtl::Module& module, const OperatorSpec& spec,
                             const rtl::Signal& a_code, const rtl::Signal& b_code);

}  // namespace fewbit::ops
