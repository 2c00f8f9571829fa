// Block formats against the model's mxquant and mxdot, and by hand.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>

#include "fewbit/quant/blocks.h"
#include "fewbit/quant/evaluate.h"
#include "fewbit/quant/quantizer.h"
#include "fewbit/sim/model/operators.h"
#include "fewbit/tests/quant_networks.h"

namespace fewbit::quant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

OperandFormat operand_format(const std::string& name) {
  return parse_operand_format("format", name).value();
}

double value_of(const Format& format, const BigInt& code) {
  const model::Datum datum = model::decode(format, code);
  const double value =
      std::ldexp(datum.value.significand.convert_to<double>(), datum.value.exponent);
  return value;
}

/// Codes of a block as the hardware makes them from bfloat16 numbers.
struct ModelBlock {
  BigInt elements, scale;
};
ModelBlock mxquant(const std::vector<float>& x, const std::string& element) {
  OperatorRequest request{.op = "mxquant", .a = "bfloat16", .result = element};
  const OperatorSpec spec = make_operator_spec(request).value();
  BigInt codes = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    codes |= BigInt(std::bit_cast<std::uint32_t>(x[i]) >> 16) << (16 * i);
  }
  const model::Outputs outputs = model::evaluate(spec, {codes});
  return {outputs.result, outputs.scale};
}

/// 32 numbers that bfloat16 holds, of very different sizes, or all close to one power of two, where
/// elements saturate with either sign.
std::vector<float> draw_block(std::mt19937_64& random) {
  std::vector<float> x(32);
  const int base = static_cast<int>(random() % 60) - 30;
  const bool is_close = random() % 3 == 0;
  for (float& value : x) {
    const auto last = static_cast<int>(random() % (is_close ? 4 : 128));
    const double fraction = static_cast<double>(is_close ? 127 - last : last) / 128 + 1;
    const int exponent = base + (is_close ? 0 : static_cast<int>(random() % 12));
    value = static_cast<float>(std::ldexp(random() % 2 == 0 ? fraction : -fraction, exponent));
    if (random() % 9 == 0) value = 0;
  }
  return x;
}

TEST(Blocks, MxIsWhatMxquantMakes) {
  std::mt19937_64 random(5);
  for (const OperandFormat& format : block_formats()) {
    if (format.blocks != BlockScale::kMx) continue;
    SCOPED_TRACE(format.name());
    const NumberGrid grid = NumberGrid::make(format.element).value();
    const double step = std::ldexp(1.0, grid.unit_exponent());
    for (int round = 0; round < 1000; ++round) {
      const std::vector<float> x = draw_block(random);
      const ModelBlock expected = mxquant(x, format.element.name());
      const double scale = value_of(parse_format("e8m0").value(), expected.scale);
      std::vector<double> units;
      round_in_blocks(BlockScale::kMx, grid, {1, 32, 1}, x, 1, units);
      for (std::size_t i = 0; i < x.size(); ++i) {
        const int bits = format.element.bits();
        const BigInt code = (expected.elements >> (bits * i)) & ((BigInt(1) << bits) - 1);
        ASSERT_EQ(units[i] * step, value_of(format.element, code) * scale) << x[i];
        // Code for code; a number that rounds to zero has a sign in the hardware alone.
        if (units[i] == 0) continue;
        ASSERT_EQ(grid.code_of(units[i] / scale), code) << x[i];
      }
    }
  }
}

TEST(Blocks, Nvfp4ByHand) {
  const NumberGrid grid = NumberGrid::make(parse_format("e2m1").value()).value();
  std::vector<float> x(18, 0.0F);
  x[0] = 5;      // 5 / 6 = 0.83 is nearest to 0.8125 in ue4m3; 5 / 0.8125 saturates to 6
  x[1] = -1;     // 1.23 -> 1
  x[2] = 1.05F;  // 1.29 -> 1.5
  x[16] = 3;     // a block of its own: 0.5, 6
  x[17] = 0.6F;  // 1.2 -> 1
  std::vector<double> units;
  round_in_blocks(BlockScale::kNvfp4, grid, {1, 18, 1}, x, 1, units);
  EXPECT_EQ(units[0], 12 * 0.8125);
  EXPECT_EQ(units[1], -2 * 0.8125);
  EXPECT_EQ(units[2], 3 * 0.8125);
  EXPECT_EQ(units[3], 0);
  EXPECT_EQ(units[16], 12 * 0.5);
  EXPECT_EQ(units[17], 2 * 0.5);
  EXPECT_EQ(tensor_scale(BlockScale::kNvfp4, grid, 5.25), 5.25 / 2688);
  // The largest magnitude of the tensor has block scale 448 and element 6.
  round_in_blocks(BlockScale::kNvfp4, grid, {1, 18, 1}, x,
                  tensor_scale(BlockScale::kNvfp4, grid, 5), units);
  EXPECT_EQ(units[0], 12 * 448.0);
  // Below half the least step of ue4m3, 2^-9, the scale is 0.
  x[16] = 0x1p-10F * 6 * 0.9F;
  x[17] = 0;
  round_in_blocks(BlockScale::kNvfp4, grid, {1, 18, 1}, x, 1, units);
  EXPECT_EQ(units[16], 0);
}

