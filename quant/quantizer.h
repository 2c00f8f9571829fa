// Quantizer: ranges of tensors, and layers whose operands are exact integers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <span>
#include <tuple>

#include "fewbit/quant/accumulators.h"
#include "fewbit/quant/blocks.h"
#include "fewbit/quant/calibration.h"
#include "fewbit/quant/learned_rounding.h"
#include "fewbit/quant/network.h"
#include "fewbit/quant/number_grid.h"

namespace fewbit::quant {

/// How the value that the largest number of a format stands for is chosen.
enum class RangeRule {
  kAbsoluteMaximum,  ///< the largest magnitude
  kPercentile,       ///< the least magnitude that kPercentile % of the values do not exceed
  kLeastSquares,     ///< of 0.1 to 1.2 x the largest, by 0.025: the least sum of squared errors
};
inline constexpr double kPercentile = 99.999;

/// What one unit of the grid stands for; 1 where all values are 0.
double choose_scale(const NumberGrid& grid, std::span<const float> values, RangeRule rule);

/// From three bits on, the spread of results is near that in float.
inline constexpr int kMostGainBits = 2;

/// Formats of one layer.
struct LayerFormats {
  OperandFormat weights;
  OperandFormat activations;
  /// What a unit of activations stands for, left of a product and right of one of two computed
  /// operands. Absent: as the range rule says. Not with blocks.
  std::optional<double> left_scale{}, right_scale{};
};

struct QuantizerOptions {
  Format weights = IntFormat{8, true, 0};
  Format activations = IntFormat{8, true, 0};
  RangeRule weight_range = RangeRule::kLeastSquares;
  RangeRule activation_range = RangeRule::kLeastSquares;
  bool per_channel = true;  ///< a weight scale for every output channel
  bool gptq = false;        ///< weights rounded by GptqFactor where each channel has its own
  /// Weights rounded by learn_rounding where each channel has its own; not together with gptq.
  std::optional<RoundingStart> learned_rounding;
  bool bias_correction = false;  ///< channels of results shifted to their mean in float
  /// With bias_correction, where each channel has a scale: the scale times what gives the channel's
  /// results the spread that they have in float. Weights are rounded by several ranges, and each
  /// channel takes those with the least error of its results after that. Absent: in layers whose
  /// weights have kMostGainBits bits or less.
  std::optional<bool> gain_correction;
  /// The format's unsigned relative after ReLU, softmax, ..., where a NumberGrid can have it.
  bool unsigned_inputs = true;
  bool edges_at_8_bits = true;  ///< first and last layer with weights: edge_formats
  /// Blocks of the formats above, in layers whose sums go over more than one channel.
  std::optional<BlockScale> weight_blocks, activation_blocks;
  AccumulatorOptions accumulator;  ///< of all layers; exact with blocks
  /// Formats of every linear layer in place of all the above; empty: these.
  std::vector<LayerFormats> layers;

  [[nodiscard]] OperandFormat weight_format() const { return {weights, weight_blocks}; }
  [[nodiscard]] OperandFormat activation_format() const { return {activations, activation_blocks}; }
  [[nodiscard]] bool needs_moments() const { return gptq || learned_rounding; }
};

/// The unsigned format of as many bits with one fraction bit more: uint8 of int8, ue4m4f of e4m3f.
/// `format` itself where it is unsigned, or has NaN or infinity.
Format unsigned_relative(const Format& format);

/// Elements of constant weights along the axis that is summed; of a convolution, channels.
std::int64_t summed_axis(const LinearLayer& layer);

/// 8 bits, for the first and the last layer: int8, whose relative for activations is uint8. With
/// signed activations that of the paper: e3m4f in place of minifloats.
LayerFormats edge_formats(const LayerFormats& asked, bool is_unsigned);

/// The first and the last layer that have weights.
std::vector<bool> edge_layers(const Network& network);

/// An Error where --gain-correction is on and there is nothing that a gain could go into.
Status check_gain(const QuantizerOptions& options);

/// An Error where no layer would have the formats of `options`: a network without linear layers, or
/// whose layers are all edges, or cannot have blocks. Formats by layer are not looked at.
Status check_formats_are_used(const Network& network, const QuantizerOptions& options);

/// A linear layer with its formats and scales. Operands: left the images (or left matrices), right
/// the weights (or right matrices).
struct QuantizedLayer {
  std::string name;
  NumberGrid left_grid;
  NumberGrid right_grid;
  double left_scale = 1;             ///< what a unit stands for
  std::vector<double> right_scales;  ///< one, or one for each output channel
  std::vector<double> weights;       ///< in units; empty where the right operand is computed
  std::vector<double> channel_magnitudes{};  ///< sums of |weights| of each channel that has its own
  std::vector<float> shifts{};  ///< added to results: one for each output channel, or none
  /// No sum of products exceeds it, in units of both: for constant weights the largest sum of
  /// magnitudes of a channel times the largest activation.
  double greatest_sum = 0;
  std::int64_t terms = 0;
  std::optional<BlockScale> left_blocks{}, right_blocks{};
  std::int64_t weight_bits = 0;               ///< of all weights, with the scales of their blocks
  std::optional<OperatorSpec> accumulator{};  ///< what sums; absent: exactly
  bool is_as_asked = true;                    ///< its operands have the formats that were asked for
  double products = 0;                        ///< on all calibration images
  /// Squared error of the results on calibration images over that of the same layer without
  /// correction of mean and gain. Absent without a gain.
  std::optional<double> corrected_error{};

