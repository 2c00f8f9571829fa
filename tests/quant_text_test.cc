// fewbit quant run --dictionary by its real binary, on a network of five steps and four classes
// whose input is what each step says: accuracies worked out by hand, and every wrong input.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "fewbit/gen/util/files.h"
#include "fewbit/tests/command_line.h"
#include "fewbit/tests/onnx_writer.h"

namespace fewbit {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using Words = std::vector<std::string>;

constexpr std::size_t kSteps = 5;
constexpr std::size_t kClasses = 4;  ///< the blank, a, e with an accent, the space
constexpr char kDictionary[] = "a\n\u00e9\n";
constexpr char kLabels[] = "aa\u00e9\na\u00e9 a\n\u00e9 \u00e9\n";

std::string npy(const std::string& shape, const std::vector<float>& values) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + "), }\n";
  std::string text("\x93NUMPY\x01\x00", 8);
  text += static_cast<char>(header.size());
  text += '\0';
  return text + header + onnx_file::raw(values);
}

/// Three images. The second's third step says 0.9 for a, 1 for e with an accent.
std::string images() {
  const std::vector<std::vector<std::size_t>> says = {
      {1, 1, 0, 1, 2}, {1, 0, 2, 3, 1}, {0, 0, 0, 0, 0}};
  std::vector<float> values;
  for (const std::vector<std::size_t>& steps : says) {
    for (const std::size_t step : steps) {
      for (std::size_t i = 0; i < kClasses; ++i) values.push_back(i == step ? 1.0F : 0.0F);
    }
  }
  values[(kSteps + 2) * kClasses + 1] = 0.9F;
  return npy("3, 5, 4", values);
}

std::vector<float> identity() {
  std::vector<float> values(kClasses * kClasses, 0.0F);
  for (std::size_t i = 0; i < kClasses; ++i) values[i * (kClasses + 1)] = 1.0F;
  return values;
}

/// y = op(x, w), with the weights as a Constant node.
std::string network(const std::string& op, const std::vector<float>& weights) {
  using namespace onnx_file;
  return model({constant("w", tensor({kClasses, kClasses}, weights)), node(op, {"x", "w"}, "y")},
               {kSteps, kClasses});
}

class QuantText : public ::testing::Test {
 protected:
  QuantText() {
    file("network.onnx", network("MatMul", identity()));
    file("images.npy", images());
    file("labels.txt", kLabels);
    file("dictionary.txt", kDictionary);
  }
  std::string file(const std::string& name, const std::string& text) {
    EXPECT_TRUE(write_files(scratch_.path(), {{name, text}}).ok());
    return scratch_.path() / name;
  }
  /// Later words win over earlier ones; an empty value leaves the option out.
  Ending run(const Words& more) {
    std::map<std::string, std::string> options = {
        {"--network", scratch_.path() / "network.onnx"},
        {"--images", scratch_.path() / "images.npy"},
        {"--labels", scratch_.path() / "labels.txt"},
        {"--dictionary", scratch_.path() / "dictionary.txt"}};
    for (std::size_t i = 0; i + 1 < more.size(); i += 2) options[more[i]] = more[i + 1];
    Words words = {"quant", "run", "--json"};
    for (const auto& [option, value] : options) {
      if (!value.empty()) words.insert(words.end(), {option, value});
    }
    return CommandLine(words, scratch_.path()).wait();
  }
  std::string refused(const Words& more) {
    const Ending ending = run(more);
    EXPECT_EQ(ending.exit_code, 2) << ending.out;
    const auto json = nlohmann::json::parse(ending.out);
    EXPECT_TRUE(json.contains("error"));
    EXPECT_FALSE(json.contains("float"));
    return ending.err;
  }
  const ScratchDirectory scratch_ = ScratchDirectory::make().value();
};

TEST_F(QuantText, CharactersAndLinesInFloatAndInTwoBits) {
  // Float reads "aa<e>", "a<e> a" and nothing: 3 edits of 10 characters. In two bits 0.9 is 1, and
  // the first of the equals is a: "aa a", one edit more and one line less.
  const Ending ending =
      run({"--format-weights", "int2", "--format-activations", "int2", "--calibration-images",
           scratch_.path() / "images.npy", "--range-weights", "absmax", "--range-activations",
           "absmax", "--edge-layers", "same"});
  ASSERT_EQ(ending.exit_code, 0) << ending.err;
  const auto json = nlohmann::json::parse(ending.out);
  EXPECT_EQ(json.at("images"), 3);
  const auto expect = [&](const char* name, int edits, int exact, double percent) {
    EXPECT_EQ(json.at(name).at("characters"), 10) << name;
    EXPECT_EQ(json.at(name).at("edits"), edits) << name;
    EXPECT_EQ(json.at(name).at("exact_lines"), exact) << name;
    EXPECT_DOUBLE_EQ(json.at(name).at("percent"), percent) << name;
  };
  expect("float", 3, 2, 70);
  expect("quantized", 4, 1, 60);
  EXPECT_EQ(json.at("quantized").at("layers").size(), 1U);
}

