// Inputs become constants or states; outputs that nobody asks for go.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/wiring.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace fewbit::quant {
namespace {

std::vector<std::string> names_of(const std::vector<GraphInput>& inputs) {
  std::vector<std::string> names;
  for (const GraphInput& input : inputs) names.push_back(input.name);
  return names;
}

Error no_such(const std::string& what, const std::string& name,
              const std::vector<std::string>& names) {
  return {"network " + what, name, fmt::format("{}", fmt::join(names, ", ")), ""};
}

bool fits(const Shape& shape, const Shape& declared) {
  return shape.size() == declared.size() && std::equal(shape.begin(), shape.end(), declared.begin(),
                                                       [](std::int64_t own, std::int64_t other) {
                                                         return other == -1 || own == other;
                                                       });
}

/// `value` in the type of the input.
Result<Tensor> value_for(const GraphInput& input, Tensor value) {
  // One element may be a scalar or a list.
  if (value.size() == 1 && input.shape.size() <= 1) value.shape = Shape(input.shape.size(), 1);
  const Error error{"network input", fmt::format("{}: {}", input.name, to_string(value.shape)),
                    fmt::format("{} of shape {}, -1 for any extent",
                                input.is_integer ? "integers" : "floats", to_string(input.shape)),
                    ""};
  if (!fits(value.shape, input.shape)) return error;
  if (input.is_integer && value.is_float()) {
    for (const float number : value.floats()) {
      if (std::nearbyint(number) != number || std::abs(number) > 0x1p24F) return error;
    }
    return integer_tensor(value.shape, {value.floats().begin(), value.floats().end()});
  }
  if (!input.is_integer && !value.is_float()) {
    return float_tensor(value.shape, {value.integers().begin(), value.integers().end()});
  }
  return value;
}

/// Only the nodes that the outputs need.
std::vector<Node> needed(std::vector<Node> nodes, const std::vector<std::string>& outputs) {
  std::set<std::string> names(outputs.begin(), outputs.end());
  const auto add_inputs = [&](const Node& node) {
    names.insert(node.inputs.begin(), node.inputs.end());
    // Branches read values of the graph around them.
    for (const auto& [name, value] : node.attributes) {
      const auto* const branch = std::get_if<std::shared_ptr<const Graph>>(&value);
      if (branch == nullptr || *branch == nullptr) continue;
      names.insert((*branch)->outputs.begin(), (*branch)->outputs.end());
      for (const Node& inner : (*branch)->nodes) {
        names.insert(inner.inputs.begin(), inner.inputs.end());
      }
    }
  };
  std::vector<Node> kept;
  for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
    const bool is_needed =
        std::any_of(node->outputs.begin(), node->outputs.end(),
                    [&](const std::string& output) { return names.contains(output); });
    if (!is_needed) continue;
    add_inputs(*node);
    kept.push_back(std::move(*node));
  }
  std::reverse(kept.begin(), kept.end());
  return kept;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Result<Graph> wired(Graph graph, const Wiring& wiring) {
  for (const auto& [name, value] : wiring.inputs) {
    const auto input = std::find_if(graph.inputs.begin(), graph.inputs.end(),
                                    [&](const GraphInput& one) { return one.name == name; });
    if (input == graph.inputs.end()) return no_such("input", name, names_of(graph.inputs));
    FEWBIT_ASSIGN_OR_RETURN(constant, value_for(*input, value));
    graph.constants.insert_or_assign(name, std::move(constant));
    graph.inputs.erase(input);
  }
  std::set<std::string> seen;
  std::vector<std::string> outputs;
  for (const GraphState& state : wiring.states) {
    if (!contains(names_of(graph.inputs), state.input)) {
      return no_such("input", state.input, names_of(graph.inputs));
    }
    if (!contains(graph.outputs, state.output)) {
      return no_such("output", state.output, graph.outputs);
    }
    if (!seen.insert(state.input).second || !seen.insert(state.output).second) {
      return Error{"network state", state.input + "=" + state.output, "each name once", ""};
    }
    outputs.push_back(state.output);
    graph.states.push_back(state);
  }
  if (wiring.output.empty()) return graph;
  if (!contains(graph.outputs, wiring.output)) {
    return no_such("output", wiring.output, graph.outputs);
  }
  outputs.push_back(wiring.output);
  graph.outputs = outputs;
  graph.nodes = needed(std::move(graph.nodes), outputs);
  return graph;
}

Result<Network> turn_images_first(Graph& graph, const Tensor& images) {
  FEWBIT_ASSIGN_OR_RETURN(network, Network::make(graph));
  if (images.shape.empty() || images.shape[0] < 1 || network.has_states()) return network;
  const auto count = std::max<std::size_t>(1, network.fixed_batch());
  // As many images as one run takes: repeated where there are fewer.
  Shape shape = images.shape;
  shape[0] = static_cast<std::int64_t>(count);
  if (!is_legal(shape)) {
    return Error{"network input", to_string(shape),
                 fmt::format("batches of at most {} elements", kMostElements), ""};
  }
  Tensor batch = float_tensor(shape);
  const std::size_t size = batch.size() / count;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t from = i % static_cast<std::size_t>(images.shape[0]) * size;
    std::copy_n(images.floats().begin() + static_cast<std::ptrdiff_t>(from), size,
                batch.floats().begin() + static_cast<std::ptrdiff_t>(i * size));
  }
  FEWBIT_ASSIGN_OR_RETURN(outputs, network.run(batch, FloatArithmetic()));
  const auto own = static_cast<std::int64_t>(count);
  if (outputs.rank() != 3 || outputs.shape[0] == own || outputs.shape[1] != own) return network;
  const std::string name = network.output();
  const std::string turned = name + "/images_first";
  graph.nodes.push_back({"Transpose", turned, 13, {name}, {turned}, {}});
  graph.nodes.back().attributes.emplace("perm", std::vector<std::int64_t>{1, 0, 2});
  std::replace(graph.outputs.begin(), graph.outputs.end(), name, turned);
  return Network::make(graph);
}

}  // namespace fewbit::quant
