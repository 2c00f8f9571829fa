// Weights of transposed convolutions turned round, and the graph rewritten.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/transposed_convolutions.h"

#include <algorithm>

#include "fewbit/quant/kernels.h"

namespace fewbit::quant {
namespace {

using Integers = std::vector<std::int64_t>;

/// [channels, outputs / groups, kernel ..] as [outputs, channels / groups, kernel ..], each kernel
/// backwards.
Tensor turned(const Tensor& weights, std::int64_t groups) {
  const std::int64_t channels = weights.shape[0] / groups;
  const std::int64_t outputs = weights.shape[1];
  Shape shape = weights.shape;
  shape[0] = outputs * groups;
  shape[1] = channels;
  const auto kernel = static_cast<std::int64_t>(weights.size()) / (weights.shape[0] * outputs);
  Tensor result = float_tensor(std::move(shape));
  auto to = result.floats().begin();
  for (std::int64_t output = 0; output < outputs * groups; ++output) {
    for (std::int64_t channel = 0; channel < channels; ++channel, to += kernel) {
      const std::int64_t group = output / outputs;
      const auto from = weights.floats().begin() +
                        ((group * channels + channel) * outputs + output % outputs) * kernel;
      std::reverse_copy(from, from + kernel, to);
    }
  }
  return result;
}

}  // namespace

Result<TransposedConvolution> split_transposed_convolution(const Node& node,
                                                           const Tensor& weights) {
  const std::int64_t groups = node.integer("group", 1);
  if (!weights.is_float() || weights.rank() < 3 || weights.size() == 0 || groups < 1 ||
      weights.shape[0] % groups != 0) {
    return node_error(node, "weights [channels, outputs / group, kernel ..]",
                      fmt::format("they are {}, {} groups", to_string(weights.shape), groups));
  }
  const Integers kernel(weights.shape.begin() + 2, weights.shape.end());
  if (node.get<Integers>("kernel_shape", kernel) != kernel) {
    return node_error(node, "kernel_shape as the weights have it", to_string(weights.shape));
  }
  Node spread = node;
  spread.op = kInsertZeros;
  spread.domain = kOwnDomain;
  spread.inputs.resize(1);
  spread.outputs = {node.outputs[0] + "/with_zeros"};
  spread.attributes.insert_or_assign("kernel_shape", kernel);
  Node convolution{"Conv", node.name, node.opset, {}, node.outputs, {}};
  convolution.attributes.emplace("kernel_shape", kernel);
  convolution.attributes.emplace("group", groups);
  convolution.attributes.emplace("dilations",
                                 node.get<Integers>("dilations", Integers(kernel.size(), 1)));
  return TransposedConvolution{std::move(spread), std::move(convolution), turned(weights, groups)};
}

Result<Graph> split_transposed_convolutions(Graph graph) {
  std::vector<Node> nodes;
  for (Node& node : graph.nodes) {
    const bool is_one = node.op == "ConvTranspose" && node.inputs.size() >= 2 &&
                        !node.outputs.empty() && graph.constants.contains(node.inputs[1]);
    if (!is_one) {
      nodes.push_back(std::move(node));
      continue;
    }
    FEWBIT_ASSIGN_OR_RETURN(parts,
                            split_transposed_convolution(node, graph.constants.at(node.inputs[1])));
    const std::string weights = node.outputs[0] + "/turned_weights";
    parts.convolution.inputs = {parts.spread.outputs[0], weights};
    if (node.inputs.size() > 2) parts.convolution.inputs.push_back(node.inputs[2]);
    graph.constants.insert_or_assign(weights, std::move(parts.weights));
    nodes.push_back(std::move(parts.spread));
    nodes.push_back(std::move(parts.convolution));
  }
  graph.nodes = std::move(nodes);
  return graph;
}

}  // namespace fewbit::quant
