// --acc-lsb: accumulators without low bits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit {

/// Fills acc_lsb and its rounding. An Error where nothing of an addend would be below it or above,
/// of a rounding that a carry-in cannot do, and of --rounding without it.
Status fill_acc_lsb(const OperatorRequest& request, OperatorSpec& spec);

}  // namespace fewbit
