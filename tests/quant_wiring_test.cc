// Networks with several inputs and outputs, states, branches, transposed and wide convolutions.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "fewbit/quant/quantizer.h"
#include "fewbit/quant/wiring.h"

namespace fewbit::quant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Integers = std::vector<std::int64_t>;

Tensor ramp(Shape shape, float factor = 1) {
  Tensor tensor = float_tensor(std::move(shape));
  for (std::size_t i = 0; i < tensor.size(); ++i) {
    tensor.floats()[i] = factor * std::sin(static_cast<float>(i) + 1);
  }
  return tensor;
}

/// y = x W + s, and the next s is y / 2.
Graph summing_graph() {
  Graph graph;
  graph.inputs = {{"x", {-1, 3}}, {"s", {-1, 2}}, {"half", {}}};
  graph.outputs = {"y", "next"};
  graph.constants["w"] = float_tensor({3, 2}, {1, 2, 3, 4, 5, 6});
  graph.nodes = {{"MatMul", "m", 13, {"x", "w"}, {"p"}, {}},
                 {"Add", "a", 13, {"p", "s"}, {"y"}, {}},
                 {"Mul", "d", 13, {"y", "half"}, {"next"}, {}}};
  return graph;
}

Wiring summing_wiring() { return {{{"half", float_tensor({1}, {0.5F})}}, {{"s", "next"}}, ""}; }

TEST(Wiring, StatesAreHandedFromStepToStep) {
  const Graph graph = wired(summing_graph(), summing_wiring()).value();
  const Network network = Network::make(graph).value();
  EXPECT_TRUE(network.has_states());
  const Tensor images = ramp({2, 4, 3});
  const Tensor got = network.run(images, FloatArithmetic()).value();
  ASSERT_EQ(got.shape, (Shape{2, 4, 2}));
  const std::vector<float>& w = graph.constants.at("w").floats();
  for (std::size_t sequence = 0; sequence < 2; ++sequence) {
    float state[2] = {0, 0};
    for (std::size_t step = 0; step < 4; ++step) {
      for (std::size_t out = 0; out < 2; ++out) {
        float sum = state[out];
        for (std::size_t i = 0; i < 3; ++i) {
          sum += images.floats()[(sequence * 4 + step) * 3 + i] * w[2 * i + out];
        }
        EXPECT_NEAR(got.floats()[(sequence * 4 + step) * 2 + out], sum, 1e-5);
        state[out] = sum / 2;
      }
    }
  }
}

/// Calibrated over all steps: the samples of the first alone would be others.
TEST(Wiring, StatesAreCalibratedOverSequences) {
  const Network network = Network::make(wired(summing_graph(), summing_wiring()).value()).value();
  Tensor images = ramp({4, 6, 3}, 0.1F);
  images.floats().back() = 100;  // in the last step
  QuantizerOptions options;
  options.weights = options.activations = parse_format("int8").value();
  options.activation_range = RangeRule::kAbsoluteMaximum;
  options.bias_correction = true;
  const auto arithmetic = QuantizedArithmetic::make(network, images, options).value();
  EXPECT_NEAR(arithmetic.layers()[0].left_scale, 100.0 / 127, 1e-6);
  const Tensor in_float = network.run(images, FloatArithmetic()).value();
  const Tensor got = network.run(images, arithmetic).value();
  double error = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    error += static_cast<double>(got.floats()[i]) - static_cast<double>(in_float.floats()[i]);
  }
  EXPECT_LT(std::abs(error / static_cast<double>(got.size())), 1);
}

