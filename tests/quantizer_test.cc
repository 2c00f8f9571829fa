// Rounding to formats and exact sums, before the bit-exact model.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/quantizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>

#include "fewbit/quant/evaluate.h"
#include "fewbit/quant/exact_sums.h"
#include "fewbit/quant/gptq.h"
#include "fewbit/sim/model/operators.h"
#include "fewbit/tests/dot_products.h"
#include "fewbit/tests/quant_networks.h"

namespace fewbit::quant {
namespace {

using ::testing::HasSubstr;

/// The formats of the study, and formats with NaN, infinity, other biases or no sign.
std::vector<Format> formats() {
  std::vector<Format> all = paper_formats(3, 8);
  for (const char* name :
       {"int2", "uint4", "uint8", "e4m3fn", "e5m2", "e4m3fnuz", "e4m3b11fnuz", "e3m4ieee",
        "binary8p3se", "binary8p4sf", "binary4p2sf", "ue4m4f", "ue2m2f", "ue4m3", "e2m1b5f"}) {
    all.push_back(parse_format(name).value());
  }
  return all;
}

/// x, a number of units, as the model sees it.
model::Datum datum_of(double x, int unit_exponent) {
  int exponent = 0;
  const double fraction = std::frexp(x, &exponent);  // x = fraction x 2^exponent
  model::Datum datum;
  datum.cls = x == 0 ? model::FloatClass::kZero : model::FloatClass::kNormal;
  datum.negative = x < 0;
  datum.value = {BigInt(static_cast<long long>(std::ldexp(fraction, 53))),
                 exponent - 53 + unit_exponent};
  return datum;
}

/// The model's nearest number, in units.
double nearest_by_model(const Format& format, double x, int unit_exponent) {
  const BigInt code = model::encode(format, datum_of(x, unit_exponent), RoundingMode::kTiesToEven,
                                    OverflowMode::kSaturate);
  const model::Datum rounded = model::decode(format, code);
  return std::ldexp(rounded.value.significand.convert_to<double>(),
                    rounded.value.exponent - unit_exponent);
}

TEST(NumberGrid, RoundsAsTheModelDoes) {
  std::mt19937_64 random(3);
  for (const Format& format : formats()) {
    SCOPED_TRACE(format.name());
    const NumberGrid grid = NumberGrid::make(format).value();
    std::vector<float> inputs = {0.0F, -0.0F, 1e30F, -1e30F, 1e-30F};
    for (int i = 0; i < 1500; ++i) {  // whole and half steps of every size: many ties
      const int exponent = static_cast<int>(random() % 36) - 2;
      const double mantissa = static_cast<double>(random() % 64) / 32 + 1;
      inputs.push_back(static_cast<float>(std::ldexp(mantissa, exponent)));
      inputs.push_back(-inputs.back());
      inputs.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(
          (random() % 60 + 110) << 23 | (random() & 0x7fffff) | (random() & 1) << 31)));
    }
    std::vector<double> units(inputs.size());
    grid.round(inputs.data(), inputs.size(), 1.0, units.data());
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const auto x = static_cast<double>(inputs[i]);
      double expected = nearest_by_model(format, x, grid.unit_exponent());
      if (format.is_int()) expected = std::max(expected, -grid.max());  // used symmetrically
      ASSERT_EQ(units[i], expected) << x;
      ASSERT_EQ(grid.nearest(x), expected) << x;
      const model::Datum decoded = model::decode(format, grid.code_of(units[i]));
      ASSERT_EQ(std::ldexp(decoded.value.significand.convert_to<double>(),
                           decoded.value.exponent - grid.unit_exponent()),
                units[i]);
    }
  }
}

TEST(NumberGrid, RefusesWhatItCannotHold) {
  const auto message = [](const char* name) {
    return NumberGrid::make(parse_format(name).value()).error().message();
  };
  EXPECT_THAT(message("e8m0"), HasSubstr("no zero"));
  EXPECT_THAT(message("bfloat16"), HasSubstr("too wide"));
  EXPECT_THAT(message("binary16"), HasSubstr("too wide"));
  EXPECT_THAT(message("int1"), HasSubstr("nothing but 0"));
}

