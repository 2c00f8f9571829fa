// Networks: the trainer's logits, folding, and files and graphs that are wrong.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <map>

#include "fewbit/gen/util/files.h"
#include "fewbit/quant/evaluate.h"
#include "fewbit/tests/quant_networks.h"

namespace fewbit::quant {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

TEST(Networks, LogitsAreTheTrainersWithin1em4) {
  for (const char* name : kNetworkNames) {
    SCOPED_TRACE(name);
    const Tensor expected = read_npy(network_file(name).replace_extension(".npy")).value();
    const auto count = static_cast<std::size_t>(expected.shape[0]);
    ASSERT_GE(count, 32U);
    const Tensor got = network_named(name).run(test_images(count), FloatArithmetic()).value();
    ASSERT_EQ(got.shape, expected.shape);
    for (std::size_t i = 0; i < got.size(); ++i) {
      ASSERT_NEAR(got.floats()[i], expected.floats()[i], 1e-4) << "logit " << i;
    }
  }
}

/// On all test images, by the bars that quant/training/train.py holds its networks to.
TEST(Networks, AreSmallAndAsAccurateAsTrained) {
  const Tensor images = test_images(10000);
  const std::vector<std::int64_t> labels = test_labels(10000);
  const std::map<std::string, double> bars = {{"resnet", 92.5}, {"mobilenet", 91.5}, {"vit", 89}};
  for (const char* name : kNetworkNames) {
    EXPECT_LE(fs::file_size(network_file(name)), 1500000U) << name;
    const Evaluation all =
        evaluate(network_named(name), FloatArithmetic(), images, labels, 2).value();
    EXPECT_EQ(all.images, 10000U) << name;
    EXPECT_GE(all.percent(), bars.at(name)) << name;
  }
}

TEST(Networks, AccuracyDoesNotDependOnTheNumberOfJobs) {
  const Tensor images = test_images(500);
  const std::vector<std::int64_t> labels = test_labels(500);
  for (const char* name : kNetworkNames) {
    const Network network = network_named(name);
    const Evaluation one = evaluate(network, FloatArithmetic(), images, labels, 1).value();
    const Evaluation two = evaluate(network, FloatArithmetic(), images, labels, 2).value();
    EXPECT_EQ(one.right, two.right) << name;
  }
}

/// image -> Conv -> BatchNormalization -> Relu -> y, 3 output channels.
Graph normalized_graph() {
  Graph graph;
  graph.inputs = {{"image", {-1, 2, 4, 4}}};
  graph.outputs = {"y"};
  const auto floats = [&](const std::string& name, Shape shape, float first, float step) {
    Tensor tensor = float_tensor(std::move(shape));
    for (float& value : tensor.floats()) {
      value = first;
      first += step;
    }
    graph.constants[name] = std::move(tensor);
  };
  floats("w", {3, 2, 3, 3}, -0.4F, 0.017F);
  floats("b", {3}, 0.3F, -0.2F);
  floats("scale", {3}, 0.5F, 0.75F);
  floats("shift", {3}, -0.1F, 0.2F);
  floats("mean", {3}, 0.4F, -0.3F);
  floats("variance", {3}, 0.2F, 0.9F);
  graph.nodes = {
      {"Conv", "conv", 13, {"image", "w", "b"}, {"sums"}, {}},
      {"BatchNormalization", "norm", 13, {"sums", "scale", "shift", "mean", "variance"}, {"z"}, {}},
      {"Relu", "relu", 13, {"z"}, {"y"}, {}}};
  return graph;
}

Tensor ramp(Shape shape) {
  Tensor tensor = float_tensor(std::move(shape));
  for (std::size_t i = 0; i < tensor.size(); ++i) {
    tensor.floats()[i] = std::sin(static_cast<float>(i));
  }
  return tensor;
}

TEST(Networks, FoldedNormalizationComputesTheSame) {
  const Graph graph = normalized_graph();
  const Graph folded = fold_batch_normalization(graph);
  ASSERT_EQ(folded.nodes.size(), 2U);
  const Tensor image = ramp({2, 2, 4, 4});
  // The unfolded one, kernel by kernel.
  std::map<std::string, Tensor> values = graph.constants;
  values["image"] = image;
  const FloatArithmetic arithmetic;
  for (const Node& node : graph.nodes) {
    Arguments arguments{node, {}, 0, arithmetic};
    for (const std::string& input : node.inputs) arguments.inputs.push_back(&values.at(input));
    values[node.outputs[0]] = run_kernel(*find_kernel(node.op), arguments).value()[0];
  }
  const Tensor got = Network::make(folded).value().run(image, arithmetic).value();
  ASSERT_EQ(got.shape, values.at("y").shape);
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_NEAR(got.floats()[i], values.at("y").floats()[i], 1e-5);
  }
}

