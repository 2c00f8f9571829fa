// Walking from linear layers back to what makes their input.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/channel_links.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "fewbit/quant/kernels.h"

namespace fewbit::quant {
namespace {

/// The float constant that input `i` of a node is, or null.
const Tensor* constant_input(const Graph& graph, const Node& node, std::size_t i) {
  if (i >= node.inputs.size()) return nullptr;
  const auto found = graph.constants.find(node.inputs[i]);
  return found != graph.constants.end() && found->second.is_float() ? &found->second : nullptr;
}

/// How a linear node's weights [outputs, channels] are stored.
struct Weights {
  std::size_t outputs = 0;
  std::size_t channels = 0;  // of the whole input
  std::size_t groups = 1;
  std::size_t inner = 1;  // elements of one pair, for a convolution
  bool channels_first = false;

  /// Output and input channel of element i.
  [[nodiscard]] std::pair<std::size_t, std::size_t> of(std::size_t i) const {
    if (channels_first) return {i % outputs, i / outputs};
    const std::size_t own = channels / groups;
    const std::size_t output = i / inner / own;
    return {output, output / (outputs / groups) * own + i / inner % own};
  }
};

/// Absent where the node has no plain constant weights.
std::optional<Weights> weights_of(const Graph& graph, const Node& node) {
  const Tensor* tensor = is_linear(node.op) ? constant_input(graph, node, 1) : nullptr;
  if (tensor == nullptr || tensor->size() == 0) return {};
  const auto extent = [&](std::size_t axis) {
    return static_cast<std::size_t>(tensor->shape[axis]);
  };
  if (node.op == "Conv") {
    const std::int64_t groups = node.integer("group", 1);
    if (tensor->rank() != 4 || groups < 1 || tensor->shape[0] % groups != 0) return {};
    const auto count = static_cast<std::size_t>(groups);
    return Weights{extent(0), extent(1) * count, count, extent(2) * extent(3), false};
  }
  if (tensor->rank() != 2) return {};
  if (node.op == "Gemm" && node.integer("transB", 0) != 0) {
    return Weights{extent(0), extent(1), 1, 1, false};
  }
  return Weights{extent(1), extent(0), 1, 1, true};
}

/// Whether a constant can be multiplied by one factor for each of `channels` along the axis.
bool takes_channels(const Tensor& tensor, std::size_t axis_from_end, std::size_t channels) {
  if (axis_from_end >= tensor.shape.size()) return true;
  const auto extent = tensor.shape[tensor.shape.size() - 1 - axis_from_end];
  return extent == 1 || extent == static_cast<std::int64_t>(channels);
}

/// A place in the walk: the channels of a value are its axis `from_end`. The rank is 0 where the
/// operators so far do not tell it.
struct Place {
  std::string value;
  std::size_t from_end = 0;
  std::size_t rank = 0;
};

class Walk {
 public:
  Walk(const Graph& graph, ChannelLink& link, Place place)
      : graph_(graph), link_(link), place_(std::move(place)) {}

  /// Whether there is a maker; fills the link.
  bool run() {
    for (bool first = true;; first = false) {
      if (!first && users(graph_, place_.value).size() != 1) return false;
      const auto makes = [&](const Node& node) {
        return std::count(node.outputs.begin(), node.outputs.end(), place_.value) != 0;
      };
      const auto maker = std::find_if(graph_.nodes.begin(), graph_.nodes.end(), makes);
      if (maker == graph_.nodes.end() || maker->outputs.size() != 1) return false;
      node_ = static_cast<std::size_t>(maker - graph_.nodes.begin());
      if (takes_factors(*maker)) {
        link_.maker = node_;
        return true;
      }
      if (!lets_through(*maker)) return false;
    }
  }

  /// Nodes that read the numbers of a value, once for each reading, and a last number for the
  /// network's output.
  static std::vector<std::size_t> users(const Graph& graph, const std::string& value) {
    std::vector<std::size_t> result;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      const Node& node = graph.nodes[i];
      if (node.op == "Shape") continue;
      result.insert(
          result.end(),
          static_cast<std::size_t>(std::count(node.inputs.begin(), node.inputs.end(), value)), i);
    }
    if (std::count(graph.outputs.begin(), graph.outputs.end(), value) != 0) {
      result.push_back(graph.nodes.size());
    }
    return result;
  }

 private:
  /// Adds constant input i to the link where it is one that has room for the channels.
  bool add_constant(const Node& node, std::size_t i, std::size_t axis_from_end) {
    const Tensor* tensor = constant_input(graph_, node, i);
    if (tensor == nullptr || !takes_channels(*tensor, axis_from_end, link_.channels)) return false;
    link_.constants.push_back({node_, i, axis_from_end});
    return true;
  }
  bool add_optional_constant(const Node& node, std::size_t i, std::size_t axis_from_end) {
    const bool absent = i >= node.inputs.size() || node.inputs[i].empty();
    return absent || add_constant(node, i, axis_from_end);
  }