TEST_F(QuantText, LimitTakesTheFirstLines) {
  const auto json = nlohmann::json::parse(run({"--limit", "2"}).out);
  EXPECT_EQ(json.at("float").at("characters"), 7);
  EXPECT_EQ(json.at("float").at("edits"), 0);
  EXPECT_EQ(json.at("float").at("percent"), 100);
}

TEST_F(QuantText, WrongTextIsNamed) {
  const auto labels = [&](const std::string& text) {
    return refused({"--labels", file("other.txt", text)});
  };
  EXPECT_THAT(labels("a\na\n"), AllOf(HasSubstr("2 lines"), HasSubstr("each of 3 images")));
  EXPECT_THAT(labels("a\nab\na\n"), AllOf(HasSubstr("--labels"), HasSubstr("line 2 has U+0062")));
  EXPECT_THAT(labels("a\n\na\n"), HasSubstr("line 2 is empty"));
  EXPECT_THAT(labels("a\na\naaaa\n"),
              AllOf(HasSubstr("line 3 of 4 characters"), HasSubstr("5 steps")));
  EXPECT_THAT(labels("\xff\na\na\n"), HasSubstr("UTF-8"));
}

TEST_F(QuantText, ADictionaryThatDoesNotFitIsNamed) {
  const auto dictionary = [&](const std::string& text, const std::string& labels) {
    return refused({"--dictionary", file("other.txt", text), "--labels", file("more.txt", labels)});
  };
  EXPECT_THAT(dictionary("a\n", "a\na\na\n"),
              AllOf(HasSubstr("4 classes"), HasSubstr("legal: 2 or 3")));
  EXPECT_THAT(dictionary("a\nb\nc\nd\n", "a\na\na\n"), HasSubstr("legal: 5 or 6"));
  // Three characters leave no class for the space.
  EXPECT_THAT(dictionary("a\nb\nc\n", "a a\na\na\n"), HasSubstr("legal: 5"));
  EXPECT_THAT(dictionary("a\nbc\n", "a\na\na\n"),
              AllOf(HasSubstr("--dictionary"), HasSubstr("line 2 has 2")));
  EXPECT_THAT(refused({"--dictionary", "/nonexistent"}), HasSubstr("--dictionary: '/nonexistent"));
}

TEST_F(QuantText, WrongNetworksAndImagesAreNamed) {
  const auto network_is = [&](const std::string& text) {
    return refused({"--network", file("other.onnx", text)});
  };
  const std::string whole = network("MatMul", identity());
  EXPECT_THAT(network_is(whole.substr(0, whole.size() / 2)), HasSubstr("cut short"));
  EXPECT_THAT(network_is(network("Einsum", identity())),
              AllOf(HasSubstr("Einsum y"), HasSubstr("the operator is not covered")));
  std::vector<float> weights = identity();
  weights[5] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(network_is(network("MatMul", weights)),
              AllOf(HasSubstr("tensor: 'w'"), HasSubstr("NaN")));
  EXPECT_THAT(refused({"--images", file("other.npy", npy("3, 4, 4", std::vector<float>(48)))}),
              HasSubstr("[-1, 5, 4]"));
  // Read as a classifier, and a classifier read as text.
  EXPECT_THAT(refused({"--dictionary", "", "--labels",
                       file("three.idx", std::string("\0\0\x08\x01\0\0\0\x03\1\2\3", 11))}),
              AllOf(HasSubstr("[3, 5, 4]"), HasSubstr("logits [3, classes]")));
  const std::string data = "/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz";
  std::string lines;
  for (int i = 0; i < 10000; ++i) lines += "a\n";
  EXPECT_THAT(refused({"--network", fs::path(FEWBIT_SOURCE_DIR) / "quant/networks/resnet.onnx",
                       "--images", data, "--labels", file("many.txt", lines), "--limit", "3"}),
              AllOf(HasSubstr("[3, 10]"), HasSubstr("scores [3, steps, classes]")));
}

TEST_F(QuantText, GridAndSearchRefuseADictionary) {
  for (const char* action : {"grid", "search"}) {
    const Ending ending =
        CommandLine({"quant", action, "--dictionary", "d.txt"}, scratch_.path()).wait();
    EXPECT_EQ(ending.exit_code, 2);
    EXPECT_THAT(ending.err, AllOf(HasSubstr("option: '--dictionary' is not valid"),
                                  HasSubstr("it is an option of fewbit quant run")));
  }
}

}  // namespace
}  // namespace fewbit
