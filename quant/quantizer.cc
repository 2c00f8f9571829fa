// Choosing ranges and rounding weights.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/quantizer.h"

#include <algorithm>
#include <cmath>

#include "fewbit/quant/byte_sums.h"
#include "fewbit/quant/exact_sums.h"
#include "fewbit/quant/weight_rounding.h"

namespace fewbit::quant {
namespace {

float absolute_maximum(std::span<const float> values) {
  float maximum = 0;
  for (const float value : values) maximum = std::max(maximum, std::abs(value));
  return maximum;
}

double squared_error(const NumberGrid& grid, std::span<const float> values, double scale,
                     std::vector<double>& units) {
  units.resize(values.size());
  grid.round(values.data(), values.size(), 1 / scale, units.data());
  double error = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double difference = units[i] * scale - static_cast<double>(values[i]);
    error += difference * difference;
  }
  return error;
}

Result<NumberGrid> grid_of(const Format& format, bool nonnegative,
                           const QuantizerOptions& options) {
  if (options.unsigned_inputs && nonnegative) {
    Result<NumberGrid> grid = NumberGrid::make(unsigned_relative(format));
    if (grid.ok()) return grid;  // else its range is too wide, as that of e5m2f's: the sign stays
  }
  return NumberGrid::make(format);
}

double find_range_scale(const NumberGrid& grid, const OperandSample& sample,
                        const QuantizerOptions& options) {
  const RangeRule rule = options.activation_range;
  if (rule != RangeRule::kAbsoluteMaximum) return choose_scale(grid, sample.values, rule);
  return choose_scale(grid, {&sample.absolute_maximum, 1}, rule);
}

/// What a unit of activations stands for: those on the left of a layer, or on its right.
double range_scale(const NumberGrid& grid, std::optional<BlockScale> blocks, std::size_t layer,
                   bool is_left, const LayerSample& sample, const QuantizerOptions& options,
                   KnownOperands& known) {
  const OperandSample& operand = is_left ? sample.left : sample.right;
  if (blocks) {
    return tensor_scale(*blocks, grid, static_cast<double>(operand.absolute_maximum)) *
           std::ldexp(1.0, grid.unit_exponent());
  }
  const auto [at, is_new] = known.scales.try_emplace({layer, is_left, grid.format().name()}, 0.0);
  if (is_new) at->second = find_range_scale(grid, operand, options);
  return at->second;
}

/// Width of a two's complement number that holds -magnitude .. magnitude.
int signed_bits(double magnitude) {
  return 1 + std::max(1, magnitude < 1 ? 1 : std::ilogb(magnitude) + 1);
}

}  // namespace

double choose_scale(const NumberGrid& grid, std::span<const float> values, RangeRule rule) {
  const auto maximum = static_cast<double>(absolute_maximum(values));
  if (maximum == 0) return 1;
  const double scale = maximum / grid.max();
  if (rule == RangeRule::kAbsoluteMaximum) return scale;
  if (rule == RangeRule::kPercentile) {
    std::vector<float> magnitudes(values.size());
    std::transform(values.begin(), values.end(), magnitudes.begin(),
                   [](float value) { return std::abs(value); });
    const double rank = std::ceil(kPercentile / 100 * static_cast<double>(values.size()));
    const auto place = static_cast<std::ptrdiff_t>(std::max(1.0, rank)) - 1;
    std::nth_element(magnitudes.begin(), magnitudes.begin() + place, magnitudes.end());
    const auto limit = static_cast<double>(magnitudes[static_cast<std::size_t>(place)]);
    return limit == 0 ? scale : limit / grid.max();
  }
  std::vector<double> units;
  double best = scale;
  double least = squared_error(grid, values, scale, units);
  for (int step = 4; step <= 48; ++step) {
    const double candidate = scale * step / 40;
    const double error = squared_error(grid, values, candidate, units);
    if (error < least) {
      least = error;
      best = candidate;
    }
  }
  return best;
}

Format unsigned_relative(const Format& format) {
  if (!format.is_signed()) return format;
  if (format.is_int()) return IntFormat{format.bits(), false, format.as_int().lsb_exponent};
  const FloatFormat& minifloat = format.as_float();
  if (minifloat.has_nan() || minifloat.has_infinity()) return format;
  return parse_format(fmt::format("ue{}m{}f", minifloat.exponent_bits, minifloat.fraction_bits + 1))
      .value();
}

