// --c of dot and mxdot: see lane_addend.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/spec/lane_addend.h"

namespace fewbit {

Status fill_lane_addend(const OperatorRequest& request, OperatorSpec& spec) {
  if (request.c.empty()) return Ok{};
  if (!spec.result) return Error{"--c", request.c, "nothing", "an exact result has no addend"};
  if (spec.outputs > 1) return Error{"--c", request.c, "nothing", "several outputs have no addend"};
  if (!spec.result->is_float()) {
    return Error{"--result", request.result, "a float format", "with an addend --c"};
  }
  Result<Format> addend = parse_format(request.c);
  if (!addend.ok()) {
    Error error = addend.error();
    error.field = "--c";
    return error;
  }
  if (!addend->is_float() || !addend->has_zero()) {
    return Error{"--c", request.c, "a float format with a zero", "it is added before the rounding"};
  }
  spec.c = *addend;
  return Ok{};
}

}  // namespace fewbit
