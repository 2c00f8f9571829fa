// Requests for sums of streams and for the largest of values: see join_spec.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/spec/join_spec.h"

#include <fmt/format.h>

#include <algorithm>

#include "fewbit/gen/spec/block_fields.h"

namespace fewbit {
namespace {

constexpr long long kMostLanes = 64;
constexpr long long kMostClasses = 65536;
constexpr int kMultiplierBits = 16;
constexpr long long kMostShift = 63;
constexpr int kScaleLatency = 3;

Status check_scaling(const std::string& which, const std::optional<Scaling>& scaling) {
  if (!scaling) return Ok{};
  FEWBIT_ASSIGN_OR_RETURN(multiplier, checked_count(which + " multiplier", scaling->multiplier, 0,
                                                    (1LL << kMultiplierBits) - 1));
  FEWBIT_ASSIGN_OR_RETURN(shift, checked_count(which + " shift", scaling->shift, 0, kMostShift));
  static_cast<void>(multiplier + shift);
  return Ok{};
}

Result<OperatorSpec> scale_operator(const JoinRequest& request, const JoinSpec& spec) {
  long long shift = 1;
  for (const auto& scaling : {request.left, request.right}) {
    if (scaling) shift = std::max(shift, scaling->shift);
  }
  OperatorRequest scale{
      .op = "requant", .a = spec.format.name(), .b = fmt::format("uint{}", kMultiplierBits)};
  scale.result = spec.format.name();
  scale.overflow = "saturate";
  scale.shift_bits = bit_length(BigInt(shift));
  scale.handshake = "valid_ready";
  scale.latency = kScaleLatency;
  scale.tag_bits = spec.format.bits() + 1;  // last, and the other operand where it is not scaled
  scale.dsp = request.dsp;
  scale.fabric = request.fabric;
  return make_operator_spec(scale);
}

}  // namespace

Result<JoinSpec> make_join_spec(const JoinRequest& request) {
  JoinSpec spec;
  FEWBIT_ASSIGN_OR_RETURN(format, integer_format("--format", request.format));
  if (!format.is_signed()) {
    return Error{"--format", request.format, "a signed integer", "int16, say"};
  }
  spec.format = format;
  FEWBIT_ASSIGN_OR_RETURN(lanes, checked_count("--lanes", request.lanes, 1, kMostLanes));
  spec.lanes = lanes;
  FEWBIT_RETURN_IF_ERROR(check_scaling("left", request.left));
  FEWBIT_RETURN_IF_ERROR(check_scaling("right", request.right));
  spec.left = request.left;
  spec.right = request.right;
  const auto low = format.as_int().min().convert_to<long long>();
  const auto high = format.as_int().max().convert_to<long long>();
  spec.least = request.least.value_or(low);
  spec.most = request.most.value_or(high);
  FEWBIT_ASSIGN_OR_RETURN(least, checked_count("--least", spec.least, low, high));
  FEWBIT_ASSIGN_OR_RETURN(most, checked_count("--most", spec.most, least, high));
  static_cast<void>(most);
  if (spec.left || spec.right) {
    FEWBIT_ASSIGN_OR_RETURN(scale, scale_operator(request, spec));
    spec.scale = scale;
  } else if (!request.dsp.empty()) {
    return Error{"--dsp", request.dsp, "nothing", "no operand is scaled"};
  }
  OperatorRequest add{.op = "add", .a = format.name(), .b = format.name()};
  add.fabric = request.fabric;
  FEWBIT_ASSIGN_OR_RETURN(add_spec, make_operator_spec(add));
  spec.add = add_spec;
  FEWBIT_ASSIGN_OR_RETURN(
      name,
      checked_module_name(request.name, fmt::format("fewbit_join_{}_s{}", format.name(), lanes)));
  spec.module_name = name;
  return spec;
}

Result<ArgmaxSpec> make_argmax_spec(const ArgmaxRequest& request) {
  ArgmaxSpec spec;
  FEWBIT_ASSIGN_OR_RETURN(format, integer_format("--format", request.format));
  FEWBIT_ASSIGN_OR_RETURN(classes, checked_count("--classes", request.classes, 2, kMostClasses));
  FEWBIT_ASSIGN_OR_RETURN(
      name, checked_module_name(request.name,
                                fmt::format("fewbit_argmax_{}_n{}", format.name(), classes)));
  spec.format = format;
  spec.classes = classes;
  spec.module_name = name;
  return spec;
}

}  // namespace fewbit