TEST(Wiring, WrongNamesAndShapesAreRefused) {
  const auto message = [](const Wiring& wiring) {
    const Result<Graph> graph = wired(summing_graph(), wiring);
    return graph.ok() ? Network::make(*graph).error().message() : graph.error().message();
  };
  const Tensor half = float_tensor({}, {0.5F});
  EXPECT_THAT(message({}), HasSubstr("3 inputs: x, s, half"));
  EXPECT_THAT(message({{{"half", half}}, {{"s", "next"}, {"s", "y"}}, ""}), HasSubstr("once"));
  EXPECT_THAT(message({{{"quarter", half}}, {}, ""}), HasSubstr("x, s, half"));
  EXPECT_THAT(message({{}, {{"s", "last"}}, ""}), HasSubstr("y, next"));
  EXPECT_THAT(message({{{"s", float_tensor({4, 3})}}, {}, ""}), HasSubstr("[-1, 2]"));
  EXPECT_THAT(message({{{"half", half}, {"s", float_tensor({1, 2})}}, {}, ""}),
              HasSubstr("2 outputs: y, next"));
  EXPECT_THAT(message({{{"half", half}, {"s", float_tensor({1, 2})}}, {}, "z"}),
              HasSubstr("y, next"));
  const Network network = Network::make(wired(summing_graph(), summing_wiring()).value()).value();
  EXPECT_THAT(network.run(ramp({2, 3}), FloatArithmetic()).error().message(),
              HasSubstr("sequences"));
}

TEST(Wiring, OutputsThatNobodyAsksForAreNotComputed) {
  Graph graph = summing_graph();
  graph.nodes.push_back({"MatMul", "unused", 13, {"y", "wide"}, {"z"}, {}});
  graph.constants["wide"] = float_tensor({2, 5});
  graph.outputs.push_back("z");
  const Wiring wiring{{{"half", float_tensor({}, {0.5F})}, {"s", float_tensor({1, 2})}}, {}, "y"};
  const Network network = Network::make(wired(graph, wiring).value()).value();
  EXPECT_EQ(network.layers().size(), 1U);
  EXPECT_EQ(network.output(), "y");
}

TEST(Wiring, StepsFirstBecomeImagesFirst) {
  Graph graph;
  graph.inputs = {{"x", {-1, 5, 3}}};
  graph.outputs = {"y"};
  graph.nodes = {{"Transpose", "t", 13, {"x"}, {"y"}, {{"perm", Integers{1, 0, 2}}}}};
  const Tensor images = ramp({5, 5, 3});  // as many images as steps
  const Network network = turn_images_first(graph, images).value();
  const Tensor got = network.run(images, FloatArithmetic()).value();
  EXPECT_EQ(got.shape, images.shape);
  EXPECT_EQ(got.floats(), images.floats());
  EXPECT_EQ(graph.nodes.size(), 2U);
  EXPECT_EQ(turn_images_first(graph, images).value().run(images, FloatArithmetic())->floats(),
            images.floats());
  EXPECT_EQ(graph.nodes.size(), 2U);
}

TEST(Wiring, ScoresMayHaveExtentsOfOneBehindThem) {
  Graph graph;
  graph.inputs = {{"x", {-1, 3, 4, 4}}};
  graph.outputs = {"y"};
  graph.nodes = {{"GlobalMaxPool", "p", 13, {"x"}, {"y"}, {}}};
  const Network network = Network::make(graph).value();
  EXPECT_EQ(network.run(ramp({2, 3, 4, 4}), FloatArithmetic())->shape, (Shape{2, 3}));
}

TEST(Wiring, IntegerInputsTakeIntegers) {
  Graph graph;
  graph.inputs = {{"x", {-1, 2}, false, true}};
  graph.outputs = {"y"};
  graph.constants["table"] = float_tensor({3}, {10, 20, 30});
  graph.nodes = {{"Gather", "g", 13, {"table", "x"}, {"y"}, {}}};
  const Network network = Network::make(graph).value();
  EXPECT_THAT(network.run(float_tensor({1, 2}, {2, 0}), FloatArithmetic())->floats(),
              ElementsAre(30, 10));
  EXPECT_THAT(network.run(float_tensor({1, 2}, {0.5F, 0}), FloatArithmetic()).error().message(),
              HasSubstr("integers"));
}

