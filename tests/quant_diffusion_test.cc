// Pictures from noise: the trainer's, distances known in closed form, and the command.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "fewbit/gen/util/files.h"
#include "fewbit/quant/diffusion.h"
#include "fewbit/tests/command_line.h"
#include "fewbit/tests/quant_networks.h"

namespace fewbit::quant {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;
using Words = std::vector<std::string>;

/// denoiser.npy: [2, n, 1, 28, 28], noise and what torch made of it in ten steps.
TEST(Diffusion, PicturesAreTheTrainersWithin1em3) {
  EXPECT_LE(fs::file_size(network_file("denoiser")), 2000000U);
  const Tensor both = read_npy(network_file("denoiser").replace_extension(".npy")).value();
  ASSERT_EQ(both.shape, (Shape{2, 2, 1, 28, 28}));
  const std::size_t half = both.size() / 2;
  const auto middle = both.floats().begin() + static_cast<std::ptrdiff_t>(half);
  const Tensor noise = float_tensor({2, 1, 28, 28}, {both.floats().begin(), middle});
  const Tensor got =
      pictures_from_noise(network_named("denoiser"), FloatArithmetic(), noise, 10, 1).value();
  ASSERT_EQ(got.shape, noise.shape);
  for (std::size_t i = 0; i < half; ++i) {
    ASSERT_NEAR(got.floats()[i], both.floats()[half + i], 1e-3) << "pixel " << i;
  }
}

TEST(Diffusion, NoiseIsNormal) {
  const std::size_t count = 100000;
  const Tensor noise = normal_noise({static_cast<std::int64_t>(count)}, 7);
  double sum = 0, squares = 0, fourth = 0, neighbours = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double x = static_cast<double>(noise.floats()[i]);
    sum += x;
    squares += x * x;
    fourth += x * x * x * x;
    if (i > 0) neighbours += x * static_cast<double>(noise.floats()[i - 1]);
  }
  // Five standard errors: of a mean 1, of squares sqrt(2), of fourth powers sqrt(96).
  const double error = 5 / std::sqrt(static_cast<double>(count));
  EXPECT_NEAR(sum / static_cast<double>(count), 0, error);
  EXPECT_NEAR(squares / static_cast<double>(count), 1, error * std::sqrt(2.0));
  EXPECT_NEAR(fourth / static_cast<double>(count), 3, error * std::sqrt(96.0));
  EXPECT_NEAR(neighbours / static_cast<double>(count), 0, error);
  EXPECT_EQ(normal_noise({5}, 7).floats()[4], noise.floats()[4]);
  EXPECT_NE(normal_noise({5}, 8).floats()[4], noise.floats()[4]);
}

TEST(Diffusion, InputsAreOfAllStepsAlike) {
  const Network network = network_named("denoiser");
  const Tensor inputs = inputs_of_all_steps(network, 28, 28, 4, 10, 3, 2).value();
  ASSERT_EQ(inputs.shape, (Shape{10, 2, 28, 28}));
  for (std::size_t i = 0; i < 10; ++i) {  // the time is in every pixel of the second channel
    const float time = 1 - static_cast<float>(i % 4) / 4;
    for (const std::size_t pixel : {784U, 1000U, 1567U}) {
      EXPECT_EQ(inputs.floats()[i * 1568 + pixel], time) << i;
    }
  }
  const Tensor noise = normal_noise({3, 1, 28, 28}, 3);
  EXPECT_EQ(inputs.floats()[4 * 1568 + 5], noise.floats()[784 + 5]);
}

/// Rows at mean +- spread along axes: their mean and covariance are known.
Tensor cross(double x, double y, double a, double b, double turn) {
  Tensor rows = float_tensor({4, 2});
  const double ends[4][2] = {{a, 0}, {-a, 0}, {0, b}, {0, -b}};
  for (std::size_t i = 0; i < 4; ++i) {
    const double u = ends[i][0], v = ends[i][1];
    rows.floats()[2 * i] = static_cast<float>(x + u * std::cos(turn) - v * std::sin(turn));
    rows.floats()[2 * i + 1] = static_cast<float>(y + u * std::sin(turn) + v * std::cos(turn));
  }
  return rows;
}

