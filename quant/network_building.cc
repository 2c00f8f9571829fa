// Checking a graph, and numbering its values.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "fewbit/quant/branches.h"
#include "fewbit/quant/network.h"
#include "fewbit/quant/transposed_convolutions.h"

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

bool has_no_negative(const Tensor& tensor) {
  return tensor.is_float() && std::none_of(tensor.floats().begin(), tensor.floats().end(),
                                           [](float value) { return value < 0.0F; });
}

/// Clip's least result is the attribute min, or the constant second input.
bool has_lower_limit(const Node& node, const Values& values) {
  if (node.has("min")) return node.get<float>("min", -1.0F) >= 0.0F;
  const Tensor* min =
      node.inputs.size() > 1 ? values.constant(values.number(node.inputs[1])) : nullptr;
  return min != nullptr && min->is_float() && min->size() == 1 && min->floats()[0] >= 0.0F;
}

/// Whether no element of the node's results can be below 0, given the values of which that is
/// known already.
bool is_nonnegative(const Node& node, Sign sign, const std::set<std::string>& known,
                    const Values& values) {
  const auto is_known = [&](const std::string& input) { return known.contains(input); };
  switch (sign) {
    case Sign::kAny:
      return false;
    case Sign::kNonnegative:
      return true;
    case Sign::kOfFirst:
      return is_known(node.inputs[0]);
    case Sign::kOfAll:
      return std::all_of(node.inputs.begin(), node.inputs.end(), is_known);
    case Sign::kOfOne:
      return std::any_of(node.inputs.begin(), node.inputs.end(), is_known);
    case Sign::kOfLowerLimit:
      return has_lower_limit(node, values);
  }
  return false;
}

/// Constant weights of linear layers are finite.
Status check_weights(const Node& node, const Tensor* tensor) {
  if (tensor == nullptr || !tensor->is_float()) return Ok{};
  const std::vector<float>& weights = tensor->floats();
  if (std::all_of(weights.begin(), weights.end(), [](float w) { return std::isfinite(w); })) {
    return Ok{};
  }
  return node_error(node, "finite weights", fmt::format("'{}' has others", node.inputs[1]));
}

/// "3 inputs: x, h, c"
std::string listed(const std::string& what, const std::vector<std::string>& names) {
  return fmt::format("{} {}: {}", names.size(), what, fmt::join(names, ", "));
}

}  // namespace

/// Takes the nodes one by one.
class Network::Builder {
 public:
  Status add_inputs(Graph& graph) {
    for (auto& [name, tensor] : graph.constants) {
      if (has_no_negative(tensor)) nonnegative_.insert(name);
      values_.add_constant(name, std::move(tensor));
    }
    std::set<std::string> of_states;
    for (const GraphState& state : graph.states) of_states.insert(state.input);
    std::vector<std::string> own;
    for (const GraphInput& input : graph.inputs) {
      if (of_states.contains(input.name)) {
        const auto open = std::count(input.shape.begin(), input.shape.end(), -1);
        if (open > 1 || input.is_integer) {
          return graph_error("network state", input.name + " " + to_string(input.shape),
                             "floats, at most one extent that the file leaves open: the batch");
        }
        network_.states_.push_back({input, values_.add(input.name), -1});
        continue;
      }
      own.push_back(input.name);
      network_.input_ = input;
      network_.input_value_ = values_.add(input.name);
      if (input.nonnegative) nonnegative_.insert(input.name);
    }
    if (own.size() != 1) {
      return Error{"network", listed("inputs", own), "one input that is neither given nor a state",
                   "--input NAME=FILE, --state INPUT=OUTPUT"};
    }
    if (network_.states_.size() != graph.states.size()) {
      return graph_error("network state", "of another name", "inputs of the network, each once");
    }
    return Ok{};
  }