TEST(NumberGrid, OfBipolarNumbersHasTwo) {
  const NumberGrid grid = NumberGrid::make(parse_format("bipolar").value()).value();
  const std::vector<float> x = {-3.0F, -0.1F, 0.0F, 0.1F, 7.0F};
  std::vector<double> units(x.size());
  grid.round(x.data(), x.size(), 1.0, units.data());
  EXPECT_EQ(units, (std::vector<double>{-1, -1, 1, 1, 1}));
  EXPECT_EQ(grid.nearest(-0.25), -1);
  EXPECT_EQ(grid.code_of(-1), 0);
  EXPECT_EQ(grid.code_of(1), 1);
}

TEST(QuantizedArithmetic, BipolarIsForWeights) {
  const Network network = network_named("resnet");
  QuantizerOptions options;
  options.weights = parse_format("bipolar").value();
  options.activations = parse_format("int8").value();
  options.gptq = options.bias_correction = true;
  const auto arithmetic = QuantizedArithmetic::make(network, test_images(16), options).value();
  for (const double weight : arithmetic.layers()[2].weights) EXPECT_EQ(std::abs(weight), 1);
  EXPECT_TRUE(arithmetic.layers()[2].corrected_error.has_value());
  const auto message = [&] {
    return QuantizedArithmetic::make(network, test_images(2), options).error().message();
  };
  options.gptq = false;
  options.learned_rounding = RoundingStart::kLocalGrid;
  EXPECT_THAT(message(), HasSubstr("learned rounding"));
  options.learned_rounding = std::nullopt;
  options.activations = parse_format("bipolar").value();
  EXPECT_THAT(message(), HasSubstr("it has no zero"));
}

TEST(ChooseScale, OfAbsoluteMaximumPercentileAndLeastSquares) {
  const NumberGrid grid = NumberGrid::make(parse_format("int4").value()).value();  // up to 7
  std::vector<float> values(200000, 0.5F);
  values[7] = -14.0F;
  EXPECT_EQ(choose_scale(grid, values, RangeRule::kAbsoluteMaximum), 2.0);
  // 99.999 % of 200,000 are 199,998: two may be larger.
  EXPECT_EQ(choose_scale(grid, values, RangeRule::kPercentile), 0.5 / 7);
  const double best = choose_scale(grid, values, RangeRule::kLeastSquares);
  const auto error = [&](double scale) {
    double sum = 0;
    for (const float value : values) {
      const double q = std::clamp(std::nearbyint(static_cast<double>(value) / scale), -7.0, 7.0);
      sum += std::pow(q * scale - static_cast<double>(value), 2);
    }
    return sum;
  };
  for (int step = 4; step <= 48; ++step) EXPECT_LE(error(best), error(2.0 * step / 40) + 1e-6);
  EXPECT_EQ(choose_scale(grid, std::vector<float>(5, 0.0F), RangeRule::kLeastSquares), 1.0);
}

TEST(Formats, UnsignedRelatives) {
  const auto relative = [](const char* name) {
    return unsigned_relative(parse_format(name).value()).name();
  };
  EXPECT_EQ(relative("int8"), "uint8");
  EXPECT_EQ(relative("e4m3f"), "ue4m4f");
  EXPECT_EQ(relative("e2m1"), "ue2m2f");
  EXPECT_EQ(relative("e4m3fn"), "e4m3fn");
  EXPECT_EQ(relative("uint4"), "uint4");
}

/// Checks what the engine computes with, then computes as it does.
class CheckedArithmetic : public LinearArithmetic {
 public:
  CheckedArithmetic(const QuantizedArithmetic& arithmetic, std::size_t sums_per_layer)
      : arithmetic_(arithmetic), sums_per_layer_(sums_per_layer) {}

