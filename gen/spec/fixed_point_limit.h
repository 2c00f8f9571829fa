// What is computed in fixed point has a limit of bits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit {

inline constexpr int kMaxWidth = 1024;  ///< bits of any exact result or accumulator

/// An Error of field `what` where a width is beyond kMaxWidth.
Status check_width(const std::string& what, int width, const std::string& advice);

/// What a request computes in fixed point has a limit: an exact result, one that becomes an
/// integer, and a sum over lanes. Other results that become floats keep their exponents.
Status check_fixed_point(const OperatorRequest& request, const OperatorSpec& spec);

}  // namespace fewbit
