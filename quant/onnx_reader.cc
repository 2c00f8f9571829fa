// Reading ONNX by protobuf. No other file but onnx_tensor.cc includes its headers.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/onnx_reader.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "fewbit/gen/util/files.h"
#include "fewbit/quant/onnx_tensor.h"

namespace fewbit::quant {
namespace {

constexpr int kLeastOpset = 9;
constexpr int kMostOpset = 28;

Result<Graph> graph_of(const onnx::GraphProto& proto, int opset, OnnxTensors& tensors);

Result<Attribute> attribute_of(const onnx::AttributeProto& proto, const std::string& node,
                               int opset, OnnxTensors& tensors) {
  using Proto = onnx::AttributeProto;
  switch (proto.type()) {
    case Proto::INT:
      return Attribute(static_cast<std::int64_t>(proto.i()));
    case Proto::FLOAT:
      return Attribute(proto.f());
    case Proto::STRING:
      return Attribute(proto.s());
    case Proto::INTS:
      return Attribute(std::vector<std::int64_t>(proto.ints().begin(), proto.ints().end()));
    case Proto::FLOATS:
      return Attribute(std::vector<float>(proto.floats().begin(), proto.floats().end()));
    case Proto::TENSOR: {
      FEWBIT_ASSIGN_OR_RETURN(tensor, tensors.read(proto.t()));
      return Attribute(std::move(tensor));
    }
    case Proto::GRAPH: {
      FEWBIT_ASSIGN_OR_RETURN(graph, graph_of(proto.g(), opset, tensors));
      return Attribute(std::make_shared<const Graph>(std::move(graph)));
    }
    default:
      return Error{"attribute", fmt::format("{} of {}", proto.name(), node),
                   "an integer, a float, a string, a list of integers or floats, a tensor, a graph",
                   "other kinds are not covered"};
  }
}

Result<Node> node_of(const onnx::NodeProto& proto, int opset, OnnxTensors& tensors) {
  Node node;
  node.op = proto.op_type();
  node.opset = opset;
  node.inputs.assign(proto.input().begin(), proto.input().end());
  node.outputs.assign(proto.output().begin(), proto.output().end());
  node.name = proto.name();
  if (node.name.empty() && !node.outputs.empty()) node.name = node.outputs.front();
  if (proto.domain() != "ai.onnx") node.domain = proto.domain();
  for (const onnx::AttributeProto& attribute : proto.attribute()) {
    FEWBIT_ASSIGN_OR_RETURN(value, attribute_of(attribute, node.name, opset, tensors));
    node.attributes.emplace(attribute.name(), std::move(value));
  }
  return node;
}

Status check_numbers(const std::string& name, const Tensor& tensor) {
  if (!tensor.is_float()) return Ok{};
  for (const float value : tensor.floats()) {
    if (std::isnan(value)) return Error{"tensor", name, "numbers and infinities", "one is NaN"};
  }
  return Ok{};
}

/// What a Constant node holds.
Result<Tensor> constant_of(const Node& node) {
  using Integers = std::vector<std::int64_t>;
  using Floats = std::vector<float>;
  const auto listed = [](const auto& values) {
    return Shape{static_cast<std::int64_t>(values.size())};
  };
  for (const auto& [name, value] : node.attributes) {
    if (const auto* tensor = std::get_if<Tensor>(&value)) return *tensor;
    if (const auto* number = std::get_if<float>(&value)) return float_tensor({}, {*number});
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      return integer_tensor({}, {*number});
    }
    if (const auto* all = std::get_if<Floats>(&value)) return float_tensor(listed(*all), *all);
    if (const auto* all = std::get_if<Integers>(&value)) return integer_tensor(listed(*all), *all);
  }
  return node_error(node, "a tensor, a number or a list of numbers", "it holds none");
}

GraphInput input_of(const onnx::ValueInfoProto& proto) {
  using Type = onnx::TensorProto;
  const auto type = proto.type().tensor_type().elem_type();
  const bool is_float = type == Type::FLOAT || type == Type::DOUBLE || type == Type::FLOAT16 ||
                        type == Type::BFLOAT16 || type == Type::UNDEFINED;
  GraphInput input{proto.name(), {}, false, !is_float};
  for (const auto& extent : proto.type().tensor_type().shape().dim()) {
    const bool is_known = extent.has_dim_value() && extent.dim_value() > 0;
    input.shape.push_back(is_known ? extent.dim_value() : -1);
  }
  return input;
}

Result<Graph> graph_of(const onnx::GraphProto& proto, int opset, OnnxTensors& tensors) {
  Graph graph;
  for (const onnx::TensorProto& initializer : proto.initializer()) {
    FEWBIT_ASSIGN_OR_RETURN(tensor, tensors.read(initializer));
    FEWBIT_RETURN_IF_ERROR(check_numbers(initializer.name(), tensor));
    graph.constants.emplace(initializer.name(), std::move(tensor));
  }
  for (const onnx::ValueInfoProto& input : proto.input()) {
    if (!graph.constants.contains(input.name())) graph.inputs.push_back(input_of(input));
  }
  for (const onnx::ValueInfoProto& output : proto.output()) graph.outputs.push_back(output.name());
  for (const onnx::NodeProto& node_proto : proto.node()) {
    FEWBIT_ASSIGN_OR_RETURN(node, node_of(node_proto, opset, tensors));
    if (node.op == "Constant" && node.domain.empty() && node.outputs.size() == 1) {
      FEWBIT_ASSIGN_OR_RETURN(tensor, constant_of(node));
      FEWBIT_RETURN_IF_ERROR(check_numbers(node.outputs[0], tensor));
      graph.constants.insert_or_assign(node.outputs[0], std::move(tensor));
      continue;
    }
    graph.nodes.push_back(std::move(node));
  }
  return graph;
}

/// protobuf's own parser tells nothing but that it failed.
template <typename Proto>
Result<Proto> parse(const std::filesystem::path& path, const std::string& what) {
  FEWBIT_ASSIGN_OR_RETURN(text, read_file(path));
  Proto proto;
  if (text.empty() || !proto.ParseFromString(text)) {
    return Error{"file", path.string(), what, "it is empty, cut short or something else"};
  }
  return proto;
}

}  // namespace

