// Limits of fixed point: see fixed_point_limit.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/spec/fixed_point_limit.h"

#include <algorithm>

namespace fewbit {

Status check_width(const std::string& what, int width, const std::string& advice) {
  if (width <= kMaxWidth) return Ok{};
  return Error{what, fmt::format("{} bits", width), fmt::format("at most {} bits", kMaxWidth),
               advice};
}

namespace {

constexpr int kMaxLaneSum = 2048;  // bits of a sum over lanes that is rounded to a float,
constexpr int kMaxAddedTo = 1024;  // of one that a float is added to

int top_exponent(const ExactRange& range) {
  return std::max(bit_length(range.min), bit_length(range.max)) + range.lsb_exponent;
}

/// An integer is rounded in fixed point: the exact result must stay in its reach.
Status check_reach(const OperatorSpec& spec, const std::string& result_text) {
  const ExactRange exact = exact_range(spec);
  const ExactRange result = operand_range(*spec.result);
  const int span = std::max(top_exponent(exact), top_exponent(result)) -
                   std::min(exact.lsb_exponent, result.lsb_exponent);
  if (span <= kMaxWidth) return Ok{};
  const bool has_exact_result = !spec.converts() && !spec.makes_block();
  return Error{"--result", result_text,
               fmt::format("a format within {} bits of {}", kMaxWidth,
                           has_exact_result ? "the exact result" : "--a"),
               fmt::format("both together span {} bits", span)};
}

}  // namespace

Status check_fixed_point(const OperatorRequest& request, const OperatorSpec& spec) {
  const std::string advice = "choose operands with fewer exponent bits";
  if (spec.makes_steps()) return Ok{};
  if (spec.makes_block()) {
    const int width = exact_range(spec).format().bits;
    if (width <= kMaxWidth) return check_reach(spec, request.result);
    return Error{"--a", request.a, fmt::format("a format that spans at most {} bits", kMaxWidth),
                 fmt::format("{} bits here; choose fewer exponent bits", width)};
  }
  if (spec.result && spec.result->is_float()) {
    const Expression* sum = spec.expression().find(Expression::Kind::kLaneSum);
    if (sum == nullptr) return Ok{};
    const int width = exact_range(spec, *sum).format().bits;
    const int most = spec.has_addend() ? kMaxAddedTo : kMaxLaneSum;
    if (width <= most) return Ok{};
    return Error{"sum of the lanes", fmt::format("{} bits", width),
                 fmt::format("at most {} bits{}", most, spec.has_addend() ? " beside --c" : ""),
                 advice};
  }
  if (!spec.converts()) {
    FEWBIT_RETURN_IF_ERROR(check_width("exact result", exact_range(spec).format().bits, advice));
  }
  return spec.result ? check_reach(spec, request.result) : Status(Ok{});
}

}  // namespace fewbit
