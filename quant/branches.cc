// Constants are followed forward to the conditions; branches are put in place in turn.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/branches.h"

#include <algorithm>
#include <deque>

#include "fewbit/quant/kernels.h"

namespace fewbit::quant {
namespace {

class Chooser {
 public:
  explicit Chooser(Graph graph) : graph_(std::move(graph)) {}

  Result<Graph> run() {
    std::deque<Node> rest(std::make_move_iterator(graph_.nodes.begin()),
                          std::make_move_iterator(graph_.nodes.end()));
    graph_.nodes.clear();
    while (!rest.empty()) {
      Node node = std::move(rest.front());
      rest.pop_front();
      const Tensor* const condition =
          node.op == "If" && !node.inputs.empty() ? known(node.inputs[0]) : nullptr;
      if (condition != nullptr) {
        FEWBIT_ASSIGN_OR_RETURN(branch, this->branch(node, *condition));
        rest.insert(rest.begin(), std::make_move_iterator(branch.begin()),
                    std::make_move_iterator(branch.end()));
      } else {
        FEWBIT_RETURN_IF_ERROR(follow(node));
        graph_.nodes.push_back(std::move(node));
      }
      if (rest.size() + graph_.nodes.size() > kMostNodes) {
        return Error{"network", "its branches", fmt::format("at most {} nodes", kMostNodes), ""};
      }
    }
    return std::move(graph_);
  }

 private:
  /// Null where a value is not known to be constant.
  [[nodiscard]] const Tensor* known(const std::string& name) const {
    const auto found = graph_.constants.find(name);
    if (found != graph_.constants.end()) return &found->second;
    const auto computed = computed_.find(name);
    return computed == computed_.end() ? nullptr : &computed->second;
  }

  /// Keeps the node's results where they are constants, and small: conditions are made of such.
  Status follow(const Node& node) {
    constexpr std::size_t kMostElements = 64;
    const Result<const KernelInfo*> kernel = kernel_of(node);
    // Network tells of errors.
    if (!kernel.ok() || (*kernel)->is_linear || node.inputs.empty()) return Ok{};
    const FloatArithmetic arithmetic;
    Arguments arguments{node, {}, 0, arithmetic};
    for (const std::string& input : node.inputs) {
      const Tensor* const tensor = input.empty() ? nullptr : known(input);
      const bool is_small = tensor != nullptr && tensor->size() <= kMostElements;
      if (!input.empty() && !is_small) return Ok{};
      arguments.inputs.push_back(tensor);
    }
    FEWBIT_ASSIGN_OR_RETURN(outputs, run_kernel(**kernel, arguments));
    for (std::size_t i = 0; i < std::min(outputs.size(), node.outputs.size()); ++i) {
      if (outputs[i].size() > kMostElements) continue;
      computed_.insert_or_assign(node.outputs[i], std::move(outputs[i]));
    }
    return Ok{};
  }

  /// The chosen branch's nodes, and copies that give its results the names of the If's.
  Result<std::vector<Node>> branch(const Node& node, const Tensor& condition) {
    if (condition.is_float() || condition.size() != 1) {
      return node_error(node, "a condition of one Boolean", to_string(condition.shape));
    }
    const char* const name = condition.integers()[0] != 0 ? "then_branch" : "else_branch";
    const auto chosen = node.get<std::shared_ptr<const Graph>>(name, nullptr);
    if (chosen == nullptr || !chosen->inputs.empty() ||
        chosen->outputs.size() != node.outputs.size()) {
      return node_error(node, fmt::format("a {} that makes {} results", name, node.outputs.size()),
                        "");
    }
    std::vector<Node> nodes = chosen->nodes;
    for (const auto& [constant, tensor] : chosen->constants) {
      graph_.constants.insert_or_assign(constant, tensor);
    }
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      nodes.push_back({"Identity",
                       node.name + "/result",
                       node.opset,
                       {chosen->outputs[i]},
                       {node.outputs[i]},
                       {}});
    }
    return nodes;
  }

  Graph graph_;
  std::map<std::string, Tensor> computed_;
};

}  // namespace

Result<Graph> choose_branches(Graph graph) {
  const bool has_branches = std::any_of(graph.nodes.begin(), graph.nodes.end(),
                                        [](const Node& node) { return node.op == "If"; });
  if (!has_branches) return graph;
  return Chooser(std::move(graph)).run();
}

}  // namespace fewbit::quant