TEST(Diffusion, DistancesOfNormalDistributions) {
  // Covariances diag(2 a^2 / 3, 2 b^2 / 3): where axes agree, the squares of differences.
  const Tensor first = cross(1, 2, 3, 1, 0);
  EXPECT_NEAR(frechet_distance(first, first).value(), 0, 1e-5);
  const double along = 2.0 / 3 * ((3 - 1.5) * (3 - 1.5) + (1 - 4) * (1 - 4));
  EXPECT_NEAR(frechet_distance(first, cross(0, 4, 1.5, 4, 0)).value(), 1 + 4 + along, 1e-5);
  // Turned: the trace of the root of a product M of two rows is sqrt(tr M + 2 sqrt(det M)).
  const double turn = 0.7, c = std::cos(turn), s = std::sin(turn);
  const double a1 = 6, a2 = 2.0 / 3, b1 = 1.5, b2 = 32.0 / 3;
  const double trace = a1 * (b1 * c * c + b2 * s * s) + a2 * (b1 * s * s + b2 * c * c);
  const double root = std::sqrt(trace + 2 * std::sqrt(a1 * a2 * b1 * b2));
  EXPECT_NEAR(frechet_distance(first, cross(1, 2, 1.5, 4, turn)).value(),
              a1 + a2 + b1 + b2 - 2 * root, 1e-5);
  EXPECT_THAT(frechet_distance(first, float_tensor({4, 3})).error().message(), HasSubstr("[n, 2]"));
  EXPECT_THAT(frechet_distance(first, float_tensor({1, 2})).error().message(), HasSubstr("[1, 2]"));
  Tensor bad = first;
  bad.floats()[0] = INFINITY;
  EXPECT_THAT(frechet_distance(bad, first).error().message(), HasSubstr("not finite"));
}

TEST(Diffusion, FeaturesAreWhatTheLastLayerTakes) {
  const Graph whole = read_onnx(network_file("resnet")).value();
  const Network features = Network::make(up_to_the_last_layer(whole).value()).value();
  EXPECT_EQ(features.layers().size() + 1, Network::make(whole).value().layers().size());
  EXPECT_EQ(features.run(test_images(3), FloatArithmetic()).value().shape, (Shape{3, 96}));
  EXPECT_FALSE(up_to_the_last_layer(Graph{}).ok());
}

class SampleCli : public ::testing::Test {
 protected:
  Ending sample(const Words& more) const {
    std::map<std::string, std::string> options = {
        {"--network", network_file("denoiser").string()},
        {"--classifier", network_file("resnet").string()},
        {"--images", std::string(kFashionMnist) + "/t10k-images-idx3-ubyte.gz"},
        {"--steps", "5"},
        {"--samples", "120"}};
    for (std::size_t i = 0; i + 1 < more.size(); i += 2) options[more[i]] = more[i + 1];
    Words words = {"quant", "sample", "--json"};
    for (const auto& [option, value] : options) words.insert(words.end(), {option, value});
    return CommandLine(words, scratch_.path()).wait();
  }
  std::string refused(const Words& more) const {
    const Ending ending = sample(more);
    EXPECT_EQ(ending.exit_code, 2);
    return ending.err;
  }
  const ScratchDirectory scratch_ = ScratchDirectory::make().value();
};

TEST_F(SampleCli, FewerBitsAreFurtherFromFloat) {
  const auto distance = [&](const std::string& format, const Words& more) {
    Words words = {"--format-weights", format, "--format-activations", format};
    words.insert(words.end(), more.begin(), more.end());
    const Ending ending = sample(words);
    EXPECT_EQ(ending.exit_code, 0) << ending.err;
    const json document = json::parse(ending.out);
    EXPECT_EQ(document.at("samples"), 120);
    EXPECT_GT(document.at("float").at("to_images"), 0);
    EXPECT_GT(document.at("quantized").at("format_layers"), 5);
    return document.at("quantized").at("to_float").get<double>();
  };
  const std::string sheet_file = scratch_.path() / "sheet.pgm";
  const double eight = distance("int8", {"--jobs", "1"});
  EXPECT_EQ(distance("int8", {"--jobs", "2", "--sheet", sheet_file}), eight);
  EXPECT_LT(10 * eight, distance("int3", {}));
  const std::string sheet = read_file(sheet_file).value();
  EXPECT_EQ(sheet.substr(0, 15), "P5\n448 56\n255\n" + sheet.substr(14, 1));
  EXPECT_EQ(sheet.size(), 14U + 448 * 56);
}

TEST_F(SampleCli, WrongRequests) {
  EXPECT_THAT(refused({"--steps", "0"}), HasSubstr("--steps: '0'"));
  EXPECT_THAT(refused({"--samples", "1"}), HasSubstr("--samples: '1'"));
  EXPECT_THAT(refused({"--seed", "-1"}), HasSubstr("--seed: '-1'"));
  EXPECT_THAT(refused({"--network", network_file("resnet").string()}),
              HasSubstr("[n, 2, rows, columns]"));
  EXPECT_THAT(refused({"--classifier", "none.onnx"}), HasSubstr("--classifier"));
  EXPECT_THAT(refused({"--images", "none"}), HasSubstr("--images"));
  EXPECT_THAT(refused({"--format-weights", "int4"}), HasSubstr("--format-activations: ''"));
  EXPECT_THAT(refused({"--sheet", "/proc/no/sheet.pgm"}), HasSubstr("/proc/no"));
  EXPECT_THAT(refused({"--labels", "x"}), HasSubstr("an option of fewbit quant"));
}

}  // namespace
}  // namespace fewbit::quant
