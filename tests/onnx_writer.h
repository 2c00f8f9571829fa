// Small ONNX files, written byte by byte as protobuf encodes them: the tests' own, so that they
// need no trainer.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace fewbit::onnx_file {

/// Numbers of 7 bits each, the lowest first.
inline std::string varint(std::uint64_t value) {
  std::string text;
  for (; value >= 128; value /= 128) text += static_cast<char>(value % 128 + 128);
  return text + static_cast<char>(value);
}
inline std::string number(int field, std::uint64_t value) {
  return varint(static_cast<std::uint64_t>(field) * 8) + varint(value);
}
inline std::string bytes(int field, const std::string& text) {
  return varint(static_cast<std::uint64_t>(field) * 8 + 2) + varint(text.size()) + text;
}
/// binary32 values as they are in memory.
inline std::string raw(const std::vector<float>& values) {
  std::string text(values.size() * sizeof(float), '\0');
  std::memcpy(text.data(), values.data(), text.size());
  return text;
}
inline std::string number(int field, float value) {
  return varint(static_cast<std::uint64_t>(field) * 8 + 5) + raw({value});
}

/// A TensorProto of binary32.
inline std::string tensor(const std::vector<std::uint64_t>& shape,
                          const std::vector<float>& values) {
  std::string text;
  for (const std::uint64_t extent : shape) text += number(1, extent);
  return text + number(2, std::uint64_t{1}) + bytes(9, raw(values));
}

/// A NodeProto. `more`: attributes.
inline std::string node(const std::string& op, const std::vector<std::string>& inputs,
                        const std::string& output, const std::string& more = "") {
  std::string text;
  for (const std::string& input : inputs) text += bytes(1, input);
  return text + bytes(2, output) + bytes(4, op) + more;
}
/// A Constant node with an attribute. `type`: 1 float, 2 integer, 3 string, 4 tensor, 6 floats, 7
/// integers.
inline std::string constant(const std::string& name, const std::string& attribute, int type,
                            const std::string& value) {
  return node("Constant", {}, name,
              bytes(5, bytes(1, attribute) + number(20, static_cast<std::uint64_t>(type)) + value));
}
inline std::string constant(const std::string& name, const std::string& tensor) {
  return constant(name, "value", 4, bytes(5, tensor));
}

/// A ModelProto with nodes from "x", of `batch` images of `shape`, to "y"; of any number where it
/// is 0.
inline std::string model(const std::vector<std::string>& nodes,
                         const std::vector<std::uint64_t>& shape, std::uint64_t batch = 0) {
  std::string extents = bytes(1, batch == 0 ? bytes(2, "images") : number(1, batch));
  for (const std::uint64_t extent : shape) extents += bytes(1, number(1, extent));
  const std::string type = bytes(1, number(1, std::uint64_t{1}) + bytes(2, extents));
  std::string graph;
  for (const std::string& text : nodes) graph += bytes(1, text);
  graph += bytes(2, "test") + bytes(11, bytes(1, "x") + bytes(2, type)) + bytes(12, bytes(1, "y"));
  return number(1, std::uint64_t{8}) + bytes(7, graph) +
         bytes(8, bytes(1, "") + number(2, std::uint64_t{13}));
}

/// A ModelProto with these inputs and outputs; an extent of 0 may be any.
inline std::string model(
    const std::vector<std::string>& nodes,
    const std::vector<std::pair<std::string, std::vector<std::uint64_t>>>& inputs,
    const std::vector<std::string>& outputs) {
  std::string graph;
  for (const std::string& text : nodes) graph += bytes(1, text);
  graph += bytes(2, "test");
  for (const auto& [name, shape] : inputs) {
    std::string extents;
    for (const std::uint64_t extent : shape) {
      extents += bytes(1, extent == 0 ? bytes(2, "any") : number(1, extent));
    }
    const std::string type = bytes(1, number(1, std::uint64_t{1}) + bytes(2, extents));
    graph += bytes(11, bytes(1, name) + bytes(2, type));
  }
  for (const std::string& output : outputs) graph += bytes(12, bytes(1, output));
  return number(1, std::uint64_t{8}) + bytes(7, graph) +
         bytes(8, bytes(1, "") + number(2, std::uint64_t{13}));
}

/// A network of two linear layers, both edges: images of 28 x 28 to 10 logits. Its batch, where it
/// is not 0, is also in a Reshape, as exporters leave it.
inline std::string two_layers(std::uint64_t batch) {
  const auto weights = [](std::size_t count) {
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; ++i) {
      values[i] = static_cast<float>(i * 7919 % 101) / 50 - 1;
    }
    return values;
  };
  std::vector<std::string> nodes = {node("Flatten", {"x"}, "flat")};
  if (batch > 0) {
    nodes = {constant("shape", "value_ints", 7, bytes(8, varint(batch) + varint(784))),
             node("Reshape", {"x", "shape"}, "flat")};
  }
  nodes.insert(nodes.end(),
               {constant("w", tensor({784, 40}, weights(784 * 40))),
                node("MatMul", {"flat", "w"}, "hidden"), node("Relu", {"hidden"}, "r"),
                constant("v", tensor({40, 10}, weights(400))), node("MatMul", {"r", "v"}, "y")});
  return model(nodes, {1, 28, 28}, batch);
}

}  // namespace fewbit::onnx_file
