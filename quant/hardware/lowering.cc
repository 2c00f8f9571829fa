// Making the nodes of a lowered network: see lowering.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/hardware/lowering.h"

#include <algorithm>
#include <cmath>

#include "fewbit/quant/exact_sums.h"
#include "fewbit/quant/hardware/channels.h"
#include "fewbit/quant/hardware/units.h"

namespace fewbit::quant {
namespace {

Error refused(const std::string& name, std::string legal, std::string detail) {
  return Error{"hardware numerics: node", name, std::move(legal), std::move(detail)};
}

/// Every number of the format, in its least steps, is exact in binary32.
bool is_exact_in_float(const Format& format) {
  if (format.is_int()) return format.as_int().max() <= BigInt(1) << 24;
  return format.as_float().fraction_bits < 24;
}

/// Width of a two's complement number that holds -magnitude to magnitude.
int signed_bits(double magnitude) { return magnitude < 1 ? 2 : std::ilogb(magnitude) + 2; }

class Lowering {
 public:
  Lowering(const ReadNetwork& network, const Units& units,
           const std::vector<QuantizedLayer>& layers, const LoweringOptions& options)
      : network_(network), units_(units), layers_(layers), options_(options) {
    result_.multiplier_bits = options.multiplier_bits;
    result_.stream_bits = options.stream_bits;
  }

  Result<LoweredNetwork> lower() {
    FEWBIT_RETURN_IF_ERROR(lower_input());
    for (const ReadNode& node : network_.nodes) {
      FEWBIT_RETURN_IF_ERROR(lower_node(node));
    }
    result_.output = stream_of(network_.output);
    return std::move(result_);
  }

 private:
  /// Those that pass are made for who reads them.
  Status lower_node(const ReadNode& node) {
    if (const auto* linear = std::get_if<LinearPart>(&node.part)) return lower_part(node, *linear);
    if (const auto* mean = std::get_if<MeanPart>(&node.part)) return lower_part(node, *mean);
    if (const auto* add = std::get_if<AddPart>(&node.part)) return lower_part(node, *add);
    return Ok{};
  }

  /// Nodes that hold a value; kNone where there is none yet.
  struct Versions {
    std::size_t codes = kNone, stream = kNone;
  };
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  std::size_t add(LoweredNode node) {
    result_.nodes.push_back(std::move(node));
    return result_.nodes.size() - 1;
  }

  [[nodiscard]] double stream_most() const { return std::ldexp(1.0, options_.stream_bits - 1) - 1; }

  [[nodiscard]] LoweredNode as_codes(const std::string& value, const UnitGroup& group) const {
    LoweredNode node;
    node.value = value;
    node.shape = network_.value(value).shape;
    node.kind = IntegerKind::kCodes;
    node.grid = group.grid;
    node.bits = group.grid->format().bits();
    node.is_signed = group.grid->format().is_signed();
    node.unit = group.scale;
    return node;
  }
  [[nodiscard]] LoweredNode as_stream(const std::string& value, double unit) const {
    LoweredNode node;
    node.value = value;
    node.shape = network_.value(value).shape;
    node.kind = IntegerKind::kStream;
    node.bits = options_.stream_bits;
    node.unit = unit;
    return node;
  }

  /// Real bounds in units of a stream, within its width.
  [[nodiscard]] Bounds stream_bounds(const RealBounds& bounds, double unit) const {
    const double most = stream_most();
    const auto limited = [&](double bound) {
      return std::clamp(std::nearbyint(bound / unit), -most - 1, most);
    };
    return {limited(bounds.least), limited(bounds.most)};
  }
  /// Real bounds as numbers of a format; absent where they are no narrower.
  static std::optional<Bounds> code_bounds(const RealBounds& bounds, const NumberGrid& grid,
                                           double scale) {
    const Bounds all{grid.format().is_signed() ? -grid.max() : 0, grid.max()};
    const auto limited = [&](double bound) {
      return grid.nearest(std::clamp(bound / scale, all.least, all.most));
    };
    const Bounds own{limited(bounds.least), limited(bounds.most)};
    if (own.least <= all.least && own.most >= all.most) return std::nullopt;
    return own;
  }