  bool takes_factors(const Node& node) {
    if (is_linear(node.op)) {
      const std::optional<Weights> weights = weights_of(graph_, node);
      const std::size_t axis = node.op == "Conv" ? 2 : 0;
      if (!weights || weights->outputs != link_.channels || place_.from_end != axis) return false;
      link_.maker_is_linear = true;
      const bool outputs_first = !weights->channels_first;
      link_.constants.push_back({node_, 1, node.op == "Conv" ? 3U : outputs_first ? 1U : 0U});
      return add_optional_constant(node, 2, 0);
    }
    if (node.op == "Mul") {
      const std::size_t constant = constant_input(graph_, node, 1) != nullptr ? 1 : 0;
      return constant_input(graph_, node, 1 - constant) == nullptr &&
             add_constant(node, constant, place_.from_end);
    }
    if (node.op == "LayerNormalization") {
      return place_.from_end == 0 && node.integer("axis", -1) == -1 && add_constant(node, 1, 0) &&
             add_optional_constant(node, 2, 0);
    }
    return node.op == "BatchNormalization" && place_.from_end == 2 && add_constant(node, 1, 0) &&
           add_constant(node, 2, 0);
  }

  /// Goes on to the operand of an operator that positive factors pass.
  bool lets_through(const Node& node) {
    const std::string& op = node.op;
    std::size_t operand = 0;
    if (op == "MaxPool" || op == "AveragePool" || op == "GlobalAveragePool" ||
        op == "GlobalMaxPool") {
      if (place_.from_end != 2) return false;
    } else if (op == "Add" || op == "Min") {
      if (node.inputs.size() != 2) return false;
      operand = constant_input(graph_, node, 1) != nullptr ? 0 : 1;
      if (constant_input(graph_, node, operand) != nullptr ||
          !add_constant(node, 1 - operand, place_.from_end)) {
        return false;
      }
    } else if (op == "Transpose") {
      if (!transpose(node)) return false;
    } else if (op == "ReduceMean") {
      if (!reduce(node)) return false;
    } else if (op != "Relu" && op != "LeakyRelu" && op != "Identity") {
      return false;
    }
    place_.value = node.inputs[operand];
    return true;
  }

  bool transpose(const Node& node) {
    const auto order = node.get<std::vector<std::int64_t>>("perm", {});
    if (place_.from_end >= order.size()) return false;
    place_.rank = order.size();
    const std::int64_t axis = order[order.size() - 1 - place_.from_end];
    if (axis < 0 || axis >= static_cast<std::int64_t>(order.size())) return false;
    place_.from_end = order.size() - 1 - static_cast<std::size_t>(axis);
    return true;
  }

  /// Means of axes other than the channels.
  bool reduce(const Node& node) {
    auto axes = node.get<std::vector<std::int64_t>>("axes", {});
    if (node.inputs.size() > 1) {
      const auto found = graph_.constants.find(node.inputs[1]);
      if (found == graph_.constants.end() || found->second.is_float()) return false;
      axes = found->second.integers();
    }
    if (axes.empty() || place_.rank == 0) return false;
    const bool kept = node.integer("keepdims", 1) != 0;
    const std::size_t rank = place_.rank + (kept ? 0 : axes.size());
    std::vector<bool> reduced(rank, false);
    for (const std::int64_t axis : axes) {
      const std::int64_t place = axis < 0 ? axis + static_cast<std::int64_t>(rank) : axis;
      if (place < 0 || place >= static_cast<std::int64_t>(rank)) return false;
      reduced[static_cast<std::size_t>(place)] = true;
    }
    std::size_t behind = place_.from_end;  // axes of the result still to be passed
    for (std::size_t from_end = 0; from_end < rank; ++from_end) {
      const bool is_reduced = reduced[rank - 1 - from_end];
      if (is_reduced && !kept) continue;
      if (behind-- != 0) continue;
      place_ = {place_.value, from_end, rank};
      return !is_reduced;
    }
    return false;
  }

  const Graph& graph_;
  ChannelLink& link_;
  Place place_;
  std::size_t node_ = 0;
};

/// The constant as the node's own: other nodes may use it under its old name.
Tensor& own_constant(Graph& graph, std::size_t node, std::size_t input) {
  std::string& name = graph.nodes[node].inputs[input];
  const std::string own = fmt::format("{}/equalized_{}", graph.nodes[node].outputs[0], input);
  if (name != own) {
    graph.constants[own] = graph.constants.at(name);
    name = own;
  }
  return graph.constants.at(own);
}

/// Repeats the constant so that the axis counts the channels.
void widen(Tensor& tensor, std::size_t axis_from_end, std::size_t channels) {
  while (tensor.shape.size() <= axis_from_end) tensor.shape.insert(tensor.shape.begin(), 1);
  std::int64_t& extent = tensor.shape[tensor.shape.size() - 1 - axis_from_end];
  if (extent == static_cast<std::int64_t>(channels)) return;
  extent = static_cast<std::int64_t>(channels);
  std::size_t inner = 1;
  for (std::size_t i = 0; i < axis_from_end; ++i) {
    inner *= static_cast<std::size_t>(tensor.shape[tensor.shape.size() - 1 - i]);
  }
  std::vector<float> values(tensor.floats().size() * channels);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = tensor.floats()[i / (inner * channels) * inner + i % inner];
  }
  tensor.floats() = std::move(values);
}

}  // namespace

