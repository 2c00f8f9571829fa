// --c of dot and mxdot: a float that is added to the sum of all lanes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit {

/// Fills spec.c where the request has one: a float format, beside a float result of one output.
/// After spec.result and spec.outputs.
Status fill_lane_addend(const OperatorRequest& request, OperatorSpec& spec);

}  // namespace fewbit
