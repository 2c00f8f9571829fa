// Foldings: a small pipeline against all foldings that it has, by docs/plan.md, and real networks.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fewbit/quant/hardware/folding.h"
#include "fewbit/quant/hardware/lowering.h"
#include "fewbit/tests/quant_networks.h"

namespace fewbit::quant {
namespace {

using ::testing::HasSubstr;

struct Cost {
  double luts = 0;
  int brams = 0, multipliers = 0;
};

std::int64_t over(std::int64_t amount, std::int64_t unit) { return (amount + unit - 1) / unit; }

/// The fewest EBR of a memory, by trying every shape.
int least_blocks(std::int64_t words, std::int64_t bits) {
  std::int64_t least = 1 << 30;
  for (const auto& [depth, width] : {std::pair{512, 36}, std::pair{1024, 18}, std::pair{2048, 9},
                                     std::pair{4096, 4}, std::pair{8192, 2}, std::pair{16384, 1}}) {
    least = std::min(least, over(words, depth) * over(bits, width));
  }
  return static_cast<int>(least);
}

/// Both places of a memory.
std::vector<Cost> places(std::int64_t words, std::int64_t bits, bool is_written) {
  if (words <= 1 || bits == 0) return {{}};
  const auto tables = static_cast<double>(over(words, 16));
  const double luts =
      static_cast<double>(bits) * ((is_written ? 1.5 : 1) * tables + (tables - 1) * 2 / 3);
  return {{luts, 0, 0}, {0, least_blocks(words, bits), 0}};
}

/// Every folding of an engine within the cycles.
std::vector<Cost> foldings(const Engine& engine, std::int64_t cycles) {
  std::vector<Cost> all;
  const BlockCosts& costs = BlockCosts::measured();
  for (std::int64_t p = 1; p <= engine.channels; ++p) {
    for (std::int64_t s = 1; s <= engine.terms; ++s) {
      const std::int64_t groups = over(engine.channels, p), beats = over(engine.terms, s);
      if (engine.pixels * groups * beats > cycles) continue;
      const std::int64_t requantizers = over(p, beats);
      Cost cost;
      cost.luts = 100 + static_cast<double>(p * engine.sum_bits) +
                  static_cast<double>(p) *
                      costs.dot(engine.weights, engine.activations, static_cast<int>(s)).value() +
                  static_cast<double>(requantizers) * engine.requantizer_luts;
      cost.multipliers = static_cast<int>(requantizers) * engine.requantizer_multipliers;
      std::int64_t held = groups > 1 ? 2 * engine.terms : 0;
      if (engine.kernel > 1) {
        held = ((engine.kernel - 1) * engine.columns + engine.kernel) * engine.inputs;
      }
      for (const Cost& weights : places(groups * beats, p * s * engine.weight_bits, false)) {
        for (const Cost& parameters : places(over(engine.channels, requantizers),
                                             requantizers * engine.parameter_bits, false)) {
          for (const Cost& operands :
               places(over(held, s), held == 0 ? 0 : s * engine.activation_bits, true)) {
            all.push_back({cost.luts + weights.luts + parameters.luts + operands.luts,
                           weights.brams + parameters.brams + operands.brams, cost.multipliers});
          }
        }
      }
    }
  }
  return all;
}

Engine engine(std::int64_t channels, std::int64_t terms, std::int64_t pixels, std::int64_t kernel) {
  Engine made;
  made.name = "engine";
  made.weights = "int4";
  made.activations = "uint4";
  made.channels = channels;
  made.inputs = terms / (kernel * kernel);
  made.terms = terms;
  made.pixels = pixels;
  made.kernel = kernel;
  made.columns = 16;
  made.weight_bits = made.activation_bits = 4;
  made.sum_bits = 14;
  made.parameter_bits = 37;
  made.requantizer_luts = 300;
  made.requantizer_multipliers = 1;
  return made;
}

TEST(Fold, IsTheBestOfAllFoldings) {
  Pipeline pipeline;
  pipeline.engines = {engine(9, 18, 64, 3), engine(8, 20, 16, 1)};
  pipeline.input_values = 64;
  const BlockCosts& costs = BlockCosts::measured();
  int compared = 0;
  for (const int brams : {0, 1, 3, 8, 40}) {
    for (const std::int64_t cycles : {64, 500, 2000, 10000}) {
      const Device device{"small", 100000, brams, 1000};
      const auto plan = fold(pipeline, device, cycles, costs).value();
      double least = 1e18;
      for (const Cost& first : foldings(pipeline.engines[0], cycles)) {
        for (const Cost& second : foldings(pipeline.engines[1], cycles)) {
          if (first.brams + second.brams > brams) continue;
          least = std::min(least, first.luts + second.luts);
        }
      }
      ASSERT_TRUE(plan) << cycles;
      EXPECT_NEAR(plan->used.luts, least, 1e-6) << brams << " EBR, " << cycles << " cycles";
      EXPECT_LE(plan->used.brams, brams);
      EXPECT_LE(plan->cycles, cycles);
      EXPECT_EQ(plan->used.multipliers,
                plan->engines[0].multipliers + plan->engines[1].multipliers);
      ++compared;
    }
  }
  EXPECT_EQ(compared, 20);
  EXPECT_FALSE(fold(pipeline, {"small", 100000, 40, 1000}, 63, costs).value());
}

TEST(Fold, MultipliersFollowFromTheRate) {
  Pipeline pipeline;
  pipeline.engines = {engine(48, 16, 196, 1)};
  pipeline.input_values = 100;
  const BlockCosts& costs = BlockCosts::measured();
  const auto plan = fold(pipeline, {"free", 1000000, 100, 1000}, 784, costs).value();
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->used.multipliers, 48 * 196 / 784);
  EXPECT_TRUE(plan->fits({"enough", 1000000, 100, 12}));
  EXPECT_FALSE(plan->fits({"too few", 1000000, 100, 11}));
}

LoweredNetwork lowered(const std::string& name, const std::string& weights,
                       const std::string& activations) {
  Graph graph = read_onnx(network_file(name)).value();
  graph.inputs[0].nonnegative = true;
  const Network network = Network::make(std::move(graph)).value();
  QuantizerOptions options;
  options.weights = parse_format(weights).value();
  options.activations = parse_format(activations).value();
  const Tensor images = test_images(4);
  const auto arithmetic = QuantizedArithmetic::make(network, images, options).value();
  return lower(network, arithmetic, images, {}).value();
}

TEST(Fold, RealNetworks) {
  const BlockCosts& costs = BlockCosts::measured();
  for (const std::string name : {"resnet", "mobilenet"}) {
    const Pipeline pipeline = pipeline_of(lowered(name, "e2m0f", "e1m2f"), costs).value();
    EXPECT_EQ(pipeline.engines.size(), name == "resnet" ? 10U : 18U);
    EXPECT_EQ(pipeline.input_values, 784);
    std::int64_t products = 0;
    for (const Engine& own : pipeline.engines) products += own.products();
    EXPECT_NEAR(static_cast<double>(products), name == "resnet" ? 5.72e6 : 2.93e6, 1e4);
    double before = 0;
    for (const Device& device : plan_devices()) {
      const auto plan = fold_fastest(pipeline, device, costs).value();
      ASSERT_TRUE(plan) << device.name;
      EXPECT_TRUE(plan->fits(device));
      Resources used;
      for (std::size_t i = 0; i < plan->engines.size(); ++i) {
        const EngineFolding& own = plan->engines[i];
        const Engine& of = pipeline.engines[i];
        const std::int64_t groups = over(of.channels, own.rows), beats = over(of.terms, own.lanes);
        // Depthwise, the sums of a window come one behind the other and wait for their roundings.
        const std::int64_t rounds = over(own.rows, own.requantizers);
        const std::int64_t waits = of.is_depthwise ? (groups - 1) * (rounds - 1) : 0;
        EXPECT_EQ(own.cycles, of.pixels * std::max(groups * beats + waits, groups * rounds));
        EXPECT_LE(own.cycles, plan->cycles);
        for (const MemoryPlan* memory : {&own.weights, &own.parameters, &own.operands}) {
          if (memory->place != Place::kBlockRam) continue;
          EXPECT_EQ(memory->brams(), least_blocks(memory->depth, memory->width));
        }
        EXPECT_GE(static_cast<std::int64_t>(own.weights.depth) * own.weights.width,
                  of.channels * of.terms * of.weight_bits);
        used.luts += own.luts();
        used.brams += own.brams;
        used.multipliers += own.multipliers;
      }
      for (const PartFolding& part : plan->parts) {
        used.luts += part.luts;
        used.brams += part.brams;
        used.multipliers += part.multipliers;
      }
      EXPECT_NEAR(used.luts, plan->used.luts, 1e-6);
      EXPECT_EQ(used.brams, plan->used.brams);
      EXPECT_EQ(used.multipliers, plan->used.multipliers);
      const double rate = 1 / static_cast<double>(plan->cycles);
      EXPECT_GT(rate, before);  // a larger device is faster
      before = rate;
    }
  }
}

/// Pixels of the operand that are there before a window of 3 x 3 with one pixel of padding has
/// pixel `number` of its result, by looking at the window.
std::int64_t pixels_before(std::int64_t number, std::int64_t columns, std::int64_t stride) {
  const std::int64_t outputs = columns / stride;
  const std::int64_t row = number / outputs * stride + 1, column = number % outputs * stride + 1;
  return row * columns + std::min(column, columns - 1) + 1;
}

TEST(Pipeline, ABranchThatWaitsHasRoom) {
  const Pipeline pipeline =
      pipeline_of(lowered("resnet", "int4", "int4"), BlockCosts::measured()).value();
  std::vector<std::int64_t> held;
  for (const Part& part : pipeline.parts) {
    if (part.what == "add") held.push_back(part.held_values);
  }
  ASSERT_EQ(held.size(), 3U);
  // The operand of the first block waits for two windows of 14 columns.
  const std::int64_t first = pixels_before(pixels_before(0, 14, 1) - 1, 14, 1);
  EXPECT_GE(held[0], 24 * first);
  EXPECT_LE(held[0], 24 * (first + 3));
  // That of the second is halved, by a convolution of one pixel, while both windows fill.
  const std::int64_t second = pixels_before(pixels_before(0, 7, 1) - 1, 14, 2);
  const std::int64_t halved = (second + 27) / 28 * 7;  // a row of 7 of every two rows of 14
  EXPECT_GE(held[1], 48 * (halved - 7));
  EXPECT_LE(held[1], 48 * (halved + 3));
}

TEST(BlockCosts, WhatWasNotMeasuredIsRefused) {
  const BlockCosts& costs = BlockCosts::measured();
  EXPECT_THAT(costs.dot("e5m2", "e5m2", 4).error().message(), HasSubstr("int4 x uint4"));
  EXPECT_FALSE(costs.requantizer("e5m2").ok());
  EXPECT_FALSE(costs.conversion("e5m2").ok());
  // On the line through the rows, at its ends and beyond.
  const double two = costs.dot("int4", "uint4", 2).value();
  const double eight = costs.dot("int4", "uint4", 8).value();
  EXPECT_DOUBLE_EQ(costs.dot("int4", "uint4", 14).value(), 2 * eight - two);
  EXPECT_EQ(costs.dot_commands("int4", "uint4").size(), 2U);
}

}  // namespace
}  // namespace fewbit::quant
