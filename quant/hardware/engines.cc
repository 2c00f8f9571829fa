// Reading engines and parts off a lowered network.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/hardware/engines.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace fewbit::quant {
namespace {

constexpr int kMultiplierWidth = 18;  ///< of a hard multiplier, signed
constexpr int kShiftBits = 6;

int bits_of(std::int64_t magnitude) {
  return static_cast<int>(std::bit_width(static_cast<std::uint64_t>(magnitude)));
}

/// Hard multipliers of a product of a signed number of `bits` bits and a multiplier.
int multipliers_for(int bits) { return (bits + kMultiplierWidth - 1) / kMultiplierWidth; }

class PipelineReader {
 public:
  PipelineReader(const LoweredNetwork& network, const BlockCosts& costs)
      : network_(network), costs_(costs) {}

  Result<Pipeline> read() {
    result_.input_values = values_of(network_.nodes[0]);
    for (std::size_t i = 0; i < network_.nodes.size(); ++i) {
      const LoweredNode& node = network_.nodes[i];
      const Status done = std::visit([&](const auto& op) { return add(i, node, op); }, node.op);
      FEWBIT_RETURN_IF_ERROR(done);
    }
    return std::move(result_);
  }

 private:
  static std::int64_t values_of(const LoweredNode& node) {
    return static_cast<std::int64_t>(element_count(node.shape));
  }
  /// What a requantizer makes, as the rows name it.
  static std::string result_of(const LoweredNode& node) {
    return node.kind == IntegerKind::kCodes ? node.grid->format().name() : "int16";
  }

  Status add(std::size_t, const LoweredNode&, const ImageInput&) { return Ok{}; }
  Status add(std::size_t, const LoweredNode&, const LinearSums&) { return Ok{}; }
  Status add(std::size_t, const LoweredNode&, const WindowSums&) { return Ok{}; }

  Status add(std::size_t, const LoweredNode& node, const Requantizer& op) {
    const LoweredNode& from = network_.nodes[node.inputs[0]];
    FEWBIT_ASSIGN_OR_RETURN(luts, costs_.requantizer(result_of(node)));
    std::int64_t bias = 0;
    for (const std::int64_t own : op.biases) bias = std::max(bias, std::abs(own));
    const int bias_bits = bias == 0 ? 0 : bits_of(bias) + 1;
    int sum_bits = from.bits;
    if (const auto* sums = std::get_if<LinearSums>(&from.op)) {
      const double most = std::ldexp(sums->greatest, op.sum_shift);
      sum_bits = bits_of(static_cast<std::int64_t>(most) + bias) + 1;
    }
    if (const auto* sums = std::get_if<LinearSums>(&from.op)) {
      add_engine(node, from, *sums, sum_bits, bias_bits + network_.multiplier_bits + kShiftBits,
                 luts);
      return Ok{};
    }
    Part part{node.name, "requantizer", values_of(node), luts, multipliers_for(sum_bits), 0, 0};
    if (const auto* mean = std::get_if<WindowSums>(&from.op)) {
      part.what = "mean";
      part.luts_each += from.bits;  // the running sum
      part.held_values = static_cast<std::int64_t>(node.channels());
      part.held_bits = from.bits;
      part.values = values_of(network_.nodes[from.inputs[0]]);
      if (mean->window[0].output > 1) part.held_values *= mean->window[1].output;
    }
    result_.parts.push_back(std::move(part));
    return Ok{};
  }

  void add_engine(const LoweredNode& node, const LoweredNode& from, const LinearSums& sums,
                  int sum_bits, int parameter_bits, double luts) {
    const LoweredNode& operand = network_.nodes[from.inputs[0]];
    Engine engine;
    engine.name = node.name;
    engine.weights = sums.weight_grid.format().name();
    engine.activations = operand.grid->format().name();
    engine.channels = sums.channels();
    engine.inputs = static_cast<std::int64_t>(operand.channels());
    engine.terms = sums.terms();
    engine.pixels = sums.pixels();
    if (const auto* shape = std::get_if<ConvolutionShape>(&sums.shape)) {
      const WindowAxis& x = shape->window[1];
      engine.kernel = (shape->window[0].kernel - 1) * shape->window[0].dilation + 1;
      engine.columns = x.input + x.pad_begin + x.pad_end;
    }
    engine.is_depthwise = sums.is_depthwise();
    engine.weight_bits = sums.weight_grid.format().bits();
    engine.activation_bits = operand.bits;
    engine.sum_bits = from.bits;
    engine.parameter_bits = parameter_bits;
    engine.requantizer_luts = luts + sum_bits;  // the bias is added in as many cells
    engine.requantizer_multipliers = multipliers_for(sum_bits);
    result_.engines.push_back(std::move(engine));
  }