int QuantizedLayer::accumulator_bits() const {
  return has_blocks() ? 0 : signed_bits(greatest_sum);
}

int QuantizedLayer::worst_case_bits() const {
  if (has_blocks()) return 0;
  return signed_bits(static_cast<double>(terms) * left_grid.max() * right_grid.max());
}

LayerFormats edge_formats(const LayerFormats& asked, bool is_unsigned) {
  const auto eight_bits = [is_unsigned](const Format& format) -> OperandFormat {
    if (format.is_int()) return {IntFormat{8, format.is_signed(), 0}, {}};
    if (is_unsigned) return {IntFormat{8, true, 0}, {}};
    return {parse_format("e3m4f").value(), {}};
  };
  return {eight_bits(asked.weights.element), eight_bits(asked.activations.element)};
}

std::vector<bool> edge_layers(const Network& network) {
  const std::vector<LinearLayer>& layers = network.layers();
  std::vector<bool> edges(layers.size(), false);
  const auto has_weights = [](const LinearLayer& layer) { return layer.weights != nullptr; };
  const auto first = std::find_if(layers.begin(), layers.end(), has_weights);
  if (first == layers.end()) return edges;
  const auto last = std::find_if(layers.rbegin(), layers.rend(), has_weights);
  edges[static_cast<std::size_t>(first - layers.begin())] = true;
  edges[static_cast<std::size_t>(layers.rend() - last - 1)] = true;
  return edges;
}

namespace {

/// Formats of a layer where none are given by layer.
LayerFormats formats_of(const LinearLayer& layer, bool is_edge, const QuantizerOptions& options) {
  LayerFormats own{options.weight_format(), options.activation_format()};
  if (options.edges_at_8_bits && is_edge) {
    own = edge_formats(own, options.unsigned_inputs);
  }
  if (!can_have_blocks(layer)) own.weights.blocks = own.activations.blocks = std::nullopt;
  return own;
}

bool is_as_asked(const LinearLayer& layer, const LayerFormats& own,
                 const QuantizerOptions& options) {
  const bool has_weights = layer.weights != nullptr;
  return own.activations.name() == options.activation_format().name() &&
         (!has_weights || own.weights.name() == options.weight_format().name());
}

}  // namespace

/// Weights, of every layer, that go up or down by a step of their format.
Status check_learned_rounding(const QuantizerOptions& options) {
  if (!options.learned_rounding) return Ok{};
  if (options.gptq) {
    return Error{"--gptq", "on", "off where --learned-rounding is on", "both choose the weights"};
  }
  std::vector<OperandFormat> formats;
  for (const LayerFormats& layer : options.layers) formats.push_back(layer.weights);
  if (formats.empty()) formats.push_back(options.weight_format());
  for (const OperandFormat& format : formats) {
    if (format.blocks) {
      return Error{"weights", format.name(), "no format in blocks where rounding is learned",
                   "--learned-rounding"};
    }
    if (format.element.is_bipolar()) {
      return Error{"weights", format.name(), "a format with a zero",
                   "learned rounding goes up or down by a step, and bipolar has none of 1"};
    }
  }
  return Ok{};
}

Status check_gain(const QuantizerOptions& options) {
  if (!options.gain_correction.value_or(false)) return Ok{};
  const auto refused = [](std::string legal, std::string detail) {
    return Error{"--gain-correction", "on", std::move(legal), std::move(detail)};
  };
  if (!options.bias_correction) {
    return refused("off, or together with --bias-correction on", "a gain moves the mean as well");
  }
  if (!options.per_channel) {
    return refused("off where --per-channel is off", "the gain goes into each channel's scale");
  }
  if (options.weight_blocks) {
    return refused("off for weights in blocks", "their channels have no scales of their own");
  }
  return Ok{};
}

Status check_formats_are_used(const Network& network, const QuantizerOptions& options) {
  const std::vector<LinearLayer>& layers = network.layers();
  const std::vector<bool> edges = edge_layers(network);
  const std::string pair =
      fmt::format("{} x {}", options.weight_format().name(), options.activation_format().name());
  if (layers.empty()) {
    return Error{"network", "no linear layer", "one with Conv, Gemm or MatMul",
                 fmt::format("nothing in it has {}", pair)};
  }
  std::size_t at_edges = 0;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (is_as_asked(layers[i], formats_of(layers[i], edges[i], options), options)) return Ok{};
    at_edges += edges[i] ? 1 : 0;
  }
  if (at_edges == layers.size()) {
    return Error{"--edge-layers", "8bit", "same, for a network of nothing but edge layers",
                 fmt::format("none of its {} layers would have {}", layers.size(), pair)};
  }
  return Error{"formats", pair, "formats without blocks, or a network that can have them",
               fmt::format("none of its {} layers would have them: the edges have 8 bits, and "
                           "groups of one channel no blocks",
                           layers.size())};
}