/// The scale that each element has: blocks of ones with one large number each.
TEST(Blocks, GoAlongTheSum) {
  const NumberGrid grid = NumberGrid::make(parse_format("e2m1").value()).value();
  const Tensor images = float_tensor({1, 80, 1, 2});
  const Tensor weights = float_tensor({2, 40, 1, 1});
  const Window window = {WindowAxis{1, 1, 1, 1, 0, 0, 1}, WindowAxis{2, 1, 1, 1, 0, 0, 2}};
  const ConvolutionShape shape{1, 80, 2, 2, window};
  const LinearCall convolution{0, shape, &images, &weights, {1, 2, 1, 2}};
  std::vector<float> x(160, 1.0F);
  x[0] = 4096;                  // channel 0, left pixel
  x[2 * (40 + 32) + 1] = 4096;  // channel 32 of the second group, right pixel
  std::vector<double> units;
  round_in_blocks(BlockScale::kMx, grid, left_layout(convolution), x, 1, units);
  for (std::size_t channel = 0; channel < 80; ++channel) {
    const bool first_block = channel < 32, last_block = channel >= 72;
    EXPECT_EQ(units[2 * channel] == 0, first_block && channel != 0) << channel;
    EXPECT_EQ(units[2 * channel + 1] == 0, last_block && channel != 72) << channel;
  }
  const BlockLayout of_weights = right_layout(convolution);
  EXPECT_THAT((std::vector{of_weights.outer, of_weights.axis, of_weights.inner}),
              ElementsAre(2U, 40U, 1U));

  const Tensor left = float_tensor({3, 4, 5}), right = float_tensor({3, 5, 7});
  const auto layouts = [&](bool left_transposed, bool right_transposed) {
    const MatrixShape matrix{4, 5, 7, left_transposed, right_transposed, {0, 1, 2}, {0, 1, 2}};
    const LinearCall call{0, matrix, &left, &right, {3, 4, 7}};
    const BlockLayout l = left_layout(call), r = right_layout(call);
    return std::vector{l.outer, l.axis, l.inner, r.outer, r.axis, r.inner};
  };
  EXPECT_THAT(layouts(false, false), ElementsAre(12U, 5U, 1U, 3U, 5U, 7U));
  EXPECT_THAT(layouts(true, true), ElementsAre(3U, 5U, 4U, 21U, 5U, 1U));
}

/// A product of 1 x 32 by 32 x 1 numbers.
Result<QuantizedArithmetic> dot_of(const std::vector<float>& x, const std::vector<float>& weights,
                                   const std::string& format, LinearCall& call) {
  static Tensor left, right;
  left = float_tensor({1, 32}, x);
  right = float_tensor({32, 1}, weights);
  Graph graph;
  graph.inputs = {{"image", {-1, 32}}};
  graph.outputs = {"y"};
  graph.constants["w"] = right;
  graph.nodes = {{"MatMul", "dot", 13, {"image", "w"}, {"y"}, {}}};
  static std::vector<std::unique_ptr<Network>> networks;
  networks.push_back(std::make_unique<Network>(Network::make(graph).value()));
  QuantizerOptions options;
  options.edges_at_8_bits = false;
  options.weights = options.activations = operand_format(format).element;
  options.weight_blocks = options.activation_blocks = operand_format(format).blocks;
  call = linear_call(graph.nodes[0], left, right).value();
  return QuantizedArithmetic::make(*networks.back(), left, options);
}

TEST(Blocks, SumsAreThoseOfMxdot) {
  std::mt19937_64 random(6);
  for (const char* name : {"mxfp4", "mxfp6_e2m3", "mxfp6_e3m2", "mxfp8_e4m3", "mxint4", "mxint6"}) {
    const std::string element = operand_format(name).element.name();
    OperatorRequest request{.op = "mxdot", .a = element, .b = element, .result = "binary32"};
    const OperatorSpec mxdot = make_operator_spec(request).value();
    for (int round = 0; round < 50; ++round) {
      const std::vector<float> x = draw_block(random), weights = draw_block(random);
      LinearCall call;
      const QuantizedArithmetic arithmetic = dot_of(x, weights, name, call).value();
      EXPECT_EQ(arithmetic.layers()[0].accumulator_bits(), 0);
      const ModelBlock a = mxquant(x, element), b = mxquant(weights, element);
      std::vector<BigInt> operands;
      for (const OperandPort& port : operand_ports(mxdot)) {
        const bool is_scale = port.name.starts_with("scale");
        const ModelBlock& block = port.name.ends_with("a_i") ? a : b;
        operands.push_back(is_scale ? block.scale : block.elements);
      }
      const BigInt code = model::evaluate(mxdot, operands).result;
      EXPECT_EQ(arithmetic.sums(call)[0], std::bit_cast<float>(code.convert_to<std::uint32_t>()));
    }
  }
}

