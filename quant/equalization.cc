// Factors of both kinds of equalization.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/equalization.h"

#include <algorithm>
#include <cmath>

#include "fewbit/quant/channel_links.h"

namespace fewbit::quant {
namespace {

constexpr int kRounds = 20;
constexpr std::size_t kBatch = 32;

/// sqrt(x / y) of each pair; 1 where a channel is not used, or no number.
std::vector<double> root_ratios(const std::vector<double>& x, const std::vector<double>& y) {
  std::vector<double> factors(x.size(), 1.0);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double factor = std::sqrt(x[i] / y[i]);
    if (x[i] > 0 && y[i] > 0 && std::isfinite(factor)) factors[i] = factor;
  }
  return factors;
}

/// Largest magnitude of every channel of each layer's left operand.
class ChannelMaxima : public LinearArithmetic {
 public:
  explicit ChannelMaxima(std::size_t layers) : maxima_(layers) {}

  std::vector<float> sums(const LinearCall& call) const override {
    std::size_t inner = 1;
    std::size_t channels = static_cast<std::size_t>(call.left->shape.back());
    if (const auto* shape = std::get_if<ConvolutionShape>(&call.shape)) {
      inner = static_cast<std::size_t>(shape->window[0].input * shape->window[1].input);
      channels = static_cast<std::size_t>(shape->channels);
    }
    std::vector<double>& maxima = maxima_[call.layer];
    maxima.resize(channels, 0.0);
    const std::vector<float>& values = call.left->floats();
    for (std::size_t i = 0; i < values.size(); ++i) {
      double& maximum = maxima[i / inner % channels];
      maximum = std::max(maximum, static_cast<double>(std::abs(values[i])));
    }
    return FloatArithmetic().sums(call);
  }
  [[nodiscard]] const std::vector<double>& of(std::size_t layer) const { return maxima_[layer]; }

 private:
  mutable std::vector<std::vector<double>> maxima_;  // one thread runs the calibration
};

}  // namespace

Graph equalize_weights(Graph graph) {
  graph = prepare_for_links(fold_batch_normalization(std::move(graph)));
  std::vector<ChannelLink> links = find_channel_links(graph);
  std::erase_if(links, [](const ChannelLink& link) { return !link.maker_is_linear; });
  for (int round = 0; round < kRounds; ++round) {
    for (const ChannelLink& link : links) {
      scale_channels(graph, link,
                     root_ratios(maker_ranges(graph, link), reader_ranges(graph, link)));
    }
  }
  return graph;
}

Result<Graph> equalize_activations(Graph graph, const Tensor& calibration) {
  graph = prepare_for_links(fold_batch_normalization(std::move(graph)));
  FEWBIT_ASSIGN_OR_RETURN(network, Network::make(graph));
  const ChannelMaxima maxima(network.layers().size());
  const auto count = static_cast<std::size_t>(calibration.shape.empty() ? 0 : calibration.shape[0]);
  if (count == 0) return Error{"calibration images", "0", "at least one image", ""};
  const std::size_t size = network.batch_near(kBatch);
  for (std::size_t first = 0; first < count; first += size) {
    const Tensor batch = slice_batch(calibration, first, std::min(size, count - first));
    FEWBIT_ASSIGN_OR_RETURN(logits, network.run(batch, maxima));
  }
  const std::vector<LinearLayer>& layers = network.layers();
  for (const ChannelLink& link : find_channel_links(graph)) {
    const std::string& result = graph.nodes[link.readers[0]].outputs[0];
    const auto layer = std::find_if(layers.begin(), layers.end(), [&](const LinearLayer& other) {
      return other.output == result;
    });
    if (layer == layers.end()) continue;  // computed from constants alone
    const auto place = static_cast<std::size_t>(layer - layers.begin());
    scale_channels(graph, link, root_ratios(maxima.of(place), reader_ranges(graph, link)));
  }
  return graph;
}

}  // namespace fewbit::quant
