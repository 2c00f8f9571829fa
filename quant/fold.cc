// Folding batch normalisation into the convolution before it.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "fewbit/quant/network.h"

namespace fewbit::quant {
namespace {

/// Constants of a node's inputs from `first` on, all of `count` elements; empty otherwise.
std::vector<const Tensor*> constant_inputs(const Graph& graph, const Node& node, std::size_t first,
                                           std::size_t count) {
  std::vector<const Tensor*> tensors;
  for (std::size_t i = first; i < node.inputs.size(); ++i) {
    const auto found = graph.constants.find(node.inputs[i]);
    if (found == graph.constants.end() || !found->second.is_float()) return {};
    if (count != 0 && found->second.size() != count) return {};
    tensors.push_back(&found->second);
  }
  return tensors;
}

std::size_t uses_of(const Graph& graph, const std::string& value) {
  auto uses =
      static_cast<std::size_t>(std::count(graph.outputs.begin(), graph.outputs.end(), value));
  for (const Node& node : graph.nodes) {
    uses += static_cast<std::size_t>(std::count(node.inputs.begin(), node.inputs.end(), value));
  }
  return uses;
}

/// w' = w x f and b' = (b - mean) x f + shift with f = scale / sqrt(variance + epsilon), in double.
bool fold_into(Graph& graph, Node& convolution, const Node& normalization) {
  const std::vector<const Tensor*> own = constant_inputs(graph, convolution, 1, 0);
  if (own.empty() || own[0]->shape.empty()) return false;
  const auto outputs = static_cast<std::size_t>(own[0]->shape[0]);
  const std::vector<const Tensor*> parameters = constant_inputs(graph, normalization, 1, outputs);
  if (parameters.size() != 4 || normalization.integer("training_mode", 0) != 0) return false;
  if (own.size() > 1 && own[1]->size() != outputs) return false;
  Tensor weights = *own[0];
  Tensor bias = float_tensor({own[0]->shape[0]});
  const auto epsilon = static_cast<double>(normalization.get<float>("epsilon", 1e-5F));
  const std::size_t size = weights.size() / std::max<std::size_t>(1, outputs);
  for (std::size_t i = 0; i < outputs; ++i) {
    const auto parameter = [&](std::size_t k) {
      return static_cast<double>(parameters[k]->floats()[i]);
    };
    const double factor = parameter(0) / std::sqrt(parameter(3) + epsilon);
    const double old = own.size() > 1 ? static_cast<double>(own[1]->floats()[i]) : 0.0;
    bias.floats()[i] = static_cast<float>((old - parameter(2)) * factor + parameter(1));
    for (std::size_t k = i * size; k < (i + 1) * size; ++k) {
      weights.floats()[k] = static_cast<float>(static_cast<double>(weights.floats()[k]) * factor);
    }
  }
  // Named after the value that they lead to: other nodes may use the same weights.
  const std::string name = normalization.outputs[0];
  convolution.inputs = {convolution.inputs[0], name + "/folded_weights", name + "/folded_bias"};
  convolution.outputs[0] = name;
  graph.constants[convolution.inputs[1]] = std::move(weights);
  graph.constants[convolution.inputs[2]] = std::move(bias);
  return true;
}

}  // namespace

Graph fold_batch_normalization(Graph graph) {
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    if (node.op != "BatchNormalization" || node.inputs.size() != 5) continue;
    for (Node& before : graph.nodes) {
      if (before.op != "Conv" || before.outputs[0] != node.inputs[0]) continue;
      if (uses_of(graph, node.inputs[0]) != 1 || !fold_into(graph, before, node)) break;
      graph.nodes.erase(graph.nodes.begin() + static_cast<std::ptrdiff_t>(i));
      --i;
      break;
    }
  }
  return graph;
}

}  // namespace fewbit::quant
