// Hardware numerics: a small network by docs/numerics.md, and real ones, in plain integers.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <random>
#include <set>

#include "fewbit/quant/hardware/hardware_accuracy.h"
#include "fewbit/quant/hardware/lowering.h"
#include "fewbit/tests/integer_reading.h"
#include "fewbit/tests/lowered_graph.h"
#include "fewbit/tests/quant_networks.h"

namespace fewbit::quant {
namespace {

using integer_reading::Factors;
using integer_reading::Integers;
using integer_reading::Range;
using integer_reading::Square;
using integer_reading::Stream;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// The small network by docs/numerics.md.
class SmallReading {
 public:
  SmallReading(const Graph& graph, const Network& network, const QuantizedArithmetic& arithmetic,
               const Tensor& calibration, const LoweringOptions& options)
      : graph_(graph), layers_(arithmetic.layers()), options_(options) {
    const auto see = [&](const std::string& name, const Tensor& tensor) {
      for (const float value : tensor.floats()) {
        ranges_[name] = std::max(ranges_[name], static_cast<double>(std::abs(value)));
      }
    };
    EXPECT_TRUE(network.run(calibration, FloatArithmetic(), see).ok());
  }

  /// Integers of every head, codes of layers under "codes of NAME", and the saturations.
  std::map<std::string, Integers> values;
  std::map<std::string, std::uint64_t> saturated;

  void run(const float* image) {
    Integers x{1, kSize, kSize, {}};
    for (std::int64_t i = 0; i < kSize * kSize; ++i) {
      x.values.push_back(std::lround(static_cast<double>(image[i]) * 255));
    }
    double x_scale = layers_[0].left_scale;
    if (format(0).name() == "uint8") {
      x_scale = 1.0 / 255;
    } else {
      x = to_codes(x, {{0}, {factor(1.0 / 255 / x_scale)}, 0}, format(0));
    }
    values["x"] = x;
    const int n = options_.stream_bits;
    const Range all = integer_reading::stream_range(n);

    const double r1_scale = layers_[1].left_scale;
    const int f1 = fraction(r1_scale, {"r1"});
    const double r1_unit = std::ldexp(r1_scale, -f1);
    stream("r1", to_stream(sums(0, x, 4, {3, 1, 1}), factors(0, x_scale, r1_unit, r1_scale, 4),
                           {0, all.most}, n));
    const Integers r1_codes = converted(values["r1"], f1, format(1));

    const double r2_scale = layers_[2].left_scale;
    const int f3 = fraction(r2_scale, {"r2", "c2"});
    const double r2_unit = std::ldexp(r2_scale, -f3);
    stream("c2", to_stream(sums(1, r1_codes, 4, {3, 1, 1}),
                           factors(1, r1_scale, r2_unit, r2_scale, 4), all, n));
    const Stream brought = to_stream(values["r1"], {{0}, {factor(r1_unit / r2_unit)}, 0}, all, n);
    stream("r2", sum_of(values["c2"], brought.integers, {0, all.most}, n));
    values["p"] = pooled(converted(values["r2"], f3, format(2)), {2, 2, 0}, false);

    const double d_scale = layers_[3].left_scale;
    const Integers d = sums(2, values["p"], 4, {3, 1, 1}, true);
    values["d6"] = limited(to_codes(d, factors(2, r2_scale, d_scale, d_scale, 4), format(3)),
                           code_range(0, 0.8F, d_scale, format(3)));

    const double s_scale = layers_[4].left_scale;
    const int fs = fraction(s_scale, {"s"});
    const double s_unit = std::ldexp(s_scale, -fs);
    stream("s", to_stream(sums(3, values["d6"], 6, {}), factors(3, d_scale, s_unit, s_scale, 6),
                          all, n));

    const double t_scale = layers_[5].left_scale;
    const Integers t = sums(4, converted(values["s"], fs, format(4)), 6, {});
    values["tr"] = limited(to_codes(t, factors(4, s_scale, t_scale, t_scale, 6), format(5)),
                           {0, std::numeric_limits<std::int64_t>::max()});

    const double g_scale = layers_[6].left_scale;
    const int fa = fraction(g_scale, {"a2", "u"});
    const double a_unit = std::ldexp(g_scale, -fa);
    stream("u", to_stream(sums(5, values["tr"], 6, {3, 1, 1}),
                          factors(5, t_scale, a_unit, g_scale, 6), all, n));
    const Stream other = to_stream(values["s"], {{0}, {factor(s_unit / a_unit)}, 0}, all, n);
    stream("a2", sum_of(other.integers, values["u"], all, n));
    const Integers mean = pooled(values["a2"], {4, 4, 0}, true);
    values["g"] = to_codes(mean, {{0}, {factor(a_unit / 16 / g_scale)}, 0}, format(6));

    const double y_unit = std::ldexp(1.0, -fraction(1, {"y"}));
    stream("y", to_stream(sums(6, values["g"], 5, {}),
                          factors(6, g_scale, y_unit, y_unit * std::exp2(n - 8), 5), all, n));
  }

