// fewbit quant by its real binary: accuracies, and every wrong input.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "fewbit/gen/util/files.h"
#include "fewbit/tests/command_line.h"
#include "fewbit/tests/onnx_writer.h"

namespace fewbit {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Words = std::vector<std::string>;

constexpr char kData[] = "/usr/share/datasets/fashion-mnist/t10k-";

constexpr char kTrainingImages[] = "/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz";

class QuantCli : public ::testing::Test {
 protected:
  /// fewbit quant run on the small ResNet; later words win over earlier ones. With formats it is
  /// calibrated on training images.
  Ending run(const Words& more) {
    std::map<std::string, std::string> options = {
        {"--network", (fs::path(FEWBIT_SOURCE_DIR) / "quant/networks/resnet.onnx").string()},
        {"--images", std::string(kData) + "images-idx3-ubyte.gz"},
        {"--labels", std::string(kData) + "labels-idx1-ubyte.gz"},
        {"--limit", "200"}};
    if (std::count(more.begin(), more.end(), "--format-weights") != 0) {
      options["--calibration-images"] = kTrainingImages;
    }
    for (std::size_t i = 0; i + 1 < more.size(); i += 2) options[more[i]] = more[i + 1];
    Words words = {"quant", "run", "--json"};
    for (const auto& [option, value] : options) {
      words.push_back(option);
      words.push_back(value);
    }
    return CommandLine(words, scratch_.path()).wait();
  }
  /// The message of a run that must end with 2 and print no result.
  std::string refused(const Words& more) {
    const Ending ending = run(more);
    EXPECT_EQ(ending.exit_code, 2);
    EXPECT_TRUE(nlohmann::json::parse(ending.out).contains("error"));
    return ending.err;
  }
  std::string file(const std::string& name, const std::string& text) {
    EXPECT_TRUE(write_files(scratch_.path(), {{name, text}}).ok());
    return scratch_.path() / name;
  }
  const ScratchDirectory scratch_ = ScratchDirectory::make().value();
};

TEST_F(QuantCli, FloatAndQuantizedAccuracy) {
  const auto in_float = nlohmann::json::parse(run({}).out);
  EXPECT_EQ(in_float.at("images"), 200);
  EXPECT_GT(in_float.at("float").at("percent"), 85);
  EXPECT_FALSE(in_float.contains("quantized"));
  const Ending ending =
      run({"--format-weights", "e2m1", "--format-activations", "e4m3fn", "--jobs", "1"});
  ASSERT_EQ(ending.exit_code, 0) << ending.err;
  const auto few = nlohmann::json::parse(ending.out);
  EXPECT_EQ(few.at("float").at("right"), in_float.at("float").at("right"));
  EXPECT_EQ(few.at("quantized").at("weights"), "e2m1");
  EXPECT_EQ(few.at("quantized").at("layers").size(), 10U);
  EXPECT_GT(few.at("quantized").at("percent"), 75);
}

TEST_F(QuantCli, FormatsByLayer) {
  const auto quantized = [&](Words more) {
    more.insert(more.end(), {"--limit", "100", "--calibration-images", kTrainingImages});
    const Ending ending = run(more);
    EXPECT_EQ(ending.exit_code, 0) << ending.err;
    return nlohmann::json::parse(ending.out).at("quantized");
  };
  const Words pair = {"--format-weights", "e2m1", "--format-activations", "int4"};
  const auto with_files = [&](const std::string& formats, const std::string& scales) {
    Words more = pair;
    more.insert(more.end(), {"--formats", file("f.txt", formats)});
    if (!scales.empty()) more.insert(more.end(), {"--activation-scales", file("s.txt", scales)});
    return quantized(more);
  };
  const auto plain = quantized(pair);
  const std::string name = plain.at("layers")[4].at("name");
  const auto same = with_files("e2m1 int4 " + name, "- - " + name);
  EXPECT_EQ(same.at("layers"), plain.at("layers"));
  EXPECT_EQ(same.at("right"), plain.at("right"));
  EXPECT_EQ(same.at("weights"), "by layer");
  const auto other = with_files("int3 e2m0f " + name, "");
  EXPECT_EQ(other.at("layers")[4].at("right"), "int3");
  EXPECT_EQ(other.at("layers")[4].at("left"), "ue2m1f");
  EXPECT_EQ(other.at("layers")[5], plain.at("layers")[5]);
  // A unit of 1000 makes all activations of the layer 0, and nothing is left of its results.
  const auto coarse = with_files("e2m1 int4 " + name, "1000 - " + name);
  EXPECT_NEAR(coarse.at("layers")[4].at("result_sqnr_db").get<double>(), 0, 1e-6);
}

TEST_F(QuantCli, WrongFormatsByLayerAreNamed) {
  const std::string name = "/stem/stem.0/Conv";
  const auto with_files = [&](const std::string& formats, const std::string& scales) {
    return refused({"--formats", file("f.txt", formats), "--activation-scales",
                    file("s.txt", scales), "--calibration-images", kTrainingImages});
  };
  EXPECT_THAT(with_files("int99 int4 " + name, ""), HasSubstr("int99"));
  EXPECT_THAT(with_files("int4 mxfp4 " + name, ""), HasSubstr("without blocks"));
  EXPECT_THAT(with_files("int4 int4 nobody", ""), HasSubstr("nobody"));
  for (const std::string& scales :
       {"0 - " + name, "x - " + name, "1 1 " + name, std::string("1 - nobody"), std::string("1 -"),
        std::string(), "1 - " + name + "\n1 - " + name}) {
    EXPECT_THAT(with_files("int4 int4 " + name, scales), HasSubstr("--activation-scales"));
  }
  EXPECT_THAT(refused({"--formats", file("f.txt", "int4 int4 " + name)}),
              HasSubstr("--calibration-images"));
  EXPECT_THAT(refused({"--format-weights", "int4", "--format-activations", "int4",
                       "--activation-scales", file("s.txt", "1 - " + name)}),
              HasSubstr("--formats"));
}

TEST_F(QuantCli, AFixedBatchIsTheNetworksOwnAffair) {
  const auto right = [&](std::uint64_t batch) {
    const std::string path = file("fixed.onnx", onnx_file::two_layers(batch));
    const Ending ending = run({"--network", path, "--limit", "20", "--format-weights", "int8",
                               "--format-activations", "int8", "--bias-correction", "on"});
    EXPECT_EQ(ending.exit_code, 0) << ending.err;
    const auto document = nlohmann::json::parse(ending.out);
    EXPECT_EQ(document.at("images"), 20);
    return document.at("quantized").at("right").get<int>();
  };
  const int expected = right(0);
  EXPECT_EQ(right(1), expected);
  EXPECT_EQ(right(3), expected);
}

/// An NPY file of binary32; `shape`: "3, 4,".
std::string npy(const std::string& shape, const std::vector<float>& values) {
  const std::string header =
      "{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + "), }\n";
  return std::string("\x93NUMPY\1\0", 8) + static_cast<char>(header.size()) + '\0' + header +
         onnx_file::raw(values);
}