TEST(Networks, SumsThatSomethingElseNeedsAreNotFolded) {
  Graph graph = normalized_graph();
  graph.nodes.push_back({"Add", "sum", 13, {"y", "sums"}, {"total"}, {}});
  graph.outputs = {"total"};
  EXPECT_EQ(fold_batch_normalization(graph).nodes.size(), 4U);
}

TEST(Networks, KnowWhichOperandsAreNotNegative) {
  Graph graph = normalized_graph();
  graph.nodes.push_back({"MatMul", "product", 13, {"y", "y"}, {"p"}, {}});
  graph.nodes.push_back({"MatMul", "signed", 13, {"p", "z"}, {"q"}, {}});
  graph.outputs = {"q"};
  graph.inputs[0].shape = {-1, 2, 4, 4};
  const Network network = Network::make(graph).value();
  ASSERT_EQ(network.layers().size(), 3U);
  EXPECT_FALSE(network.layers()[0].nonnegative_input);
  EXPECT_TRUE(network.layers()[1].nonnegative_input);
  EXPECT_TRUE(network.layers()[1].nonnegative_right);
  EXPECT_FALSE(network.layers()[2].nonnegative_right);
}

std::string error_of(Graph graph) {
  const Result<Network> network = Network::make(std::move(graph));
  return network.ok() ? "no error" : network.error().message();
}

TEST(Networks, WrongGraphsAreNamed) {
  Graph graph = normalized_graph();
  graph.nodes[2].op = "Einsum";
  EXPECT_THAT(error_of(graph), ::testing::AllOf(HasSubstr("Einsum relu"), HasSubstr("not covered"),
                                                HasSubstr("Conv")));
  graph = normalized_graph();
  graph.nodes[2].inputs = {"nothing"};
  EXPECT_THAT(error_of(graph), HasSubstr("nothing before it makes 'nothing'"));
  graph = normalized_graph();
  graph.nodes[2].inputs = {"z", "z"};
  EXPECT_THAT(error_of(graph), HasSubstr("1 to 1 inputs"));
  graph = normalized_graph();
  graph.inputs.push_back({"second", {}});
  EXPECT_THAT(error_of(graph), HasSubstr("2 inputs"));
  graph = normalized_graph();
  graph.outputs = {"w"};
  EXPECT_THAT(error_of(graph), HasSubstr("network output"));
  const Network network = Network::make(normalized_graph()).value();
  EXPECT_THAT(network.run(ramp({1, 3, 4, 4}), FloatArithmetic()).error().message(),
              HasSubstr("[-1, 2, 4, 4]"));
}

/// x -> Expand to the shape -> Relu -> y.
Graph expanding_graph(const Shape& shape) {
  Graph graph;
  graph.inputs = {{"x", {-1, 1}}};
  graph.outputs = {"y"};
  graph.constants["shape"] = integer_tensor({static_cast<std::int64_t>(shape.size())}, shape);
  graph.nodes = {{"Expand", "expand", 13, {"x", "shape"}, {"z"}, {}},
                 {"Relu", "relu", 13, {"z"}, {"y"}, {}}};
  return graph;
}

