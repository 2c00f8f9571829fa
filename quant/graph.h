// Graph: a network as read, nodes in an order in which they can be computed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "fewbit/gen/util/result.h"
#include "fewbit/quant/tensor.h"

namespace fewbit::quant {

struct Graph;
/// A sub-graph is that of a branch.
using Attribute = std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>,
                               std::vector<float>, Tensor, std::shared_ptr<const Graph>>;

struct Node {
  std::string op;                   ///< "Conv"
  std::string name;                 ///< the exporter's, or of its first output
  int opset = 13;                   ///< version of the operator set that defines it
  std::vector<std::string> inputs;  ///< "" where an optional one is absent
  std::vector<std::string> outputs;
  std::map<std::string, Attribute> attributes;
  std::string domain = {};  ///< "" where it is ONNX's own

  [[nodiscard]] bool has(const std::string& attribute) const {
    return attributes.contains(attribute);
  }
  /// The attribute, or `otherwise` where it is absent or has another type.
  template <typename T>
  [[nodiscard]] T get(const std::string& attribute, T otherwise) const {
    const auto found = attributes.find(attribute);
    if (found == attributes.end()) return otherwise;
    const T* value = std::get_if<T>(&found->second);
    return value == nullptr ? otherwise : *value;
  }
  [[nodiscard]] std::int64_t integer(const std::string& attribute, std::int64_t otherwise) const {
    return get<std::int64_t>(attribute, otherwise);
  }
};

struct GraphInput {
  std::string name;
  Shape shape;               ///< -1 where any extent is allowed
  bool nonnegative = false;  ///< no image has a number below 0
  bool is_integer = false;   ///< of any integer type or bool
};

/// What a step of a sequence hands on to the next one.
struct GraphState {
  std::string input;
  std::string output;
};

struct Graph {
  std::vector<GraphInput> inputs;  ///< without the constants
  std::vector<std::string> outputs;
  std::map<std::string, Tensor> constants;
  std::vector<Node> nodes;
  std::vector<GraphState> states = {};            ///< none in a file: users name them
  std::vector<std::filesystem::path> files = {};  ///< with its external data, each once
};

/// An Error about one node: "node: 'Conv stem' is not valid; legal: ...".
Error node_error(const Node& node, std::string legal, std::string detail);

}  // namespace fewbit::quant
