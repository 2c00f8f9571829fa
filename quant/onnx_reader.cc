// Reading ONNX by protobuf. No other file includes its headers.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/onnx_reader.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <bit>
#include <cctype>
#include <cmath>
#include <cstring>
#include <set>

#include "fewbit/gen/util/files.h"
#include "fewbit/quant/half_floats.h"

static_assert(std::endian::native == std::endian::little, "raw tensor data is little-endian");

namespace fewbit::quant {
namespace {

constexpr int kLeastOpset = 9;
constexpr int kMostOpset = 20;

Error tensor_error(const onnx::TensorProto& proto, std::string legal, std::string detail) {
  return {"tensor", proto.name(), std::move(legal), std::move(detail)};
}

/// Elements of `raw` as T, converted.
template <typename T, typename To>
std::vector<To> from_raw(const std::string& raw) {
  std::vector<To> values(raw.size() / sizeof(T));
  for (std::size_t i = 0; i < values.size(); ++i) {
    T value;
    std::memcpy(&value, raw.data() + i * sizeof(T), sizeof(T));
    values[i] = static_cast<To>(value);
  }
  return values;
}

/// Elements of a field whose numbers stand for T, converted.
template <typename T, typename To, typename Field>
std::vector<To> from_field(const Field& field) {
  std::vector<To> values;
  values.reserve(static_cast<std::size_t>(field.size()));
  for (const auto value : field) values.push_back(static_cast<To>(static_cast<T>(value)));
  return values;
}

/// From the raw bytes where there are any, else from the field of the type.
template <typename T, typename To, typename Field>
Result<std::vector<To>> elements(const onnx::TensorProto& proto, const Field& field) {
  if (!proto.has_raw_data()) return from_field<T, To>(field);
  if (proto.raw_data().size() % sizeof(T) != 0) {
    return tensor_error(proto, fmt::format("raw data in units of {} bytes", sizeof(T)),
                        fmt::format("it has {} bytes", proto.raw_data().size()));
  }
  return from_raw<T, To>(proto.raw_data());
}

template <typename T>
Result<Tensor> with_shape(const onnx::TensorProto& proto, Shape shape,
                          Result<std::vector<T>> values) {
  if (!values.ok()) return values.error();
  if (values->size() != element_count(shape)) {
    return tensor_error(
        proto, fmt::format("{} elements", element_count(shape)),
        fmt::format("shape {}, {} elements of data", to_string(shape), values->size()));
  }
  return Tensor{std::move(shape), std::move(values).value()};
}

Result<Tensor> tensor_of(const onnx::TensorProto& proto) {
  using Proto = onnx::TensorProto;
  const Shape shape(proto.dims().begin(), proto.dims().end());
  if (!is_legal(shape)) {
    return tensor_error(proto, fmt::format("a shape of at most {} elements", kMostElements),
                        fmt::format("its shape is {}", to_string(shape)));
  }
  if (proto.data_location() == Proto::EXTERNAL) {
    return tensor_error(proto, "data inside the file", "it is kept in another file");
  }
  using Integers = std::int64_t;
  switch (proto.data_type()) {
    case Proto::FLOAT:
      return with_shape(proto, shape, elements<float, float>(proto, proto.float_data()));
    case Proto::DOUBLE:
      return with_shape(proto, shape, elements<double, float>(proto, proto.double_data()));
    case Proto::FLOAT16:
      return with_shape(proto, shape, elements<Binary16, float>(proto, proto.int32_data()));
    case Proto::BFLOAT16:
      return with_shape(proto, shape, elements<Bfloat16, float>(proto, proto.int32_data()));
    case Proto::INT64:
      return with_shape(proto, shape, elements<std::int64_t, Integers>(proto, proto.int64_data()));
    case Proto::INT32:
      return with_shape(proto, shape, elements<std::int32_t, Integers>(proto, proto.int32_data()));
    case Proto::BOOL:
    case Proto::UINT8:
      return with_shape(proto, shape, elements<std::uint8_t, Integers>(proto, proto.int32_data()));
    case Proto::INT8:
      return with_shape(proto, shape, elements<std::int8_t, Integers>(proto, proto.int32_data()));
    default:
      return tensor_error(
          proto, "type float, double, float16, bfloat16, int64, int32, int8, uint8 or bool",
          fmt::format("it has type {}", onnx_type_name(proto.data_type())));
  }
}

Result<Attribute> attribute_of(const onnx::AttributeProto& proto, const std::string& node) {
  using Proto = onnx::AttributeProto;
  switch (proto.type()) {
    case Proto::INT:
      return Attribute(static_cast<std::int64_t>(proto.i()));
    case Proto::FLOAT:
      return Attribute(proto.f());
    case Proto::STRING:
      return Attribute(proto.s());
    case Proto::INTS:
      return Attribute(from_field<std::int64_t, std::int64_t>(proto.ints()));
    case Proto::FLOATS:
      return Attribute(from_field<float, float>(proto.floats()));
    case Proto::TENSOR: {
      FEWBIT_ASSIGN_OR_RETURN(tensor, tensor_of(proto.t()));
      return Attribute(std::move(tensor));
    }
    default:
      return Error{"attribute", fmt::format("{} of {}", proto.name(), node),
                   "an integer, a float, a string, a list of integers or floats, a tensor",
                   "sub-graphs and other kinds are not covered"};
  }
}

Result<Node> node_of(const onnx::NodeProto& proto, int opset) {
  Node node;
  node.op = proto.op_type();
  node.opset = opset;
  node.inputs.assign(proto.input().begin(), proto.input().end());
  node.outputs.assign(proto.output().begin(), proto.output().end());
  node.name = proto.name();
  if (node.name.empty() && !node.outputs.empty()) node.name = node.outputs.front();
  if (!proto.domain().empty() && proto.domain() != "ai.onnx") {
    return node_error(node, "operators of ONNX's own domain",
                      fmt::format("its domain is {}", proto.domain()));
  }
  for (const onnx::AttributeProto& attribute : proto.attribute()) {
    FEWBIT_ASSIGN_OR_RETURN(value, attribute_of(attribute, node.name));
    node.attributes.emplace(attribute.name(), std::move(value));
  }
  return node;
}

Status check_finite(const std::string& name, const Tensor& tensor) {
  if (!tensor.is_float()) return Ok{};
  for (const float value : tensor.floats()) {
    if (!std::isfinite(value)) {
      return Error{"tensor", name, "finite numbers", fmt::format("one of them is {}", value)};
    }
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
  GraphInput input{proto.name(), {}, false};
  for (const auto& extent : proto.type().tensor_type().shape().dim()) {
    const bool is_known = extent.has_dim_value() && extent.dim_value() > 0;
    input.shape.push_back(is_known ? extent.dim_value() : -1);
  }
  return input;
}

Result<Graph> graph_of(const onnx::GraphProto& proto, int opset) {
  Graph graph;
  for (const onnx::TensorProto& initializer : proto.initializer()) {
    FEWBIT_ASSIGN_OR_RETURN(tensor, tensor_of(initializer));
    FEWBIT_RETURN_IF_ERROR(check_finite(initializer.name(), tensor));
    graph.constants.emplace(initializer.name(), std::move(tensor));
  }
  for (const onnx::ValueInfoProto& input : proto.input()) {
    if (!graph.constants.contains(input.name())) graph.inputs.push_back(input_of(input));
  }
  for (const onnx::ValueInfoProto& output : proto.output()) graph.outputs.push_back(output.name());
  for (const onnx::NodeProto& node_proto : proto.node()) {
    FEWBIT_ASSIGN_OR_RETURN(node, node_of(node_proto, opset));
    if (node.op == "Constant" && node.outputs.size() == 1) {
      FEWBIT_ASSIGN_OR_RETURN(tensor, constant_of(node));
      FEWBIT_RETURN_IF_ERROR(check_finite(node.outputs[0], tensor));
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
  return graph_of(model.graph(), opset);
}

Result<Tensor> read_onnx_tensor(const std::filesystem::path& path) {
  FEWBIT_ASSIGN_OR_RETURN(proto, parse<onnx::TensorProto>(path, "an ONNX tensor"));
  return tensor_of(proto);
}

}  // namespace fewbit::quant
