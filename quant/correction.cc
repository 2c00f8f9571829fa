// Correcting the results of layers on calibration images, layer by layer.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "fewbit/quant/weight_rounding.h"

namespace fewbit::quant {
namespace {

constexpr std::size_t kMostKept = 1 << 21;  ///< results of one layer that errors are computed from
constexpr double kLeastSpread = 1e-5;       ///< quantized over float: below it there is no signal

/// The first results of some layers in float, in the order in which they come.
class FloatResults : public LinearArithmetic {
 public:
  explicit FloatResults(std::vector<bool> wanted)
      : wanted_(std::move(wanted)), of_(wanted_.size()) {}

  std::vector<float> sums(const LinearCall& call) const override {
    std::vector<float> results = FloatArithmetic().sums(call);
    if (!wanted_[call.layer]) return results;
    std::vector<float>& kept = of_[call.layer];
    const std::size_t more = std::min(results.size(), kMostKept - kept.size());
    kept.insert(kept.end(), results.begin(), results.begin() + static_cast<std::ptrdiff_t>(more));
    return results;
  }
  [[nodiscard]] const std::vector<float>& of(std::size_t layer) const { return of_[layer]; }

 private:
  std::vector<bool> wanted_;
  mutable std::vector<std::vector<float>> of_;  // one thread
};

double variance(double sum, double squares, double count) {
  return std::max(0.0, squares / count - sum / count * (sum / count));
}

/// What the spread of a channel's quantized results is multiplied by; 1 where one of both has none.
double gain(double float_variance, double variance) {
  const double ratio = std::sqrt(variance / float_variance);
  return float_variance > 0 && ratio > kLeastSpread ? 1 / ratio : 1;
}

/// Results of one channel in float and quantized, as sums over places.
struct Comparison {
  double count = 0, of_float = 0, float_squares = 0, few = 0, few_squares = 0, products = 0;

  void add(double in_float, double quantized) {
    ++count;
    of_float += in_float;
    float_squares += in_float * in_float;
    few += quantized;
    few_squares += quantized * quantized;
    products += in_float * quantized;
  }
  [[nodiscard]] double squared_error() const { return float_squares - 2 * products + few_squares; }
  /// After correction of mean and gain.
  [[nodiscard]] double corrected_error() const {
    if (count == 0) return 0;
    const double float_variance = variance(of_float, float_squares, count);
    const double own = variance(few, few_squares, count);
    const double both = products / count - of_float / count * (few / count);
    const double factor = gain(float_variance, own);
    return count * (float_variance - 2 * factor * both + factor * factor * own);
  }
};

/// Results of one layer by one choice of weights.
struct Seen {
  std::vector<double> sums, squares;
  std::size_t count = 0;
  std::vector<Comparison> channels;  ///< of the results that are there in float
  std::size_t compared = 0;

  void add(const LinearCall& call, const std::vector<float>& results,
           const std::vector<float>& in_float) {
    add_output_sums(call, results, sums, squares, count);
    const OutputChannels of = output_channels(call);
    channels.resize(of.channels);
    const std::size_t more = std::min(results.size(), in_float.size() - compared);
    for (std::size_t i = 0; i < more; ++i) {
      channels[of.of(i)].add(static_cast<double>(in_float[compared + i]),
                             static_cast<double>(results[i]));
    }
    compared += more;
  }
};

}  // namespace

/// Corrects each layer as soon as its results are there, so that the layers behind it see the
/// corrected ones. Where images come in several batches, results are only looked at until settle().
class QuantizedArithmetic::Corrector : public LinearArithmetic {
 public:
  Corrector(QuantizedArithmetic& arithmetic, const Network& network,
            const std::vector<LayerSample>& samples, const AccumulatorOptions& accumulator,
            const std::vector<std::vector<PreparedLayer>>& candidates, const FloatResults& in_float,
            bool at_once)
      : arithmetic_(arithmetic),
        network_(network),
        samples_(samples),
        accumulator_(accumulator),
        candidates_(candidates),
        in_float_(in_float),
        at_once_(at_once),
        settled_(samples.size(), false),
        seen_(samples.size()) {
    for (std::size_t i = 0; i < seen_.size(); ++i) {
      seen_[i].resize(std::max<std::size_t>(1, candidates[i].size()));
    }
  }

  std::vector<float> sums(const LinearCall& call) const override {
    const std::size_t layer = call.layer;
    if (arithmetic_.layers_[layer].weights.empty() || settled_[layer]) {
      return arithmetic_.sums(call);
    }
    std::vector<float> results;
    for (std::size_t i = 0; i < seen_[layer].size(); ++i) {
      if (!candidates_[layer].empty()) arithmetic_.set(layer, candidates_[layer][i]);
      results = arithmetic_.sums(call);
      seen_[layer][i].add(call, results, in_float_.of(layer));
    }
    if (!at_once_) return results;
    settle(layer);
    if (!candidates_[layer].empty()) return arithmetic_.sums(call);
    const std::vector<float>& shifts = arithmetic_.layers_[layer].shifts;
    const OutputChannels channels = output_channels(call);
    for (std::size_t i = 0; i < results.size(); ++i) results[i] += shifts[channels.of(i)];
    return results;
  }