Graph prepare_for_links(Graph graph) {
  std::vector<Node> nodes;
  for (Node& node : graph.nodes) {
    const Tensor* low = constant_input(graph, node, 1);
    const Tensor* high = constant_input(graph, node, 2);
    if (node.op == "Clip" && low != nullptr && low->size() == 1 && low->floats()[0] == 0.0F &&
        high != nullptr && high->size() == 1) {
      const std::string positive = node.outputs[0] + "/positive";
      nodes.push_back({"Relu", node.name, node.opset, {node.inputs[0]}, {positive}, {}});
      node.op = "Min";
      node.inputs = {positive, node.inputs[2]};
      node.attributes.clear();
    }
    nodes.push_back(std::move(node));
  }
  graph.nodes = std::move(nodes);
  return graph;
}

std::vector<ChannelLink> find_channel_links(const Graph& graph) {
  std::vector<ChannelLink> links;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    const std::optional<Weights> weights = weights_of(graph, node);
    if (!weights || graph.constants.contains(node.inputs[0])) continue;
    ChannelLink link;
    link.channels = weights->channels;
    link.readers = Walk::users(graph, node.inputs[0]);
    if (link.readers.front() != i) continue;  // found at the first reader already
    const bool all_fit = std::all_of(link.readers.begin(), link.readers.end(), [&](std::size_t k) {
      if (k == graph.nodes.size() || graph.nodes[k].op != node.op) return false;
      const std::optional<Weights> other = weights_of(graph, graph.nodes[k]);
      return other && other->channels == weights->channels &&
             graph.nodes[k].inputs[0] == node.inputs[0] &&
             graph.nodes[k].inputs[1] != node.inputs[0];
    });
    const bool transposed = node.op == "Gemm" && node.integer("transA", 0) != 0;
    if (!all_fit || transposed) continue;
    const bool is_conv = node.op == "Conv";
    const std::size_t rank = is_conv ? 4 : node.op == "Gemm" ? 2 : 0;
    if (Walk(graph, link, {node.inputs[0], is_conv ? 2U : 0U, rank}).run()) {
      links.push_back(std::move(link));
    }
  }
  return links;
}

std::vector<double> maker_ranges(const Graph& graph, const ChannelLink& link) {
  const Node& node = graph.nodes[link.maker];
  const Weights weights = *weights_of(graph, node);
  const std::vector<float>& values = constant_input(graph, node, 1)->floats();
  std::vector<double> ranges(link.channels, 0.0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    double& range = ranges[weights.of(i).first];
    range = std::max(range, static_cast<double>(std::abs(values[i])));
  }
  return ranges;
}

std::vector<double> reader_ranges(const Graph& graph, const ChannelLink& link) {
  std::vector<double> ranges(link.channels, 0.0);
  for (const std::size_t reader : link.readers) {
    const Node& node = graph.nodes[reader];
    const Weights weights = *weights_of(graph, node);
    const std::vector<float>& values = constant_input(graph, node, 1)->floats();
    for (std::size_t i = 0; i < values.size(); ++i) {
      double& range = ranges[weights.of(i).second];
      range = std::max(range, static_cast<double>(std::abs(values[i])));
    }
  }
  return ranges;
}

void scale_channels(Graph& graph, const ChannelLink& link, std::span<const double> factors) {
  for (const ChannelConstant& constant : link.constants) {
    Tensor& tensor = own_constant(graph, constant.node, constant.input);
    widen(tensor, constant.axis_from_end, link.channels);
    std::size_t inner = 1;
    for (std::size_t i = 0; i < constant.axis_from_end; ++i) {
      inner *= static_cast<std::size_t>(tensor.shape[tensor.shape.size() - 1 - i]);
    }
    std::vector<float>& values = tensor.floats();
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] =
          static_cast<float>(static_cast<double>(values[i]) / factors[i / inner % link.channels]);
    }
  }
  for (const std::size_t reader : link.readers) {
    const Weights weights = *weights_of(graph, graph.nodes[reader]);
    std::vector<float>& values = own_constant(graph, reader, 1).floats();
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] =
          static_cast<float>(static_cast<double>(values[i]) * factors[weights.of(i).second]);
    }
  }
}

}  // namespace fewbit::quant
