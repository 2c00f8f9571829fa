// Networks whose file fixes the number of images at a time, before the same ones without.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fewbit/quant/equalization.h"
#include "fewbit/quant/evaluate.h"
#include "fewbit/quant/mixed.h"
#include "fewbit/quant/quantizer.h"
#include "fewbit/tests/quant_networks.h"

namespace fewbit::quant {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Graph graph_with_batch(const std::string& name, std::int64_t batch) {
  Graph graph = read_onnx(network_file(name)).value();
  graph.inputs[0].shape[0] = batch;
  return graph;
}

Network network_with_batch(const std::string& name, std::int64_t batch) {
  return Network::make(graph_with_batch(name, batch)).value();
}

TEST(FixedBatch, OutputsAreThoseOfAnyBatch) {
  for (const char* name : kNetworkNames) {
    for (const std::size_t count : {1U, 7U}) {
      const Tensor images = test_images(count);
      const Tensor expected = network_named(name).run(images, FloatArithmetic()).value();
      for (const std::int64_t batch : {1, 3, 7, 16}) {
        const Tensor got = network_with_batch(name, batch).run(images, FloatArithmetic()).value();
        ASSERT_EQ(got.shape, expected.shape);
        for (std::size_t i = 0; i < got.size(); ++i) {
          ASSERT_NEAR(got.floats()[i], expected.floats()[i], 1e-4) << name << " " << batch;
        }
      }
    }
  }
}

TEST(FixedBatch, RightAnswersAreAsMany) {
  const Tensor images = test_images(100);
  const std::vector<std::int64_t> labels = test_labels(100);
  const auto right = [&](const Network& network) {
    return evaluate(network, FloatArithmetic(), images, labels, 2).value().right;
  };
  const std::size_t expected = right(network_named("resnet"));
  EXPECT_GT(expected, 80U);
  for (const std::int64_t batch : {1, 5, 32}) {
    EXPECT_EQ(right(network_with_batch("resnet", batch)), expected);
  }
}

/// What follows from the calibration images, with every technique that looks at them.
TEST(FixedBatch, QuantizedNetworksAreAlike) {
  const Tensor images = test_images(12);
  QuantizerOptions options;
  options.weights = options.activations = parse_format("int4").value();
  options.gptq = options.bias_correction = true;
  options.activation_range = RangeRule::kAbsoluteMaximum;
  const auto quantized = [&](std::int64_t batch) {
    const Graph graph = equalize_activations(graph_with_batch("vit", batch), images).value();
    const Network network = Network::make(graph).value();
    return QuantizedArithmetic::make(network, images, options).value().layers();
  };
  const std::vector<QuantizedLayer> expected = quantized(-1);
  for (const std::int64_t batch : {1, 4}) {  // twelve images fill batches of both
    const std::vector<QuantizedLayer> got = quantized(batch);
    std::size_t weights = 0, alike = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
      SCOPED_TRACE(got[i].name);
      EXPECT_NEAR(got[i].left_scale, expected[i].left_scale, 1e-5 * expected[i].left_scale);
      ASSERT_EQ(got[i].shifts.size(), expected[i].shifts.size());
      for (std::size_t k = 0; k < got[i].shifts.size(); ++k) {
        EXPECT_NEAR(got[i].shifts[k], expected[i].shifts[k], 0.05);
      }
      for (std::size_t k = 0; k < got[i].weights.size(); ++k) {
        alike += got[i].weights[k] == expected[i].weights[k] ? 1 : 0;
      }
      weights += got[i].weights.size();
    }
    EXPECT_GT(static_cast<double>(alike), 0.999 * static_cast<double>(weights));
  }
}

TEST(FixedBatch, GainsAreAlike) {
  const Tensor images = test_images(12);
  QuantizerOptions options;
  options.weights = parse_format("e1m0f").value();
  options.activations = parse_format("int8").value();
  options.bias_correction = true;
  options.activation_range = RangeRule::kAbsoluteMaximum;
  const auto quantized = [&](std::int64_t batch) {
    return QuantizedArithmetic::make(network_with_batch("resnet", batch), images, options)
        .value()
        .layers();
  };
  const std::vector<QuantizedLayer> expected = quantized(-1), got = quantized(4);
  for (std::size_t i = 0; i < got.size(); ++i) {
    SCOPED_TRACE(got[i].name);
    ASSERT_EQ(got[i].corrected_error.has_value(), expected[i].corrected_error.has_value());
    for (std::size_t k = 0; k < got[i].right_scales.size(); ++k) {
      EXPECT_NEAR(got[i].right_scales[k], expected[i].right_scales[k],
                  1e-3 * expected[i].right_scales[k]);
    }
  }
}

TEST(FixedBatch, AnswersAreComparedInItToo) {
  const Tensor images = test_images(10);
  QuantizerOptions options;
  options.weights = options.activations = parse_format("int3").value();
  options.activation_range = RangeRule::kAbsoluteMaximum;
  const auto loss = [&](std::int64_t batch) {
    const Network network = network_with_batch("resnet", batch);
    const auto arithmetic = QuantizedArithmetic::make(network, images, options).value();
    EXPECT_EQ(result_sqnr_db(network, arithmetic, images).value().size(), network.layers().size());
    return AnswerLoss::make(network, images, 2).value().of(arithmetic).value();
  };
  const double expected = loss(-1);
  EXPECT_NEAR(loss(1), expected, 1e-3 * expected);
  EXPECT_NEAR(loss(64), expected, 1e-3 * expected);
}

TEST(FixedBatch, MessagesSpeakOfImages) {
  const Network one = network_with_batch("resnet", 1);
  const std::string message =
      one.run(float_tensor({8, 3, 28, 28}), FloatArithmetic()).error().message();
  EXPECT_THAT(message, HasSubstr("[3, 28, 28] each"));
  EXPECT_THAT(message, HasSubstr("[1, 1, 28, 28]"));
  EXPECT_THAT(message, Not(HasSubstr("[8, ")));
  Graph huge = graph_with_batch("resnet", std::int64_t{1} << 40);
  EXPECT_THAT(Network::make(huge).value().run(test_images(2), FloatArithmetic()).error().message(),
              HasSubstr("network input"));
}

}  // namespace
}  // namespace fewbit::quant