  std::vector<float> sums(const LinearCall& call) const override {
    std::vector<float> results = arithmetic_.sums(call);
    const QuantizedOperands operands = arithmetic_.operands(call);
    const QuantizedLayer& layer = arithmetic_.layers()[call.layer];
    const std::vector<__int128> exact =
        exact_sums(call, operands.left, operands.right, layer.greatest_sum);
    for (std::size_t i = 0; i < results.size(); ++i) {
      const std::size_t channel = layer.right_scales.size() == 1 ? 0 : output_channel(call, i);
      const double scale = layer.left_scale * layer.right_scales[channel];
      EXPECT_EQ(results[i], static_cast<float>(static_cast<double>(exact[i]) * scale));
    }
    for (std::size_t i = 0; i < sums_per_layer_; ++i) {
      const std::size_t place = i * 7919 % results.size();
      check(call, layer, operands, place, exact[place]);
    }
    return results;
  }
  mutable std::size_t checked = 0;

 private:
  /// By the accumulator of the model, code by code.
  void check(const LinearCall& call, const QuantizedLayer& layer, const QuantizedOperands& operands,
             std::size_t place, __int128 exact) const {
    OperatorRequest request{
        .op = "mac", .a = layer.left_grid.format().name(), .b = layer.right_grid.format().name()};
    request.terms = layer.terms;
    model::Accumulator accumulator(make_operator_spec(request).value());
    bool first = true;
    for (const auto& [l, r] : dot_product(call, place)) {
      const double left = l < 0 ? 0.0 : operands.left[static_cast<std::size_t>(l)];
      accumulator.step(first, layer.left_grid.code_of(left),
                       layer.right_grid.code_of(operands.right[static_cast<std::size_t>(r)]));
      first = false;
    }
    // The low 64 bits, as far as the accumulator has them, of both.
    const BigInt sum = accumulator.outputs().result;
    const BigInt mask = (BigInt(1) << std::min(64, layer.worst_case_bits())) - 1;
    const BigInt expected = sum & mask;
    const BigInt got = BigInt(static_cast<std::uint64_t>(exact)) & mask;
    ASSERT_EQ(got, expected) << layer.name << " " << place;
    ++checked;
  }

  const QuantizedArithmetic& arithmetic_;
  std::size_t sums_per_layer_;
};

QuantizedArithmetic quantized(const Network& network, const char* weights, const char* activations,
                              bool is_unsigned) {
  QuantizerOptions options;
  options.weights = parse_format(weights).value();
  options.activations = parse_format(activations).value();
  options.unsigned_inputs = is_unsigned;
  return QuantizedArithmetic::make(network, test_images(16), options).value();
}

TEST(QuantizedArithmetic, SumsAreTheModelsAccumulator) {
  const Tensor images = test_images(1);
  const std::pair<const char*, const char*> pairs[] = {{"int8", "int8"},
                                                       {"e2m1", "e4m3fn"},
                                                       {"e5m2f", "e5m2f"},
                                                       {"int4", "e4m3f"},
                                                       {"e2m3", "e2m3"}};
  for (const char* name : kNetworkNames) {
    const Network network = network_named(name);
    for (const auto& [weights, activations] : pairs) {
      SCOPED_TRACE(fmt::format("{} {} {}", name, weights, activations));
      const QuantizedArithmetic arithmetic =
          quantized(network, weights, activations, std::string(weights) == "int4");
      const CheckedArithmetic checked(arithmetic, 5);
      ASSERT_TRUE(network.run(images, checked).ok());
      EXPECT_EQ(checked.checked, 5 * network.layers().size());
    }
  }
}

TEST(QuantizedArithmetic, AccumulatorsFromWeightsAreNoWiderThanTheWorstCase) {
  const Network network = network_named("resnet");
  const QuantizedArithmetic arithmetic = quantized(network, "int8", "int8", false);
  for (const QuantizedLayer& layer : arithmetic.layers()) {
    EXPECT_LE(layer.accumulator_bits(), layer.worst_case_bits()) << layer.name;
  }
  // 9 products of 127 x 127 are 145161: 18 bits and a sign.
  EXPECT_EQ(arithmetic.layers()[0].terms, 9);
  EXPECT_EQ(arithmetic.layers()[0].worst_case_bits(), 19);
}