  [[nodiscard]] bool has_blocks() const { return left_blocks || right_blocks; }
  /// Bits of a signed accumulator that holds greatest_sum; 0 with blocks, whose scales may be any.
  [[nodiscard]] int accumulator_bits() const;
  /// Bits where every operand may be the largest number; 0 with blocks.
  [[nodiscard]] int worst_case_bits() const;
};

/// How much of a network has the formats that were asked for: edge layers, and those that cannot
/// have blocks, have others.
struct FormatUse {
  std::size_t layers = 0;
  std::size_t all_layers = 0;
  double products = 0;  ///< the share of all products, 0 to 1
};

/// Operands of a call in units, as MACs would get them.
struct QuantizedOperands {
  std::vector<double> left, right;
};

/// What several quantizations of one network by one technique have in common: weights by layer,
/// format and range factor, scales of activations by layer, operand and format.
struct KnownOperands {
  struct Weights {
    std::vector<double> scales, units;
  };
  std::map<std::tuple<std::size_t, std::string, double>, Weights> weights;
  std::map<std::tuple<std::size_t, bool, std::string>, double> scales;
};

/// Linear layers with quantized operands and exact sums, or those of an accumulator. A result is
/// the sum of products of integers, rounded to binary64, times both scales, rounded to binary32,
/// plus the shift.
class QuantizedArithmetic : public LinearArithmetic {
 public:
  /// Chooses ranges of activations by the float network on `calibration` images. BLAS uses one
  /// thread from then on: equal requests give equal weights. Errors: gptq and learned_rounding
  /// together, formats that no layer would have, a format that NumberGrid refuses, an accumulator
  /// that is refused, images that do not fit, an activation that is not finite, sums too long for
  /// GPTQ.
  static Result<QuantizedArithmetic> make(const Network& network, const Tensor& calibration,
                                          const QuantizerOptions& options);
  /// The same with `samples` of the operands taken before. `known` is used and added to: between
  /// calls nothing but formats may change.
  static Result<QuantizedArithmetic> make(const Network& network, const Tensor& calibration,
                                          const std::vector<LayerSample>& samples,
                                          const QuantizerOptions& options, KnownOperands& known);

  std::vector<float> sums(const LinearCall& call) const override;

  [[nodiscard]] const std::vector<QuantizedLayer>& layers() const { return layers_; }
  [[nodiscard]] FormatUse format_use() const;
  [[nodiscard]] QuantizedOperands operands(const LinearCall& call) const;

 private:
  struct Prepared {                     // weights in the type in which the layer is computed
    std::vector<float> as_floats;       // where all sums fit 24 bits
    std::optional<int> byte_shift;      // where bytes have exact sums
    std::vector<std::int8_t> as_bytes;  // there too
    std::uint64_t identity = 0;         // of both
  };
  struct PreparedLayer {
    QuantizedLayer layer;
    Prepared prepared;
  };
  class Corrector;

  static Result<PreparedLayer> prepare(const Network& network, std::size_t place,
                                       const LayerFormats& own, const LayerSample& sample,
                                       const QuantizerOptions& options, double range_factor,
                                       KnownOperands& known);
  /// What follows from the weights of a layer.
  static Status finish(const LinearLayer& layer, const AccumulatorOptions& accumulator,
                       PreparedLayer& to);
  void set(std::size_t place, const PreparedLayer& layer);
  /// Layer by layer: in one batch, or in as many runs as there are layers where the network's file
  /// fixes another. `candidates` of a layer: what its channels are chosen from by their error after
  /// the gain; none where the gain stays as it is.
  Status correct_results(const Network& network, const Tensor& calibration,
                         const std::vector<LayerSample>& samples,
                         const AccumulatorOptions& accumulator,
                         const std::vector<std::vector<PreparedLayer>>& candidates);

  std::vector<QuantizedLayer> layers_;
  std::vector<Prepared> prepared_;
};

}  // namespace fewbit::quant