  /// Chooses among the candidates of a layer, channel by channel, and corrects it by the results
  /// that were seen.
  void settle(std::size_t layer) const {
    const std::vector<Seen>& seen = seen_[layer];
    const bool has_gain = !candidates_[layer].empty();
    const LayerSample& sample = samples_[layer];
    const auto in_float = static_cast<double>(sample.outputs_per_channel);
    std::vector<std::size_t> chosen(sample.output_sums.size(), 0);
    if (has_gain) choose(layer, chosen);
    QuantizedLayer& quantized = arithmetic_.layers_[layer];
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      const Seen& own = seen[chosen[i]];
      const auto count = static_cast<double>(own.count);
      double factor = 1;
      if (has_gain) {
        factor = gain(variance(sample.output_sums[i], sample.output_squares[i], in_float),
                      variance(own.sums[i], own.squares[i], count));
        quantized.right_scales[i] *= factor;
      }
      quantized.shifts.push_back(
          static_cast<float>(sample.output_sums[i] / in_float - factor * (own.sums[i] / count)));
    }
    settled_[layer] = true;
  }
  /// Why there is no accumulator for the weights that were chosen.
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  /// Of each channel the candidate with the least error after the correction.
  void choose(std::size_t layer, std::vector<std::size_t>& chosen) const {
    const std::vector<PreparedLayer>& candidates = candidates_[layer];
    const std::vector<Seen>& seen = seen_[layer];
    PreparedLayer best = candidates[0];
    double before = 0, after = 0;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      std::vector<double> errors;
      for (const Seen& own : seen) errors.push_back(own.channels[i].corrected_error());
      const auto least = std::min_element(errors.begin(), errors.end());
      chosen[i] = static_cast<std::size_t>(least - errors.begin());
      best.layer.right_scales[i] = candidates[chosen[i]].layer.right_scales[i];
      before += seen[0].channels[i].squared_error();
      after += *least;
    }
    const WeightChannels channels = weight_channels(network_.layers()[layer]);
    for (std::size_t i = 0; i < best.layer.weights.size(); ++i) {
      best.layer.weights[i] = candidates[chosen[channels.of(i)]].layer.weights[i];
    }
    if (before > 0) best.layer.corrected_error = after / before;
    const Status finished = finish(network_.layers()[layer], accumulator_, best);
    if (!finished.ok() && status_.ok()) status_ = finished;
    arithmetic_.set(layer, best);
  }

  QuantizedArithmetic& arithmetic_;
  const Network& network_;
  const std::vector<LayerSample>& samples_;
  const AccumulatorOptions& accumulator_;
  const std::vector<std::vector<PreparedLayer>>& candidates_;
  const FloatResults& in_float_;
  bool at_once_;
  mutable std::vector<bool> settled_;  // one thread
  mutable Status status_ = Ok{};
  mutable std::vector<std::vector<Seen>> seen_;  // of each layer and candidate
};

void QuantizedArithmetic::set(std::size_t place, const PreparedLayer& layer) {
  layers_[place] = layer.layer;
  prepared_[place] = layer.prepared;
}

Status QuantizedArithmetic::correct_results(
    const Network& network, const Tensor& calibration, const std::vector<LayerSample>& samples,
    const AccumulatorOptions& accumulator,
    const std::vector<std::vector<PreparedLayer>>& candidates) {
  std::vector<bool> wanted;
  for (const std::vector<PreparedLayer>& own : candidates) wanted.push_back(!own.empty());
  const FloatResults in_float(wanted);
  if (std::count(wanted.begin(), wanted.end(), true) > 0) {
    FEWBIT_RETURN_IF_ERROR(network.run(calibration, in_float));
  }
  const std::size_t own = network.fixed_batch();
  const bool at_once =
      !network.has_states() && (own == 0 || own == static_cast<std::size_t>(calibration.shape[0]));
  const Corrector corrector(*this, network, samples, accumulator, candidates, in_float, at_once);
  if (at_once) FEWBIT_RETURN_IF_ERROR(network.run(calibration, corrector));
  for (std::size_t i = 0; i < layers_.size() && !at_once; ++i) {
    if (layers_[i].weights.empty()) continue;
    FEWBIT_RETURN_IF_ERROR(network.run(calibration, corrector, i + 1));
    corrector.settle(i);
  }
  return corrector.status();
}

}  // namespace fewbit::quant
