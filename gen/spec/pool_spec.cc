// Requests for pools and depthwise layers: see pool_spec.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/spec/pool_spec.h"

#include <fmt/format.h>

#include "fewbit/gen/spec/block_fields.h"

namespace fewbit {
namespace {

constexpr long long kMostPixels = 65536;
constexpr long long kMostChannels = 4096;
constexpr long long kMostPixelBeats = 256;  // each is a stage of a shift register
constexpr long long kUsualLatency = 2;

struct Sizes {
  int pixels = 1, channels = 1, lanes = 1;
};

template <typename Request>
Result<Sizes> sizes_of(const Request& request) {
  FEWBIT_ASSIGN_OR_RETURN(pixels, checked_count("--pixels", request.pixels, 1, kMostPixels));
  FEWBIT_ASSIGN_OR_RETURN(channels,
                          checked_count("--channels", request.channels, 1, kMostChannels));
  FEWBIT_ASSIGN_OR_RETURN(lanes, checked_divisor("--lanes", request.lanes, channels,
                                                 "a beat has channels of one pixel"));
  if (channels / lanes > kMostPixelBeats) {
    return Error{"--lanes", std::to_string(lanes),
                 fmt::format("at least {}", (channels + kMostPixelBeats - 1) / kMostPixelBeats),
                 fmt::format("a pixel has at most {} beats", kMostPixelBeats)};
  }
  return Sizes{pixels, channels, lanes};
}

Result<PoolSpec> make_pool_spec(const PoolRequest& request, const std::string& block) {
  PoolSpec spec;
  FEWBIT_ASSIGN_OR_RETURN(format, finite_format_with_zero("--format", request.format));
  FEWBIT_ASSIGN_OR_RETURN(sizes, sizes_of(request));
  spec.format = format;
  spec.pixels = sizes.pixels;
  spec.channels = sizes.channels;
  spec.lanes = sizes.lanes;
  FEWBIT_ASSIGN_OR_RETURN(
      name, checked_module_name(request.name,
                                fmt::format("fewbit_{}_{}_n{}_c{}_s{}", block, format.name(),
                                            sizes.pixels, sizes.channels, sizes.lanes)));
  spec.module_name = name;
  return spec;
}

/// A value of `addend` and a sum, which its width holds whatever the operator's result has more.
Result<OperatorSpec> running_add(const std::string& addend, const IntFormat& sum, Fabric fabric) {
  if (sum.bits > 32) {
    return Error{"--pixels", fmt::format("sums of {} bits", sum.bits), "sums of at most 32 bits",
                 "choose fewer pixels, or formats with fewer exponent bits"};
  }
  OperatorRequest add{.op = "add", .a = addend, .b = Format(sum).name()};
  add.fabric = fabric;
  return make_operator_spec(add);
}

}  // namespace

IntFormat PoolSpec::sum_format() const { return accumulator_format(operand_range(format), pixels); }

IntFormat DepthwiseSpec::sum_format() const { return accumulator_format(exact_range(mul), pixels); }

Result<PoolSpec> make_pool_max_spec(const PoolRequest& request) {
  return make_pool_spec(request, "pool_max");
}

Result<PoolSpec> make_pool_mean_spec(const PoolRequest& request) {
  FEWBIT_ASSIGN_OR_RETURN(spec, make_pool_spec(request, "pool_mean"));
  FEWBIT_ASSIGN_OR_RETURN(add, running_add(spec.format.name(), spec.sum_format(), request.fabric));
  spec.add = add;
  return spec;
}

Result<DepthwiseSpec> make_depthwise_spec(const DepthwiseRequest& request) {
  DepthwiseSpec spec;
  FEWBIT_ASSIGN_OR_RETURN(weight,
                          finite_format_with_zero("--weights-format", request.weights_format));
  FEWBIT_ASSIGN_OR_RETURN(
      activation, finite_format_with_zero("--activations-format", request.activations_format));
  FEWBIT_ASSIGN_OR_RETURN(sizes, sizes_of(request));
  spec.weight = weight;
  spec.activation = activation;
  spec.pixels = sizes.pixels;
  spec.channels = sizes.channels;
  spec.lanes = sizes.lanes;
  const auto wanted =
      static_cast<std::size_t>(sizes.pixels) * static_cast<std::size_t>(sizes.channels);
  FEWBIT_RETURN_IF_ERROR(check_codes("weight", request.weights, wanted, weight));
  spec.weights = request.weights;
  OperatorRequest mul{.op = "mul", .a = weight.name(), .b = activation.name()};
  mul.handshake = "valid_ready";
  FEWBIT_ASSIGN_OR_RETURN(
      latency,
      checked_count("--latency", request.latency.value_or(kUsualLatency), 1, kMostLatency));
  mul.latency = latency;
  mul.dsp = request.dsp;
  mul.fabric = request.fabric;
  FEWBIT_ASSIGN_OR_RETURN(mul_spec, make_operator_spec(mul));
  spec.mul = mul_spec;
  FEWBIT_ASSIGN_OR_RETURN(
      add, running_add(output_format(mul_spec).name(), spec.sum_format(), request.fabric));
  spec.add = add;
  FEWBIT_ASSIGN_OR_RETURN(
      name,
      checked_module_name(
          request.name, fmt::format("fewbit_depthwise_{}_{}_n{}_c{}_s{}", weight.name(),
                                    activation.name(), sizes.pixels, sizes.channels, sizes.lanes)));
  spec.module_name = name;
  return spec;
}

}  // namespace fewbit