 private:
  [[nodiscard]] const Format& format(std::size_t layer) const {
    return layers_[layer].left_grid.format();
  }
  [[nodiscard]] integer_reading::Factor factor(double ratio) const {
    return integer_reading::factor_of(ratio, options_.multiplier_bits);
  }
  [[nodiscard]] Integers sums(std::size_t layer, const Integers& from, std::int64_t outputs,
                              const Square& window, bool depthwise = false) const {
    return convolution(from, layers_[layer].weights, outputs, window, depthwise);
  }
  void stream(const std::string& name, const Stream& stream) {
    values[name] = stream.integers;
    saturated[name] += stream.saturated;
  }

  /// f of a stream whose heads are `names`.
  [[nodiscard]] int fraction(double scale, const std::vector<std::string>& names) const {
    double range = 0;
    for (const std::string& name : names) range = std::max(range, ranges_.at(name));
    const double most = std::ldexp(1.0, options_.stream_bits - 1) - 1;
    int f = -100;
    while (1.5 * range <= most * std::ldexp(scale, -(f + 1))) ++f;
    return f;
  }
  /// Biases and multipliers of a layer into a result with the unit `out`; `step` is that of what
  /// layers read of it.
  [[nodiscard]] Factors factors(std::size_t layer, double scale, double out, double step,
                                std::size_t channels) const {
    static const char* kBiases[] = {"bc1", "bc2", "bd", "bs", "bt", "bu", "by"};
    const std::vector<float>& bias = graph_.constants.at(kBiases[layer]).floats();
    const bool has_zero = !layers_[layer].right_grid.format().is_bipolar();
    const double alpha = layer == 6 ? 1.5 : 1;
    const auto is_constant = [&](std::size_t c) {
      return layer == 1 && c == kConstantChannel && has_zero;
    };
    std::vector<double> units;
    for (std::size_t c = 0; c < channels; ++c) {
      const std::vector<double>& scales = layers_[layer].right_scales;
      units.push_back(alpha * (scale * scales[scales.size() == 1 ? 0 : c]));
    }
    Factors result;
    double most = 0, bias_most = 0;  // of a sum and of a bias, in units of the sums
    std::vector<double> reals;
    const std::vector<double>& weights = layers_[layer].weights;
    for (std::size_t c = 0; c < channels; ++c) {
      double real = static_cast<double>(bias[c]);
      if (!layers_[layer].shifts.empty()) {
        real = alpha * static_cast<double>(layers_[layer].shifts[c]) + real;
      }
      reals.push_back(real);
      if (is_constant(c)) continue;
      while (result.k < 8 && units[c] / std::exp2(result.k) > step / 16) ++result.k;
      double magnitudes = 0;
      for (std::size_t i = c * weights.size() / channels; i < (c + 1) * weights.size() / channels;
           ++i) {
        magnitudes += std::abs(weights[i]);
      }
      const auto largest =
          static_cast<double>(integer_reading::nearest_steps(format(layer), BigInt(1) << 60, 0));
      most = std::max(most, magnitudes * largest);
      bias_most = std::max(bias_most, std::abs(real) / units[c]);
    }
    while (result.k > 0 && (most + bias_most) * std::exp2(result.k) >= 131072) --result.k;
    for (std::size_t c = 0; c < channels; ++c) {
      const double unit = is_constant(c) ? out : units[c] / std::exp2(result.k);
      const double real = reals[c];
      result.biases.push_back(static_cast<std::int64_t>(std::nearbyint(real / unit)));
      result.factors.push_back(factor(unit / out));
    }
    return result;
  }
  static Range code_range(float least, float most, double scale, const Format& format) {
    const auto code = [&](float bound) {
      const double steps = static_cast<double>(bound) / scale;
      // A double is an integer over a power of two.
      int exponent = 0;
      const double fraction = std::frexp(steps, &exponent);
      return integer_reading::nearest_steps(
          format, BigInt(static_cast<std::int64_t>(std::ldexp(fraction, 53))), 53 - exponent);
    };
    return {code(least), code(most)};
  }

