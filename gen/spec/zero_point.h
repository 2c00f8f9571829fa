// --zero-point of requant: an integer that is added to what has been rounded.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit {

/// The widest integer operand that is no accumulator.
inline constexpr int kMaxIntegerOperandBits = 32;

/// Fills spec.zero_point where the request has one: an integer in the result's unit, no wider than
/// the result.
Status fill_zero_point(const OperatorRequest& request, OperatorSpec& spec);

}  // namespace fewbit
