// fewbit build by its real binary: a network verified and written, and what is refused.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <map>
#include <nlohmann/json.hpp>

#include "fewbit/gen/util/files.h"
#include "fewbit/tests/command_line.h"
#include "fewbit/tests/onnx_writer.h"

namespace fewbit {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using Words = std::vector<std::string>;

constexpr char kTraining[] = "/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz";

class NetworkCli : public ::testing::Test {
 protected:
  static std::string named(const std::string& name) {
    return (fs::path(FEWBIT_SOURCE_DIR) / "quant/networks" / (name + ".onnx")).string();
  }
  Ending build(const std::string& network, const Words& more) {
    Words words = {"build", "--json", network, "--calibration-images", kTraining};
    words.insert(words.end(), more.begin(), more.end());
    return CommandLine(words, scratch_.path()).wait();
  }
  /// Exit code 2, a message, and no folder.
  std::string refused(const std::string& network, const std::string& weights,
                      const std::string& activations, const Words& more = {}) {
    const fs::path folder = scratch_.path() / "refused";
    Words words = {"--weights", weights, "--activations", activations, "-o", folder.string()};
    words.insert(words.end(), more.begin(), more.end());
    const Ending ending = build(network, words);
    EXPECT_EQ(ending.exit_code, 2);
    EXPECT_TRUE(nlohmann::json::parse(ending.out).contains("error"));
    EXPECT_FALSE(fs::exists(folder));
    return ending.err;
  }
  static std::map<std::string, std::string> files_of(const fs::path& folder) {
    std::map<std::string, std::string> files;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
      if (entry.is_regular_file()) {
        files[entry.path().filename().string()] = read_file(entry.path()).value();
      }
    }
    return files;
  }
  const ScratchDirectory scratch_ = ScratchDirectory::make().value();
};

TEST_F(NetworkCli, TheSmallNetworkIsVerifiedAndWritten) {
  const fs::path folder = scratch_.path() / "small";
  const Ending ending =
      build(named("small"), {"--weights", "e2m0f", "--activations", "e1m2f", "--verify",
                             "--verify-images", "3", "-o", folder.string()});
  ASSERT_EQ(ending.exit_code, 0) << ending.err;
  const auto json = nlohmann::json::parse(ending.out);
  EXPECT_EQ(json.at("verified").at("passed"), true);
  // A tensor behind each of three layers; the bytes; nothing is compared but these.
  EXPECT_EQ(json.at("verified").at("streams").size(), 4U);
  // 784 bytes, 6 x 196 and 10 x 49 codes and 10 logits, 3 images alone and 2 stalled ones twice;
  // the logits once more as results, and those of the design without taps.
  EXPECT_EQ(json.at("verified").at("values"), 7 * (784 + 1176 + 490 + 10) + 14 * 10);
  EXPECT_NEAR(json.at("verified").at("cycles_per_image").get<double>(),
              json.at("cycles").get<double>(), 0.05 * json.at("cycles").get<double>());
  const auto files = files_of(folder);
  for (const char* name :
       {"fewbit_small.sv", "fewbit_small.json", "fewbit_small.f", "fewbit_small_network.json",
        "fewbit_small.svg", "fewbit_small_conv1_matvec_weights.hex",
        "fewbit_small_conv2_window.sv"}) {
    EXPECT_THAT(files, Contains(::testing::Key(std::string(name))));
  }
  EXPECT_EQ(files.size(), json.at("files").size());
}

TEST_F(NetworkCli, MemoriesOfABudgetAreThoseThatAreBuilt) {
  const auto brams = [&](const Words& more) {
    Words words = {"--weights", "int4", "--activations", "int4", "--plan"};
    words.insert(words.end(), more.begin(), more.end());
    const Ending ending = build(named("small"), words);
    EXPECT_EQ(ending.exit_code, 0) << ending.err;
    const auto json = nlohmann::json::parse(ending.out);
    return std::pair(json.at("brams").get<int>(), json.at("cycles").get<long long>());
  };
  const auto [many, fast] = brams({"--brams", "32"});
  const auto [few, slow] = brams({"--brams", std::to_string(many - 4)});
  EXPECT_LE(few, many - 4);
  EXPECT_GT(slow, fast);
  EXPECT_THAT(refused(named("small"), "int4", "int4", {"--brams", "1"}),
              AllOf(HasSubstr("--brams: '1'"), HasSubstr("at least "), HasSubstr(" of 1 ")));
  EXPECT_THAT(refused(named("small"), "int4", "int4", {"--luts", "3000"}), HasSubstr("--luts"));
  EXPECT_THAT(refused(named("small"), "int4", "int4", {"--dsps", "1"}), HasSubstr("--dsps: '1'"));
  EXPECT_THAT(
      refused(named("small"), "int4", "int4", {"--brams", "20", "--images-per-second", "100"}),
      AllOf(HasSubstr("--images-per-second"), HasSubstr("--brams 20")));
}