std::string onnx_type_name(std::int64_t type) {
  std::string name;
  if (type > 0 && type < 1000) {
    name = onnx::TensorProto_DataType_Name(
        static_cast<onnx::TensorProto_DataType>(static_cast<int>(type)));
  }
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name.empty() ? fmt::format("{}, of which nothing is known", type) : name;
}

Error node_error(const Node& node, std::string legal, std::string detail) {
  return {"node", fmt::format("{} {}", node.op, node.name), std::move(legal), std::move(detail)};
}

Result<Graph> read_onnx(const std::filesystem::path& path) {
  FEWBIT_ASSIGN_OR_RETURN(model, parse<onnx::ModelProto>(path, "an ONNX network"));
  if (!model.has_graph() || model.graph().node().empty()) {
    return Error{"file", path.string(), "an ONNX network", "it has no graph, or one without nodes"};
  }
  int opset = 0;
  for (const auto& import : model.opset_import()) {
    if (import.domain().empty() || import.domain() == "ai.onnx") {
      opset = static_cast<int>(std::clamp<std::int64_t>(import.version(), 0, 1000000));
    }
  }
  if (opset < kLeastOpset || opset > kMostOpset) {
    return Error{"ONNX operator set", std::to_string(opset),
                 fmt::format("{} to {}", kLeastOpset, kMostOpset), path.string()};
  }
  OnnxTensors tensors(path.parent_path());
  FEWBIT_ASSIGN_OR_RETURN(graph, graph_of(model.graph(), opset, tensors));
  graph.files = tensors.files();
  return graph;
}

Result<Tensor> read_onnx_tensor(const std::filesystem::path& path) {
  FEWBIT_ASSIGN_OR_RETURN(proto, parse<onnx::TensorProto>(path, "an ONNX tensor"));
  return OnnxTensors(path.parent_path()).read(proto);
}

}  // namespace fewbit::quant
