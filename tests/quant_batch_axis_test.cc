// Networks that mix the images of a batch are refused, each kind of operator that can.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "fewbit/quant/batch_axis.h"
#include "quant_networks.h"

namespace fewbit::quant {
namespace {

using ::testing::HasSubstr;
using Integers = std::vector<std::int64_t>;

Tensor ramp(Shape shape) {
  Tensor tensor = float_tensor(std::move(shape));
  for (std::size_t i = 0; i < tensor.size(); ++i) {
    tensor.floats()[i] = std::sin(static_cast<float>(i) + 1);
  }
  return tensor;
}

Graph graph_of(Shape input, std::vector<Node> nodes) {
  Graph graph;
  graph.inputs = {{"x", std::move(input)}};
  graph.outputs = {"y"};
  graph.constants["w"] = ramp({1, 8, 3});  // LSTM of 3 inputs and 2 hidden
  graph.constants["r"] = ramp({1, 8, 2});
  graph.constants["matrix"] = ramp({3, 4});
  graph.nodes = std::move(nodes);
  return graph;
}

std::string refusal(const Graph& graph, const Tensor& images) {
  const Status status = check_images_are_apart(Network::make(graph).value(), images);
  return status.ok() ? "" : status.error().message();
}

TEST(BatchAxis, OwnNetworksKeepImagesApart) {
  for (const char* name : kNetworkNames) {
    const Status status = check_images_are_apart(network_named(name), test_images(4));
    EXPECT_TRUE(status.ok()) << name << ": " << status.error().message();
  }
}

Node lstm(const std::string& direction, std::int64_t layout) {
  Node node{"LSTM", "l", 14, {"x", "w", "r"}, {"y"}, {}};
  node.attributes = {
      {"hidden_size", std::int64_t{2}}, {"layout", layout}, {"direction", direction}};
  return node;
}

/// The first axis is time: what comes before an image, or behind it, changes its answer.
TEST(BatchAxis, RecurrentLayersOverTheFirstAxis) {
  const Tensor images = ramp({6, 1, 3});
  for (const char* direction : {"forward", "reverse"}) {
    EXPECT_THAT(refusal(graph_of({-1, 1, 3}, {lstm(direction, 0)}), images),
                HasSubstr("depends on the images beside it"));
    EXPECT_THAT(refusal(graph_of({4, 1, 3}, {lstm(direction, 0)}), images),
                HasSubstr("first seen in the value 'y'"));
    // Batches first, or one image at a time: nothing is mixed.
    EXPECT_EQ(refusal(graph_of({-1, 5, 3}, {lstm(direction, 1)}), ramp({6, 5, 3})), "");
    EXPECT_EQ(refusal(graph_of({1, 1, 3}, {lstm(direction, 0)}), images), "");
  }
}

TEST(BatchAxis, WhatIsComputedOverTheFirstAxis) {
  const Tensor images = ramp({5, 4, 3});
  const auto with_axis = [](const char* op, std::int64_t axis) {
    Node node{op, "n", 13, {"x"}, {"y"}, {}};
    if (std::string(op) == "Softmax") {
      node.attributes = {{"axis", axis}};
    } else {
      node.attributes = {{"axes", Integers{axis}}, {"keepdims", std::int64_t{1}}};
    }
    return node;
  };
  EXPECT_THAT(refusal(graph_of({-1, 4, 3}, {with_axis("Softmax", 0)}), images),
              HasSubstr("depends on the images beside it"));
  EXPECT_EQ(refusal(graph_of({-1, 4, 3}, {with_axis("Softmax", 1)}), images), "");
  for (const char* op : {"ReduceMean", "ReduceMax"}) {
    const auto centred = [&](std::int64_t axis) {
      Node reduce = with_axis(op, axis);
      reduce.outputs = {"m"};
      return graph_of({-1, 4, 3}, {reduce, {"Sub", "s", 13, {"x", "m"}, {"y"}, {}}});
    };
    EXPECT_THAT(refusal(centred(0), images), HasSubstr("first seen in the value 'y'")) << op;
    EXPECT_EQ(refusal(centred(1), images), "") << op;
  }
}

/// Rows become columns, and back: in between, a product adds over images.
TEST(BatchAxis, TransposesAndReshapes) {
  const Tensor images = ramp({5, 3, 3});
  const auto transposed = [](Integers order) {
    Node before{"Transpose", "t", 13, {"x"}, {"a"}, {}};
    before.attributes = {{"perm", order}};
    Node behind{"Transpose", "u", 13, {"b"}, {"y"}, {}};
    behind.attributes = {{"perm", order}};  // each of these undoes itself
    return graph_of({-1, 3, 3}, {before, {"Softmax", "s", 13, {"a"}, {"b"}, {}}, behind});
  };
  EXPECT_THAT(refusal(transposed({2, 1, 0}), images), HasSubstr("first seen in the value 'a'"));
  EXPECT_EQ(refusal(transposed({0, 2, 1}), images), "");
  Graph reshaped = graph_of({-1, 4, 3}, {{"Reshape", "r", 13, {"x", "all"}, {"a"}, {}},
                                         {"Softmax", "s", 13, {"a"}, {"b"}, {}},
                                         {"Reshape", "o", 13, {"b", "own"}, {"y"}, {}}});
  reshaped.constants["all"] = integer_tensor({2}, {1, -1});
  reshaped.constants["own"] = integer_tensor({3}, {-1, 4, 3});
  EXPECT_THAT(refusal(reshaped, ramp({5, 4, 3})), HasSubstr("depends on the images beside it"));
  reshaped.constants["all"] = integer_tensor({2}, {-1, 12});
  EXPECT_EQ(refusal(reshaped, ramp({5, 4, 3})), "");
}

/// Images that are all alike would not tell: one is turned back to front.
TEST(BatchAxis, OneImageIsEnough) {
  const Graph graph = graph_of({-1, 1, 3}, {lstm("forward", 0)});
  EXPECT_THAT(refusal(graph, ramp({1, 1, 3})), HasSubstr("depends on the images beside it"));
}

}  // namespace
}  // namespace fewbit::quant
