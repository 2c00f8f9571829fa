// fewbit plan by its real binary.
// SPDX-License-Identifier: Apache-2.0
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
using Words = std::vector<std::string>;

class PlanCli : public ::testing::Test {
 protected:
  Ending run(const std::string& network, const Words& more) {
    Words words = {"plan", "--json", network};
    words.insert(words.end(), more.begin(), more.end());
    return CommandLine(words, scratch_.path()).wait();
  }
  std::string refused(const std::string& network, const Words& more) {
    const Ending ending = run(network, more);
    EXPECT_EQ(ending.exit_code, 2);
    EXPECT_TRUE(nlohmann::json::parse(ending.out).contains("error"));
    return ending.err;
  }
  static std::string named(const std::string& name) {
    return (fs::path(FEWBIT_SOURCE_DIR) / "quant/networks" / (name + ".onnx")).string();
  }
  std::string file(const std::string& name, const std::string& text) {
    EXPECT_TRUE(write_files(scratch_.path(), {{name, text}}).ok());
    return scratch_.path() / name;
  }
  static Words formats(const std::string& weights, const std::string& activations) {
    return {"--weights", weights, "--activations", activations};
  }
  const ScratchDirectory scratch_ = ScratchDirectory::make().value();
};

TEST_F(PlanCli, TheFastestAndTheCheapestOfARate) {
  Words words = formats("e2m0f", "e1m2f");
  const auto fastest = nlohmann::json::parse(run(named("resnet"), words).out);
  EXPECT_EQ(fastest.at("luts_are_an_estimate"), true);
  EXPECT_EQ(fastest.at("layers").size(), 10U);
  const double rate = fastest.at("images_per_second");
  EXPECT_NEAR(rate * fastest.at("cycles").get<double>(), 120e6, 1);
  EXPECT_EQ(fastest.at("layers")[1].at("luts_dots_by").size(), 2U);
  words.insert(words.end(), {"--images-per-second", "1000"});
  const auto slow = nlohmann::json::parse(run(named("resnet"), words).out);
  EXPECT_GE(slow.at("images_per_second"), 1000);
  EXPECT_LT(slow.at("luts"), fastest.at("luts"));
  EXPECT_EQ(slow.at("binding"), "the rate that was asked for");
  words.back() = "1000000";
  EXPECT_THAT(refused(named("resnet"), words),
              AllOf(HasSubstr("--images-per-second: '1000000'"), HasSubstr("at most"),
                    HasSubstr("120 cycles")));
  words.back() = std::to_string(static_cast<int>(rate * 1.2));
  EXPECT_THAT(refused(named("resnet"), words), AllOf(HasSubstr("LUTs"), HasSubstr("EBR")));
}

