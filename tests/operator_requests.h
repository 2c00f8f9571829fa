// Requests that several tests start from.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit {

inline OperatorRequest mul_request() { return {.op = "mul", .a = "int8", .b = "e2m1"}; }
inline OperatorRequest mac_request() { return {.op = "mac", .a = "e4m3fn", .b = "int4"}; }
inline OperatorRequest rounded_request(const char* result) {
  OperatorRequest request = mul_request();
  request.result = result;
  return request;
}

inline OperatorRequest with(OperatorRequest request,
                            const std::function<void(OperatorRequest&)>& edit) {
  edit(request);
  return request;
}

inline std::string refusal(const OperatorRequest& request) {
  const Result<OperatorSpec> spec = make_operator_spec(request);
  return spec.ok() ? "accepted: " + spec->command() : spec.error().message();
}

}  // namespace fewbit