  Status lower_input() {
    const UnitGroup& group = units_.groups[0];
    LoweredNode bytes;
    bytes.op = ImageInput{};
    bytes.name = bytes.value = group.producer;
    bytes.shape = network_.value(group.producer).shape;
    bytes.bits = 8;
    bytes.is_signed = false;
    bytes.unit = 1.0 / 255;
    const NumberGrid byte = NumberGrid::make(IntFormat{8, false, 0}).value();
    bytes.grid = byte;
    const std::size_t node = add(std::move(bytes));
    const bool is_as_it_is = !group.is_stream && group.grid &&
                             group.grid->format().name() == byte.format().name() &&
                             group.scale == 1.0 / 255;
    if (is_as_it_is && group.producer == group.head) {
      versions_[group.head].codes = node;
      return Ok{};
    }
    result_.nodes[node].value.clear();
    return requantize(group, group.producer, node, 1.0 / 255);
  }

  /// Of sums or bytes that have one unit: into the head of `group`.
  Status requantize(const UnitGroup& group, const std::string& name, std::size_t from,
                    double unit) {
    return requantize(group, name, from, 0, {0.0}, {unit});
  }

  /// `biases` in real numbers, `units` of the sums; by channel or one.
  Status requantize(const UnitGroup& group, const std::string& name, std::size_t from,
                    int sum_shift, const std::vector<double>& biases,
                    const std::vector<double>& units) {
    const double out = group.is_stream ? group.stream_unit() : group.scale;
    LoweredNode node = group.is_stream ? as_stream(group.head, out) : as_codes(group.head, group);
    node.inputs = {from};
    node.name = name;
    Requantizer requantizer;
    requantizer.sum_shift = sum_shift;
    if (group.is_stream) {
      requantizer.bounds = stream_bounds(group.bounds, out);
    } else {
      requantizer.bounds = code_bounds(group.bounds, *group.grid, out);
    }
    FEWBIT_RETURN_IF_ERROR(set_factors(name, from, out, biases, units, requantizer));
    node.op = std::move(requantizer);
    (group.is_stream ? versions_[group.head].stream : versions_[group.head].codes) =
        add(std::move(node));
    return Ok{};
  }

  /// The largest magnitude of what a requantizer reads.
  [[nodiscard]] double greatest(std::size_t from) const {
    const LoweredNode& node = result_.nodes[from];
    if (const auto* sums = std::get_if<LinearSums>(&node.op)) return sums->greatest;
    if (const auto* sums = std::get_if<WindowSums>(&node.op)) {
      return static_cast<double>(sums->count) * greatest(node.inputs[0]);
    }
    return node.kind == IntegerKind::kStream ? stream_most() + 1 : node.grid->max();
  }

  Status set_factors(const std::string& name, std::size_t from, double out,
                     const std::vector<double>& biases, const std::vector<double>& units,
                     Requantizer& to) {
    const double sums = std::ldexp(greatest(from), to.sum_shift);
    double most = 0;
    for (std::size_t i = 0; i < biases.size(); ++i) {
      const double unit = std::ldexp(units.size() == 1 ? units[0] : units[i], -to.sum_shift);
      const double ratio = unit / out;
      const bool is_ratio = ratio > 0 && std::isfinite(ratio);
      const std::optional<Multiplier> multiplier =
          is_ratio ? multiplier_of(ratio, options_.multiplier_bits) : std::nullopt;
      const double bias = std::nearbyint(biases[i] / unit);
      if (!multiplier || !(sums + std::abs(bias) < std::ldexp(1.0, kMostSumBits - 1))) {
        return refused(name,
                       fmt::format("sums of at most {} bits with their biases, times less "
                                   "than 2^{}",
                                   kMostSumBits, options_.multiplier_bits),
                       fmt::format("channel {}: sums to {:.0f}, bias {:.0f}, times {:.3g}", i, sums,
                                   bias, unit / out));
      }
      to.multipliers.push_back(*multiplier);
      to.biases.push_back(static_cast<std::int64_t>(bias));
      most = std::max(most, (sums + std::abs(bias)) * static_cast<double>(multiplier->factor));
    }
    to.is_exact_in_double = most <= kExactInDouble;
    return Ok{};
  }

