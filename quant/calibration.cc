// Recording operands while the float network runs.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/calibration.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace fewbit::quant {
namespace {

constexpr std::size_t kBatch = 32;
constexpr std::size_t kMostValues = 1 << 17;  ///< kept of one operand over all batches

class Recorder : public LinearArithmetic {
 public:
  Recorder(const Network& network, std::size_t batches, bool with_moments)
      : network_(network),
        with_moments_(with_moments),
        per_batch_(kMostValues / batches + 1),
        samples_(network.layers().size()) {}

  std::vector<float> sums(const LinearCall& call) const override {
    LayerSample& sample = samples_[call.layer];
    sample.terms = std::max(sample.terms, call.terms());
    record(call.left->floats(), sample.left);
    if (network_.layers()[call.layer].weights == nullptr) {
      record(call.right->floats(), sample.right);
    } else if (with_moments_ && network_.layers()[call.layer].weights_are_plain()) {
      if (second_moments_fit(call)) {
        add_second_moments(call, sample.moments);
      } else {
        too_large_ = call.layer;
      }
    }
    std::vector<float> results = FloatArithmetic().sums(call);
    add_output_sums(call, results, sample.output_sums, sample.output_squares,
                    sample.outputs_per_channel);
    return results;
  }
  [[nodiscard]] std::vector<LayerSample>& samples() { return samples_; }
  /// A layer whose second moments do not fit.
  [[nodiscard]] std::optional<std::size_t> too_large() const { return too_large_; }

 private:
  void record(const std::vector<float>& values, OperandSample& sample) const {
    for (const float value : values) {
      // A NaN compares false and must not be lost.
      if (!(std::abs(value) <= sample.absolute_maximum)) sample.absolute_maximum = std::abs(value);
    }
    const std::size_t stride = values.size() / per_batch_ + 1;
    for (std::size_t i = 0; i < values.size(); i += stride) sample.values.push_back(values[i]);
  }

  const Network& network_;
  bool with_moments_;
  std::size_t per_batch_;
  mutable std::vector<LayerSample> samples_;  // one thread runs the calibration
  mutable std::optional<std::size_t> too_large_;
};

}  // namespace

void add_output_sums(const LinearCall& call, const std::vector<float>& results,
                     std::vector<double>& output_sums, std::vector<double>& output_squares,
                     std::size_t& outputs_per_channel) {
  const OutputChannels channels = output_channels(call);
  output_sums.resize(channels.channels);
  output_squares.resize(channels.channels);
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto result = static_cast<double>(results[i]);
    output_sums[channels.of(i)] += result;
    output_squares[channels.of(i)] += result * result;
  }
  outputs_per_channel += results.size() / channels.channels;
}

Result<std::vector<LayerSample>> sample_operands(const Network& network, const Tensor& images,
                                                 bool with_moments) {
  const auto count = static_cast<std::size_t>(images.shape.empty() ? 0 : images.shape[0]);
  if (count == 0) return Error{"calibration images", "0", "at least one image", ""};
  const std::size_t size = network.batch_near(kBatch);
  const std::size_t recorded = network.fixed_batch() == 0 ? size : network.fixed_batch();
  const auto steps = network.has_states() && images.rank() > 1
                         ? static_cast<std::size_t>(std::max<std::int64_t>(1, images.shape[1]))
                         : 1;
  Recorder recorder(network, (count + recorded - 1) / recorded * steps, with_moments);
  for (std::size_t first = 0; first < count; first += size) {
    const Tensor batch = slice_batch(images, first, std::min(size, count - first));
    FEWBIT_ASSIGN_OR_RETURN(logits, network.run(batch, recorder));
    if (!recorder.too_large()) continue;
    const std::int64_t terms = recorder.samples()[*recorder.too_large()].terms;
    return Error{"--gptq", network.layers()[*recorder.too_large()].name,
                 fmt::format("layers with at most {} second moments of their inputs", kMostMoments),
                 fmt::format("it sums {} products", terms)};
  }
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    for (const OperandSample* sample :
         {&recorder.samples()[i].left, &recorder.samples()[i].right}) {
      if (std::isfinite(sample->absolute_maximum)) continue;
      return Error{"network", network.layers()[i].name, "finite operands",
                   "one is not finite on a calibration image"};
    }
  }
  return std::move(recorder.samples());
}

}  // namespace fewbit::quant
