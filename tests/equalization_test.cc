// Equalization: the network's function stays, ranges become alike.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/equalization.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "fewbit/quant/channel_links.h"
#include "fewbit/tests/quant_networks.h"

namespace fewbit::quant {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::IsEmpty;
using ::testing::Pointwise;

Graph graph_of(std::vector<Node> nodes, std::map<std::string, Tensor> constants, Shape input) {
  Graph graph;
  graph.inputs = {{"x", std::move(input)}};
  graph.outputs = {nodes.back().outputs[0]};
  graph.constants = std::move(constants);
  graph.nodes = std::move(nodes);
  return graph;
}

std::vector<float> run(const Graph& graph, const Tensor& input) {
  return Network::make(graph).value().run(input, FloatArithmetic()).value().floats();
}

/// The constant that a node reads after equalization.
std::vector<float> constant(const Graph& graph, std::size_t node, std::size_t input) {
  return graph.constants.at(graph.nodes[node].inputs[input]).floats();
}

/// y = relu(x W1 + b) W2.
Graph two_layers() {
  return graph_of({{"MatMul", "first", 13, {"x", "w1"}, {"h"}, {}},
                   {"Add", "bias", 13, {"b", "h"}, {"hb"}, {}},
                   {"Relu", "relu", 13, {"hb"}, {"r"}, {}},
                   {"MatMul", "second", 13, {"r", "w2"}, {"y"}, {}}},
                  {{"w1", float_tensor({2, 2}, {8, 1, -4, 0.5F})},
                   {"b", float_tensor({2}, {2, -3})},
                   {"w2", float_tensor({2, 1}, {0.5F, -4})}},
                  {-1, 2});
}

TEST(WeightEqualization, BothSidesGetTheSameRange) {
  const Graph equal = equalize_weights(two_layers());
  // Ranges of the hidden channels: 8 and 0.5, so the factor is 4; 1 and 4: 1/2.
  EXPECT_THAT(constant(equal, 0, 1), ElementsAre(2, 2, -1, 1));
  EXPECT_THAT(constant(equal, 1, 0), ElementsAre(0.5F, -6));
  EXPECT_THAT(constant(equal, 3, 1), ElementsAre(2, -2));
  const Tensor input = float_tensor({3, 2}, {1, 2, -1, 0.5F, 7, -9});
  EXPECT_EQ(run(equal, input), run(two_layers(), input));
}

TEST(WeightEqualization, ChannelsWithoutWeightsStay) {
  Graph graph = two_layers();
  graph.constants["w2"] = float_tensor({2, 1}, {0, -4});
  const Graph equal = equalize_weights(graph);
  EXPECT_THAT(constant(equal, 0, 1), ElementsAre(8, 2, -4, 1));
  EXPECT_THAT(constant(equal, 3, 1), ElementsAre(0, -2));
}

TEST(WeightEqualization, NothingMovesWhereAnotherNodeReadsTheValue) {
  Graph graph = two_layers();
  graph.constants["w2"] = float_tensor({2, 2}, {0.5F, 1, -4, 1});
  graph.nodes.push_back({"Add", "sum", 13, {"y", "r"}, {"z"}, {}});
  graph.outputs = {"z"};
  EXPECT_THAT(find_channel_links(graph), IsEmpty());
  EXPECT_EQ(equalize_weights(graph).constants.at("w1").floats(), graph.constants["w1"].floats());
}

/// A shared constant is another's, too: only the copy changes.
TEST(WeightEqualization, SharedWeightsAreCopied) {
  Graph graph = two_layers();
  graph.constants["w2"] = float_tensor({2, 2}, {0.5F, 1, -4, 1});
  graph.nodes.push_back({"Sigmoid", "gate", 13, {"y"}, {"g"}, {}});
  graph.nodes.push_back({"MatMul", "third", 13, {"g", "w2"}, {"z"}, {}});
  graph.outputs = {"z"};
  const Tensor input = float_tensor({1, 2}, {1, 2});
  const Graph equal = equalize_weights(graph);
  EXPECT_EQ(equal.constants.at("w2").floats(), graph.constants["w2"].floats());
  EXPECT_THAT(run(equal, input), Pointwise(FloatNear(1e-6F), run(graph, input)));
}

/// Clip from 0 to 6 between a depthwise and a full convolution: each channel gets its own bound.
TEST(WeightEqualization, BoundsOfChannels) {
  const Graph graph =
      graph_of({{"Conv", "filter", 13, {"x", "w1"}, {"h"}, {{"group", std::int64_t{2}}}},
                {"Clip", "clip", 13, {"h", "low", "high"}, {"c"}, {}},
                {"Conv", "mix", 13, {"c", "w2"}, {"y"}, {}}},
               {{"w1", float_tensor({2, 1, 1, 1}, {4, 1})},
                {"low", float_tensor({}, {0})},
                {"high", float_tensor({}, {6})},
                {"w2", float_tensor({1, 2, 1, 1}, {1, 16})}},
               {-1, 2, 1, 2});
  const Graph equal = equalize_weights(graph);
  ASSERT_EQ(equal.nodes[2].op, "Min");
  EXPECT_THAT(constant(equal, 0, 1), ElementsAre(2, 4));
  EXPECT_THAT(constant(equal, 2, 1), ElementsAre(3, 24));
  EXPECT_THAT(constant(equal, 3, 1), ElementsAre(2, 4));
  const Tensor input = float_tensor({1, 2, 1, 2}, {1, 3, -5, 9});
  // 4 + 0 and min(12, 6) + 16 min(9, 6).
  EXPECT_THAT(run(graph, input), ElementsAre(4, 102));
  EXPECT_THAT(run(equal, input), ElementsAre(4, 102));
}

/// The factors of a normalisation take up what the inputs of the layer behind it lose.
TEST(ActivationEqualization, ThroughANormalisation) {
  const Graph graph = graph_of({{"LayerNormalization", "norm", 17, {"x", "g", "b"}, {"n"}, {}},
                                {"MatMul", "linear", 13, {"n", "w"}, {"y"}, {}}},
                               {{"g", float_tensor({2}, {16, 1})},
                                {"b", float_tensor({2}, {0, 0})},
                                {"w", float_tensor({2, 1}, {1, -1})}},
                               {-1, 2});
  const Tensor images = float_tensor({1, 2}, {3, 1});  // normalised: 1 and -1
  const Graph equal = equalize_activations(graph, images).value();
  // Ranges 16 / 1 and 1 / 1: factors 4 and 1 (nearly: the norm's epsilon is in the input).
  EXPECT_THAT(constant(equal, 0, 1), Pointwise(FloatNear(1e-4F), {4.0F, 1.0F}));
  EXPECT_THAT(constant(equal, 1, 1), Pointwise(FloatNear(1e-4F), {4.0F, -1.0F}));
  EXPECT_THAT(run(equal, images), Pointwise(FloatNear(1e-5F), run(graph, images)));
}

TEST(ActivationEqualization, WrongImagesAreNamed) {
  EXPECT_THAT(equalize_activations(two_layers(), float_tensor({1, 3})).error().message(),
              ::testing::HasSubstr("images"));
  EXPECT_THAT(equalize_activations(two_layers(), float_tensor({0, 2})).error().message(),
              ::testing::HasSubstr("at least one image"));
}

/// Residual, depthwise and attention layers: real networks compute what they did. Links are: one in
/// each residual block; two in each inverted bottleneck, one into the first two and into the head;
/// two in the stem of the transformer, three in an encoder (not into the output of the attention),
/// and one into the head.
TEST(Equalization, NetworksComputeTheSame) {
  const Tensor images = test_images(8);
  for (const auto& [name, links] :
       {std::pair{"resnet", 3U}, std::pair{"mobilenet", 13U}, std::pair{"vit", 15U}}) {
    SCOPED_TRACE(name);
    const Graph graph = read_onnx(network_file(name)).value();
    const std::vector<float> expected = run(graph, images);
    EXPECT_EQ(find_channel_links(prepare_for_links(fold_batch_normalization(graph))).size(), links);
    const Graph weights = equalize_weights(graph);
    const Graph activations = equalize_activations(graph, images).value();
    for (const Graph* equal : {&weights, &activations}) {
      EXPECT_THAT(run(*equal, images), Pointwise(FloatNear(1e-4F), expected));
      EXPECT_GT(equal->constants.size(), graph.constants.size());
    }
  }
}

}  // namespace
}  // namespace fewbit::quant