TEST(Blocks, NamesAndBits) {
  for (const OperandFormat& format : block_formats()) {
    EXPECT_EQ(operand_format(format.name()).element, format.element);
    EXPECT_EQ(operand_format(format.name()).blocks, format.blocks);
  }
  EXPECT_FALSE(operand_format("e2m1").blocks);
  EXPECT_EQ(operand_format("e2m1").bits_of(80, 40), 320);
  EXPECT_EQ(operand_format("mxfp4").bits_of(80, 40), 320 + 4 * 8);  // two blocks in each of two
  EXPECT_EQ(operand_format("nvfp4").bits_of(80, 40), 320 + 6 * 8);
  EXPECT_THAT(parse_operand_format("--weights", "mxfp5").error().message(),
              ::testing::AllOf(HasSubstr("--weights: 'mxfp5'"), HasSubstr("nvfp4")));
  EXPECT_THAT(parse_operand_format("--weights", "bfloat16").error().message(),
              ::testing::AllOf(HasSubstr("--weights: 'bfloat16'"), HasSubstr("too wide")));
}

TEST(Blocks, DepthwiseLayersAndTheEdgesHaveNone) {
  const Network network = network_named("mobilenet");
  QuantizerOptions options;
  options.weights = options.activations = parse_format("e2m1").value();
  options.weight_blocks = options.activation_blocks = BlockScale::kNvfp4;
  const auto arithmetic = QuantizedArithmetic::make(network, test_images(16), options).value();
  const auto& layers = network.layers();
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const bool edge = i == 0 || i + 1 == layers.size();
    const bool depthwise = layers[i].op == "Conv" && layers[i].weights->shape[1] == 1;
    EXPECT_EQ(arithmetic.layers()[i].has_blocks(), !edge && !depthwise) << layers[i].name;
  }
}

TEST(Blocks, GptqKeepsTheScalesAndLowersTheError) {
  const Tensor images = test_images(8);
  for (const char* name : {"mxfp4", "nvint4"}) {
    QuantizerOptions options;
    options.activations = parse_format("int8").value();
    options.weights = operand_format(name).element;
    options.weight_blocks = operand_format(name).blocks;
    const Network network = network_named("resnet");
    const auto nearest = QuantizedArithmetic::make(network, images, options).value();
    options.gptq = true;
    const auto gptq = QuantizedArithmetic::make(network, images, options).value();
    const std::vector<double> before = result_sqnr_db(network, nearest, images).value();
    const std::vector<double> after = result_sqnr_db(network, gptq, images).value();
    double gain = 0;
    for (std::size_t i = 1; i + 1 < before.size(); ++i) {
      gain += (after[i] - before[i]) / static_cast<double>(before.size() - 2);
      const QuantizedLayer& layer = gptq.layers()[i];
      ASSERT_TRUE(layer.right_blocks);
      EXPECT_EQ(layer.right_scales, nearest.layers()[i].right_scales);
      const std::vector<float>& weights = network.layers()[i].weights->floats();
      // The first block of a convolution: 32, or 16, input channels at one place of the window.
      const Shape& shape = network.layers()[i].weights->shape;
      const auto places = static_cast<std::size_t>(shape[2] * shape[3]);
      const std::size_t size =
          std::min(block_size(*layer.right_blocks), static_cast<std::size_t>(shape[1]));
      const double tensor = std::ldexp(layer.right_scales[0], -layer.right_grid.unit_exponent());
      const double unit = block_units(
          *layer.right_blocks, layer.right_grid,
          {static_cast<std::size_t>(shape[0]), static_cast<std::size_t>(shape[1]), places}, weights,
          tensor)[0];
      for (std::size_t k = 0; k < size; ++k) {
        const double element = layer.weights[k * places] / unit;
        EXPECT_EQ(layer.right_grid.nearest(element), element);
      }
    }
    EXPECT_GT(gain, 1.0) << name;  // dB
  }
}

TEST(Blocks, Nvint4ByHand) {
  const NumberGrid grid = NumberGrid::make(parse_format("int4").value()).value();
  std::vector<float> x(16, 0.0F);
  x[0] = -7;     // scale 1, element -7
  x[1] = 2.5F;   // a tie: 2
  x[2] = 3.51F;  // 4
  std::vector<double> units;
  round_in_blocks(BlockScale::kNvfp4, grid, {1, 16, 1}, x, 1, units);
  EXPECT_EQ(units[0], -7);
  EXPECT_EQ(units[1], 2);
  EXPECT_EQ(units[2], 4);
  EXPECT_EQ(tensor_scale(BlockScale::kNvfp4, grid, 5), 5.0 / (448 * 7));
}

TEST(Blocks, RoundingInBlocksIsNotLearned) {
  QuantizerOptions options;
  options.weights = operand_format("mxfp4").element;
  options.weight_blocks = operand_format("mxfp4").blocks;
  options.learned_rounding = RoundingStart::kLocalGrid;
  EXPECT_THAT(
      QuantizedArithmetic::make(network_named("resnet"), test_images(2), options).error().message(),
      HasSubstr("in blocks"));
}

}  // namespace
}  // namespace fewbit::quant