TEST(QuantizedArithmetic, EightBitsLoseLittle) {
  const Tensor images = test_images(2000);
  const std::vector<std::int64_t> labels = test_labels(2000);
  for (const char* name : kNetworkNames) {
    const Network network = network_named(name);
    const Evaluation in_float = evaluate(network, FloatArithmetic(), images, labels, 2).value();
    for (const char* format : {"int8", "e3m4f"}) {
      const QuantizedArithmetic arithmetic = quantized(network, format, format, false);
      const Evaluation few = evaluate(network, arithmetic, images, labels, 2).value();
      EXPECT_GT(few.percent(), in_float.percent() - 1.0) << name << " " << format;
    }
  }
}

/// Sum of squared differences of the results of one layer and those in float, over some images.
class LayerError : public LinearArithmetic {
 public:
  LayerError(const QuantizedArithmetic& arithmetic, std::size_t layer)
      : arithmetic_(arithmetic), layer_(layer) {}
  std::vector<float> sums(const LinearCall& call) const override {
    std::vector<float> exact = FloatArithmetic().sums(call);
    if (call.layer != layer_) return exact;
    const std::vector<float> few = arithmetic_.sums(call);
    for (std::size_t i = 0; i < few.size(); ++i) {
      const double difference = static_cast<double>(few[i]) - static_cast<double>(exact[i]);
      squares += difference * difference;
      total += difference;
    }
    return exact;
  }
  mutable double squares = 0;
  mutable double total = 0;

 private:
  const QuantizedArithmetic& arithmetic_;
  std::size_t layer_;
};

TEST(QuantizedArithmetic, GptqLowersTheErrorOfEveryKindOfLayer) {
  const Tensor images = test_images(8);
  QuantizerOptions options;
  options.weights = parse_format("e2m1").value();
  options.activations = parse_format("e4m3f").value();
  // Full, pointwise and depthwise convolutions; MatMul and Gemm.
  for (const char* name : {"mobilenet", "vit"}) {
    const Network network = network_named(name);
    const QuantizedArithmetic nearest = QuantizedArithmetic::make(network, images, options).value();
    QuantizerOptions with_gptq = options;
    with_gptq.gptq = true;
    const QuantizedArithmetic gptq = QuantizedArithmetic::make(network, images, with_gptq).value();
    const std::vector<double> before = result_sqnr_db(network, nearest, images).value();
    const std::vector<double> after = result_sqnr_db(network, gptq, images).value();
    double gain = 0;
    for (std::size_t layer = 0; layer < before.size(); ++layer) {
      gain += (after[layer] - before[layer]) / static_cast<double>(before.size());
      EXPECT_EQ(nearest.layers()[layer].right_scales, gptq.layers()[layer].right_scales);
    }
    EXPECT_GT(gain, 1.0) << name;  // dB
  }
}

/// One image of ones x a column of so many weights.
Result<QuantizedArithmetic> of_long_sum(std::int64_t terms, const QuantizerOptions& options) {
  const std::vector<float> ones(static_cast<std::size_t>(terms), 1.0F);
  Graph graph;
  graph.inputs = {{"image", {-1, terms}}};
  graph.outputs = {"y"};
  graph.constants["w"] = float_tensor({terms, 1}, ones);
  graph.nodes = {{"MatMul", "long", 13, {"image", "w"}, {"y"}, {}}};
  return QuantizedArithmetic::make(Network::make(graph).value(), float_tensor({1, terms}, ones),
                                   options);
}