  Status add(std::size_t, const LoweredNode& node, const Conversion&) {
    FEWBIT_ASSIGN_OR_RETURN(luts, costs_.conversion(node.grid->format().name()));
    result_.parts.push_back({node.name, "conversion", values_of(node), luts, 0, 0, 0});
    return Ok{};
  }

  Status add(std::size_t place, const LoweredNode& node, const Addition&) {
    Part part{node.name, "add", values_of(node), 2.0 * node.bits, 0, 0, node.bits};
    part.held_values = waiting(place) * static_cast<std::int64_t>(node.channels());
    result_.parts.push_back(std::move(part));
    return Ok{};
  }

  Status add(std::size_t, const LoweredNode& node, const Clamp&) {
    result_.parts.push_back({node.name, "clamp", values_of(node), 2.0 * node.bits, 0, 0, 0});
    return Ok{};
  }

  Status add(std::size_t, const LoweredNode& node, const MaxPooling& op) {
    Part part{node.name, "max pool", values_of(network_.nodes[node.inputs[0]]), 2.0 * node.bits, 0,
              0,         node.bits};
    part.held_values = op.window[1].output * static_cast<std::int64_t>(node.channels());
    result_.parts.push_back(std::move(part));
    return Ok{};
  }

  /// Pixels of an earlier node's tensor that have to be there before a node has its first one.
  using Lags = std::map<std::size_t, std::int64_t>;
  [[nodiscard]] Lags lags_before(std::size_t place) const {
    Lags lags = {{place, 0}};
    for (auto at = lags.rbegin(); at != lags.rend(); ++at) {
      const LoweredNode& node = network_.nodes[at->first];
      std::int64_t lag = at->second;
      if (const auto* sums = std::get_if<LinearSums>(&node.op)) {
        if (const auto* shape = std::get_if<ConvolutionShape>(&sums->shape)) {
          const auto& [y, x] = shape->window;
          const std::int64_t own =
              std::max<std::int64_t>(0, (y.kernel - 1) * y.dilation - y.pad_begin) * x.input +
              std::max<std::int64_t>(0, (x.kernel - 1) * x.dilation - x.pad_begin) + 1;
          lag = lag * y.stride * x.stride + own;
        }
      }
      for (const std::size_t input : node.inputs) {
        std::int64_t& known = lags[input];
        known = std::max(known, lag);
      }
    }
    return lags;
  }

  /// Pixels of the sum's size that one operand waits with while the other is computed.
  [[nodiscard]] std::int64_t waiting(std::size_t place) const {
    const LoweredNode& node = network_.nodes[place];
    const Lags one = lags_before(node.inputs[0]), other = lags_before(node.inputs[1]);
    for (auto at = one.rbegin(); at != one.rend(); ++at) {
      const auto both = other.find(at->first);
      if (both == other.end()) continue;
      const LoweredNode& fork = network_.nodes[at->first];
      const std::int64_t lag = std::abs(at->second - both->second);
      const auto pixels = [](const LoweredNode& of) {
        return std::max<std::int64_t>(1, values_of(of) / static_cast<std::int64_t>(of.channels()));
      };
      return (lag * pixels(node) + pixels(fork) - 1) / pixels(fork) + 1;
    }
    return 0;
  }

  const LoweredNetwork& network_;
  const BlockCosts& costs_;
  Pipeline result_;
};

}  // namespace

Result<Pipeline> pipeline_of(const LoweredNetwork& network, const BlockCosts& costs) {
  return PipelineReader(network, costs).read();
}

}  // namespace fewbit::quant