  const Graph& graph_;
  const std::vector<QuantizedLayer>& layers_;
  const LoweringOptions& options_;
  std::map<std::string, double> ranges_;
};

struct SmallCase {
  const char* weights;
  const char* activations;
  QuantizerOptions options;
  LoweringOptions lowering;
  std::uint64_t brightest = 255;  ///< of calibration images
};

/// What there is besides the plain case.
void note_features(const LoweredNetwork& network, std::set<std::string>& met) {
  for (const LoweredNode& node : network.nodes) {
    const auto* requantizer = std::get_if<Requantizer>(&node.op);
    if (requantizer == nullptr) continue;
    if (requantizer->sum_shift > 0) met.insert("finer biases");
    if (!requantizer->is_exact_in_double) met.insert("wide products");
    if (requantizer->bounds && node.kind == IntegerKind::kCodes) met.insert("bounds of codes");
  }
}

void expect_equal(const SmallCase& small, int seed, std::set<std::string>* met = nullptr) {
  SCOPED_TRACE(fmt::format("{} x {}, seed {}", small.weights, small.activations, seed));
  std::mt19937_64 random(static_cast<std::uint64_t>(seed));
  const Graph graph = small_graph(random);
  const Network network = Network::make(graph).value();
  const Tensor calibration = random_images(random, 16, small.brightest);
  QuantizerOptions options = small.options;
  options.weights = parse_format(small.weights).value();
  options.activations = parse_format(small.activations).value();
  const auto arithmetic = QuantizedArithmetic::make(network, calibration, options).value();
  const LoweredNetwork lowered = lower(network, arithmetic, calibration, small.lowering).value();
  if (met != nullptr) note_features(lowered, *met);
  const Tensor images = random_images(random, 3, 255);
  SmallReading reading(graph, network, arithmetic, calibration, small.lowering);
  std::vector<std::map<std::string, Integers>> expected;
  for (std::size_t i = 0; i < 3; ++i) {
    reading.run(images.floats().data() + i * kSize * kSize);
    expected.push_back(reading.values);
  }
  Saturations saturations(lowered.nodes.size(), 0);
  std::size_t compared = 0;
  const auto see = [&](std::size_t place, std::span<const float> values) {
    const std::string& name = lowered.nodes[place].value;
    if (name.empty()) return;
    ASSERT_TRUE(expected[0].contains(name)) << name;
    ++compared;
    const std::size_t size = values.size() / 3;
    for (std::size_t i = 0; i < values.size(); ++i) {
      ASSERT_EQ(static_cast<std::int64_t>(values[i]), expected[i / size][name].values[i % size])
          << name << " " << i;
    }
  };
  ASSERT_TRUE(lowered.run(images, saturations, see).ok());
  EXPECT_EQ(compared, 12U);  // x r1 c2 r2 p d6 s tr u a2 g y
  for (std::size_t i = 0; i < lowered.nodes.size(); ++i) {
    const auto found = reading.saturated.find(lowered.nodes[i].value);
    if (found == reading.saturated.end()) continue;
    EXPECT_EQ(saturations[i], found->second) << found->first;
  }
}

TEST(Lowered, ASmallNetworkBitForBit) {
  QuantizerOptions all;
  QuantizerOptions corrected;
  corrected.bias_correction = corrected.gptq = true;
  QuantizerOptions is_signed;
  is_signed.unsigned_inputs = false;
  QuantizerOptions same;
  same.edges_at_8_bits = false;
  QuantizerOptions one_scale;
  one_scale.per_channel = false;
  const std::vector<SmallCase> cases = {
      {"int4", "int4", all, {}},         {"e2m1", "e2m1", corrected, {}},
      {"e2m0f", "e1m3f", all, {}},       {"int8", "int8", is_signed, {}},
      {"e3m2", "e2m3", is_signed, {}},   {"e4m3fn", "e4m3fn", same, {}},
      {"e5m2f", "int6", same, {18, 18}}, {"int3", "e3m0f", one_scale, {6, 12}},
      {"e1m0f", "int5", corrected, {}},  {"bipolar", "int4", all, {8, 10}}};
  std::set<std::string> met;
  for (std::size_t i = 0; i < cases.size(); ++i) expect_equal(cases[i], static_cast<int>(i), &met);
  EXPECT_THAT(met, ElementsAre("bounds of codes", "finer biases", "wide products"));
}

TEST(Lowered, SaturationsAreCounted) {
  SmallCase dim{"int8", "int8", {}, {16, 8}, 40};
  expect_equal(dim, 7);
  std::mt19937_64 random(7);
  const Graph graph = small_graph(random);
  const Network network = Network::make(graph).value();
  const Tensor calibration = random_images(random, 16, 40);
  const auto arithmetic = QuantizedArithmetic::make(network, calibration, {}).value();
  const LoweredNetwork lowered = lower(network, arithmetic, calibration, dim.lowering).value();
  Saturations saturations(lowered.nodes.size(), 0);
  ASSERT_TRUE(lowered.run(random_images(random, 3, 255), saturations).ok());
  EXPECT_GT(std::accumulate(saturations.begin(), saturations.end(), std::uint64_t{0}), 0U);
}

/// Any lowered network, node by node, in plain integers.
class SlowRun {
 public:
  explicit SlowRun(const LoweredNetwork& network) : network_(network) {}