/// y = If(flag == 1): x + 1 of the branch's own constant, else -x.
Graph branching_graph() {
  Graph then_branch, else_branch;
  then_branch.constants["one"] = float_tensor({1}, {1});
  then_branch.nodes = {{"Add", "a", 13, {"x", "one"}, {"inner"}, {}}};
  then_branch.outputs = {"inner"};
  else_branch.nodes = {{"Neg", "n", 13, {"x"}, {"inner"}, {}}};
  else_branch.outputs = {"inner"};
  Graph graph;
  graph.inputs = {{"x", {-1, 2}}, {"flag", {}, false, true}};
  graph.outputs = {"y"};
  graph.constants["wanted"] = integer_tensor({}, {1});
  graph.nodes = {{"Equal", "e", 13, {"flag", "wanted"}, {"is_one"}, {}},
                 {"If", "i", 13, {"is_one"}, {"y"}, {}}};
  graph.nodes[1].attributes = {{"then_branch", std::make_shared<const Graph>(then_branch)},
                               {"else_branch", std::make_shared<const Graph>(else_branch)}};
  return graph;
}

TEST(Branches, OfConstantConditionsAreChosen) {
  for (const std::int64_t flag : {0, 1}) {
    const Wiring wiring{{{"flag", integer_tensor({}, {flag})}}, {}, ""};
    const Network network = Network::make(wired(branching_graph(), wiring).value()).value();
    EXPECT_THAT(network.run(float_tensor({1, 2}, {3, 4}), FloatArithmetic())->floats(),
                flag == 1 ? ElementsAre(4, 5) : ElementsAre(-3, -4));
  }
}

TEST(Branches, WhatCannotBeChosenIsRefused) {
  Graph graph = branching_graph();
  graph.inputs = {{"flag", {-1, 1}, false, true}};
  graph.constants["x"] = float_tensor({1, 2});
  const Network network = Network::make(graph).value();
  EXPECT_THAT(network.run(float_tensor({1, 1}), FloatArithmetic()).error().message(),
              HasSubstr("depends on constants alone"));
  graph = branching_graph();
  graph.constants["flag"] = integer_tensor({2}, {1, 0});
  graph.inputs.pop_back();
  EXPECT_THAT(Network::make(graph).error().message(), HasSubstr("one Boolean"));
  graph.constants["flag"] = integer_tensor({}, {1});
  graph.nodes[1].attributes.erase("then_branch");
  EXPECT_THAT(Network::make(graph).error().message(), HasSubstr("then_branch"));
}

/// The definition: every pixel adds its kernel to the result.
Tensor transposed_convolution(const Tensor& x, const Tensor& w, std::int64_t stride,
                              std::int64_t pad) {
  const std::int64_t kernel = w.shape[2], outputs = w.shape[1];
  const std::int64_t rows = (x.shape[2] - 1) * stride + kernel - 2 * pad;
  const std::int64_t columns = (x.shape[3] - 1) * stride + kernel - 2 * pad;
  Tensor out = float_tensor({x.shape[0], outputs, rows, columns});
  std::size_t pixel = 0;
  for (std::int64_t n = 0; n < x.shape[0]; ++n) {
    for (std::int64_t c = 0; c < x.shape[1]; ++c) {
      for (std::int64_t i = 0; i < x.shape[2] * x.shape[3]; ++i) {
        const float value = x.floats()[pixel++];
        for (std::int64_t o = 0; o < outputs; ++o) {
          for (std::int64_t k = 0; k < kernel * kernel; ++k) {
            const std::int64_t row = i / x.shape[3] * stride + k / kernel - pad;
            const std::int64_t column = i % x.shape[3] * stride + k % kernel - pad;
            if (row < 0 || row >= rows || column < 0 || column >= columns) continue;
            out.floats()[static_cast<std::size_t>(((n * outputs + o) * rows + row) * columns +
                                                  column)] +=
                value *
                w.floats()[static_cast<std::size_t>((c * outputs + o) * kernel * kernel + k)];
          }
        }
      }
    }
  }
  return out;
}

