// Foldings of an accelerator's layers: see fold_layers.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/study/network/fold_layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <map>
#include <optional>

namespace fewbit::study {

using quant::LinearSums;
using quant::LoweredNode;

namespace {

constexpr std::int64_t kMostRows = 256;
constexpr std::int64_t kMostLanes = 64;

/// LUTs, roughly: what foldings are compared by, no figure that is reported.
constexpr double kPerRow = 40;  ///< sum, its place, its way to the rounding
constexpr double kPerMultiplication = 450;
constexpr double kPerThresholds = 120;

/// A linear layer, its operand and its results.
struct Layer {
  const LoweredNode* node = nullptr;
  const LinearSums* sums = nullptr;
  std::int64_t channels = 0, terms = 0, pixels = 0;
  std::int64_t operand_channels = 0;
  int weight_bits = 0, operand_bits = 0, result_bits = 0;
};

std::vector<Layer> layers_of(const quant::LoweredNetwork& network) {
  std::vector<Layer> layers;
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    const LoweredNode& node = network.nodes[i];
    const auto* sums = std::get_if<LinearSums>(&node.op);
    if (sums == nullptr) continue;
    const LoweredNode& operand = network.nodes[node.inputs[0]];
    Layer layer{&node, sums, sums->channels(), sums->terms(), sums->pixels()};
    layer.operand_channels = static_cast<std::int64_t>(operand.channels());
    layer.weight_bits = sums->weight_grid.format().bits();
    layer.operand_bits = operand.bits;
    for (const LoweredNode& reader : network.nodes) {
      const bool reads = std::count(reader.inputs.begin(), reader.inputs.end(), i) > 0;
      if (reads) layer.result_bits = reader.bits;
    }
    layers.push_back(layer);
  }
  return layers;
}

std::int64_t ceil_of(std::int64_t x, std::int64_t y) { return (x + y - 1) / y; }

/// The fewest results a cycle, a divisor of rows, with which the layer takes no more cycles.
std::optional<std::int64_t> units_for(const Layer& layer, std::int64_t rows, std::int64_t beats,
                                      std::int64_t cycles) {
  const std::int64_t groups = ceil_of(layer.channels, rows);
  for (std::int64_t units = 1; units <= rows; ++units) {
    if (rows % units != 0) continue;
    if (layer.pixels * groups * std::max(beats, rows / units) <= cycles) return units;
  }
  return std::nullopt;
}

double cost_of(const Layer& layer, std::int64_t rows, std::int64_t lanes, std::int64_t units,
               const FoldingDevice& device) {
  const double product = 1.2 * layer.weight_bits * layer.operand_bits + 4;
  const std::int64_t groups = ceil_of(layer.channels, rows), beats = ceil_of(layer.terms, lanes);
  const auto blocks_of = [&](std::int64_t words, std::int64_t width) {
    if (words == 1) return 0;
    return rtl::memory_blocks(device.shapes, static_cast<int>(words), static_cast<int>(width))
        .blocks();
  };
  int blocks = blocks_of(groups * beats, rows * lanes * layer.weight_bits);
  if (groups > 1) {  // vectors that are read again
    const auto half = static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(beats)));
    blocks += blocks_of(2 * half, lanes * layer.operand_bits);
  }
  const bool has_thresholds = !device.has_multipliers && layer.result_bits <= 4;
  const double rounding = has_thresholds ? kPerThresholds : kPerMultiplication;
  const bool divides = layer.operand_channels % lanes == 0;
  return static_cast<double>(rows * lanes) * product + static_cast<double>(rows) * kPerRow +
         blocks * device.luts_per_block + static_cast<double>(units) * rounding +
         (divides ? 0 : 10.0 * static_cast<double>(lanes * layer.operand_bits));
}

Error too_slow(const Layer& layer, std::int64_t cycles) {
  return Error{"--images-per-second", fmt::format("{} cycles an image", cycles), "a lower rate",
               fmt::format("layer {} takes more, however it is folded", layer.node->name)};
}

Result<LayerFolding> fold_depthwise(const Layer& layer, std::int64_t cycles,
                                    const FoldingDevice& device) {
  std::optional<LayerFolding> best;
  double least = 0;
  for (std::int64_t rows = 1; rows <= std::min(layer.channels, kMostLanes); ++rows) {
    // A block goes round in at most 256 beats of a pixel.
    if (layer.channels % rows != 0 || layer.channels / rows > 256) continue;
    for (std::int64_t units = 1; units <= rows; ++units) {
      if (rows % units != 0) continue;
      const LayerFolding folding{static_cast<int>(rows), 1, static_cast<int>(units)};
      if (depthwise_cycles(*layer.sums, folding) > cycles) continue;
      const double cost = cost_of(layer, rows, 1, units, device);
      if (best && cost >= least) continue;
      least = cost;
      best = folding;
    }
  }
  if (!best) return too_slow(layer, cycles);
  return *best;
}

