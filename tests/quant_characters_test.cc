// The network of characters: the trainer's logits and bits per character, and its rows in a grid.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "fewbit/flows/store/result_store.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/quant/metrics.h"
#include "fewbit/tests/command_line.h"
#include "fewbit/tests/quant_networks.h"

namespace fewbit::quant {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Words = std::vector<std::string>;

/// Held-out text of Debian's documentation, as quant/training/text.py makes it.
class Characters : public ::testing::Test {
 protected:
  void SetUp() override {
    const fs::path script = fs::path(FEWBIT_SOURCE_DIR) / "quant/training/text.py";
    const std::string command = fmt::format("/usr/bin/python3 -B '{}' '{}' > '{}' 2>&1",
                                            script.string(), scratch_.path().string(), path("log"));
    ASSERT_EQ(std::system(command.c_str()), 0) << read_file(path("log")).value();
  }
  [[nodiscard]] std::string path(const std::string& name) const { return scratch_.path() / name; }
  [[nodiscard]] Tensor windows() const { return read_npy(path("held-out.npy")).value(); }
  [[nodiscard]] Words words(const std::string& action, const Words& more) const {
    Words all = {"quant",
                 action,
                 "--json",
                 "--network",
                 network_file("characters").string(),
                 "--images",
                 path("held-out.npy"),
                 "--labels",
                 path("held-out-labels.npy"),
                 "--limit",
                 "60",
                 "--calibration-images",
                 path("calibration.npy")};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  [[nodiscard]] json run(const std::string& action, const Words& more) const {
    const Ending ending = CommandLine(words(action, more), scratch_.path()).wait();
    EXPECT_EQ(ending.exit_code, 0) << ending.err;
    return json::parse(ending.out);
  }
  const ScratchDirectory scratch_ = ScratchDirectory::make().value();
};

TEST_F(Characters, LogitsAreTheTrainersWithin1em3) {
  const Tensor expected = read_npy(network_file("characters").replace_extension(".npy")).value();
  const auto count = static_cast<std::size_t>(expected.shape[0]);
  const Tensor got =
      network_named("characters").run(slice_batch(windows(), 0, count), FloatArithmetic()).value();
  ASSERT_EQ(got.shape, expected.shape);
  for (std::size_t i = 0; i < got.size(); ++i) {
    ASSERT_NEAR(got.floats()[i], expected.floats()[i], 1e-3) << "logit " << i;
  }
}

/// On all held-out text, against what the trainer found there and against its bar.
TEST_F(Characters, BitsPerCharacterAreTheTrainersWithin1em3) {
  EXPECT_LE(fs::file_size(network_file("characters")), 2500000U);
  const Tensor targets = read_npy(path("held-out-labels.npy")).value();
  const Tensor outputs =
      all_outputs(network_named("characters"), FastFloatArithmetic(), windows(), 2).value();
  const json trained =
      json::parse(read_file(network_file("characters").replace_extension(".json")).value());
  const double bits = metric_of(Metric::kBitsPerCharacter, outputs, targets).value();
  EXPECT_NEAR(bits, trained.at("bits_per_character").get<double>(), 1e-3);
  EXPECT_LE(bits, 2.2);
  EXPECT_NEAR(metric_of(Metric::kTop1, outputs, targets).value(),
              trained.at("percent_right").get<double>(), 0.02);
}

TEST_F(Characters, ARowOfAGridHasBitsAndRightAnswers) {
  const Words formats = {"--format-weights", "int4", "--format-activations", "int8"};
  Words bits = formats, right = formats;
  bits.insert(bits.end(), {"--metric", "bits-per-character"});
  right.insert(right.end(), {"--metric", "top1"});
  const Words grid = {"--weights", "int4", "--activations", "int8", "--db", path("rows.sqlite")};
  Words with_bits = grid, with_right = grid;
  with_bits.insert(with_bits.end(), {"--metric", "bits-per-character"});
  with_right.insert(with_right.end(), {"--metric", "top1"});
  EXPECT_EQ(run("grid", with_bits).at("there"), 0);
  EXPECT_EQ(run("grid", with_bits).at("there"), 1);
  EXPECT_EQ(run("grid", with_right).at("there"), 0);  // another metric is another row
  const auto rows = store::ResultStore::open(path("rows.sqlite"), store::Access::kRead)
                        .value()
                        .rows<store::AccuracyRow>()
                        .value();
  ASSERT_EQ(rows.size(), 2U);
  const json in_bits = run("run", bits), in_percent = run("run", right);
  for (const store::AccuracyRow& row : rows) {
    const json& alone = row.metric == "top1" ? in_percent : in_bits;
    EXPECT_EQ(row.metric, alone.at("float").at("metric"));
    EXPECT_EQ(row.value, alone.at("quantized").at("value").get<double>());
    EXPECT_EQ(row.float_value, alone.at("float").at("value").get<double>());
    EXPECT_EQ(row.images, 60);
    EXPECT_EQ(row.answers, 60 * 128);
    const double share = in_percent.at("quantized").at("value").get<double>() / 100;
    EXPECT_NEAR(static_cast<double>(row.images_right), share * 60 * 128, 1e-6);
    EXPECT_NE(row.command.find(" --metric " + row.metric + " "), std::string::npos) << row.command;
  }
}

TEST_F(Characters, AGridRefusesAnUnknownMetric) {
  const Ending ending =
      CommandLine(words("grid", {"--weights", "int4", "--activations", "int8", "--db",
                                 path("rows.sqlite"), "--metric", "perplexity"}),
                  scratch_.path())
          .wait();
  EXPECT_EQ(ending.exit_code, 2);
  EXPECT_THAT(ending.err, ::testing::HasSubstr("--metric: 'perplexity'"));
  EXPECT_FALSE(fs::exists(path("rows.sqlite")));
}

}  // namespace
}  // namespace fewbit::quant
