// fewbit quant grid by its real binary: a small grid, resumed, killed, repeated row by row.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <tuple>

#include "fewbit/flows/store/result_store.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/tests/command_line.h"
#include "fewbit/tests/onnx_writer.h"

namespace fewbit {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using store::Access;
using store::AccuracyRow;
using store::ResultStore;
using ::testing::AllOf;
using ::testing::HasSubstr;
using Words = std::vector<std::string>;

class QuantGrid : public ::testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const { return scratch_.path() / name; }
  /// Words of a grid of two networks; later ones win.
  [[nodiscard]] Words words(const Words& more) const {
    const fs::path networks = fs::path(FEWBIT_SOURCE_DIR) / "quant/networks";
    const std::string folder = "/usr/share/datasets/fashion-mnist/";
    const std::string data = folder + "t10k-";
    std::map<std::string, std::string> options = {
        {"--network", fmt::format("{},{}", (networks / "resnet.onnx").string(),
                                  (networks / "vit.onnx").string())},
        {"--images", data + "images-idx3-ubyte.gz"},
        {"--labels", data + "labels-idx1-ubyte.gz"},
        {"--calibration-images", folder + "train-images-idx3-ubyte.gz"},
        {"--weights", "int4,e2m1"},
        {"--activations", "int8,e4m3fn,mxfp4"},
        {"--db", path("a.sqlite")},
        {"--limit", "200"}};
    for (std::size_t i = 0; i + 1 < more.size(); i += 2) options[more[i]] = more[i + 1];
    Words all = {"quant", "grid", "--json"};
    for (const auto& [option, value] : options) {
      if (!value.empty()) all.insert(all.end(), {option, value});
    }
    return all;
  }
  [[nodiscard]] Ending grid(const Words& more = {}) const {
    return CommandLine(words(more), scratch_.path()).wait();
  }
  [[nodiscard]] std::vector<AccuracyRow> rows(const std::string& name) const {
    return ResultStore::open(path(name), Access::kRead).value().rows<AccuracyRow>().value();
  }
  [[nodiscard]] std::size_t count(const std::string& name) const {
    const auto store = ResultStore::open(path(name), Access::kRead);
    if (!store.ok()) return 0;
    const auto keys = store->keys<AccuracyRow>();
    return keys.ok() ? keys->size() : 0;
  }
  [[nodiscard]] std::string refused(const Words& more) const {
    const Ending ending = grid(more);
    EXPECT_EQ(ending.exit_code, 2);
    EXPECT_FALSE(fs::exists(path("a.sqlite")));
    return ending.err;
  }
  const ScratchDirectory scratch_ = ScratchDirectory::make().value();
};

TEST_F(QuantGrid, RowsAreWhatRunSays) {
  const Ending ending = grid();
  ASSERT_EQ(ending.exit_code, 0) << ending.err;
  EXPECT_EQ(json::parse(ending.out).at("pairs"), 12);
  EXPECT_EQ(json::parse(ending.out).at("there"), 0);
  const std::vector<AccuracyRow> all = rows("a.sqlite");
  ASSERT_EQ(all.size(), 12U);
  for (std::size_t i = 0; i < all.size(); i += 3) {
    const AccuracyRow& row = all[i];
    SCOPED_TRACE(row.command);
    std::istringstream stream(row.command);
    Words run;
    for (std::string word; stream >> word;) run.push_back(word);
    run.erase(run.begin());
    run.emplace_back("--json");
    const auto alone = json::parse(CommandLine(run, scratch_.path()).wait().out);
    EXPECT_EQ(alone.at("quantized").at("right"), row.images_right);
    EXPECT_EQ(alone.at("float").at("right"), row.float_right);
    EXPECT_EQ(alone.at("images"), row.images);
    EXPECT_EQ(alone.at("quantized").at("weights"), row.weights);
    EXPECT_EQ(alone.at("quantized").at("activations"), row.activations);
    std::string accumulators;
    for (const auto& layer : alone.at("quantized").at("layers")) {
      accumulators += (accumulators.empty() ? "" : ",") + layer.at("accumulator_bits").dump();
    }
    EXPECT_EQ(accumulators, row.accumulators);
    EXPECT_EQ(alone.at("quantized").at("format_layers"), row.format_layers);
    EXPECT_EQ(alone.at("quantized").at("linear_layers"), row.linear_layers);
    EXPECT_EQ(alone.at("quantized").at("format_products"), row.format_products);
    EXPECT_EQ(row.linear_layers, row.network == "resnet" ? 10 : 28);
  }
}