Result<LayerFolding> fold_layer(const Layer& layer, std::int64_t cycles,
                                const FoldingDevice& device) {
  if (layer.sums->is_depthwise()) return fold_depthwise(layer, cycles, device);
  std::optional<LayerFolding> best;
  double least = 0;
  for (std::int64_t rows = 1; rows <= std::min(layer.channels, kMostRows); ++rows) {
    // Of equally many groups the fewest rows.
    if (rows > 1 && ceil_of(layer.channels, rows) == ceil_of(layer.channels, rows - 1)) continue;
    for (std::int64_t lanes = 1; lanes <= std::min(layer.terms, kMostLanes); ++lanes) {
      const std::optional<std::int64_t> units =
          units_for(layer, rows, ceil_of(layer.terms, lanes), cycles);
      if (!units) continue;
      const double cost = cost_of(layer, rows, lanes, *units, device);
      if (best && cost >= least) continue;
      least = cost;
      best = {static_cast<int>(rows), static_cast<int>(lanes), static_cast<int>(*units)};
    }
  }
  if (!best) return too_slow(layer, cycles);
  return *best;
}

}  // namespace

std::int64_t depthwise_cycles(const LinearSums& sums, const LayerFolding& folding) {
  return quant::depthwise_cycles(sums.pixels(), sums.channels() / folding.rows, sums.terms(),
                                 folding.rows / folding.units);
}

Result<std::vector<LayerFolding>> fold_layers(const quant::LoweredNetwork& network,
                                              std::int64_t cycles, const FoldingDevice& device) {
  const auto bytes = static_cast<std::int64_t>(quant::element_count(network.nodes[0].shape));
  if (bytes > cycles) {
    return Error{"--images-per-second", fmt::format("{} cycles an image", cycles), "a lower rate",
                 fmt::format("an image has {} bytes, and one comes in each cycle", bytes)};
  }
  std::vector<LayerFolding> foldings;
  for (const Layer& layer : layers_of(network)) {
    FEWBIT_ASSIGN_OR_RETURN(folding, fold_layer(layer, cycles, device));
    foldings.push_back(folding);
  }
  return foldings;
}

Result<std::vector<LayerFolding>> fold_layers(const quant::LoweredNetwork& network,
                                              const quant::FoldingPlan& plan,
                                              const FoldingDevice& device) {
  const std::vector<Layer> layers = layers_of(network);
  std::vector<LayerFolding> foldings;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const quant::EngineFolding& own = plan.engines[i];
    const Layer& layer = layers[i];
    if (layer.sums->is_depthwise()) {
      FEWBIT_ASSIGN_OR_RETURN(folding, fold_depthwise(layer, plan.cycles, device));
      foldings.push_back(folding);
      continue;
    }
    const std::optional<std::int64_t> units =
        units_for(layer, own.rows, ceil_of(layer.terms, own.lanes), plan.cycles);
    if (own.lanes > kMostLanes || own.rows > kMostRows || !units) {
      FEWBIT_ASSIGN_OR_RETURN(folding, fold_layer(layer, plan.cycles, device));
      foldings.push_back(folding);
      continue;
    }
    foldings.push_back(
        {static_cast<int>(own.rows), static_cast<int>(own.lanes), static_cast<int>(*units)});
  }
  return foldings;
}

MemoryUse memory_use(const rtl::Module& top, const std::vector<rtl::BlockShape>& shapes,
                     std::int64_t least_bits) {
  MemoryUse use;
  for (const rtl::Memory& memory : top.memories()) {
    const std::int64_t bits = std::int64_t{memory.spec.depth} * memory.spec.width;
    if (bits < least_bits || memory.spec.style == rtl::MemoryStyle::kDistributed) continue;
    use.bits += bits;
    use.blocks += rtl::memory_blocks(shapes, memory.spec.depth, memory.spec.width).blocks();
  }
  for (const rtl::Instance& instance : top.instances()) {
    const MemoryUse inner = memory_use(*instance.module, shapes, least_bits);
    use.bits += inner.bits;
    use.blocks += inner.blocks;
  }
  return use;
}

void place_memories(rtl::Module& top, const std::vector<rtl::BlockShape>& shapes,
                    std::int64_t least_bits, int blocks) {
  struct Choice {
    double luts_per_block = 0;
    rtl::Memory* memory = nullptr;
  };
  std::map<std::string, int> counts;
  for (const rtl::Instance& instance : top.instances()) ++counts[instance.module->name()];
  std::vector<Choice> choices;
  for (const rtl::Instance& instance : top.instances()) {
    if (counts[instance.module->name()] > 1) continue;  // text that others share
    for (rtl::Memory& memory : instance.module->memories()) {
      const rtl::MemorySpec& spec = memory.spec;
      const bool is_block = std::int64_t{spec.depth} * spec.width >= least_bits;
      if (!is_block || spec.style != rtl::MemoryStyle::kAny) continue;
      const int own = rtl::memory_blocks(shapes, spec.depth, spec.width).blocks();
      choices.push_back(
          {quant::memory_tables(spec.depth, spec.width, memory.is_written()) / own, &memory});
    }
  }
  std::stable_sort(choices.begin(), choices.end(), [](const Choice& a, const Choice& b) {
    return a.luts_per_block < b.luts_per_block;
  });
  for (const Choice& choice : choices) {
    if (memory_use(top, shapes, least_bits).blocks <= blocks) return;
    choice.memory->spec.style = rtl::MemoryStyle::kDistributed;
  }
}

}  // namespace fewbit::study
