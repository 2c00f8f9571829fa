// --zero-point: see zero_point.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/spec/zero_point.h"

#include <algorithm>

namespace fewbit {

Status fill_zero_point(const OperatorRequest& request, OperatorSpec& spec) {
  if (request.zero_point.empty()) return Ok{};
  if (!spec.result->is_int()) {
    return Error{"--zero-point", request.zero_point, "nothing", "an integer result has one"};
  }
  const Result<Format> parsed = parse_format(request.zero_point);
  if (!parsed.ok()) {
    Error error = parsed.error();
    error.field = "--zero-point";
    return error;
  }
  const Format& zero_point = *parsed;
  const IntFormat& result = spec.result->as_int();
  const bool fits = zero_point.is_int() && !zero_point.is_bipolar() &&
                    zero_point.bits() <= std::min(result.bits, kMaxIntegerOperandBits) &&
                    zero_point.as_int().lsb_exponent == result.lsb_exponent;
  if (!fits) {
    return Error{"--zero-point", request.zero_point,
                 fmt::format("an integer of at most {} bits in units of 2^{}",
                             std::min(result.bits, kMaxIntegerOperandBits), result.lsb_exponent),
                 "as the result has them"};
  }
  spec.zero_point = zero_point;
  return Ok{};
}

}  // namespace fewbit