  std::vector<Integers> run(const std::vector<std::int64_t>& bytes) {
    values_.clear();
    for (const LoweredNode& node : network_.nodes) {
      Integers to = node.inputs.empty()
                        ? Integers{0, 1, 1, bytes}
                        : std::visit([&](const auto& op) { return of(node, op); }, node.op);
      to.channels = node.shape[0];
      to.rows = node.shape.size() > 1 ? node.shape[1] : 1;
      to.columns = node.shape.size() > 1 ? node.shape[2] : 1;
      values_.push_back(std::move(to));
    }
    return values_;
  }

 private:
  [[nodiscard]] const Integers& input(const LoweredNode& node, std::size_t i = 0) const {
    return values_[node.inputs[i]];
  }
  static Range range(const Bounds& bounds) {
    return {static_cast<std::int64_t>(bounds.least), static_cast<std::int64_t>(bounds.most)};
  }
  static Square square(const Window& window) {
    return {window[0].kernel, window[0].stride, window[0].pad_begin};
  }
  static Integers of(const LoweredNode&, const ImageInput&) { return {}; }
  [[nodiscard]] Integers of(const LoweredNode& node, const LinearSums& op) const {
    Square window;
    if (const auto* shape = std::get_if<ConvolutionShape>(&op.shape))
      window = square(shape->window);
    return convolution(input(node), op.weights, op.channels(), window, op.is_depthwise());
  }
  [[nodiscard]] Integers of(const LoweredNode& node, const WindowSums& op) const {
    return pooled(input(node), square(op.window), true);
  }
  [[nodiscard]] Integers of(const LoweredNode& node, const MaxPooling& op) const {
    return pooled(input(node), square(op.window), false);
  }
  [[nodiscard]] Integers of(const LoweredNode& node, const Requantizer& op) const {
    Factors factors{op.biases, {}, op.sum_shift};
    for (const Multiplier& own : op.multipliers) factors.factors.push_back({own.factor, own.shift});
    if (node.kind == IntegerKind::kStream) {
      return to_stream(input(node), factors, range(*op.bounds), node.bits).integers;
    }
    Integers codes = to_codes(input(node), factors, node.grid->format());
    return op.bounds ? limited(codes, range(*op.bounds)) : codes;
  }
  [[nodiscard]] Integers of(const LoweredNode& node, const Conversion& op) const {
    return converted(input(node), op.fraction_bits, node.grid->format());
  }
  [[nodiscard]] Integers of(const LoweredNode& node, const Addition& op) const {
    return sum_of(input(node), input(node, 1), range(op.bounds), node.bits).integers;
  }
  [[nodiscard]] Integers of(const LoweredNode& node, const Clamp& op) const {
    return limited(input(node), range(op.bounds));
  }