FormatUse QuantizedArithmetic::format_use() const {
  FormatUse use{0, layers_.size(), 0};
  double all = 0;
  for (const QuantizedLayer& layer : layers_) {
    all += layer.products;
    if (!layer.is_as_asked) continue;
    ++use.layers;
    use.products += layer.products;
  }
  use.products /= std::max(all, 1.0);
  return use;
}

Result<QuantizedArithmetic> QuantizedArithmetic::make(const Network& network,
                                                      const Tensor& calibration,
                                                      const QuantizerOptions& options) {
  use_one_blas_thread();
  FEWBIT_ASSIGN_OR_RETURN(samples, sample_operands(network, calibration, options.needs_moments()));
  KnownOperands known;
  return make(network, calibration, samples, options, known);
}

namespace {

/// Formats of a layer, and whether they are those that were asked for.
struct OwnFormats {
  LayerFormats formats;
  bool is_as_asked = true;
};

std::vector<OwnFormats> formats_by_layer(const Network& network, const QuantizerOptions& options) {
  const std::vector<LinearLayer>& layers = network.layers();
  const std::vector<bool> edges = edge_layers(network);
  std::vector<OwnFormats> all;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    LayerFormats own = formats_of(layers[i], edges[i], options);
    bool as_asked = is_as_asked(layers[i], own, options);
    if (!options.layers.empty()) {
      own = options.layers[i];
      if (!can_have_blocks(layers[i])) own.weights.blocks = own.activations.blocks = std::nullopt;
      as_asked = !(options.edges_at_8_bits && edges[i]);
    }
    all.push_back({own, as_asked});
  }
  return all;
}

/// Whether the channels of a layer get the spread that they have in float.
bool has_gain(const LinearLayer& layer, const OperandFormat& weights,
              const QuantizerOptions& options) {
  if (!options.bias_correction || !options.per_channel || !layer.weights_are_plain()) return false;
  if (weights.blocks) return false;
  return options.gain_correction.value_or(weights.element.bits() <= kMostGainBits);
}

/// What the scales of weights are multiplied by, before a gain, to find the best ones.
std::vector<double> range_factors(const QuantizerOptions& options) {
  if (options.weight_range != RangeRule::kLeastSquares) return {1};
  return {1, 0.75, 0.875, 1.125, 1.25, 1.375, 1.5, 1.75, 2};
}

}  // namespace

Result<QuantizedArithmetic::PreparedLayer> QuantizedArithmetic::prepare(
    const Network& network, std::size_t place, const LayerFormats& own, const LayerSample& sample,
    const QuantizerOptions& options, double range_factor, KnownOperands& known) {
  const LinearLayer& layer = network.layers()[place];
  const auto grid_of_activations = [&](bool nonnegative) {
    return grid_of(own.activations.element, nonnegative && !own.activations.blocks, options);
  };
  // A computed right operand is an activation.
  const bool constant = layer.weights != nullptr;
  FEWBIT_RETURN_IF_ERROR(check_activations("activations", own.activations));
  FEWBIT_ASSIGN_OR_RETURN(left_grid, grid_of_activations(layer.nonnegative_input));
  FEWBIT_ASSIGN_OR_RETURN(right_grid, constant ? NumberGrid::make(own.weights.element)
                                               : grid_of_activations(layer.nonnegative_right));
  PreparedLayer result{{layer.name, left_grid, right_grid}, {}};
  QuantizedLayer& quantized = result.layer;
  quantized.terms = sample.terms;
  quantized.products = static_cast<double>(sample.output_sums.size() * sample.outputs_per_channel) *
                       static_cast<double>(sample.terms);
  quantized.left_blocks = own.activations.blocks;
  quantized.right_blocks = constant ? own.weights.blocks : own.activations.blocks;
  quantized.left_scale = own.left_scale ? *own.left_scale
                                        : range_scale(left_grid, quantized.left_blocks, place, true,
                                                      sample, options, known);
  if (constant) {
    FEWBIT_RETURN_IF_ERROR(quantize_weights(layer, place, sample, options, own.weights,
                                            range_factor, known, quantized));
  } else {
    quantized.right_scales = {own.right_scale ? *own.right_scale
                                              : range_scale(right_grid, quantized.right_blocks,
                                                            place, false, sample, options, known)};
  }
  FEWBIT_RETURN_IF_ERROR(finish(layer, options.accumulator, result));
  return result;
}