TEST_F(QuantGrid, DoesOnlyWhatIsMissing) {
  ASSERT_EQ(grid({"--weights", "int4"}).exit_code, 0);
  const std::vector<AccuracyRow> before = rows("a.sqlite");
  const auto more = json::parse(grid().out);
  EXPECT_EQ(more.at("pairs"), 12);
  EXPECT_EQ(more.at("there"), 6);
  Words quiet = words({});  // says nothing of what is measured
  quiet.emplace_back("--quiet");
  EXPECT_EQ(json::parse(CommandLine(quiet, scratch_.path()).wait().out).at("there"), 12);
  for (const AccuracyRow& row : before) {  // measured once: even the time is the old one
    const auto after = rows("a.sqlite");
    const auto same = std::find_if(after.begin(), after.end(),
                                   [&](const AccuracyRow& other) { return other.key == row.key; });
    ASSERT_NE(same, after.end());
    EXPECT_EQ(same->seconds, row.seconds);
  }
  const Ending csv =
      CommandLine({"sweep", "export", "csv", "--table", "accuracy", "--db", path("a.sqlite")},
                  scratch_.path())
          .wait();
  EXPECT_EQ(std::count(csv.out.begin(), csv.out.end(), '\n'), 13);
  EXPECT_THAT(csv.out, ::testing::StartsWith("key,command,network,"));
  // Another technique or other images are other rows.
  const auto there = [&](const std::string& option, const std::string& value) {
    const Words one = {"--weights", "int4", "--activations", "int8", option, value};
    return json::parse(grid(one).out).at("there").get<int>();
  };
  EXPECT_EQ(there("--bias-correction", "on"), 0);
  EXPECT_EQ(there("--limit", "100"), 0);
  EXPECT_EQ(there("--bias-correction", "off"), 2);
  EXPECT_EQ(there("--accumulator", "bfloat16"), 0);
  EXPECT_EQ(there("--accumulator", "exact"), 2);
}

TEST_F(QuantGrid, AKillLosesNoPairThatWasThere) {
  ASSERT_EQ(grid().exit_code, 0);
  for (const std::size_t wanted : {2U, 7U}) {
    const CommandLine victim(words({"--db", path("killed.sqlite")}), scratch_.path());
    const bool reached = victim.wait_until([&] { return count("killed.sqlite") >= wanted; });
    victim.kill();
    ASSERT_TRUE(reached);
    EXPECT_EQ(victim.wait().exit_code, -SIGKILL);
    EXPECT_GE(count("killed.sqlite"), wanted);
  }
  ASSERT_EQ(grid({"--db", path("killed.sqlite")}).exit_code, 0);
  const auto expected = rows("a.sqlite"), got = rows("killed.sqlite");
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i].key, expected[i].key);
    EXPECT_EQ(got[i].images_right, expected[i].images_right);
    EXPECT_EQ(got[i].weight_bits, expected[i].weight_bits);
  }
}

TEST_F(QuantGrid, FailuresAreRows) {
  const Words half = {"--acc-width", "exact-2", "--weights", "mxfp4,e2m1", "--activations", "int8"};
  EXPECT_EQ(grid(half).exit_code, 1);
  std::size_t failed = 0;
  for (const AccuracyRow& row : rows("a.sqlite")) {
    EXPECT_EQ(row.technique, " --unsigned on --acc-width exact-2");
    EXPECT_EQ(row.status, row.weights == "mxfp4" ? "failed" : "ok");
    if (row.status != "failed") continue;
    EXPECT_THAT(row.reason, HasSubstr("in blocks"));
    ++failed;
  }
  EXPECT_EQ(failed, 2U);
  EXPECT_EQ(json::parse(grid(half).out).at("there"), 4);
  Words again = words(half);
  again.emplace_back("--retry-failed");
  EXPECT_EQ(json::parse(CommandLine(again, scratch_.path()).wait().out).at("there"), 2);
}

TEST_F(QuantGrid, RemarksAreInRows) {
  const std::string network = (fs::path(FEWBIT_SOURCE_DIR) / "quant/networks/resnet.onnx").string();
  ASSERT_EQ(grid({"--network", network, "--weights", "e1m0f,int8", "--activations", "int8",
                  "--gptq", "on", "--bias-correction", "on", "--gain-correction", "off"})
                .exit_code,
            0);
  for (const AccuracyRow& row : rows("a.sqlite")) {
    EXPECT_EQ(row.technique, " --unsigned on --gptq on --bias-correction on --gain-correction off");
    EXPECT_EQ(row.remarks.find("hardly differ") != std::string::npos, row.weights == "e1m0f")
        << row.remarks;
  }
}

