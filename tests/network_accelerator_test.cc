// Accelerators of networks in Verilator: every stream and every logit as the lowered network says,
// whoever stalls.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <numeric>
#include <random>

#include "fewbit/flows/study/network/verify_network.h"
#include "fewbit/quant/hardware/lowering.h"
#include "fewbit/tests/lowered_graph.h"

namespace fewbit::study {
namespace {

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
    {"Int8", "int8", "int8", false,
     {{2, 3, 1}, {4, 4, 2}, {2, 1, 1}, {3, 2, 3}, {6, 6, 3}, {1, 5, 1}, {2, 6, 1}}},
    {"Minifloats", "e2m0f", "e1m2f", false,
     {{4, 9, 4}, {1, 7, 1}, {4, 1, 2}, {2, 4, 2}, {4, 3, 2}, {6, 2, 2}, {5, 3, 1}}},
    {"Multipliers", "e2m1", "e2m1", true,
     {{1, 1, 1}, {3, 36, 3}, {1, 1, 1}, {6, 1, 2}, {2, 5, 2}, {3, 8, 1}, {1, 1, 1}}},
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

AcceleratorRequest request_of(const Case& own) {
  AcceleratorRequest request;
  request.name = "fewbit_small";
  request.command = "none";
  request.fabric = own.has_multipliers ? Fabric::kEcp5 : Fabric::kIce40;
  request.has_multipliers = own.has_multipliers;
  request.layers = own.layers;
  return request;
}

class NetworkAccelerator : public ::testing::TestWithParam<Case> {};

TEST_P(NetworkAccelerator, ComputesTheNumbersOfTheNetwork) {
  quant::Tensor images;
  const quant::LoweredNetwork network = lowered_small(GetParam(), images);
  const auto report = verify_network(network, request_of(GetParam()), images, {});
  ASSERT_TRUE(report.ok()) << report.error().message();
  EXPECT_TRUE(report->passed) << report->failure;
  fmt::print("{} values, {} cycles, {} a image, latency {}\n", report->values, report->cycles,
             report->cycles_per_image, report->latency_cycles);
}

INSTANTIATE_TEST_SUITE_P(Small, NetworkAccelerator, ::testing::ValuesIn(kCases),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace fewbit::study