Status QuantizedArithmetic::finish(const LinearLayer& layer, const AccumulatorOptions& accumulator,
                                   PreparedLayer& to) {
  QuantizedLayer& quantized = to.layer;
  to.prepared = {};
  const double left_maximum = quantized.left_grid.max();
  if (quantized.weights.empty()) {
    quantized.greatest_sum =
        static_cast<double>(quantized.terms) * left_maximum * quantized.right_grid.max();
  } else {
    const WeightChannels channels = weight_channels(layer);
    std::vector<double>& magnitudes = quantized.channel_magnitudes;
    magnitudes.assign(channels.channels, 0.0);
    for (std::size_t i = 0; i < quantized.weights.size(); ++i) {
      magnitudes[channels.of(i)] += std::abs(quantized.weights[i]);
    }
    quantized.greatest_sum = *std::max_element(magnitudes.begin(), magnitudes.end()) * left_maximum;
    if (!quantized.has_blocks() && quantized.greatest_sum <= kExactInFloat) {
      to.prepared.as_floats.assign(quantized.weights.begin(), quantized.weights.end());
      to.prepared.identity = new_identity();
    }
  }
  if (layer.op == "Conv" && !to.prepared.as_floats.empty()) {
    double most = 0;
    for (const double weight : quantized.weights) most = std::max(most, std::abs(weight));
    to.prepared.byte_shift = byte_shift(left_maximum, quantized.left_grid.format().is_signed(),
                                        most, quantized.terms, byte_sums_here());
    if (to.prepared.byte_shift) {
      to.prepared.as_bytes.assign(quantized.weights.begin(), quantized.weights.end());
    }
  }
  if (accumulator.is_exact()) return Ok{};
  FEWBIT_ASSIGN_OR_RETURN(spec,
                          accumulator_spec(accumulator, quantized.left_grid.format(),
                                           quantized.right_grid.format(), quantized.greatest_sum));
  quantized.accumulator = spec;
  return Ok{};
}

Result<QuantizedArithmetic> QuantizedArithmetic::make(const Network& network,
                                                      const Tensor& calibration,
                                                      const std::vector<LayerSample>& samples,
                                                      const QuantizerOptions& options,
                                                      KnownOperands& known) {
  FEWBIT_RETURN_IF_ERROR(check_learned_rounding(options));
  const std::vector<LinearLayer>& layers = network.layers();
  FEWBIT_CHECK(options.layers.empty() || options.layers.size() == layers.size(),
               "formats of {} layers, of {}", options.layers.size(), layers.size());
  FEWBIT_RETURN_IF_ERROR(check_gain(options));
  if (options.layers.empty()) FEWBIT_RETURN_IF_ERROR(check_formats_are_used(network, options));
  const bool has_blocks = options.weight_blocks || options.activation_blocks;
  FEWBIT_RETURN_IF_ERROR(check_accumulator(options.accumulator, has_blocks));
  const std::vector<OwnFormats> formats = formats_by_layer(network, options);
  QuantizedArithmetic result;
  std::vector<std::vector<PreparedLayer>> candidates(layers.size());
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const auto with_factor = [&](double factor) {
      return prepare(network, i, formats[i].formats, samples[i], options, factor, known);
    };
    FEWBIT_ASSIGN_OR_RETURN(plain, with_factor(1));
    plain.layer.is_as_asked = formats[i].is_as_asked;
    if (has_gain(layers[i], formats[i].formats.weights, options)) {
      for (const double factor : range_factors(options)) {
        FEWBIT_ASSIGN_OR_RETURN(candidate, with_factor(factor));
        candidate.layer.is_as_asked = formats[i].is_as_asked;
        candidates[i].push_back(std::move(candidate));
      }
    }
    result.layers_.push_back(std::move(plain.layer));
    result.prepared_.push_back(std::move(plain.prepared));
  }
  if (options.bias_correction) {
    FEWBIT_RETURN_IF_ERROR(
        result.correct_results(network, calibration, samples, options.accumulator, candidates));
  }
  return result;
}

}  // namespace fewbit::quant
