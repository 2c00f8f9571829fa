// Requests for a matrix times vectors: see matvec_spec.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/spec/matvec_spec.h"

#include <fmt/format.h>

#include "fewbit/gen/spec/block_fields.h"

namespace fewbit {
namespace {

constexpr long long kMostOutputs = 65536;
constexpr long long kMostTerms = 65536;
constexpr long long kMostRows = 256;
constexpr long long kMostLanes = 64;
constexpr long long kMostWeights = 1LL << 26;
constexpr long long kUsualLatency = 4;
constexpr long long kLeastLoadBits = 8;
constexpr long long kMostLoadBits = 64;

Status check_weights(const MatvecRequest& request, const MatvecSpec& spec) {
  const long long wanted = static_cast<long long>(spec.outputs) * spec.terms;
  if (wanted > kMostWeights) {
    return Error{"--outputs", std::to_string(spec.outputs),
                 fmt::format("at most {} weights", kMostWeights),
                 fmt::format("{} with {} terms", wanted, spec.terms)};
  }
  if (request.load_bits && !request.weights.empty()) {
    return Error{"weights", fmt::format("{} codes", request.weights.size()),
                 "none with --load-bits", "they come over the stream w"};
  }
  if (request.load_bits) return Ok{};
  return check_codes("weight", request.weights, static_cast<std::size_t>(wanted), spec.weight);
}

/// The dot product that a row has; S = 1 is a mac or a mul under the same name.
Result<OperatorSpec> row_operator(const MatvecRequest& request, const MatvecSpec& spec) {
  OperatorRequest dot{.op = "dot", .a = spec.weight.name(), .b = spec.activation.name()};
  dot.lanes = spec.lanes;
  dot.latency = request.latency.value_or(kUsualLatency);
  dot.dsp = request.dsp;
  dot.fabric = request.fabric;
  if (spec.beats() > 1) dot.terms = spec.beats();
  const long long least = spec.beats() > 1 ? 2 : 1;
  if (*dot.latency < least || *dot.latency > kMostLatency) {
    return Error{"--latency", std::to_string(*dot.latency),
                 fmt::format("{} to {}", least, kMostLatency), "of a row's sum"};
  }
  return make_operator_spec(dot);
}

}  // namespace

IntFormat MatvecSpec::sum_format() const {
  OperatorSpec one = dot;
  one.lanes = 1;
  return accumulator_format(exact_range(one), terms);
}

Result<MatvecSpec> make_matvec_spec(const MatvecRequest& request) {
  MatvecSpec spec;
  FEWBIT_ASSIGN_OR_RETURN(weight,
                          finite_format_with_zero("--weights-format", request.weights_format));
  FEWBIT_ASSIGN_OR_RETURN(
      activation, finite_format_with_zero("--activations-format", request.activations_format));
  spec.weight = weight;
  spec.activation = activation;
  FEWBIT_ASSIGN_OR_RETURN(outputs, checked_count("--outputs", request.outputs, 1, kMostOutputs));
  FEWBIT_ASSIGN_OR_RETURN(terms, checked_count("--terms", request.terms, 1, kMostTerms));
  FEWBIT_ASSIGN_OR_RETURN(
      rows, checked_count("--rows", request.rows, 1, std::min<long long>(outputs, kMostRows),
                          fmt::format("of {} outputs", outputs)));
  FEWBIT_ASSIGN_OR_RETURN(
      lanes, checked_count("--lanes", request.lanes, 1, std::min<long long>(terms, kMostLanes),
                           fmt::format("of {} terms", terms)));
  spec.outputs = outputs;
  spec.terms = terms;
  spec.rows = rows;
  spec.lanes = lanes;
  FEWBIT_RETURN_IF_ERROR(check_weights(request, spec));
  spec.weights = request.weights;
  if (request.load_bits) {
    FEWBIT_ASSIGN_OR_RETURN(
        bits, checked_count("--load-bits", *request.load_bits, kLeastLoadBits, kMostLoadBits));
    spec.load_bits = bits;
  }
  FEWBIT_ASSIGN_OR_RETURN(taken_in, checked_count("--taken-in", request.taken_in, 1, rows,
                                                  fmt::format("of {} rows", rows)));
  spec.taken_in = taken_in;
  FEWBIT_ASSIGN_OR_RETURN(dot, row_operator(request, spec));
  spec.dot = dot;
  std::string otherwise = fmt::format("fewbit_matvec_{}_{}_c{}_k{}_p{}_s{}", weight.name(),
                                      activation.name(), outputs, terms, rows, lanes);
  if (spec.is_loaded()) otherwise += fmt::format("_load{}", spec.load_bits);
  FEWBIT_ASSIGN_OR_RETURN(name, checked_module_name(request.name, otherwise));
  spec.module_name = name;
  return spec;
}

}  // namespace fewbit
