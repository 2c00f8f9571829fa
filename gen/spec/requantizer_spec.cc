// Requests for a requantizer: see requantizer_spec.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/spec/requantizer_spec.h"

#include <fmt/format.h>

#include <algorithm>

#include "fewbit/gen/spec/block_fields.h"

namespace fewbit {
namespace {

constexpr long long kMostOutputs = 65536;
constexpr long long kMostRows = 256;
constexpr long long kMostMultiplierBits = 24;
constexpr long long kMostShift = 63;
constexpr int kMostLsb = 16;
constexpr long long kMostBias = (1LL << 31) - 1;
constexpr long long kMostBiasedBits = 64;
constexpr long long kUsualLatency = 3;

/// As many as there are outputs, each `least` to `most`.
Status check_table(const std::string& what, const std::vector<long long>& values, int outputs,
                   long long least, long long most) {
  if (static_cast<int>(values.size()) != outputs) {
    return Error{what, fmt::format("{} numbers", values.size()), fmt::format("{} numbers", outputs),
                 "one for each output"};
  }
  for (std::size_t c = 0; c < values.size(); ++c) {
    if (values[c] < least || values[c] > most) {
      return Error{fmt::format("{} of output {}", what, c), std::to_string(values[c]),
                   fmt::format("{} to {}", least, most), ""};
    }
  }
  return Ok{};
}

Result<Format> result_format(const std::string& text) {
  FEWBIT_ASSIGN_OR_RETURN(format, parsed_format("--result-format", text));
  if (format.has_zero()) return format;
  return Error{"--result-format", text, "a format with a zero", "codes beyond the outputs are 0"};
}

/// A finite code of the result, for a clamp.
Status check_clamp(const std::string& field, const std::optional<Code>& clamp,
                   const Format& format) {
  if (!clamp) return Ok{};
  const int bits = format.bits();
  if (bits < 64 && *clamp >> bits != 0) {
    return Error{field, std::to_string(*clamp), fmt::format("codes of {} bits", bits),
                 format.name()};
  }
  if (!format.has_nan() && !format.has_infinity()) return Ok{};
  return Error{field, std::to_string(*clamp), "nothing where the result has NaN or infinity",
               format.name()};
}

Status check_clamps(const RequantizerRequest& request, const RequantizerSpec& spec) {
  FEWBIT_RETURN_IF_ERROR(check_clamp("--least", request.least, spec.result));
  return check_clamp("--most", request.most, spec.result);
}

Status fill_tables(const RequantizerRequest& request, RequantizerSpec& spec) {
  FEWBIT_ASSIGN_OR_RETURN(
      bits, checked_count("--multiplier-bits", request.multiplier_bits, 1, kMostMultiplierBits));
  FEWBIT_RETURN_IF_ERROR(
      check_table("bias", request.biases, spec.outputs, -kMostBias - 1, kMostBias));
  FEWBIT_RETURN_IF_ERROR(
      check_table("multiplier", request.multipliers, spec.outputs, 0, (1LL << bits) - 1));
  FEWBIT_RETURN_IF_ERROR(check_table("shift", request.shifts, spec.outputs, 0, kMostShift));
  spec.biases = request.biases;
  spec.multipliers = request.multipliers;
  spec.shifts = request.shifts;
  return Ok{};
}

/// The two operators of a unit.
Status fill_operators(const RequantizerRequest& request, RequantizerSpec& spec) {
  const auto [least, most] = std::minmax_element(spec.biases.begin(), spec.biases.end());
  const IntFormat bias{width_of_range(BigInt(std::min(*least, 0LL)), BigInt(std::max(*most, 0LL))),
                       *least < 0, 0};
  const long long shift = *std::max_element(spec.shifts.begin(), spec.shifts.end());
  const int shift_bits = std::max(1, bit_length(BigInt(shift)));
  const int multiplier_bits = static_cast<int>(request.multiplier_bits);
  OperatorRequest add{.op = "add", .a = spec.sum.name(), .b = Format(bias).name()};
  add.handshake = "valid_ready";
  add.latency = 1;
  add.tag_bits = multiplier_bits + shift_bits + 1;
  add.fabric = request.fabric;
  FEWBIT_ASSIGN_OR_RETURN(add_spec, make_operator_spec(add));
  spec.add = add_spec;

  IntFormat biased = output_format(add_spec).as_int();
  if (request.biased_bits != 0) {
    FEWBIT_ASSIGN_OR_RETURN(bits,
                            checked_count("biased bits", request.biased_bits, 2, kMostBiasedBits));
    biased.bits = std::min(biased.bits, bits);
  }
  spec.biased_bits = biased.bits;
  OperatorRequest requant{
      .op = "requant", .a = Format(biased).name(), .b = fmt::format("uint{}", multiplier_bits)};
  requant.result = spec.result.name();
  requant.overflow = "saturate";
  requant.shift_bits = shift_bits;
  requant.handshake = "valid_ready";
  requant.tag_bits = 1;
  requant.dsp = request.dsp;
  requant.fabric = request.fabric;
  FEWBIT_ASSIGN_OR_RETURN(
      latency,
      checked_count("--latency", request.latency.value_or(kUsualLatency), 1, kMostLatency));
  requant.latency = latency;
  FEWBIT_ASSIGN_OR_RETURN(requant_spec, make_operator_spec(requant));
  spec.requant = requant_spec;
  return Ok{};
}

}  // namespace

Result<RequantizerSpec> make_requantizer_spec(const RequantizerRequest& request) {
  RequantizerSpec spec;
  FEWBIT_ASSIGN_OR_RETURN(sum, integer_format("--sums-format", request.sums_format, kMostLsb));
  FEWBIT_ASSIGN_OR_RETURN(result, result_format(request.result_format));
  spec.sum = sum;
  spec.result = result;
  FEWBIT_ASSIGN_OR_RETURN(order, checked_sum_order(request.outputs, request.rows, request.units,
                                                   kMostOutputs, kMostRows));
  spec.outputs = order.outputs;
  spec.rows = order.rows;
  spec.units = order.units;
  FEWBIT_RETURN_IF_ERROR(fill_tables(request, spec));
  FEWBIT_RETURN_IF_ERROR(check_clamps(request, spec));
  spec.relu = request.relu;
  spec.least = request.least;
  spec.most = request.most;
  FEWBIT_RETURN_IF_ERROR(fill_operators(request, spec));
  FEWBIT_ASSIGN_OR_RETURN(
      name, checked_module_name(request.name,
                                fmt::format("fewbit_requantizer_{}_{}_c{}_p{}_n{}", sum.name(),
                                            result.name(), spec.outputs, spec.rows, spec.units)));
  spec.module_name = name;
  return spec;
}

}  // namespace fewbit