// A few bytes of a file can ask for any number of elements.
TEST(Networks, MemoryIsBoundedBeforeItIsTaken) {
  const Tensor one = float_tensor({1, 1});
  const auto message = [&](const Graph& graph) {
    const Result<Network> network = Network::make(graph);
    if (!network.ok()) return network.error().message();
    const Result<Tensor> result = network->run(one, FloatArithmetic());
    return result.ok() ? "no error" : result.error().message();
  };
  EXPECT_EQ(message(expanding_graph({1000, 1})), "no error");
  EXPECT_THAT(message(expanding_graph({1 << 20, 1 << 8})), HasSubstr("134217728 elements"));
  // Twelve of 2^26 elements, 256 MiB each, that the end of the network needs.
  Graph many = expanding_graph({1 << 13, 1 << 13});
  many.nodes.pop_back();
  std::vector<std::string> sums = {"z"};
  for (int i = 0; i < 11; ++i) {
    const std::string name = "s" + std::to_string(i);
    many.nodes.push_back({"Expand", name, 13, {"x", "shape"}, {name}, {}});
    sums.push_back(name);
  }
  for (std::size_t i = 1; i < sums.size(); ++i) {
    const std::string to = i + 1 == sums.size() ? "y" : "t" + std::to_string(i);
    const std::string from = i == 1 ? sums[0] : "t" + std::to_string(i - 1);
    many.nodes.push_back({"Add", to, 13, {from, sums[i]}, {to}, {}});
  }
  EXPECT_THAT(message(many), HasSubstr("1073741824 bytes at a time"));
  // Constants that are computed count as well, whether anything needs them or not.
  Graph constants = expanding_graph({1, 1});
  constants.constants["large"] = integer_tensor({1}, {1 << 26});
  for (int i = 0; i < 6; ++i) {
    constants.nodes.push_back(
        {"ConstantOfShape", "c", 13, {"large"}, {"c" + std::to_string(i)}, {}});
  }
  EXPECT_THAT(message(constants), HasSubstr("1073741824 bytes at a time"));
}

class BrokenFiles : public ::testing::Test {
 protected:
  BrokenFiles() : text_(read_file(network_file("resnet")).value()) {}
  std::string error_of(const std::string& text) {
    EXPECT_TRUE(write_files(scratch_.path(), {{"broken.onnx", text}}).ok());
    const Result<Graph> graph = read_onnx(scratch_.path() / "broken.onnx");
    if (!graph.ok()) return graph.error().message();
    const Result<Network> network = Network::make(*graph);
    return network.ok() ? "no error" : network.error().message();
  }
  std::string text_;
  const ScratchDirectory scratch_ = ScratchDirectory::make().value();
};

TEST_F(BrokenFiles, CutShortEmptyOrSomethingElse) {
  EXPECT_EQ(error_of(text_), "no error");
  EXPECT_THAT(error_of(""), HasSubstr("an ONNX network"));
  EXPECT_THAT(error_of("\x93NUMPY and more"), HasSubstr("an ONNX network"));
  for (const double part : {0.1, 0.5, 0.999}) {
    const auto length = static_cast<std::size_t>(part * static_cast<double>(text_.size()));
    EXPECT_THAT(error_of(text_.substr(0, length)), HasSubstr("cut short")) << part;
  }
}

TEST_F(BrokenFiles, AnOperatorThatIsNotCovered) {
  std::string text = text_;
  const std::size_t place = text.find("\"\x04Relu");  // field op_type of a node
  ASSERT_NE(place, std::string::npos);
  text.replace(place + 2, 4, "Mish");
  EXPECT_THAT(error_of(text), HasSubstr("the operator is not covered"));
  EXPECT_THAT(error_of(text), HasSubstr("Mish"));
}

TEST_F(BrokenFiles, AWeightThatIsNoNumber) {
  const Graph graph = read_onnx(network_file("resnet")).value();
  for (const auto& [name, tensor] : graph.constants) {
    if (!tensor.is_float() || tensor.size() < 100) continue;
    std::string bytes(16, '\0');
    std::memcpy(bytes.data(), tensor.floats().data() + 50, bytes.size());
    std::string text = text_;
    const std::size_t place = text.find(bytes);
    ASSERT_NE(place, std::string::npos);
    text.replace(place, 4, std::string("\x00\x00\xc0\x7f", 4));
    EXPECT_THAT(error_of(text), ::testing::AllOf(HasSubstr(name), HasSubstr("NaN")));
    return;
  }
  FAIL() << "no weights";
}

}  // namespace
}  // namespace fewbit::quant
