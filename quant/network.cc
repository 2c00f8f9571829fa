// Checking a graph, and running it step by step.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/network.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace fewbit::quant {
namespace {

/// Numbers for the names of values, and the constants among them.
class Values {
 public:
  int add(const std::string& name) {
    const int number = static_cast<int>(constants_.size());
    numbers_[name] = number;
    constants_.emplace_back();
    return number;
  }
  void add_constant(const std::string& name, Tensor tensor) {
    const int number = add(name);
    constants_[static_cast<std::size_t>(number)] =
        std::make_shared<const Tensor>(std::move(tensor));
  }
  /// -1 where there is none.
  [[nodiscard]] int number(const std::string& name) const {
    const auto found = numbers_.find(name);
    return found == numbers_.end() ? -1 : found->second;
  }
  [[nodiscard]] const Tensor* constant(int number) const {
    return number < 0 ? nullptr : constants_[static_cast<std::size_t>(number)].get();
  }
  std::vector<std::shared_ptr<const Tensor>>& constants() { return constants_; }

 private:
  std::map<std::string, int> numbers_;
  std::vector<std::shared_ptr<const Tensor>> constants_;
};

Error graph_error(std::string field, std::string value, std::string legal) {
  return {std::move(field), std::move(value), std::move(legal), ""};
}

/// Whether no element of the node's results can be below 0, given the values of which that is
/// known already.
bool is_nonnegative(const Node& node, const std::set<std::string>& known, const Values& values) {
  static const std::set<std::string> kAlways = {"Relu",    "Sigmoid", "HardSigmoid",
                                                "Softmax", "Exp",     "Sqrt"};
  static const std::set<std::string> kFromFirst = {
      "MaxPool",       "AveragePool", "GlobalAveragePool",
      "GlobalMaxPool", "ReduceMean",  "Reshape",
      "Transpose",     "Flatten",     "Squeeze",
      "Unsqueeze",     "Identity",    "Slice",
      "Gather",        "Expand",      "Split",
      "HardSwish"};
  static const std::set<std::string> kFromAll = {"Add", "Mul", "Concat", "Min"};
  const auto is_known = [&](const std::string& input) { return known.contains(input); };
  if (kAlways.contains(node.op)) return true;
  if (kFromFirst.contains(node.op)) return is_known(node.inputs[0]);
  if (kFromAll.contains(node.op)) {
    return std::all_of(node.inputs.begin(), node.inputs.end(), is_known);
  }
  if (node.op != "Clip") return false;
  if (node.has("min")) return node.get<float>("min", -1.0F) >= 0.0F;
  const Tensor* min =
      node.inputs.size() > 1 ? values.constant(values.number(node.inputs[1])) : nullptr;
  return min != nullptr && min->is_float() && min->size() == 1 && min->floats()[0] >= 0.0F;
}

/// Adds the results of a node to what is held; an Error where that is too much.
Status hold(const Node& node, const std::vector<Tensor>& outputs, std::size_t& held) {
  for (const Tensor& output : outputs) held += output.bytes();
  if (held <= kMostHeldBytes) return Ok{};
  return node_error(node, fmt::format("tensors of at most {} bytes at a time", kMostHeldBytes),
                    fmt::format("there are {} with its results", held));
}

bool has_no_negative(const Tensor& tensor) {
  return tensor.is_float() && std::none_of(tensor.floats().begin(), tensor.floats().end(),
                                           [](float value) { return value < 0.0F; });
}

}  // namespace