  Status lower_part(const ReadNode& node, const LinearPart& part) {
    const QuantizedLayer& layer = layers_[part.layer];
    const UnitGroup& from = units_.of(node.inputs[0]);
    const UnitGroup& to = units_.of(node.output);
    const ChannelTarget target{to.is_stream ? to.stream_unit() : to.scale, step_of(to),
                               to.is_stream};
    const std::optional<Channels> channels = channels_of(layer, part, from.scale, target);
    if (!channels) return refused(node.name, "finite weights", "one is not");
    LinearSums sums{part.layer,    part.shape, layer.right_grid,
                    layer.weights, {},         channels->greatest};
    for (std::size_t i = 0; i < channels->units.size(); ++i) {
      if (channels->is_constant[i]) clear_channel(sums, i);
    }
    if (!(sums.greatest < std::ldexp(1.0, kMostSumBits - 1))) {
      return refused(node.name, fmt::format("sums of at most {} bits", kMostSumBits),
                     fmt::format("{} x {}: up to {:.0f}", layer.right_grid.format().name(),
                                 layer.left_grid.format().name(), sums.greatest));
    }
    if (sums.greatest <= kExactInFloat) {
      sums.as_floats.assign(sums.weights.begin(), sums.weights.end());
    }
    LoweredNode made;
    made.inputs = {codes_of(node.inputs[0])};
    made.name = node.name;
    made.shape = network_.value(node.output).shape;
    made.kind = IntegerKind::kSums;
    made.bits = signed_bits(sums.greatest);
    made.op = std::move(sums);
    return requantize(to, node.name, add(std::move(made)), channels->sum_shift, channels->biases,
                      channels->units);
  }

  /// A step of what linear layers make of a group; of the logits 2^-8 of their range.
  [[nodiscard]] double step_of(const UnitGroup& group) const {
    const bool is_output = units_.of(network_.output).producer == group.producer && !group.grid;
    return is_output ? std::ldexp(group.stream_unit(), options_.stream_bits - 8) : group.scale;
  }

  static void clear_channel(LinearSums& sums, std::size_t channel) {
    const auto channels = static_cast<std::size_t>(sums.channels());
    const auto* matrix = std::get_if<MatrixShape>(&sums.shape);
    const bool by_columns = matrix != nullptr && !matrix->right_transposed;
    const std::size_t terms = sums.weights.size() / channels;
    for (std::size_t k = 0; k < terms; ++k) {
      sums.weights[by_columns ? k * channels + channel : channel * terms + k] = 0;
    }
  }

  Status lower_part(const ReadNode& node, const MeanPart& part) {
    const std::size_t from = stream_of(node.inputs[0]);
    LoweredNode made;
    made.op = WindowSums{part.window, part.count};
    made.inputs = {from};
    made.name = node.name;
    made.shape = network_.value(node.output).shape;
    made.kind = IntegerKind::kSums;
    made.unit = result_.nodes[from].unit;
    made.bits = signed_bits(static_cast<double>(part.count) * greatest(from));
    const double unit = made.unit / static_cast<double>(part.count);
    return requantize(units_.of(node.output), node.name, add(std::move(made)), unit);
  }

  Status lower_part(const ReadNode& node, const AddPart& /*part*/) {
    const UnitGroup& to = units_.of(node.output);
    const double unit = to.stream_unit();
    LoweredNode made = as_stream(to.head, unit);
    made.name = node.name;
    made.op = Addition{stream_bounds(to.bounds, unit)};
    for (const std::string& input : node.inputs) {
      std::size_t operand = stream_of(input);
      if (result_.nodes[operand].unit != unit) {
        LoweredNode brought = as_stream(input, unit);
        brought.value.clear();
        brought.inputs = {operand};
        brought.name = node.name;
        Requantizer requantizer;
        requantizer.bounds = stream_bounds({}, unit);
        const double own = result_.nodes[operand].unit;
        FEWBIT_RETURN_IF_ERROR(set_factors(node.name, operand, unit, {0.0}, {own}, requantizer));
        brought.op = std::move(requantizer);
        operand = add(std::move(brought));
      }
      made.inputs.push_back(operand);
    }
    versions_[to.head].stream = add(std::move(made));
    return Ok{};
  }

  /// The node that makes a value; null for the image.
  [[nodiscard]] const ReadNode* producer_of(const std::string& value) const {
    const auto found = std::find_if(network_.nodes.begin(), network_.nodes.end(),
                                    [&](const ReadNode& node) { return node.output == value; });
    return found == network_.nodes.end() ? nullptr : &*found;
  }

