// Correcting the results of layers on calibration images, layer by layer.
// SPDX-License-Identifier: Apache-2.0
#include "quant/quantizer.h"

namespace fewbit::quant {
namespace {

/// Shifts each layer's results as soon as they are there, so that the layers behind it see the
/// corrected ones. Where images come in several batches, results are only counted.
class Corrector : public LinearArithmetic {
 public:
  Corrector(const QuantizedArithmetic& arithmetic, const std::vector<LayerSample>& samples,
            bool at_once)
      : arithmetic_(arithmetic), samples_(samples), at_once_(at_once), seen_(samples.size()) {}

  std::vector<float> sums(const LinearCall& call) const override {
    std::vector<float> results = arithmetic_.sums(call);
    if (arithmetic_.layers()[call.layer].weights.empty()) return results;
    Seen& seen = seen_[call.layer];
    add_output_sums(call, results, seen.sums, seen.count);
    if (!at_once_) return results;
    const std::vector<float> shifts = this->shifts(call.layer);
    const OutputChannels channels = output_channels(call);
    for (std::size_t i = 0; i < results.size(); ++i) results[i] += shifts[channels.of(i)];
    return results;
  }
  /// What brings the results that were seen to their mean in float.
  [[nodiscard]] std::vector<float> shifts(std::size_t layer) const {
    const LayerSample& sample = samples_[layer];
    const Seen& seen = seen_[layer];
    std::vector<float> shifts;
    for (std::size_t i = 0; i < seen.sums.size(); ++i) {
      shifts.push_back(static_cast<float>(sample.output_sums[i] /
                                              static_cast<double>(sample.outputs_per_channel) -
                                          seen.sums[i] / static_cast<double>(seen.count)));
    }
    return shifts;
  }

 private:
  struct Seen {
    std::vector<double> sums;
    std::size_t count = 0;
  };
  const QuantizedArithmetic& arithmetic_;
  const std::vector<LayerSample>& samples_;
  bool at_once_;
  mutable std::vector<Seen> seen_;  // one thread
};

}  // namespace

Status QuantizedArithmetic::correct_biases(const Network& network, const Tensor& calibration,
                                           const std::vector<LayerSample>& samples) {
  const std::size_t own = network.fixed_batch();
  const bool at_once = own == 0 || own == static_cast<std::size_t>(calibration.shape[0]);
  const Corrector corrector(*this, samples, at_once);
  if (at_once) FEWBIT_RETURN_IF_ERROR(network.run(calibration, corrector));
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    if (layers_[i].weights.empty()) continue;
    if (!at_once) FEWBIT_RETURN_IF_ERROR(network.run(calibration, corrector, i + 1));
    layers_[i].shifts = corrector.shifts(i);
  }
  return Ok{};
}

}  // namespace fewbit::quant