Result<Network> Network::make(Graph graph) {
  graph = fold_batch_normalization(std::move(graph));
  Network network;
  if (graph.inputs.size() != 1 || graph.outputs.size() != 1) {
    return graph_error(
        "network", fmt::format("{} inputs, {} outputs", graph.inputs.size(), graph.outputs.size()),
        "one input and one output");
  }
  network.input_ = graph.inputs[0];
  Values values;
  std::set<std::string> nonnegative;
  for (auto& [name, tensor] : graph.constants) {
    if (has_no_negative(tensor)) nonnegative.insert(name);
    values.add_constant(name, std::move(tensor));
  }
  network.input_value_ = values.add(network.input_.name);
  if (network.input_.nonnegative) nonnegative.insert(network.input_.name);

  const FloatArithmetic arithmetic;
  std::size_t held = 0;
  for (Node& node : graph.nodes) {
    const KernelInfo* kernel = find_kernel(node.op);
    if (kernel == nullptr) {
      return node_error(node, fmt::format("one of {}", fmt::join(covered_operators(), ", ")),
                        "the operator is not covered");
    }
    if (node.inputs.size() < kernel->required_inputs || node.inputs.size() > kernel->most_inputs ||
        node.outputs.empty()) {
      return node_error(
          node,
          fmt::format("{} to {} inputs, at least one output", kernel->required_inputs,
                      kernel->most_inputs),
          fmt::format("it has {} inputs and {} outputs", node.inputs.size(), node.outputs.size()));
    }
    Step step{node, kernel, 0, {}, {}, {}};
    Arguments arguments{node, {}, 0, arithmetic};
    bool constant = true;
    for (const std::string& input : node.inputs) {
      step.inputs.push_back(values.number(input));
      if (!input.empty() && step.inputs.back() < 0) {
        return node_error(node, "inputs that earlier nodes make",
                          fmt::format("nothing before it makes '{}'", input));
      }
      arguments.inputs.push_back(values.constant(step.inputs.back()));
      constant = constant && (input.empty() || arguments.inputs.back() != nullptr);
    }
    if (constant) {
      FEWBIT_ASSIGN_OR_RETURN(outputs, run_kernel(*kernel, arguments));
      FEWBIT_RETURN_IF_ERROR(hold(node, outputs, held));
      for (std::size_t i = 0; i < std::min(outputs.size(), node.outputs.size()); ++i) {
        if (has_no_negative(outputs[i])) nonnegative.insert(node.outputs[i]);
        values.add_constant(node.outputs[i], std::move(outputs[i]));
      }
      continue;
    }
    if (is_linear(node.op)) {
      step.linear_layer = network.layers_.size();
      network.layers_.push_back({node.name, node.op, node.integer("transB", 0) != 0,
                                 values.constant(step.inputs[1]),
                                 nonnegative.contains(node.inputs[0]),
                                 nonnegative.contains(node.inputs[1]), node.outputs[0]});
    } else if (is_nonnegative(node, nonnegative, values)) {
      nonnegative.insert(node.outputs.begin(), node.outputs.end());
    }
    for (const std::string& output : node.outputs) {
      step.outputs.push_back(output.empty() ? -1 : values.add(output));
    }
    network.steps_.push_back(std::move(step));
  }
  network.output_ = graph.outputs[0];
  network.output_value_ = values.number(graph.outputs[0]);
  if (network.output_value_ < 0 || values.constant(network.output_value_) != nullptr) {
    return graph_error("network output", graph.outputs[0],
                       "a value that a node computes from the input");
  }
  std::set<int> used = {network.output_value_};
  for (auto step = network.steps_.rbegin(); step != network.steps_.rend(); ++step) {
    for (const std::vector<int>* numbers : {&step->inputs, &step->outputs}) {
      for (const int value : *numbers) {
        if (value >= 0 && used.insert(value).second) step->last_uses.push_back(value);
      }
    }
    const int first = step->inputs.empty() ? -1 : step->inputs[0];
    step->first_is_spare = first >= 0 && first != network.input_value_ &&
                           values.constant(first) == nullptr &&
                           std::ranges::count(step->inputs, first) == 1 &&
                           std::ranges::count(step->last_uses, first) == 1;
  }
  network.constants_ = std::move(values.constants());
  return network;
}

Status Network::check_input(const Tensor& images) const {
  bool fits = images.is_float() && images.shape.size() == input_.shape.size() &&
              !images.shape.empty() && images.shape[0] > 0;
  for (std::size_t i = 1; fits && i < images.shape.size(); ++i) {
    fits = input_.shape[i] == -1 || input_.shape[i] == images.shape[i];
  }
  if (fits) return Ok{};
  // How many images are in this batch is nothing that a user has said.
  const Shape one(images.shape.empty() ? images.shape.begin() : images.shape.begin() + 1,
                  images.shape.end());
  return Error{"images", fmt::format("{} each", to_string(one)),
               fmt::format("{} as the network's input {}, -1 for any number",
                           to_string(input_.shape), input_.name),
               "the first extent counts images"};
}

std::size_t Network::fixed_batch() const {
  const bool is_fixed = !input_.shape.empty() && input_.shape[0] > 0;
  return is_fixed ? static_cast<std::size_t>(input_.shape[0]) : 0;
}

std::size_t Network::batch_near(std::size_t wanted) const {
  const std::size_t own = fixed_batch();
  return own == 0 ? wanted : (wanted + own - 1) / own * own;
}

std::vector<ComputedNode> Network::nodes() const {
  std::vector<ComputedNode> nodes;
  for (const Step& step : steps_) {
    ComputedNode& node = nodes.emplace_back(ComputedNode{&step.node, step.linear_layer, {}});
    for (const int input : step.inputs) {
      node.constants.push_back(input < 0 ? nullptr
                                         : constants_[static_cast<std::size_t>(input)].get());
    }
  }
  return nodes;
}

