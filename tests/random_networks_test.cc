// Random networks in Verilator, built and simulated as `fewbit build --verify` does it: every
// stream and every logit as hardware numerics say. FEWBIT_NETWORKS says how many, FEWBIT_NETWORK
// which one alone.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>

#include "fewbit/flows/study/network/verify_network.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/quant/hardware/lowering.h"
#include "fewbit/quant/onnx_reader.h"
#include "fewbit/tests/random_network.h"

namespace fewbit::study {
namespace {

using fewbit::testing::RandomNetwork;

constexpr std::uint64_t kSample = 10;  ///< of ctest: the first ones of the whole
constexpr std::uint64_t kWhole = 5;    ///< of so many networks one is simulated without taps too

quant::Tensor tensor_of(const RandomNetwork& network, std::vector<float> values) {
  quant::Shape shape = {0};
  for (const std::uint64_t extent : network.shape()) {
    shape.push_back(static_cast<std::int64_t>(extent));
  }
  const std::int64_t elements = shape[1] * shape[2] * shape[3];
  shape[0] = static_cast<std::int64_t>(values.size()) / elements;
  return quant::float_tensor(shape, std::move(values));
}

Result<quant::LoweredNetwork> lowered(RandomNetwork& random) {
  FEWBIT_ASSIGN_OR_RETURN(scratch, ScratchDirectory::make());
  FEWBIT_RETURN_IF_ERROR(write_files(scratch.path(), {{"random.onnx", random.onnx()}}));
  FEWBIT_ASSIGN_OR_RETURN(graph, quant::read_onnx(scratch.path() / "random.onnx"));
  graph.inputs[0].nonnegative = true;
  FEWBIT_ASSIGN_OR_RETURN(network, quant::Network::make(std::move(graph)));
  const quant::Tensor calibration = tensor_of(random, random.images(12));
  quant::QuantizerOptions options;
  FEWBIT_ASSIGN_OR_RETURN(weights, parse_format(random.weights()));
  FEWBIT_ASSIGN_OR_RETURN(activations, parse_format(random.activations()));
  options.weights = weights;
  options.activations = activations;
  options.edges_at_8_bits = random.edges_at_8_bits();
  FEWBIT_ASSIGN_OR_RETURN(arithmetic,
                          quant::QuantizedArithmetic::make(network, calibration, options));
  return quant::lower(network, arithmetic, calibration, {});
}

AcceleratorRequest request_of(RandomNetwork& random, const quant::LoweredNetwork& network) {
  AcceleratorRequest request;
  request.name = "fewbit_random";
  request.command = "none";
  request.fabric = random.has_multipliers() ? Fabric::kEcp5 : Fabric::kIce40;
  request.has_multipliers = random.has_multipliers();
  request.sends_class = random.sends_class();
  for (const quant::LoweredNode& node : network.nodes) {
    const auto* sums = std::get_if<quant::LinearSums>(&node.op);
    if (sums == nullptr) continue;
    request.layers.push_back(random.folding(sums->channels(), sums->terms(), sums->is_depthwise()));
  }
  return request;
}

std::string text_of(const AcceleratorRequest& request) {
  std::string text;
  for (const LayerFolding& folding : request.layers) {
    text += fmt::format(" {}x{}:{}", folding.rows, folding.lanes, folding.units);
  }
  return text;
}

/// What stands in docs/networks.md under "What is not covered", or "" where it is covered.
bool is_documented(const Error& error) {
  static const char* const kRefused[] = {
      "a node that works on integers",  // a clamp of minifloat codes that several nodes read
      "maxima without padding",         // of signed numbers
  };
  return std::any_of(std::begin(kRefused), std::end(kRefused), [&](const char* legal) {
    return error.message().find(legal) != std::string::npos;
  });
}

/// As verify_network() does it; but with taps at its streams alone, but for every kWhole-th
/// network.
Result<NetworkReport> verified(const quant::LoweredNetwork& network, AcceleratorRequest request,
                               const quant::Tensor& images, std::uint64_t seed) {
  NetworkVerifyOptions options;
  options.seed = seed + 1;
  if (seed % kWhole == 0) return verify_network(network, request, images, options);
  NetworkReport report;
  request.is_observed = true;
  FEWBIT_ASSIGN_OR_RETURN(bench, NetworkBench::make(network, images));
  FEWBIT_ASSIGN_OR_RETURN(accelerator, build_accelerator(network, request));
  FEWBIT_ASSIGN_OR_RETURN(passed,
                          bench.run(accelerator.emit(), accelerator, true, options, report));
  report.passed = passed;
  // No stream waits longer than the slowest block makes it.
  const auto formula = static_cast<double>(accelerator.slowest().cycles);
  if (passed) {
    EXPECT_NEAR(report.cycles_per_image, formula, 0.05 * formula) << seed;
  }
  return report;
}

/// Whether it was simulated; false where it is documented as not covered.
bool is_same(std::uint64_t seed) {
  RandomNetwork random(seed);
  const std::string what = fmt::format("FEWBIT_NETWORK={} ({})", seed, random.text());
  const auto network = lowered(random);
  EXPECT_TRUE(network.ok()) << what << ": " << network.error().message();
  if (!network.ok()) return true;
  const AcceleratorRequest request = request_of(random, *network);
  const quant::Tensor images = tensor_of(random, random.images(3));
  const auto report = verified(*network, request, images, seed);
  if (!report.ok() && is_documented(report.error())) {
    fmt::print("{}: not covered: {}\n", what, report.error().message());
    return false;
  }
  EXPECT_TRUE(report.ok()) << what << text_of(request) << ": " << report.error().message();
  if (!report.ok()) return true;
  EXPECT_TRUE(report->passed) << what << text_of(request) << ": " << report->failure;
  fmt::print("{}{}: {} numbers, {}\n", what, text_of(request), report->values,
             report->passed ? "no difference" : "DIFFERS");
  std::fflush(stdout);
  return true;
}

TEST(RandomNetworks, ComputeTheNumbersOfHardwareNumerics) {
  if (const char* one = std::getenv("FEWBIT_NETWORK")) {
    EXPECT_TRUE(is_same(std::strtoull(one, nullptr, 10)));
    return;
  }
  const char* text = std::getenv("FEWBIT_NETWORKS");
  const std::uint64_t wanted = text == nullptr ? kSample : std::strtoull(text, nullptr, 10);
  std::uint64_t simulated = 0, seed = 0;
  for (; simulated < wanted && seed < 4 * wanted; ++seed) simulated += is_same(seed) ? 1 : 0;
  EXPECT_EQ(simulated, wanted);
  fmt::print("{} networks simulated, {} not covered\n", simulated, seed - simulated);
}

}  // namespace
}  // namespace fewbit::study
