// Grids and searches of a quantized network as a C++ user runs them.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "fewbit/flows/store/result_store.h"
#include "fewbit/flows/study/quant/grid.h"
#include "fewbit/flows/study/quant/search.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/quant/onnx_reader.h"
#include "fewbit/tests/onnx_writer.h"

namespace fewbit::study {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class StudyQuant : public ::testing::Test {
 protected:
  StudyQuant() {
    EXPECT_TRUE(write_files(scratch_.path(), {{"two.onnx", onnx_file::two_layers(0)}}).ok());
    std::mt19937 random(3);
    std::vector<float> pixels(std::size_t{kImages} * 784);
    for (float& pixel : pixels) pixel = static_cast<float>(random() % 256) / 255;
    data.images = quant::float_tensor({kImages, 1, 28, 28}, pixels);
    data.calibration = data.images;
    data.hash = "images of this test";
    // What the network says in float is right by definition.
    const auto network = load("two.onnx").value();
    for (int label = 0; label < 10; ++label) {
      data.labels.assign(kImages, label);
      const auto found =
          quant::evaluate(network.network, quant::FloatArithmetic(), data.images, data.labels, 1);
      right_in_float.push_back(found.value().right);
    }
    data.labels.assign(kImages, most_frequent());
    setting.technique.edges_at_8_bits = false;
    setting.command = "fewbit quant run";
  }
  [[nodiscard]] Result<QuantNetwork> load(const std::string& file) const {
    FEWBIT_ASSIGN_OR_RETURN(graph, quant::read_onnx(path(file)));
    FEWBIT_ASSIGN_OR_RETURN(network, quant::Network::make(std::move(graph)));
    return QuantNetwork{file, "hash of " + file, std::move(network)};
  }
  [[nodiscard]] std::filesystem::path path(const std::string& name) const {
    return std::filesystem::path(scratch_.path()) / name;
  }
  [[nodiscard]] std::int64_t most_frequent() const {
    return std::max_element(right_in_float.begin(), right_in_float.end()) - right_in_float.begin();
  }

  static constexpr int kImages = 40;
  QuantData data;
  QuantSetting setting;
  std::vector<std::size_t> right_in_float;  ///< by label

 private:
  const ScratchDirectory scratch_ = ScratchDirectory::make().value();
};

class Counting : public Watcher {
 public:
  void begin(const std::string& title, std::size_t total) override {
    begun.push_back(title + " " + std::to_string(total));
  }
  void finished(const std::string& /*part*/, const std::string& /*outcome*/) override { ++count; }
  std::vector<std::string> begun;
  int count = 0;
};

TEST_F(StudyQuant, AGridEvaluatesWhatIsMissing) {
  GridRequest request;
  request.networks = {"two.onnx"};
  request.weights = operand_formats("weights", "int8,e2m1").value();
  request.activations = activation_formats("activations", "int8").value();
  request.database = path("a.sqlite").string();
  const auto load_file = [this](const std::string& file) { return load(file); };
  Counting first, second;
  const auto made = run_grid(request, data, setting, load_file, first);
  ASSERT_TRUE(made.ok()) << made.error().message();
  EXPECT_EQ(made->pairs, 2u);
  EXPECT_EQ(made->evaluated(), 2u);
  EXPECT_EQ(made->failed, 0u);
  EXPECT_THAT(first.begun, ElementsAre("quant grid 2"));
  EXPECT_EQ(first.count, 2);
  const auto again = run_grid(request, data, setting, load_file, second);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->there, 2u);
  EXPECT_EQ(second.count, 0);
  const auto store = store::ResultStore::open(request.database, store::Access::kRead).value();
  const auto rows = store.rows<store::AccuracyRow>().value();
  ASSERT_EQ(rows.size(), 2u);
  for (const store::AccuracyRow& row : rows) {
    EXPECT_EQ(row.images, kImages);
    EXPECT_EQ(static_cast<std::size_t>(row.float_right),
              right_in_float[static_cast<std::size_t>(most_frequent())]);
    EXPECT_THAT(row.command, HasSubstr("fewbit quant run --network two.onnx"));
  }
}

TEST_F(StudyQuant, ASearchStaysWithinItsBudget) {
  SearchRequest request;
  request.weights = operand_formats("weights", "int8,int2").value();
  request.activations = activation_formats("activations", "int8").value();
  request.bits = 7.5;  // the second layer has 400 of 31,760 weights: only it can keep 8 bits
  request.refinements = 2;
  const auto network = load("two.onnx").value();
  const auto found = run_search(request, network, data, setting);
  ASSERT_TRUE(found.ok()) << found.error().message();
  EXPECT_EQ(found->images, static_cast<std::size_t>(kImages));
  EXPECT_EQ(found->float_right, right_in_float[static_cast<std::size_t>(most_frequent())]);
  ASSERT_EQ(found->layers.size(), 2u);
  EXPECT_EQ(found->layers[0].formats.weights.name(), "int2");
  EXPECT_NEAR(found->layers[0].of_weights + found->layers[1].of_weights, 1, 1e-9);
  EXPECT_EQ(found->uniform.formats, "int2/int8");
  EXPECT_EQ(found->uniform.cost, 2);
  EXPECT_LE(found->mixed.cost, 7.5);
  EXPECT_LE(found->mixed.loss, found->uniform.loss);
  request.bits = 1;
  const auto none = run_search(request, network, data, setting);
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().field, "--budget-bits");
}

}  // namespace
}  // namespace fewbit::study
