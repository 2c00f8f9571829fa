// Accelerators of networks in Verilator: every stream and every logit as the lowered network says,
// whoever stalls.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <numeric>
#include <random>

#include "fewbit/flows/study/network/fold_layers.h"
#include "fewbit/flows/study/network/verify_network.h"
#include "fewbit/quant/hardware/lowering.h"
#include "fewbit/tests/lowered_graph.h"

namespace fewbit::study {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

struct Case {
  const char* name;
  const char* weights;
  const char* activations;
  bool has_multipliers;
  std::vector<LayerFolding> layers;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

/// Of the network with a node of each kind: conv, conv, depthwise, conv, conv, conv, gemm.
const Case kCases[] = {
    {"Int8",
     "int8",
     "int8",
     false,
     {{2, 3, 1}, {4, 4, 2}, {2, 1, 1}, {3, 2, 3}, {6, 6, 3}, {1, 5, 1}, {2, 6, 1}}},
    {"Minifloats",
     "e2m0f",
     "e1m2f",
     false,
     {{4, 9, 4}, {1, 7, 1}, {4, 1, 2}, {2, 4, 2}, {4, 3, 2}, {6, 2, 2}, {5, 3, 1}}},
    {"Multipliers",
     "e2m1",
     "e2m1",
     true,
     {{1, 1, 1}, {3, 36, 3}, {1, 1, 1}, {6, 1, 2}, {2, 5, 2}, {3, 8, 1}, {1, 1, 1}}},
    // The roundings of the depthwise layer take longest.
    {"Depthwise",
     "int4",
     "int4",
     false,
     {{4, 9, 4}, {4, 36, 4}, {2, 1, 1}, {6, 4, 6}, {6, 6, 6}, {6, 6, 6}, {5, 6, 5}}},
};

quant::LoweredNetwork lowered_small(const Case& own, quant::Tensor& images) {
  std::mt19937_64 random(7);
  const quant::Network network = quant::Network::make(quant::small_graph(random)).value();
  const quant::Tensor calibration = quant::random_images(random, 12, 255);
  quant::QuantizerOptions options;
  options.weights = parse_format(own.weights).value();
  options.activations = parse_format(own.activations).value();
  const auto arithmetic = quant::QuantizedArithmetic::make(network, calibration, options).value();
  images = quant::random_images(random, 5, 255);
  return quant::lower(network, arithmetic, calibration, {}).value();
}

constexpr std::int64_t kLeastBits = 64;  ///< as if memories were larger

AcceleratorRequest request_of(const Case& own) {
  AcceleratorRequest request;
  request.name = "fewbit_small";
  request.command = "none";
  request.fabric = own.has_multipliers ? Fabric::kEcp5 : Fabric::kIce40;
  request.has_multipliers = own.has_multipliers;
  request.layers = own.layers;
  if (own.has_multipliers) request.block_rams = BlockRams{rtl::ecp5_blocks(), kLeastBits, 4};
  return request;
}

class NetworkNumbers : public ::testing::TestWithParam<Case> {};

TEST_P(NetworkNumbers, ComputesTheNumbersOfTheNetwork) {
  quant::Tensor images;
  const quant::LoweredNetwork network = lowered_small(GetParam(), images);
  const auto report = verify_network(network, request_of(GetParam()), images, {});
  ASSERT_TRUE(report.ok()) << report.error().message();
  EXPECT_TRUE(report->passed) << report->failure;
  const auto accelerator = build_accelerator(network, request_of(GetParam()));
  const auto formula = static_cast<double>(accelerator->slowest().cycles);
  EXPECT_NEAR(report->cycles_per_image, formula, 0.05 * formula);
}

INSTANTIATE_TEST_SUITE_P(Small, NetworkNumbers, ::testing::ValuesIn(kCases),
                         [](const auto& test) { return std::string(test.param.name); });

/// What a design without stalls is found to do.
std::string found(const quant::LoweredNetwork& network, const AcceleratorRequest& request,
                  const quant::LoweredNetwork& reference, const quant::Tensor& images) {
  AcceleratorRequest observed = request;
  observed.is_observed = true;
  const auto accelerator = build_accelerator(network, observed);
  const auto bench = NetworkBench::make(reference, images);
  NetworkReport report;
  NetworkVerifyOptions options;
  options.stalled_runs = 0;
  const auto same = bench->run(accelerator->emit(), *accelerator, true, options, report);
  EXPECT_TRUE(same.ok()) << same.error().message();
  EXPECT_EQ(*same, report.failure.empty());
  return report.failure;
}

TEST(NetworkMistakes, AWrongBiasNamesItsLayerPixelAndChannel) {
  quant::Tensor images;
  const quant::LoweredNetwork network = lowered_small(kCases[0], images);
  quant::LoweredNetwork other = network;
  for (quant::LoweredNode& node : other.nodes) {
    auto* rounding = std::get_if<quant::Requantizer>(&node.op);
    if (rounding != nullptr && node.name == "t") rounding->biases[4] += 4000;
  }
  EXPECT_THAT(found(other, request_of(kCases[0]), network, images),
              AllOf(HasSubstr("layer t, stream t_requantizer: image 0, row"),
                    HasSubstr("channel 4: "), HasSubstr("and the network says")));
}

TEST(NetworkMistakes, TooFewPlacesStopADesignAndSoManyAsComputedDoNot) {
  quant::Tensor images;
  const quant::LoweredNetwork network = lowered_small(kCases[0], images);
  AcceleratorRequest request = request_of(kCases[0]);
  request.waiting = [](int least, int /*computed*/) { return least; };
  EXPECT_EQ(found(network, request, network, images), "");
  request.waiting = [](int /*least*/, int /*computed*/) { return 2; };
  EXPECT_THAT(
      found(network, request, network, images),
      AllOf(HasSubstr("nothing moves any more"), HasSubstr("not taken: "), HasSubstr("_fork_")));
}

TEST(NetworkAccelerator, MemoriesAreInLookupTablesUntilTheOthersFitTheBlockRams) {
  quant::Tensor images;
  const quant::LoweredNetwork network = lowered_small(kCases[2], images);
  const auto used = [&](int blocks) {
    AcceleratorRequest request = request_of(kCases[2]);
    request.block_rams->blocks = blocks;
    const auto made = build_accelerator(network, request);
    EXPECT_TRUE(made.ok()) << made.error().message();
    return memory_use(*made->top, rtl::ecp5_blocks(), kLeastBits).blocks;
  };
  const int all = used(1000);
  ASSERT_GT(all, 6);
  EXPECT_EQ(used(all), all);
  EXPECT_LE(used(all - 1), all - 1);
  EXPECT_LE(used(4), 4);
}

TEST(NetworkAccelerator, NodesThatNoBlockCoversAreNamed) {
  quant::Tensor images;
  quant::LoweredNetwork network = lowered_small(kCases[0], images);
  for (quant::LoweredNode& node : network.nodes) {
    auto* sums = std::get_if<quant::LinearSums>(&node.op);
    if (sums == nullptr || node.name != "c2") continue;
    std::get<quant::ConvolutionShape>(sums->shape).window[1].stride = 2;
  }
  const auto made = build_accelerator(network, request_of(kCases[0]));
  ASSERT_FALSE(made.ok());
  EXPECT_THAT(made.error().message(), AllOf(HasSubstr("c2"), HasSubstr("square windows")));
}

}  // namespace
}  // namespace fewbit::study