TEST(QuantizedArithmetic, LongSumsOfWideProducts) {
  QuantizerOptions options;
  options.weights = options.activations = parse_format("e5m2f").value();
  options.weight_range = RangeRule::kAbsoluteMaximum;
  options.edges_at_8_bits = false;
  EXPECT_TRUE(of_long_sum((1 << 19) + 1, options).ok());
}

TEST(Gptq, SumsTooLongForSecondMomentsAreNamed) {
  QuantizerOptions options;
  options.gptq = true;
  EXPECT_THAT(of_long_sum(16385, options).error().message(),
              ::testing::AllOf(HasSubstr("long"), HasSubstr("268435456 second moments"),
                               HasSubstr("16385 products")));
  options.gptq = false;
  EXPECT_TRUE(of_long_sum(16385, options).ok());
}

TEST(Gptq, OfIndependentInputsIsPlainRounding) {
  const NumberGrid grid = NumberGrid::make(parse_format("int4").value()).value();
  const std::vector<double> moments = {2, 0, 0, 0, 5, 0, 0, 0, 3};
  EXPECT_EQ(GptqFactor::make(moments, 3).value().round(grid, 0.5, {0.3, -1.1, 9.0}),
            (std::vector<double>{1, -2, 7}));
}

TEST(Gptq, MakesUpForAnErrorInInputsThatMoveTogether) {
  // Two inputs that are always equal: 0.4 + 0.4 rounds to 0 + 0 one by one, to 0 + 1 together.
  const NumberGrid grid = NumberGrid::make(parse_format("int4").value()).value();
  const std::vector<double> moments = {1, 1, 1, 1};
  EXPECT_EQ(GptqFactor::make(moments, 2).value().round(grid, 1, {0.4, 0.4}),
            (std::vector<double>{0, 1}));
}

TEST(Gptq, RefusesMomentsWithoutAFactor) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const std::vector<double>& moments :
       {std::vector<double>{1, 3, 3, 1}, std::vector<double>{infinity, 0, 0, 1}}) {
    EXPECT_THAT(GptqFactor::make(moments, 2).error().message(), HasSubstr("second moments"));
  }
}

TEST(QuantizedArithmetic, BiasCorrectionRestoresMeans) {
  const Tensor images = test_images(32);
  QuantizerOptions options;
  options.weights = options.activations = parse_format("int4").value();
  const Network network = network_named("mobilenet");
  const QuantizedArithmetic before = QuantizedArithmetic::make(network, images, options).value();
  options.bias_correction = true;
  const QuantizedArithmetic after = QuantizedArithmetic::make(network, images, options).value();
  // The first layer sees the same images in float and quantized: its mean is restored exactly.
  const LayerError error_before(before, 0);
  const LayerError error_after(after, 0);
  ASSERT_TRUE(network.run(images, error_before).ok());
  ASSERT_TRUE(network.run(images, error_after).ok());
  EXPECT_LT(std::abs(error_after.total), 0.01 * std::abs(error_before.total));
  EXPECT_EQ(after.layers()[0].shifts.size(), 16U);
}

/// Standard deviation and mean of each output channel of one layer, all layers by `arithmetic`.
class ChannelStatistics : public LinearArithmetic {
 public:
  ChannelStatistics(const LinearArithmetic& arithmetic, std::size_t layer)
      : arithmetic_(arithmetic), layer_(layer) {}
  std::vector<float> sums(const LinearCall& call) const override {
    std::vector<float> results = arithmetic_.sums(call);
    if (call.layer != layer_) return results;
    const OutputChannels channels = output_channels(call);
    values.resize(channels.channels);
    for (std::size_t i = 0; i < results.size(); ++i) {
      values[channels.of(i)].push_back(static_cast<double>(results[i]));
    }
    return results;
  }
  [[nodiscard]] double mean(std::size_t channel) const {
    double sum = 0;
    for (const double value : values[channel]) sum += value;
    return sum / static_cast<double>(values[channel].size());
  }
  [[nodiscard]] double deviation(std::size_t channel) const {
    double sum = 0;
    for (const double value : values[channel]) sum += std::pow(value - mean(channel), 2);
    return std::sqrt(sum / static_cast<double>(values[channel].size()));
  }
  mutable std::vector<std::vector<double>> values;