  std::size_t codes_of(const std::string& value) {
    if (versions_[value].codes != kNone) return versions_[value].codes;
    const UnitGroup& group = units_.of(value);
    const bool pass_codes =
        value != group.head && (!group.is_stream || only_codes_are_read(network_, value));
    std::size_t node = kNone;
    if (pass_codes) {
      const ReadNode& reader = *producer_of(value);
      node = passed(reader, codes_of(reader.inputs[0]), as_codes(value, group));
    } else {
      LoweredNode made = as_codes(value, group);
      made.inputs = {stream_of(value)};
      const ReadNode* producer = producer_of(value);
      made.name = producer == nullptr ? value : producer->name;
      made.op = Conversion{group.fraction_bits};
      made.value.clear();
      node = add(std::move(made));
    }
    return versions_[value].codes = node;
  }

  std::size_t stream_of(const std::string& value) {
    if (versions_[value].stream != kNone) return versions_[value].stream;
    const UnitGroup& group = units_.of(value);
    FEWBIT_CHECK(group.is_stream && value != group.head, "there is no stream of {}", value);
    const ReadNode& reader = *producer_of(value);
    const std::size_t node =
        passed(reader, stream_of(reader.inputs[0]), as_stream(value, group.stream_unit()));
    return versions_[value].stream = node;
  }

  /// A node that passes, behind `from`, which is of the kind of `made`.
  std::size_t passed(const ReadNode& reader, std::size_t from, LoweredNode made) {
    if (reader.is<ReshapePart>()) return from;  // the same numbers in the same order
    made.inputs = {from};
    made.name = reader.name;
    if (const auto* pool = std::get_if<PoolPart>(&reader.part)) {
      made.op = MaxPooling{pool->window};
      return add(std::move(made));
    }
    const RealBounds& bounds = std::get<ClampPart>(reader.part).bounds;
    if (made.kind == IntegerKind::kStream) {
      made.op = Clamp{stream_bounds(bounds, made.unit)};
      return add(std::move(made));
    }
    const std::optional<Bounds> own = code_bounds(bounds, *made.grid, made.unit);
    if (!own) return from;
    made.op = Clamp{*own};
    return add(std::move(made));
  }

  const ReadNetwork& network_;
  const Units& units_;
  const std::vector<QuantizedLayer>& layers_;
  const LoweringOptions& options_;
  LoweredNetwork result_;
  std::map<std::string, Versions> versions_;
};

}  // namespace

std::optional<Multiplier> multiplier_of(double ratio, int bits) {
  FEWBIT_CHECK(ratio > 0 && std::isfinite(ratio), "a multiplier of {}", ratio);
  int shift = std::min(bits - 1 - std::ilogb(ratio), kMostShift);
  double factor = std::nearbyint(std::ldexp(ratio, shift));
  if (factor == std::ldexp(1.0, bits)) {
    factor /= 2;
    --shift;
  }
  if (shift < 0) return std::nullopt;
  return Multiplier{static_cast<std::int64_t>(factor), shift};
}

Result<LoweredNetwork> lower(const Network& network, const QuantizedArithmetic& arithmetic,
                             const Tensor& calibration, const LoweringOptions& options) {
  FEWBIT_ASSIGN_OR_RETURN(read, read_network(network, calibration));
  const std::vector<QuantizedLayer>& layers = arithmetic.layers();
  for (const ReadNode& node : read.nodes) {
    const auto* linear = std::get_if<LinearPart>(&node.part);
    if (linear == nullptr) continue;
    const QuantizedLayer& layer = layers[linear->layer];
    if (layer.has_blocks()) {
      return refused(node.name, "formats without blocks", "its operands are in blocks");
    }
    if (layer.accumulator) return refused(node.name, "exact sums", "--acc-width and the like");
    const Format& activations = layer.left_grid.format();
    if (!is_exact_in_float(activations)) {
      return refused(node.name, "activations of at most 24 bits and a sign", activations.name());
    }
  }
  FEWBIT_ASSIGN_OR_RETURN(units, choose_units(read, layers, options.stream_bits));
  return Lowering(read, units, layers, options).lower();
}

}  // namespace fewbit::quant