TEST(TransposedConvolutions, AreLinearLayers) {
  for (const auto& [kernel, stride, pad] :
       {std::array<std::int64_t, 3>{2, 2, 0}, {3, 2, 1}, {4, 2, 1}, {3, 1, 2}, {2, 3, 0}}) {
    Graph graph;
    graph.inputs = {{"x", {-1, 3, 4, 5}}};
    graph.outputs = {"y"};
    graph.constants["w"] = ramp({3, 2, kernel, kernel});
    graph.nodes = {{"ConvTranspose", "up", 13, {"x", "w"}, {"y"}, {}}};
    graph.nodes[0].attributes = {{"strides", Integers{stride, stride}}, {"pads", Integers(4, pad)}};
    const Network network = Network::make(graph).value();
    ASSERT_EQ(network.layers().size(), 1U);
    EXPECT_EQ(network.layers()[0].name, "up");
    EXPECT_TRUE(network.layers()[0].weights_are_plain());
    const Tensor images = ramp({2, 3, 4, 5}, 2);
    const Tensor expected = transposed_convolution(images, graph.constants.at("w"), stride, pad);
    const Tensor got = network.run(images, FloatArithmetic()).value();
    ASSERT_EQ(got.shape, expected.shape);
    for (std::size_t i = 0; i < got.size(); ++i) {
      ASSERT_NEAR(got.floats()[i], expected.floats()[i], 1e-5);
    }
  }
}

/// So large that not all of the image is unfolded at a time.
TEST(WideConvolutions, AreTheirDefinition) {
  const std::int64_t size = 1000;
  const Tensor x = ramp({1, 2, size, size}), w = ramp({2, 2, 3, 3});
  const Node node{"Conv", "c", 13, {}, {"y"}, {{"pads", Integers(4, 1)}}};
  const FloatArithmetic arithmetic;
  const Tensor got =
      std::move(run_kernel(*find_kernel("Conv"), {node, {&x, &w}, 0, arithmetic}).value()[0]);
  ASSERT_EQ(got.shape, (Shape{1, 2, size, size}));
  for (std::int64_t place = 0; place < size * size; place += 997) {
    const std::int64_t row = place / size, column = place % size;
    for (std::int64_t out = 0; out < 2; ++out) {
      float sum = 0;
      for (std::int64_t term = 0; term < 18; ++term) {
        const std::int64_t y = row + term % 9 / 3 - 1, z = column + term % 3 - 1;
        if (y < 0 || y >= size || z < 0 || z >= size) continue;
        sum += x.floats()[static_cast<std::size_t>((term / 9 * size + y) * size + z)] *
               w.floats()[static_cast<std::size_t>(out * 18 + term)];
      }
      ASSERT_NEAR(got.floats()[static_cast<std::size_t>(out * size * size + place)], sum, 1e-5);
    }
  }
}

TEST(Infinities, AreConstantsButNoWeights) {
  const float infinity = std::numeric_limits<float>::infinity();
  Graph graph;
  graph.inputs = {{"x", {-1, 2}}};
  graph.outputs = {"y"};
  graph.constants["low"] = float_tensor({1}, {-infinity});
  graph.nodes = {{"Max", "m", 13, {"x", "low"}, {"y"}, {}}};
  EXPECT_THAT(Network::make(graph)->run(float_tensor({1, 2}, {-3, 4}), FloatArithmetic())->floats(),
              ElementsAre(-3, 4));
  graph.constants["w"] = float_tensor({2, 1}, {1, infinity});
  graph.nodes = {{"MatMul", "m", 13, {"x", "w"}, {"y"}, {}}};
  EXPECT_THAT(Network::make(graph).error().message(), HasSubstr("finite weights"));
}

