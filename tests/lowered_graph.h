// A small network with a node of each kind that hardware numerics cover.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "fewbit/quant/graph.h"
#include "fewbit/tests/quant_networks.h"

namespace fewbit::quant {

inline constexpr std::int64_t kSize = 8;
inline constexpr std::size_t kConstantChannel = 2;  ///< of c2: its weights are 0

/// x - conv - relu r1 - conv c2 - (+ r1) - relu r2 - max pool - depthwise - clip d6 - conv s
/// - conv - relu tr - conv u - (+ s) a2 - mean g - gemm y.
inline Graph small_graph(std::mt19937_64& random) {
  const auto draw = [&] { return static_cast<float>(random() % 2001) / 1000.0F - 1.0F; };
  Graph graph;
  graph.inputs = {{"x", {-1, 1, kSize, kSize}, true}};
  graph.outputs = {"y"};
  const auto constant = [&](const std::string& name, Shape shape, float size) {
    Tensor tensor = float_tensor(std::move(shape));
    for (float& value : tensor.floats()) value = draw() * size;
    graph.constants[name] = tensor;
  };
  const auto conv = [&](const std::string& from, const std::string& to, Shape weights,
                        std::int64_t pad, std::int64_t groups) {
    const auto terms = static_cast<float>(weights[1] * weights[2] * weights[3]);
    const std::int64_t outputs = weights[0];
    constant("w" + to, std::move(weights), 2 / std::sqrt(terms));
    constant("b" + to, {outputs}, 0.3F);
    graph.nodes.push_back({"Conv",
                           to,
                           13,
                           {from, "w" + to, "b" + to},
                           {to},
                           {{"pads", std::vector<std::int64_t>(4, pad)}, {"group", groups}}});
  };
  const auto node = [&](const std::string& op, std::vector<std::string> from, const std::string& to,
                        std::map<std::string, Attribute> more = {}) {
    graph.nodes.push_back({op, to, 13, std::move(from), {to}, std::move(more)});
  };
  conv("x", "c1", {4, 1, 3, 3}, 1, 1);
  node("Relu", {"c1"}, "r1");
  conv("r1", "c2", {4, 4, 3, 3}, 1, 1);
  std::fill_n(graph.constants["wc2"].floats().begin() + 4 * 9 * kConstantChannel, 4 * 9, 0.0F);
  node("Add", {"c2", "r1"}, "a1");
  node("Relu", {"a1"}, "r2");
  node("MaxPool", {"r2"}, "p",
       {{"kernel_shape", std::vector<std::int64_t>{2, 2}},
        {"strides", std::vector<std::int64_t>{2, 2}}});
  conv("p", "d", {4, 1, 3, 3}, 1, 4);
  graph.constants["zero"] = float_tensor({}, {0.0F});
  graph.constants["bound"] = float_tensor({}, {0.8F});
  node("Clip", {"d", "zero", "bound"}, "d6");
  conv("d6", "s", {6, 4, 1, 1}, 0, 1);
  conv("s", "t", {6, 6, 1, 1}, 0, 1);
  node("Relu", {"t"}, "tr");
  conv("tr", "u", {6, 6, 3, 3}, 1, 1);
  node("Add", {"s", "u"}, "a2");
  node("ReduceMean", {"a2"}, "g",
       {{"axes", std::vector<std::int64_t>{2, 3}}, {"keepdims", std::int64_t{0}}});
  constant("wy", {5, 6}, 1);
  constant("by", {5}, 0.3F);
  node("Gemm", {"g", "wy", "by"}, "y", {{"transB", std::int64_t{1}}, {"alpha", 1.5F}});
  return graph;
}

inline Tensor random_images(std::mt19937_64& random, std::int64_t count, std::uint64_t brightest) {
  Tensor images = float_tensor({count, 1, kSize, kSize});
  for (float& value : images.floats()) {
    value = static_cast<float>(random() % (brightest + 1)) / 255;
  }
  return images;
}

}  // namespace fewbit::quant