TEST_F(PlanCli, BudgetsBoundWhatIsTaken) {
  const Words usual = formats("e2m0f", "e1m2f");
  const auto with = [&](const Words& more) {
    Words words = usual;
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  const auto whole = nlohmann::json::parse(run(named("resnet"), usual).out);
  const auto part = nlohmann::json::parse(
      run(named("resnet"), with({"--luts", "12000", "--brams", "44", "--dsps", "15"})).out);
  EXPECT_LE(part.at("luts").get<double>(), 12000);
  EXPECT_LE(part.at("brams").get<int>(), 44);
  EXPECT_LE(part.at("multipliers").get<int>(), 15);
  EXPECT_GT(part.at("cycles"), whole.at("cycles"));
  EXPECT_THAT(refused(named("resnet"), with({"--luts", "900"})),
              AllOf(HasSubstr("--luts: '900'"), HasSubstr("at least "), HasSubstr("of 900 LUTs ("),
                    HasSubstr(" too many)")));
  const std::string refusal = refused(named("resnet"), with({"--brams", "10"}));
  EXPECT_THAT(refusal,
              AllOf(HasSubstr("--brams: '10'"), HasSubstr("LUTs ("), HasSubstr("10 of 10")));
  const std::size_t at = refusal.find("at least ") + 9;
  const int least = std::stoi(refusal.substr(at));
  EXPECT_EQ(run(named("resnet"), with({"--brams", std::to_string(least)})).exit_code, 0);
  EXPECT_EQ(run(named("resnet"), with({"--brams", std::to_string(least - 1)})).exit_code, 2);
  EXPECT_THAT(refused(named("resnet"), with({"--dsps", "0"})),
              AllOf(HasSubstr("--dsps: '0'"), HasSubstr("of 0 multipliers (")));
  EXPECT_THAT(refused(named("resnet"), with({"--luts", "24288"})), HasSubstr("1..20644"));
  EXPECT_THAT(refused(named("resnet"), with({"--brams", "57"})), HasSubstr("0..56"));
}

TEST_F(PlanCli, AFileGivesLayersFormatsOfTheirOwn) {
  Words words = formats("e2m0f", "e1m2f");
  const auto usual = nlohmann::json::parse(run(named("resnet"), words).out);
  const std::string name = usual.at("layers")[1].at("name");
  EXPECT_EQ(usual.at("layers")[1].at("weights_format"), "e2m0f");
  words.insert(words.end(), {"--formats", file("one.txt", "int4 int4 " + name + "\n")});
  const auto mixed = nlohmann::json::parse(run(named("resnet"), words).out);
  EXPECT_EQ(mixed.at("layers")[1].at("weights_format"), "int4");
  EXPECT_EQ(mixed.at("layers")[1].at("activations_format"), "uint4");  // behind a Relu
  EXPECT_EQ(mixed.at("layers")[2].at("weights_format"), "e2m0f");
  words.back() = file("none.txt", "int4 int4 nobody\n");
  EXPECT_THAT(refused(named("resnet"), words), AllOf(HasSubstr("--formats"), HasSubstr(name)));
  words.back() = file("blocks.txt", "mxfp4 int4 " + name + "\n");
  EXPECT_THAT(refused(named("resnet"), words), HasSubstr("without blocks"));
}

TEST_F(PlanCli, EqualRequestsGiveEqualPlans) {
  const Words words = formats("int4", "int4");
  const std::string text = run(named("mobilenet"), words).out;
  EXPECT_EQ(text, run(named("mobilenet"), words).out);
}

TEST_F(PlanCli, WhatCannotBePlannedIsRefused) {
  EXPECT_THAT(refused(named("vit"), formats("int4", "int4")), HasSubstr("not covered"));
  EXPECT_THAT(refused(named("resnet"), formats("e3m2", "e2m3")), HasSubstr("was measured"));
  EXPECT_THAT(refused(named("resnet"), formats("mxfp4", "int4")), HasSubstr("blocks"));
  EXPECT_THAT(refused(named("resnet"), {"--weights", "int4"}), HasSubstr("--activations"));
  EXPECT_THAT(refused(named("no"), formats("int4", "int4")), HasSubstr("NETWORK"));
  Words words = formats("int4", "int4");
  words.insert(words.end(), {"--target", "ice40-hx8k"});
  EXPECT_THAT(refused(named("resnet"), words), HasSubstr("ecp5-45f"));
  words = formats("int4", "int4");
  words.insert(words.end(), {"--images-per-second", "0"});
  EXPECT_THAT(refused(named("resnet"), words), HasSubstr("--images-per-second: '0'"));
}

/// A Flatten and a Gemm of `outputs` x `inputs` weights, of images of one row.
std::string one_gemm(std::uint64_t inputs, std::uint64_t outputs) {
  std::vector<float> weights(inputs * outputs);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights[i] = static_cast<float>(i * 7919 % 101) / 50 - 1;
  }
  return onnx_file::model({onnx_file::node("Flatten", {"x"}, "flat"),
                           onnx_file::constant("w", onnx_file::tensor({inputs, outputs}, weights)),
                           onnx_file::node("Gemm", {"flat", "w"}, "y")},
                          {1, 1, inputs});
}

TEST_F(PlanCli, ANetworkThatDoesNotFitSaysWhatWould) {
  // 1.6 Mbit of weights: more than the EBR of the smallest device.
  const std::string medium = file("medium.onnx", one_gemm(1000, 200));
  Words words = formats("int8", "int8");
  words.insert(words.end(), {"--edge-layers", "same"});
  EXPECT_THAT(refused(medium, words),
              AllOf(HasSubstr("--target: 'ecp5-25f'"), HasSubstr("legal: ecp5-45f, ecp5-85f"),
                    HasSubstr("of 56 EBR"), HasSubstr("1600000 bits of weights")));
  const std::string large = file("large.onnx", one_gemm(4000, 400));
  EXPECT_THAT(refused(large, words), HasSubstr("too large for all"));
}

/// A row of quant/hardware/blocks.json is what its command says.
TEST_F(PlanCli, ARowIsWhatItsCommandMeasures) {
  const auto rows = nlohmann::json::parse(
      read_file(fs::path(FEWBIT_SOURCE_DIR) / "quant/hardware/blocks.json").value());
  const auto row = std::find_if(rows.begin(), rows.end(), [](const auto& one) {
    return one.at("op") == "convert" && one.at("result") == "uint4";
  });
  ASSERT_NE(row, rows.end());
  std::istringstream command(row->at("command").template get<std::string>());
  Words words(std::istream_iterator<std::string>(command), {});
  ASSERT_EQ(words.front(), "fewbit");
  words.erase(words.begin());
  words.emplace_back("--json");
  const Ending ending = CommandLine(words, scratch_.path()).wait();
  ASSERT_EQ(ending.exit_code, 0) << ending.err;
  EXPECT_EQ(nlohmann::json::parse(ending.out).at("lut_equivalents"), row->at("luts"));
}

}  // namespace
}  // namespace fewbit