TEST_F(NetworkCli, TwoFormatsOfOneTensorAreRefusedByTheNamesOfWhoReadIt) {
  const auto formats = [&](const std::string& lines) {
    EXPECT_TRUE(write_files(scratch_.path(), {{"formats.txt", lines}}).ok());
    return Words{"--formats", (scratch_.path() / "formats.txt").string()};
  };
  using namespace onnx_file;
  const std::vector<float> ones(16, 0.5F);
  const auto conv = [&](const std::string& from, const std::string& to) {
    return node("Conv", {from, "w" + to}, to, bytes(3, to));
  };
  std::vector<std::string> nodes;
  for (const char* name : {"a", "b", "c"}) {
    const std::uint64_t inputs = *name == 'a' ? 1 : 4;
    nodes.push_back(constant(std::string("w") + name,
                             tensor({4, inputs, 1, 1}, std::vector<float>(4 * inputs, 0.5F))));
  }
  nodes.insert(nodes.end(),
               {conv("x", "a"), node("Relu", {"a"}, "r"), conv("r", "b"), conv("r", "c"),
                node("Add", {"b", "c"}, "s"), node("GlobalAveragePool", {"s"}, "g"),
                node("Flatten", {"g"}, "f"), constant("v", tensor({4, 4}, ones)),
                node("Gemm", {"f", "v"}, "y", bytes(3, "last"))});
  ASSERT_TRUE(write_files(scratch_.path(), {{"two.onnx", model(nodes, {1, 28, 28})}}).ok());
  const std::string network = (scratch_.path() / "two.onnx").string();
  EXPECT_THAT(refused(network, "int4", "int4", formats("int4 int3 b\n")),
              AllOf(HasSubstr("b, c"), HasSubstr("one format of activations"),
                    HasSubstr("uint3 and uint4")));
  Words words = {"--weights", "int4", "--activations", "int4", "--plan"};
  for (const std::string& word : formats("int2 int3 b\nint4 int3 c\n")) words.push_back(word);
  const Ending ending = build(network, words);
  ASSERT_EQ(ending.exit_code, 0) << ending.err;
  const auto layers = nlohmann::json::parse(ending.out).at("layers");
  EXPECT_EQ(layers[1].at("weights_format"), "int2");
  EXPECT_EQ(layers[2].at("weights_format"), "int4");
  EXPECT_EQ(layers[2].at("activations_format"), "uint3");
  EXPECT_THAT(refused(network, "int4", "int4", formats("e4m3fn int4 b\n")),
              AllOf(HasSubstr("--formats"), HasSubstr("finite numbers")));
}

TEST_F(NetworkCli, EqualRequestsGiveEqualFiles) {
  const fs::path one = scratch_.path() / "one", other = scratch_.path() / "other";
  for (const fs::path& folder : {one, other}) {
    const Ending ending = build(named("small"), {"--weights", "int8", "--activations", "int8",
                                                 "--answer", "class", "-o", folder.string()});
    ASSERT_EQ(ending.exit_code, 0) << ending.err;
  }
  EXPECT_EQ(files_of(one), files_of(other));
}

/// What takes minutes is not begun for a folder that cannot be written.
TEST_F(NetworkCli, AFolderThatCannotBeIsFoundBeforeAnythingIsSimulated) {
  ASSERT_TRUE(write_files(scratch_.path(), {{"taken", ""}}).ok());
  const std::string taken = (scratch_.path() / "taken").string();
  const Ending ending = build(
      named("small"), {"--weights", "int4", "--activations", "int4", "--verify", "-o", taken});
  EXPECT_EQ(ending.exit_code, 2);
  EXPECT_THAT(ending.err, HasSubstr(taken));
  EXPECT_THAT(ending.err, ::testing::Not(HasSubstr("Verilator")));
}

TEST_F(NetworkCli, AnotherRequestsAcceleratorIsNotReplacedInSilence) {
  const fs::path folder = scratch_.path() / "kept";
  const auto with_weights = [&](const std::string& format, const std::string& more) {
    Words words = {"--weights", format, "--activations", "int8", "-o", folder.string()};
    if (!more.empty()) words.push_back(more);
    return build(named("small"), words);
  };
  ASSERT_EQ(with_weights("int8", "").exit_code, 0);
  const auto before = files_of(folder);
  EXPECT_EQ(with_weights("int8", "").exit_code, 0);
  const Ending other = with_weights("int4", "");
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err, AllOf(HasSubstr("--force"), HasSubstr("--weights int8")));
  EXPECT_EQ(files_of(folder), before);
  EXPECT_EQ(with_weights("int4", "--force").exit_code, 0);
  EXPECT_NE(files_of(folder), before);
}

TEST_F(NetworkCli, WhatCannotBeBuiltIsRefused) {
  EXPECT_THAT(refused(named("vit"), "int4", "int4"), HasSubstr("not covered"));
  EXPECT_THAT(refused(named("small"), "bipolar", "int4"), HasSubstr("with a zero"));
  EXPECT_THAT(refused(named("small"), "e4m3fn", "int4"), HasSubstr("finite numbers"));
  EXPECT_THAT(
      refused(named("resnet"), "int8", "int8"),
      AllOf(HasSubstr("--target"), HasSubstr("at most 32 block RAMs"), HasSubstr("would take")));
  EXPECT_THAT(refused(named("small"), "int4", "int4", {"--images-per-second", "1000000"}),
              AllOf(HasSubstr("--images-per-second"), HasSubstr("784 bytes")));
  EXPECT_THAT(refused(named("small"), "int4", "int4", {"--target", "ice40-up5k"}),
              HasSubstr("ice40-hx8k, ecp5-25f"));
  EXPECT_THAT(refused(named("small"), "int4", "int4", {"--answer", "all"}), HasSubstr("class"));
  EXPECT_THAT(refused(named("small"), "int4", "int4", {"--plan"}), HasSubstr("no -o with --plan"));
  const std::string text = read_file(named("small")).value();
  ASSERT_TRUE(write_files(scratch_.path(), {{"short.onnx", text.substr(0, 9000)}}).ok());
  EXPECT_THAT(refused((scratch_.path() / "short.onnx").string(), "int4", "int4"),
              HasSubstr("NETWORK"));
  EXPECT_EQ(build(named("small"), {"--weights", "int4", "--activations", "int4"}).exit_code, 2);
}

}  // namespace
}  // namespace fewbit