  Status add_node(const Node& node) {
    FEWBIT_ASSIGN_OR_RETURN(kernel, kernel_of(node));
    Step step{node, kernel, 0, 0, {}, {}, {}};
    Arguments arguments{node, {}, 0, arithmetic_};
    bool constant = true;
    for (const std::string& input : node.inputs) {
      step.inputs.push_back(values_.number(input));
      if (!input.empty() && step.inputs.back() < 0) {
        return node_error(node, "inputs that earlier nodes make",
                          fmt::format("nothing before it makes '{}'", input));
      }
      arguments.inputs.push_back(values_.constant(step.inputs.back()));
      constant = constant && (input.empty() || arguments.inputs.back() != nullptr);
    }
    if (constant) return add_constants(node, *kernel, arguments);
    if (kernel->is_linear) {
      FEWBIT_RETURN_IF_ERROR(check_weights(node, arguments.inputs[1]));
      step.linear_layer = network_.layers_.size();
      if (arguments.inputs[1] != nullptr) step.right_identity = new_identity();
      network_.layers_.push_back({node.name, node.op, node.integer("transB", 0) != 0,
                                  values_.constant(step.inputs[1]),
                                  nonnegative_.contains(node.inputs[0]),
                                  nonnegative_.contains(node.inputs[1]), node.outputs[0]});
    } else if (is_nonnegative(node, kernel->sign, nonnegative_, values_)) {
      nonnegative_.insert(node.outputs.begin(), node.outputs.end());
    }
    for (const std::string& output : node.outputs) {
      step.outputs.push_back(output.empty() ? -1 : values_.add(output));
    }
    network_.steps_.push_back(std::move(step));
    return Ok{};
  }

  Status add_outputs(const Graph& graph) {
    std::vector<std::string> own = graph.outputs;
    for (const GraphState& state : graph.states) {
      FEWBIT_ASSIGN_OR_RETURN(number, computed(state.output));
      for (State& known : network_.states_) {
        if (known.input.name == state.input) known.output_value = number;
      }
      std::erase(own, state.output);
    }
    if (own.size() != 1) {
      return Error{"network", listed("outputs", own), "one output that is no state",
                   "--output NAME"};
    }
    network_.output_ = own[0];
    FEWBIT_ASSIGN_OR_RETURN(number, computed(own[0]));
    network_.output_value_ = number;
    return Ok{};
  }

  Network finish() {
    std::set<int> used = {network_.output_value_};
    for (const State& state : network_.states_) used.insert(state.output_value);
    for (auto step = network_.steps_.rbegin(); step != network_.steps_.rend(); ++step) {
      for (const std::vector<int>* numbers : {&step->inputs, &step->outputs}) {
        for (const int value : *numbers) {
          if (value >= 0 && used.insert(value).second) step->last_uses.push_back(value);
        }
      }
      const int first = step->inputs.empty() ? -1 : step->inputs[0];
      step->first_is_spare = first >= 0 && !is_input(first) && values_.constant(first) == nullptr &&
                             std::ranges::count(step->inputs, first) == 1 &&
                             std::ranges::count(step->last_uses, first) == 1;
    }
    network_.constants_ = std::move(values_.constants());
    return std::move(network_);
  }

 private:
  [[nodiscard]] bool is_input(int value) const {
    return value == network_.input_value_ ||
           std::any_of(network_.states_.begin(), network_.states_.end(),
                       [&](const State& state) { return state.input_value == value; });
  }

  Status add_constants(const Node& node, const KernelInfo& kernel, const Arguments& arguments) {
    FEWBIT_ASSIGN_OR_RETURN(outputs, run_kernel(kernel, arguments));
    FEWBIT_RETURN_IF_ERROR(hold(node, outputs, held_));
    for (std::size_t i = 0; i < std::min(outputs.size(), node.outputs.size()); ++i) {
      if (has_no_negative(outputs[i])) nonnegative_.insert(node.outputs[i]);
      values_.add_constant(node.outputs[i], std::move(outputs[i]));
    }
    return Ok{};
  }

  /// The number of an output.
  [[nodiscard]] Result<int> computed(const std::string& output) const {
    const int number = values_.number(output);
    if (number >= 0 && values_.constant(number) == nullptr && !is_input(number)) return number;
    return graph_error("network output", output, "a value that a node computes from the input");
  }

  const FloatArithmetic arithmetic_;
  Network network_;
  Values values_;
  std::set<std::string> nonnegative_;
  std::size_t held_ = 0;
};

Result<Network> Network::make(Graph graph) {
  FEWBIT_ASSIGN_OR_RETURN(chosen, choose_branches(std::move(graph)));
  FEWBIT_ASSIGN_OR_RETURN(split, split_transposed_convolutions(std::move(chosen)));
  graph = fold_batch_normalization(std::move(split));
  Builder builder;
  FEWBIT_RETURN_IF_ERROR(builder.add_inputs(graph));
  for (const Node& node : graph.nodes) FEWBIT_RETURN_IF_ERROR(builder.add_node(node));
  FEWBIT_RETURN_IF_ERROR(builder.add_outputs(graph));
  return builder.finish();
}

}  // namespace fewbit::quant