Result<Tensor> Network::run(const Tensor& images, const LinearArithmetic& arithmetic,
                            std::size_t layers) const {
  return run_batches(images, arithmetic, layers, {});
}

Result<Tensor> Network::run(const Tensor& images, const LinearArithmetic& arithmetic,
                            const Observer& observer) const {
  return run_batches(images, arithmetic, kAllLayers, observer);
}

Result<Tensor> Network::run_batches(const Tensor& images, const LinearArithmetic& arithmetic,
                                    std::size_t layers, const Observer& observer) const {
  FEWBIT_RETURN_IF_ERROR(check_input(images));
  const std::size_t own = fixed_batch();
  const auto count = static_cast<std::size_t>(images.shape[0]);
  if (own == 0 || own == count) return run_batch(images, arithmetic, layers, observer);
  Shape shape = images.shape;
  shape[0] = input_.shape[0];
  if (!is_legal(shape)) {
    return graph_error("network input", to_string(input_.shape),
                       fmt::format("batches of at most {} elements", kMostElements));
  }
  const std::size_t size = images.size() / count;
  Tensor all;
  for (std::size_t first = 0; first < count; first += own) {
    Tensor batch = float_tensor(shape);
    for (std::size_t i = 0; i < own; ++i) {
      const std::size_t image = (first + i) % count;
      std::copy_n(images.floats().begin() + static_cast<std::ptrdiff_t>(image * size), size,
                  batch.floats().begin() + static_cast<std::ptrdiff_t>(i * size));
    }
    FEWBIT_ASSIGN_OR_RETURN(outputs, run_batch(batch, arithmetic, layers, observer));
    if (layers < layers_.size()) continue;
    if (!outputs.is_float() || outputs.rank() == 0 || outputs.shape[0] != shape[0]) {
      return graph_error("network output", to_string(outputs.shape),
                         fmt::format("floats for each of {} images, the batch of its input", own));
    }
    if (first == 0) all.shape = outputs.shape;
    const auto needed = std::min(own, count - first) * (outputs.size() / own);
    all.floats().insert(all.floats().end(), outputs.floats().begin(),
                        outputs.floats().begin() + static_cast<std::ptrdiff_t>(needed));
  }
  if (!all.shape.empty()) all.shape[0] = images.shape[0];
  return all;
}

Result<Tensor> Network::run_batch(const Tensor& images, const LinearArithmetic& arithmetic,
                                  std::size_t layers, const Observer& observer) const {
  std::vector<Tensor> computed(constants_.size());
  std::vector<const Tensor*> values(constants_.size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = constants_[i].get();
  values[static_cast<std::size_t>(input_value_)] = &images;
  std::vector<std::size_t> bytes(constants_.size());  // of `computed`, as long as they are needed
  std::size_t held = 0;
  std::size_t done = 0;  // linear layers
  for (const Step& step : steps_) {
    if (done == layers) return Tensor{};
    if (is_linear(step.node.op)) ++done;
    Arguments arguments{step.node, {}, step.linear_layer, arithmetic};
    for (const int input : step.inputs) {
      arguments.inputs.push_back(input < 0 ? nullptr : values[static_cast<std::size_t>(input)]);
    }
    if (step.first_is_spare) arguments.spare = &computed[static_cast<std::size_t>(step.inputs[0])];
    FEWBIT_ASSIGN_OR_RETURN(outputs, run_kernel(*step.kernel, arguments));
    if (outputs.size() < step.outputs.size()) {
      return node_error(step.node, fmt::format("at most {} outputs", outputs.size()),
                        fmt::format("it has {}", step.outputs.size()));
    }
    FEWBIT_RETURN_IF_ERROR(hold(step.node, outputs, held));
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (i >= step.outputs.size() || step.outputs[i] < 0) {
        held -= outputs[i].bytes();
        continue;
      }
      const auto number = static_cast<std::size_t>(step.outputs[i]);
      if (observer) observer(step.node.outputs[i], outputs[i]);
      bytes[number] = outputs[i].bytes();
      computed[number] = std::move(outputs[i]);
      values[number] = &computed[number];
    }
    for (const int value : step.last_uses) {
      const auto number = static_cast<std::size_t>(value);
      computed[number] = {};
      held -= std::exchange(bytes[number], 0);
    }
  }
  return std::move(computed[static_cast<std::size_t>(output_value_)]);
}

}  // namespace fewbit::quant
