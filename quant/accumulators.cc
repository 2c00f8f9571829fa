// Options of accumulators, and the operators that they stand for.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/accumulators.h"

#include <algorithm>
#include <cmath>

namespace fewbit::quant {
namespace {

/// Least width, in bits, of an accumulator of this sign that holds sums of up to `greatest_sum`.
int exact_bits(bool is_signed, double greatest_sum) {
  const int magnitude = greatest_sum < 1 ? 1 : std::ilogb(greatest_sum) + 1;
  return magnitude + (is_signed ? 1 : 0);
}

int lsb_exponent(const Format& format) {
  return format.is_int() ? format.as_int().lsb_exponent : format.as_float().lsb_exponent();
}

/// Exponent of one unit of the products.
int unit_exponent(const Format& left, const Format& right) {
  return lsb_exponent(left) + lsb_exponent(right);
}

std::string width_text(const AccumulatorWidth& width) {
  return fmt::format("{}{}", width.below_exact ? "exact-" : "", width.bits);
}

OperatorRequest request_of(const AccumulatorOptions& options, const Format& left,
                           const Format& right) {
  OperatorRequest request;
  request.op = options.format ? "fmac" : options.lanes == 1 ? "mac" : "dot";
  request.a = left.name();
  request.b = right.name();
  request.overflow = options.overflow;
  if (options.format) request.result = options.format->name();
  if (options.lanes != 1) request.lanes = options.lanes;
  return request;
}

/// An operator's error in the words of the options here.
Result<OperatorSpec> make_spec(const OperatorRequest& request) {
  Result<OperatorSpec> spec = make_operator_spec(request);
  if (spec.ok()) return spec;
  Error error = spec.error();
  if (error.field == "--result") error.field = "--accumulator";
  if (error.field == "--lanes") error.field = "--acc-lanes";
  return error;
}

/// The format with the largest bias, and so the finest steps, whose largest number is at least
/// `greatest_sum` x 2^unit.
Result<Format> fitted(const Format& format, double greatest_sum, int unit) {
  FloatFormat fit = format.as_float();
  if (greatest_sum == 0) return format;
  const int field = std::max(1, fit.max_exponent_field());
  const auto significand =
      static_cast<double>(fit.max_finite - (static_cast<Code>(field - 1) << fit.fraction_bits));
  int exponent = std::ilogb(greatest_sum) - std::ilogb(significand);
  while (std::ldexp(significand, exponent) < greatest_sum) ++exponent;
  // The largest number is significand x 2^(field - bias - fraction_bits).
  fit.bias = field - fit.fraction_bits - (exponent + unit);
  const Format found(fit);
  const Result<Format> named = parse_format(found.name());
  if (named.ok() && *named == found) return found;
  return Error{"--accumulator-bias", "fit", "format",
               fmt::format("no name stands for {} with the bias {}", format.name(), fit.bias)};
}

}  // namespace

Status check_accumulator(const AccumulatorOptions& options, bool has_blocks) {
  const std::string width = options.width ? width_text(*options.width) : "";
  if (options.format && options.width) {
    return Error{"--acc-width", width, "absent where --accumulator is a format",
                 options.format->name()};
  }
  if (options.is_exact() && !options.overflow.empty()) {
    return Error{"--overflow", options.overflow, "absent where sums are exact",
                 "--acc-width and --accumulator make it matter"};
  }
  if (options.lanes != 1 && !options.width) {
    return Error{"--acc-lanes", std::to_string(options.lanes), "1 without --acc-width",
                 "exact sums have no order, and fmac takes one product at a time"};
  }
  if (options.fit_bias && !options.format) {
    return Error{"--accumulator-bias", "fit", "format where --accumulator is exact", ""};
  }
  if (options.is_exact()) return Ok{};
  if (has_blocks) {
    // mxdot has no other; and one as narrow as one addend (49 bits for NVFP4, 522 for MX) is wider
    // than what sums of real blocks need.
    return Error{options.format ? "--accumulator" : "--acc-width",
                 options.format ? options.format->name() : width,
                 "exact where operands are in blocks", "mxdot does not round its running sum"};
  }
  if (options.format && (options.format->is_int() || !options.format->is_signed())) {
    return Error{"--accumulator", options.format->name(), "exact, or a signed float format",
                 "integers: --acc-width"};
  }
  // Whatever the operator refuses whichever operands it has.
  const Format any = IntFormat{8, true, 0};
  OperatorRequest request = request_of(options, any, any);
  if (options.width) request.acc_width = 64;
  FEWBIT_ASSIGN_OR_RETURN(spec, make_spec(request));
  return Ok{};
}

Result<OperatorSpec> accumulator_spec(const AccumulatorOptions& options, const Format& left,
                                      const Format& right, double greatest_sum) {
  OperatorRequest request = request_of(options, left, right);
  const std::string operands = fmt::format("products of {} and {}", left.name(), right.name());
  if (options.width) {
    OperatorRequest one = request;
    one.overflow.clear();
    one.terms = 1;
    FEWBIT_ASSIGN_OR_RETURN(addend, make_spec(one));
    request.acc_width = options.width->bits;
    if (options.width->below_exact) {
      const bool is_signed = output_format(addend).is_signed();
      request.acc_width =
          std::max(addend.acc_width, exact_bits(is_signed, greatest_sum) - options.width->bits);
    }
    Result<OperatorSpec> spec = make_spec(request);
    if (spec.ok()) return spec;
    Error error = spec.error();
    error.detail = fmt::format("{}{}{}", operands, error.detail.empty() ? "" : ": ", error.detail);
    return error;
  }
  const int unit = unit_exponent(left, right);
  if (options.fit_bias) {
    FEWBIT_ASSIGN_OR_RETURN(format, fitted(*options.format, greatest_sum, unit));
    request.result = format.name();
  }
  FEWBIT_ASSIGN_OR_RETURN(spec, make_spec(request));
  if (spec.result->as_float().lsb_exponent() < unit &&
      spec.result->as_float().max_magnitude() <
          pow2(unit - spec.result->as_float().lsb_exponent())) {
    return Error{"--accumulator", spec.result->name(),
                 fmt::format("a format with numbers of at least 2^{}", unit),
                 "the least one of " + operands};
  }
  return spec;
}

bool holds(const OperatorSpec& spec, double greatest_sum) {
  return spec.accumulates_exactly() &&
         exact_bits(output_format(spec).is_signed(), greatest_sum) <= spec.acc_width;
}

std::string accumulator_text(const OperatorSpec& spec) {
  const std::string_view overflow = to_string(spec.overflow);
  if (spec.accumulates_rounded()) return fmt::format("{}, {}", spec.result->name(), overflow);
  return fmt::format("{} bits, {}", spec.acc_width, overflow);
}

}  // namespace fewbit::quant