  const LoweredNetwork& network_;
  std::vector<Integers> values_;
};

Network byte_network(const std::string& name) {
  Graph graph = read_onnx(network_file(name)).value();
  graph.inputs[0].nonnegative = true;
  return Network::make(std::move(graph)).value();
}

TEST(Lowered, RealNetworksBitForBit) {
  for (const std::string name : {"resnet", "mobilenet"}) {
    SCOPED_TRACE(name);
    const Network network = byte_network(name);
    const Tensor calibration = test_images(32);
    QuantizerOptions options;
    options.weights = options.activations = parse_format("e2m1").value();
    const auto arithmetic = QuantizedArithmetic::make(network, calibration, options).value();
    const LoweredNetwork lowered = lower(network, arithmetic, calibration, {}).value();
    const Tensor image = slice_batch(test_images(40), 39, 1);
    std::vector<std::int64_t> bytes;
    for (const float value : image.floats()) bytes.push_back(std::lround(value * 255));
    const std::vector<Integers> expected = SlowRun(lowered).run(bytes);
    Saturations saturations(lowered.nodes.size(), 0);
    const auto see = [&](std::size_t place, std::span<const float> values) {
      ASSERT_EQ(values.size(), expected[place].values.size()) << place;
      for (std::size_t i = 0; i < values.size(); ++i) {
        ASSERT_EQ(static_cast<std::int64_t>(values[i]), expected[place].values[i])
            << lowered.nodes[place].name << " " << i;
      }
    };
    ASSERT_TRUE(lowered.run(image, saturations, see).ok());
  }
}

TEST(Lowered, AccuracyAndLossOnARealNetwork) {
  const Network network = byte_network("resnet");
  const Tensor calibration = test_images(64);
  QuantizerOptions options;
  options.weights = options.activations = parse_format("int4").value();
  const auto arithmetic = QuantizedArithmetic::make(network, calibration, options).value();
  const LoweredNetwork lowered = lower(network, arithmetic, calibration, {}).value();
  const Tensor images = test_images(500);
  const std::vector<std::int64_t> labels = test_labels(500);
  const auto one = evaluate(lowered, images, labels, 1).value();
  const auto two = evaluate(lowered, images, labels, 2).value();
  EXPECT_EQ(one.evaluation.right, two.evaluation.right);
  EXPECT_EQ(one.saturations, two.saturations);
  const Evaluation exact = evaluate(network, arithmetic, images, labels, 2).value();
  EXPECT_LT(std::abs(one.evaluation.percent() - exact.percent()), 2.0);
  const auto sqnr_db = lowered_sqnr_db(lowered, network, arithmetic, slice_batch(images, 0, 20));
  ASSERT_TRUE(sqnr_db.ok());
  std::size_t found = 0;
  for (const auto& sqnr : *sqnr_db) {
    if (!sqnr) continue;
    ++found;
    EXPECT_GT(*sqnr, 10);
  }
  EXPECT_GE(found, 14U);
}

TEST(MultiplierOf, IsTheNearest) {
  EXPECT_EQ(multiplier_of(1.0, 16), (Multiplier{32768, 15}));
  EXPECT_EQ(multiplier_of(1.0 - 0x1p-20, 16), (Multiplier{32768, 15}));
  EXPECT_EQ(multiplier_of(0.75, 4), (Multiplier{12, 4}));
  EXPECT_EQ(multiplier_of(12.5 / 16, 4), (Multiplier{12, 4}));  // a tie to even
  EXPECT_EQ(multiplier_of(13.5 / 16, 4), (Multiplier{14, 4}));
  EXPECT_EQ(multiplier_of(65535.0, 16), (Multiplier{65535, 0}));
  EXPECT_FALSE(multiplier_of(65536.0, 16));
  EXPECT_EQ(multiplier_of(0x1p-60, 16), (Multiplier{4, 62}));
  EXPECT_EQ(multiplier_of(0x1p-80, 16), (Multiplier{0, 62}));
}

std::string refusal(const Graph& graph, const QuantizerOptions& options = {}) {
  const Result<Network> made = Network::make(graph);
  if (!made.ok()) return made.error().message();
  const Network& network = *made;
  std::mt19937_64 random(1);
  const Tensor images = random_images(random, 4, 255);
  const auto arithmetic = QuantizedArithmetic::make(network, images, options).value();
  const auto lowered = lower(network, arithmetic, images, {});
  return lowered.ok() ? "" : lowered.error().message();
}

TEST(Lowered, WhatIsNotCoveredIsNamed) {
  std::mt19937_64 random(1);
  const Graph graph = small_graph(random);
  EXPECT_EQ(refusal(graph), "");
  Graph other = graph;
  other.nodes[1].op = "Sigmoid";
  EXPECT_THAT(refusal(other), AllOf(HasSubstr("Sigmoid r1"), HasSubstr("not covered"),
                                    HasSubstr("GlobalAveragePool")));
  other = graph;
  other.nodes.back().attributes["alpha"] = -1.0F;
  EXPECT_THAT(refusal(other), AllOf(HasSubstr("Gemm y"), HasSubstr("alpha")));
  other = graph;
  other.nodes[3] = {"Add", "a1", 13, {"c2", "bound"}, {"a1"}, {}};
  EXPECT_THAT(refusal(other), AllOf(HasSubstr("Add a1"), HasSubstr("constant")));
  other = graph;
  other.nodes[5].op = "AveragePool";
  other.nodes[5].attributes["pads"] = std::vector<std::int64_t>{1, 1, 1, 1};
  EXPECT_THAT(refusal(other), AllOf(HasSubstr("AveragePool p"), HasSubstr("one size")));
  other.nodes[5].attributes["count_include_pad"] = std::int64_t{1};
  EXPECT_EQ(refusal(other), "");
  other = graph;
  other.constants["wy"].floats()[3] = std::nanf("");
  EXPECT_THAT(refusal(other), AllOf(HasSubstr("Gemm y"), HasSubstr("finite")));
  other = graph;
  other.constants["by"].floats()[1] = HUGE_VALF;
  EXPECT_THAT(refusal(other), AllOf(HasSubstr("Gemm y"), HasSubstr("finite")));
  QuantizerOptions wide;
  wide.activations = parse_format("int26").value();
  EXPECT_THAT(refusal(graph, wide), HasSubstr("24 bits"));
  QuantizerOptions blocks;
  blocks.weight_blocks = BlockScale{};
  EXPECT_THAT(refusal(graph, blocks), HasSubstr("blocks"));
}

TEST(Lowered, LayersThatReadOneTensorInTwoFormatsAreRefused) {
  std::mt19937_64 random(1);
  const Graph graph = small_graph(random);
  QuantizerOptions options;
  options.layers.assign(7,
                        {{parse_format("int8").value(), {}}, {parse_format("int8").value(), {}}});
  Graph other = graph;  // a second reader of r1, whose result goes into the first sum
  other.nodes[3].inputs = {"c2", "c1b"};
  other.constants["wc1b"] = float_tensor({4, 4, 1, 1}, std::vector<float>(16, 0.1F));
  other.nodes.insert(other.nodes.begin() + 3, {"Conv", "c1b", 13, {"r1", "wc1b"}, {"c1b"}, {}});
  options.layers.push_back(options.layers[0]);
  EXPECT_EQ(refusal(other, options), "");
  options.layers[2].activations = {parse_format("int4").value(), {}};
  EXPECT_THAT(refusal(other, options), AllOf(HasSubstr("c2, c1b"), HasSubstr("uint8 and uint4")));
}

TEST(Lowered, ImagesThatAreNotBytesAreRefused) {
  std::mt19937_64 random(1);
  const Network network = Network::make(small_graph(random)).value();
  Tensor images = random_images(random, 4, 255);
  const auto arithmetic = QuantizedArithmetic::make(network, images, {}).value();
  const LoweredNetwork lowered = lower(network, arithmetic, images, {}).value();
  images.floats()[3] = 0.5F;
  Saturations saturations(lowered.nodes.size(), 0);
  EXPECT_THAT(lowered.run(images, saturations).error().message(), HasSubstr("bytes"));
}

}  // namespace
}  // namespace fewbit::quant