/// By hand, from QONNX's description of its operators.
TEST(QonnxNodes, RoundToTheirSteps) {
  const auto run = [](Node node, const std::vector<Tensor>& inputs) {
    node.domain = "qonnx.custom_op.general";
    const FloatArithmetic arithmetic;
    Arguments arguments{node, {}, 0, arithmetic};
    for (const Tensor& input : inputs) arguments.inputs.push_back(&input);
    FEWBIT_CHECK(kernel_of(node).ok() || inputs.size() < 2, "{}",
                 kernel_of(node).error().message());
    return run_kernel(*find_kernel(node.op), arguments);
  };
  const auto scalar = [](float value) { return float_tensor({}, {value}); };
  const Tensor x = float_tensor({6}, {-9, -1.25F, -0.3F, 0.75F, 1.2F, 7});
  Node quant{"Quant", "q", 13, {"x", "s", "z", "b"}, {"y"}, {}};
  const auto values = [&](std::int64_t is_signed, std::int64_t narrow, float zero,
                          const std::string& rounding, float bits) {
    quant.attributes = {{"signed", is_signed}, {"narrow", narrow}, {"rounding_mode", rounding}};
    return run(quant, {x, scalar(0.5F), scalar(zero), scalar(bits)}).value()[0].floats();
  };
  EXPECT_THAT(values(1, 0, 0, "ROUND", 4), ElementsAre(-4, -1, -0.5F, 1, 1, 3.5F));  // ties to even
  EXPECT_THAT(values(1, 1, 0, "floor", 4), ElementsAre(-3.5F, -1.5F, -0.5F, 0.5F, 1, 3.5F));
  EXPECT_THAT(values(0, 0, 2, "CEIL", 3), ElementsAre(-1, -1, 0, 1, 1.5F, 2.5F));
  EXPECT_THAT(values(1, 0, 0, "ROUND", 1), ElementsAre(-0.5F, -0.5F, -0.5F, 0.5F, 0.5F, 0.5F));
  const std::vector<float> under_one_name = values(1, 1, 0, "FLOOR", 4);
  quant.op = "IntQuant";
  EXPECT_EQ(values(1, 1, 0, "FLOOR", 4), under_one_name);
  quant.attributes = {{"rounding_mode", std::string("UP")}};
  EXPECT_THAT(run(quant, {x, scalar(1), scalar(0), scalar(4)}).error().message(),
              HasSubstr("ROUND, CEIL or FLOOR"));
  quant.attributes = {};
  EXPECT_THAT(run(quant, {x, scalar(1), scalar(0), scalar(40)}).error().message(),
              HasSubstr("1 to 24"));
  const Node bipolar{"BipolarQuant", "b", 13, {"x", "s"}, {"y"}, {}};
  EXPECT_THAT(run(bipolar, {x, scalar(2)}).value()[0].floats(), ElementsAre(-2, -2, -2, 2, 2, 2));
  // e2m1 with bias 1: 0, 0.5, 1, 1.5, 2, 3, 4, 6.
  const Node floats{"FloatQuant", "f", 13, {"x", "s", "e", "m", "b", "l"}, {"y"}, {}};
  EXPECT_THAT(
      run(floats, {x, scalar(1), scalar(2), scalar(1), scalar(1), scalar(6)}).value()[0].floats(),
      ElementsAre(-6, -1, -0.5F, 1, 1, 6));
}

TEST(Domains, OfOperatorsAreTheirs) {
  Node node{"Relu", "r", 13, {"x"}, {"y"}, {}};
  EXPECT_TRUE(kernel_of(node).ok());
  node.domain = "com.microsoft";
  EXPECT_THAT(kernel_of(node).error().message(), HasSubstr("com.microsoft"));
  const Node own{"InsertZeros", "z", 13, {"x"}, {"y"}, {}};
  EXPECT_THAT(kernel_of(own).error().message(), HasSubstr("InsertZeros"));
}

}  // namespace
}  // namespace fewbit::quant