class QuantStates : public QuantCli {
 protected:
  /// y = factor x (x + s), and y is the next s: with factor 1, sums over the steps so far.
  Words network() {
    using onnx_file::node;
    return {
        "--network",
        file("sums.onnx",
             onnx_file::model({node("Add", {"x", "s"}, "sum"), node("Mul", {"sum", "factor"}, "y"),
                               node("Identity", {"y"}, "next")},
                              {{"x", {0, 1}}, {"s", {0, 1}}, {"factor", {}}}, {"y", "next"})),
        "--images",
        file("x.npy", npy("2, 3, 1,", {1, 2, 3, 4, 5, 6})),
        "--labels",
        file("y.npy", npy("2, 3,", {1, 3, 6, 4, 9, 15}))};
  }
  Words with(Words more) {
    Words words = network();
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
};

TEST_F(QuantStates, AreResetForEachSequence) {
  const std::string factor = "factor=" + file("one.npy", npy("1,", {1}));
  const Ending ending = run(with({"--input", factor, "--state", "s=next", "--metric", "rmse"}));
  ASSERT_EQ(ending.exit_code, 0) << ending.err;
  const auto in_float = nlohmann::json::parse(ending.out).at("float");
  EXPECT_EQ(in_float.at("metric"), "rmse");
  EXPECT_EQ(in_float.at("value"), 0);
  const std::string two = "factor=" + file("two.npy", npy("1,", {2}));
  const Ending other = run(with({"--input", two, "--state", "s=next", "--metric", "rmse"}));
  EXPECT_GT(nlohmann::json::parse(other.out).at("float").at("value"), 1);
}

TEST_F(QuantStates, WrongWordsAreNamed) {
  const std::string factor = "factor=" + file("one.npy", npy("1,", {1}));
  const auto message = [&](const Words& more) { return refused(with(more)); };
  EXPECT_THAT(message({}), HasSubstr("3 inputs: x, s, factor"));
  EXPECT_THAT(message({"--input", factor}), HasSubstr("2 inputs: x, s"));
  EXPECT_THAT(message({"--input", "factor"}), HasSubstr("NAME=FILE"));
  EXPECT_THAT(message({"--input", "factor=/nonexistent.npy"}), HasSubstr("--input"));
  EXPECT_THAT(message({"--state", "s"}), HasSubstr("INPUT=OUTPUT"));
  EXPECT_THAT(message({"--input", factor, "--state", "s=z"}), HasSubstr("y, next"));
  EXPECT_THAT(message({"--output", "z"}), HasSubstr("y, next"));
  const Words wired = {"--input", factor, "--state", "s=next", "--metric"};
  const auto measured = [&](const Words& more) {
    Words words = wired;
    words.insert(words.end(), more.begin(), more.end());
    return message(words);
  };
  EXPECT_THAT(measured({"f1"}), HasSubstr("rank-correlation"));
  EXPECT_THAT(measured({"auc"}), HasSubstr("0 and 1"));
  EXPECT_THAT(measured({"top1"}), HasSubstr("an integer for each row"));
  EXPECT_THAT(measured({"rmse", "--labels", file("z.npy", npy("2, 1,", {1, 2}))}),
              HasSubstr("a number for each of [2, 3]"));
  EXPECT_THAT(measured({"rmse", "--labels", file("z.npy", npy("1, 3,", {1, 2, 3}))}),
              HasSubstr("each of 2 images"));
  EXPECT_THAT(measured({"rmse", "--images", file("z.npy", npy("2, 1,", {1, 2}))}),
              HasSubstr("sequences"));
}

TEST_F(QuantCli, FormatsThatNoLayerHasAreRefused) {
  const std::string edges = file("edges.onnx", onnx_file::two_layers(0));
  const auto formats = [&](const std::string& weights, const std::string& activations) {
    return Words{"--network",
                 edges,
                 "--limit",
                 "20",
                 "--format-weights",
                 weights,
                 "--format-activations",
                 activations,
                 "--edge-layers",
                 "8bit"};
  };
  EXPECT_THAT(refused(formats("e2m1", "e2m3")),
              AllOf(HasSubstr("--edge-layers: '8bit'"), HasSubstr("legal: same"),
                    HasSubstr("none of its 2 layers would have e2m1 x e2m3")));
  Words same = formats("e2m1", "e2m3");
  same.back() = "same";
  const auto document = nlohmann::json::parse(run(same).out).at("quantized");
  EXPECT_EQ(document.at("format_layers"), 2);
  EXPECT_EQ(document.at("linear_layers"), 2);
  EXPECT_EQ(document.at("format_products"), 1);
}

TEST_F(QuantCli, SaysWhatHasTheFormats) {
  const Ending ending =
      run({"--format-weights", "e2m1", "--format-activations", "e2m3", "--limit", "20"});
  const auto document = nlohmann::json::parse(ending.out).at("quantized");
  EXPECT_EQ(document.at("format_layers"), 8);
  EXPECT_EQ(document.at("linear_layers"), 10);
  // By hand: the stem has 28 x 28 x 24 sums of 9 products, the head 10 of 96.
  double others = 0;
  for (const auto& layer : document.at("layers")) {
    if (layer.at("left") != "ue2m4f") others += 1;  // without a sign, all follow a ReLU
  }
  EXPECT_EQ(others, 2);
  const double products = document.at("format_products").get<double>();
  EXPECT_GT(products, 0.9);
  EXPECT_LT(products, 1);
}

TEST_F(QuantCli, ActivationsHaveNoSignUnlessTold) {
  const auto formats = [&](const Words& more) {
    Words words = {"--format-weights", "e2m0f", "--format-activations", "e1m2f", "--limit", "20"};
    words.insert(words.end(), more.begin(), more.end());
    const auto layers = nlohmann::json::parse(run(words).out).at("quantized").at("layers");
    std::string text;
    for (const std::size_t i : {std::size_t{0}, std::size_t{1}, layers.size() - 1}) {
      const auto& layer = layers.at(i);
      text +=
          layer.at("left").get<std::string>() + "x" + layer.at("right").get<std::string>() + " ";
    }
    return text;
  };
  EXPECT_EQ(formats({}), "uint8xint8 ue1m3fxe2m0f uint8xint8 ");
  EXPECT_EQ(formats({"--unsigned", "off"}), "e3m4fxe3m4f e1m2fxe2m0f e3m4fxe3m4f ");
}

TEST_F(QuantCli, ARunThatFailedSaysSo) {
  const auto quantized = [&](const Words& more) {
    Words words = {"--format-weights", "e1m0f", "--format-activations", "int8",
                   "--gptq",           "on",    "--bias-correction",    "on",
                   "--limit",          "200"};
    words.insert(words.end(), more.begin(), more.end());
    return nlohmann::json::parse(run(words).out).at("quantized");
  };
  const auto failed = quantized({"--gain-correction", "off"});
  EXPECT_LT(failed.at("percent"), 30);
  EXPECT_THAT(failed.at("remarks").get<std::string>(),
              HasSubstr("outputs hardly differ between images"));
  const auto good = quantized({});
  EXPECT_GT(good.at("percent"), 85);
  EXPECT_EQ(good.at("remarks"), "");
  EXPECT_LT(good.at("layers").at(1).at("corrected_error"), 1);
}

TEST_F(QuantCli, WrongInputsAreNamed) {
  EXPECT_THAT(refused({"--network", "/nonexistent.onnx"}), HasSubstr("--network: '/nonexistent"));
  EXPECT_THAT(refused({"--network", file("a.onnx", "no network")}), HasSubstr("an ONNX network"));
  std::string no_utf8 = text_of(fs::path(FEWBIT_SOURCE_DIR) / "quant/networks/resnet.onnx");
  no_utf8.replace(no_utf8.find("\x04Relu") + 1, 4, "Re\xa3u");
  EXPECT_THAT(refused({"--network", file("c.onnx", no_utf8)}), HasSubstr("is not covered"));
  EXPECT_THAT(refused({"--images", file("a.idx", "no images")}), HasSubstr("--images"));
  EXPECT_THAT(refused({"--labels", file("b.idx", "no labels")}), HasSubstr("--labels"));
  EXPECT_THAT(refused({"--labels", std::string(kData) + "images-idx3-ubyte.gz"}),
              HasSubstr("one dimension"));
  const Words formats = {"--format-weights", "int4", "--format-activations", "int4"};
  Words broken = formats;
  broken.insert(broken.end(), {"--calibration-images", file("c.npy", "\x93NUMPY")});
  EXPECT_THAT(refused(broken), HasSubstr("--calibration-images"));
  const std::string three_labels = file("d.idx", std::string("\0\0\x08\x01\0\0\0\x03\1\2\3", 11));
  EXPECT_THAT(refused({"--labels", three_labels}), HasSubstr("one for each of 10000 images"));
  const std::string small = std::string("\0\0\x08\x03\0\0\0\x03\0\0\0\1\0\0\0\1", 16) + "abc";
  EXPECT_THAT(refused({"--images", file("e.idx", small), "--labels", three_labels}),
              HasSubstr("[-1, 1, 28, 28]"));
}

TEST_F(QuantCli, WrongOptionsAreNamed) {
  const auto with_formats = [&](const std::string& option, const std::string& value) {
    Words words = {"--format-weights", "int4", "--format-activations", "int4"};
    words.insert(words.end(), {option, value});
    return refused(words);
  };
  EXPECT_THAT(with_formats("--format-weights", "e4m3"), HasSubstr("--format-weights: 'e4m3'"));
  EXPECT_THAT(with_formats("--format-weights", "bfloat16"),
              AllOf(HasSubstr("--format-weights: 'bfloat16'"), HasSubstr("too wide")));
  EXPECT_THAT(with_formats("--format-activations", "e8m0"),
              AllOf(HasSubstr("--format-activations: 'e8m0'"), HasSubstr("no zero")));
  EXPECT_THAT(refused({"--format-weights", "int4"}), HasSubstr("--format-activations"));
  EXPECT_THAT(with_formats("--range-weights", "max"), HasSubstr("absmax, percentile, mse"));
  EXPECT_THAT(with_formats("--range-activations", "max"), HasSubstr("absmax, percentile, mse"));
  EXPECT_THAT(with_formats("--per-channel", "yes"), HasSubstr("on, off"));
  EXPECT_THAT(with_formats("--unsigned", "yes"), HasSubstr("on, off"));
  EXPECT_THAT(with_formats("--gptq", "yes"), HasSubstr("on, off"));
  EXPECT_THAT(with_formats("--weight-equalization", "1"),
              AllOf(HasSubstr("--weight-equalization: '1'"), HasSubstr("on, off")));
  EXPECT_THAT(with_formats("--activation-equalization", "1"),
              AllOf(HasSubstr("--activation-equalization: '1'"), HasSubstr("on, off")));
  EXPECT_THAT(with_formats("--learned-rounding", "on"), HasSubstr("off, local, integer"));
  EXPECT_THAT(with_formats("--calibration-images", ""), HasSubstr("ranges are chosen on"));
  EXPECT_THAT(with_formats("--bias-correction", "1"), HasSubstr("on, off"));
  EXPECT_THAT(with_formats("--edge-layers", "4bit"), HasSubstr("8bit, same"));
  EXPECT_THAT(with_formats("--gain-correction", "1"), HasSubstr("auto, on, off"));
  EXPECT_THAT(with_formats("--gain-correction", "on"), HasSubstr("--bias-correction on"));
  EXPECT_THAT(with_formats("--limit", "0"), HasSubstr("--limit"));
  EXPECT_THAT(with_formats("--jobs", "0"), HasSubstr("--jobs"));
  const Ending ending = CommandLine({"quant", "walk"}, scratch_.path()).wait();
  EXPECT_EQ(ending.exit_code, 2);
  EXPECT_THAT(ending.err, HasSubstr("command: 'walk' is not valid; legal: run, grid, search"));
  EXPECT_THAT(ending.out, IsEmpty());
}

TEST_F(QuantCli, QuantizerOptionsWithoutFormatsAreRefused) {
  const std::pair<const char*, const char*> options[] = {{"--calibration-images", kTrainingImages},
                                                         {"--range-weights", "mse"},
                                                         {"--range-activations", "mse"},
                                                         {"--per-channel", "on"},
                                                         {"--unsigned", "on"},
                                                         {"--weight-equalization", "on"},
                                                         {"--activation-equalization", "on"},
                                                         {"--gptq", "off"},
                                                         {"--learned-rounding", "local"},
                                                         {"--bias-correction", "on"},
                                                         {"--gain-correction", "off"},
                                                         {"--edge-layers", "same"}};
  for (const auto& [option, value] : options) {
    EXPECT_THAT(refused({option, value}),
                AllOf(HasSubstr(fmt::format("{}: '{}'", option, value)),
                      HasSubstr("--format-weights and --format-activations")));
  }
}

TEST_F(QuantCli, Accumulators) {
  const auto layers = [&](const Words& more) {
    Words words = {"--format-weights", "int8", "--format-activations", "int8", "--limit", "64"};
    words.insert(words.end(), more.begin(), more.end());
    const Ending ending = run(words);
    EXPECT_EQ(ending.exit_code, 0) << ending.err;
    return nlohmann::json::parse(ending.out).at("quantized").at("layers");
  };
  const auto exact = layers({});
  EXPECT_FALSE(exact.at(1).contains("accumulator"));
  const auto narrow = layers({"--acc-width", "exact-4", "--overflow", "saturate"});
  const auto half = layers({"--accumulator", "binary16"});
  for (std::size_t i = 0; i < exact.size(); ++i) {
    EXPECT_EQ(narrow.at(i).at("accumulator_bits"), exact.at(i).at("accumulator_bits"));
    const int bits = std::max(16, exact.at(i).at("accumulator_bits").get<int>() - 4);
    EXPECT_EQ(narrow.at(i).at("accumulator"), fmt::format("{} bits, saturate", bits));
    EXPECT_THAT(narrow.at(i).at("emit").get<std::string>(),
                AllOf(HasSubstr("fewbit emit mac"), HasSubstr(fmt::format("--acc-width {}", bits)),
                      HasSubstr("--overflow saturate")));
    EXPECT_EQ(half.at(i).at("accumulator"), "binary16, infinity");
    EXPECT_EQ(half.at(i).at("emit"), "fewbit emit fmac --a uint8 --b int8 --result binary16");
  }
}

TEST_F(QuantCli, WrongAccumulatorsAreNamed) {
  const auto refused_words = [&](const Words& more) {
    Words words = {"--format-weights", "int8", "--format-activations", "int8"};
    words.insert(words.end(), more.begin(), more.end());
    return refused(words);
  };
  EXPECT_THAT(refused_words({"--acc-width", "0"}),
              AllOf(HasSubstr("--acc-width: '0'"), HasSubstr("1 to 1024")));
  EXPECT_THAT(refused_words({"--acc-width", "exact-65"}), HasSubstr("exact-0 to exact-64"));
  EXPECT_THAT(refused_words({"--acc-width", "12"}),
              AllOf(HasSubstr("--acc-width: '12'"), HasSubstr("16 to 1024")));
  EXPECT_THAT(refused_words({"--acc-width", "20", "--overflow", "clip"}),
              AllOf(HasSubstr("--overflow: 'clip'"), HasSubstr("wrap, saturate")));
  EXPECT_THAT(refused_words({"--overflow", "saturate"}), HasSubstr("--overflow: 'saturate'"));
  EXPECT_THAT(refused_words({"--acc-lanes", "4"}), HasSubstr("--acc-lanes: '4'"));
  EXPECT_THAT(refused_words({"--acc-lanes", "0", "--acc-width", "24"}), HasSubstr("1..64"));
  EXPECT_THAT(refused_words({"--accumulator", "e4m3"}),
              AllOf(HasSubstr("--accumulator: 'e4m3'"), HasSubstr("exact, or")));
  EXPECT_THAT(refused_words({"--accumulator", "int32"}), HasSubstr("a signed float format"));
  EXPECT_THAT(refused_words({"--accumulator", "binary16", "--acc-width", "20"}),
              HasSubstr("--acc-width: '20'"));
  EXPECT_THAT(refused_words({"--accumulator", "e4m3f", "--overflow", "infinity"}),
              HasSubstr("--overflow: 'infinity'"));
  EXPECT_THAT(refused_words({"--accumulator-bias", "fit"}), HasSubstr("--accumulator-bias: 'fit'"));
  EXPECT_THAT(refused_words({"--accumulator-bias", "free"}), HasSubstr("format, fit"));
  EXPECT_THAT(refused_words({"--accumulator", "binary16", "--format-weights", "mxfp4"}),
              AllOf(HasSubstr("--accumulator: 'binary16'"), HasSubstr("in blocks")));
  EXPECT_THAT(refused({"--acc-width", "20"}), HasSubstr("--format-weights"));
}

TEST_F(QuantCli, TechniquesTogether) {
  const Words words = {"--format-weights",
                       "int3",
                       "--format-activations",
                       "int8",
                       "--weight-equalization",
                       "on",
                       "--limit",
                       "32",
                       "--activation-equalization",
                       "on",
                       "--learned-rounding",
                       "local",
                       "--bias-correction",
                       "on",
                       "--network",
                       (fs::path(FEWBIT_SOURCE_DIR) / "quant/networks/vit.onnx").string()};
  const Ending ending = run(words);
  ASSERT_EQ(ending.exit_code, 0) << ending.err;
  const auto layers = nlohmann::json::parse(ending.out).at("quantized").at("layers");
  ASSERT_EQ(layers.size(), 28U);
  for (const auto& layer : layers) EXPECT_GT(layer.at("result_sqnr_db"), 5.0) << layer;
  Words both = words;
  both.insert(both.end(), {"--gptq", "on"});
  EXPECT_THAT(refused(both), HasSubstr("--learned-rounding"));
}

TEST_F(QuantCli, HardwareNumerics) {
  const auto of = [&](const Words& more) {
    Words words = {"--format-weights", "int4",    "--format-activations", "int4",
                   "--numerics",       "hardware"};
    words.insert(words.end(), more.begin(), more.end());
    const Ending ending = run(words);
    EXPECT_EQ(ending.exit_code, 0) << ending.err;
    return nlohmann::json::parse(ending.out);
  };
  const auto document = of({});
  const auto& hardware = document.at("hardware");
  const double exact = document.at("quantized").at("percent");
  EXPECT_NEAR(hardware.at("lost_points"), exact - hardware.at("percent").get<double>(), 1e-9);
  EXPECT_LT(std::abs(hardware.at("lost_points").get<double>()), 3);
  EXPECT_EQ(hardware.at("layers").size(), 15U);  // 10 linear layers, 3 sums, an operand, a mean
  const auto corrected = of({"--gptq", "on", "--bias-correction", "on", "--limit", "40",
                             "--multiplier-bits", "12", "--stream-bits", "14"});
  EXPECT_EQ(corrected.at("hardware").at("multiplier_bits"), 12);
  EXPECT_EQ(corrected.at("hardware").at("stream_bits"), 14);
  EXPECT_GT(of({"--unsigned", "off", "--limit", "100"}).at("hardware").at("percent"), 75);
}

TEST_F(QuantCli, WhatHardwareNumericsCannotHaveIsRefused) {
  const auto refused_with = [&](const std::string& weights, const Words& more) {
    Words words = {"--format-weights", weights,   "--format-activations", "int4",
                   "--numerics",       "hardware"};
    words.insert(words.end(), more.begin(), more.end());
    return refused(words);
  };
  EXPECT_THAT(refused_with("mxfp4", {}), AllOf(HasSubstr("--numerics"), HasSubstr("blocks")));
  EXPECT_THAT(refused_with("int4", {"--acc-width", "24"}), HasSubstr("exact"));
  EXPECT_THAT(refused_with("int4", {"--numerics", "exact"}), HasSubstr("float, hardware"));
  EXPECT_THAT(refused_with("int4", {"--multiplier-bits", "3"}), HasSubstr("4..18"));
  EXPECT_THAT(refused_with("int4", {"--stream-bits", "19"}), HasSubstr("8..18"));
  EXPECT_THAT(refused_with("int4", {"--numerics", "float", "--stream-bits", "16"}),
              HasSubstr("--numerics hardware"));
  EXPECT_THAT(
      refused_with("int4", {"--limit", "8", "--network",
                            (fs::path(FEWBIT_SOURCE_DIR) / "quant/networks/vit.onnx").string()}),
      AllOf(HasSubstr("not covered"), HasSubstr("GlobalAveragePool")));
  // Before anything is evaluated: the error is all that is printed.
  std::string npy = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1, 28, 28), }";
  npy += std::string(117 - npy.size(), ' ') + "\n";
  npy = std::string("\x93NUMPY\1\0", 8) + std::string("\x76\0", 2) + npy;
  const std::string images = file("i.npy", npy + std::string(4 * 2 * 28 * 28, '\0'));
  const std::string labels = file("l.idx", std::string("\0\0\x08\x01\0\0\0\2\1\2", 10));
  EXPECT_THAT(refused_with("int4", {"--images", images, "--labels", labels}), HasSubstr("bytes"));
  EXPECT_THAT(refused({"--numerics", "hardware"}), HasSubstr("--format-weights"));
}

}  // namespace
}  // namespace fewbit