 private:
  const LinearArithmetic& arithmetic_;
  std::size_t layer_;
};

TEST(QuantizedArithmetic, GainCorrectionRestoresMeansAndSpreadsOfTwoBitWeights) {
  const Tensor images = test_images(24);
  QuantizerOptions options;
  options.weights = parse_format("e1m0f").value();
  options.activations = parse_format("int8").value();
  options.bias_correction = true;
  for (const char* name : {"mobilenet", "vit"}) {  // convolutions of all kinds, MatMul
    const Network network = network_named(name);
    const QuantizedArithmetic few = QuantizedArithmetic::make(network, images, options).value();
    for (const std::size_t layer : {std::size_t{2}, std::size_t{6}, std::size_t{9}}) {
      if (few.layers()[layer].weights.empty()) continue;
      SCOPED_TRACE(few.layers()[layer].name);
      ASSERT_TRUE(few.layers()[layer].corrected_error.has_value());
      const FloatArithmetic in_float;
      const ChannelStatistics expected(in_float, layer), got(few, layer);
      ASSERT_TRUE(network.run(images, expected).ok());
      ASSERT_TRUE(network.run(images, got).ok());
      for (std::size_t i = 0; i < expected.values.size(); ++i) {
        const double spread = expected.deviation(i);
        EXPECT_NEAR(got.mean(i), expected.mean(i), 1e-3 * spread + 1e-5);
        EXPECT_NEAR(got.deviation(i), spread, 1e-3 * spread + 1e-5);
      }
    }
    options.gain_correction = false;
    const auto plain = QuantizedArithmetic::make(network, images, options).value();
    EXPECT_FALSE(plain.layers()[2].corrected_error.has_value());
    options.gain_correction = std::nullopt;
  }
}

TEST(QuantizedArithmetic, GainCorrectionNeedsMeansAndChannels) {
  const Network network = network_named("resnet");
  const Tensor images = test_images(2);
  QuantizerOptions options;
  options.gain_correction = true;
  const auto message = [&] {
    return QuantizedArithmetic::make(network, images, options).error().message();
  };
  EXPECT_THAT(message(), HasSubstr("--bias-correction on"));
  options.bias_correction = true;
  options.per_channel = false;
  EXPECT_THAT(message(), HasSubstr("--per-channel"));
  options.per_channel = true;
  options.weight_blocks = BlockScale::kMx;
  EXPECT_THAT(message(), HasSubstr("in blocks"));
}

TEST(QuantizedArithmetic, EdgesHave8Bits) {
  const Network network = network_named("resnet");
  const QuantizedArithmetic arithmetic = quantized(network, "int3", "e2m1", false);
  const auto& layers = arithmetic.layers();
  EXPECT_EQ(layers.front().left_grid.format().name(), "e3m4f");
  EXPECT_EQ(layers.front().right_grid.format().name(), "int8");
  EXPECT_EQ(layers.back().right_grid.format().name(), "int8");
  EXPECT_EQ(layers[1].left_grid.format().name(), "e2m1");
  EXPECT_EQ(layers[1].right_grid.format().name(), "int3");
  // Without signs int8 x uint8; the images are not known to be bytes here.
  const QuantizedArithmetic unsigned_ones = quantized(network, "e1m1f", "e2m1", true);
  EXPECT_EQ(unsigned_ones.layers().front().left_grid.format().name(), "int8");
  EXPECT_EQ(unsigned_ones.layers().front().right_grid.format().name(), "int8");
  EXPECT_EQ(unsigned_ones.layers().back().left_grid.format().name(), "uint8");
  EXPECT_EQ(unsigned_ones.layers().back().right_grid.format().name(), "int8");
  EXPECT_EQ(unsigned_ones.layers()[1].left_grid.format().name(), "ue2m2f");
}

}  // namespace
}  // namespace fewbit::quant