TEST_F(QuantGrid, SearchUnderABudgetOfLuts) {
  {
    ResultStore costs = ResultStore::open(path("a.sqlite"), Access::kWrite).value();
    const std::tuple<const char*, const char*, int> macs[] = {
        {"int8", "int3", 50}, {"int8", "int8", 100}, {"int8", "int6", 70}};
    for (const auto& [a, b, luts] : macs) {
      store::ResultRow row;
      row.key = std::string(a) + b;
      row.op = "mac";
      row.arch = "optimized";
      row.target = "ecp5";
      row.a = a;
      row.b = b;
      row.status = "ok";
      row.luts = luts;
      ASSERT_TRUE(costs.insert(row).value());
    }
  }
  Words search = words({"--network", (fs::path(FEWBIT_SOURCE_DIR) / "quant/networks/resnet.onnx"),
                        "--weights", "int3,int6,int8", "--activations", "int8", "--budget-luts",
                        "60", "--target", "ecp5", "--refinements", "2"});
  search[1] = "search";
  const Ending ending = CommandLine(search, scratch_.path()).wait();
  ASSERT_EQ(ending.exit_code, 0) << ending.err;
  const json found = json::parse(ending.out);
  EXPECT_EQ(found.at("uniform").at("formats"), "int3/int8");  // int6 takes 70
  EXPECT_NEAR(found.at("uniform").at("cost").get<double>(), 50, 1e-9);
  EXPECT_LE(found.at("mixed").at("cost").get<double>(), 60 + 1e-6);
  EXPECT_LT(found.at("mixed").at("loss"), found.at("uniform").at("loss"));
  const std::vector<AccuracyRow> all = rows("a.sqlite");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].weights_kind, "mixed");
  EXPECT_EQ(all[0].mac_target, "ecp5");
  EXPECT_EQ(*all[0].mac_luts, found.at("mixed").at("cost"));
  EXPECT_EQ(all[0].images_right, found.at("mixed").at("right"));
  EXPECT_THAT(all[0].layers, ::testing::StartsWith("int8/int8,"));
  EXPECT_THAT(all[0].layers, ::testing::EndsWith(",int8/int8"));

  const auto refused_search = [&](const Words& changed) {
    Words wrong = words({"--weights", "int3", "--activations", "int8"});
    wrong[1] = "search";
    wrong.insert(wrong.end(), changed.begin(), changed.end());
    const Ending end = CommandLine(wrong, scratch_.path()).wait();
    EXPECT_EQ(end.exit_code, 2);
    return end.err;
  };
  EXPECT_THAT(refused_search({}), HasSubstr("one of --budget-luts and --budget-bits"));
  EXPECT_THAT(refused_search({"--budget-bits", "0"}), HasSubstr("--budget-bits: '0'"));
  EXPECT_THAT(refused_search({"--budget-bits", "4", "--target", "ecp5"}), HasSubstr("--target"));
  EXPECT_THAT(refused_search({"--budget-bits", "4", "--retry-failed"}),
              HasSubstr("of fewbit quant grid"));
  EXPECT_THAT(refused_search({"--budget-bits", "4", "--acc-width", "20"}),
              HasSubstr("an option of fewbit quant run, fewbit quant grid, fewbit quant sample)"));
  Words lonely = words({"--network", (fs::path(FEWBIT_SOURCE_DIR) / "quant/networks/resnet.onnx"),
                        "--weights", "int3,e2m1", "--activations", "int8", "--budget-luts", "60"});
  lonely[1] = "search";
  EXPECT_THAT(CommandLine(lonely, scratch_.path()).wait().err,
              HasSubstr("a mac of int8 and int3 on ice40-hx8k"));
}

TEST_F(QuantGrid, FormatsThatNoLayerHasAreRefused) {
  ASSERT_TRUE(write_files(scratch_.path(), {{"edges.onnx", onnx_file::two_layers(0)}}).ok());
  EXPECT_THAT(refused({"--network", path("edges.onnx")}),
              AllOf(HasSubstr("--edge-layers"), HasSubstr("edges.onnx")));
  Words search = words({"--network", path("edges.onnx"), "--db", ""});
  search[1] = "search";
  search.insert(search.end(), {"--budget-bits", "4"});
  const Ending ending = CommandLine(search, scratch_.path()).wait();
  EXPECT_EQ(ending.exit_code, 2);
  EXPECT_THAT(ending.err, HasSubstr("--edge-layers"));
}

TEST_F(QuantGrid, WrongRequests) {
  EXPECT_THAT(refused({"--weights", ""}), HasSubstr("--weights: ''"));
  EXPECT_THAT(refused({"--activations", "2..9"}), HasSubstr("1..8"));
  EXPECT_THAT(refused({"--activations", "e8m0"}), HasSubstr("--activations: 'e8m0'"));
  EXPECT_THAT(refused({"--activations", "int4,bipolar"}),
              AllOf(HasSubstr("--activations: 'bipolar'"), HasSubstr("a zero")));
  EXPECT_THAT(refused({"--db", ""}), HasSubstr("--db"));
  EXPECT_THAT(refused({"--network", ""}), HasSubstr("--network"));
  EXPECT_THAT(refused({"--network", "none.onnx"}), HasSubstr("none.onnx"));
  EXPECT_THAT(refused({"--format-weights", "int4"}),
              HasSubstr("an option of fewbit quant run, fewbit quant sample)"));
  EXPECT_THAT(refused({"--gptq", "yes"}), HasSubstr("on, off"));
  EXPECT_THAT(refused({"--budget-bits", "4"}), HasSubstr("an option of fewbit quant search)"));
  EXPECT_THAT(refused({"--accumulator", "int8"}), HasSubstr("--accumulator: 'int8'"));
  Words run = words({"--db", ""});
  run[1] = "run";
  const Ending ending = CommandLine(run, scratch_.path()).wait();
  EXPECT_EQ(ending.exit_code, 2);
  EXPECT_THAT(ending.err, HasSubstr("an option of fewbit quant grid, fewbit quant search)"));
}

}  // namespace
}  // namespace fewbit
