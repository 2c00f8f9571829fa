// The drawing of an accelerator: see network_drawing.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/network_drawing.h"

#include <fmt/format.h>

#include "fewbit/flows/study/network/drawing.h"
#include "fewbit/quant/hardware/folding.h"

namespace fewbit::cli {
namespace {

/// Of the blocks of a layer; 0 where nothing was mapped.
int mapped_luts(const study::EngineReport& engine, const study::NetworkCost& cost) {
  int luts = 0;
  for (const char* block : {"matvec", "depthwise", "requantizer", "thresholds", "window"}) {
    const auto part = cost.parts.find(fmt::format("u_{}_{}", engine.stem, block));
    if (part != cost.parts.end()) luts += part->second;
  }
  return luts;
}

}  // namespace

Result<std::string> network_drawing(const quant::LoweredNetwork& network,
                                    const study::Accelerator& accelerator,
                                    const BuildDevice& device, const study::NetworkCost& cost) {
  const quant::BlockCosts& costs = quant::BlockCosts::measured();
  std::vector<quant::Engine> engines;
  if (quant::find_plan_device(device.name).ok()) {
    const Result<quant::Pipeline> pipeline = quant::pipeline_of(network, costs);
    if (pipeline.ok()) engines = pipeline->engines;
  }
  study::DrawingFacts facts;
  facts.title = fmt::format("{} on {}", accelerator.top->name(), device.name);
  facts.place = [&](const rtl::MemorySpec& spec) { return device.place(spec); };
  facts.luts = [&](std::size_t layer) -> std::string {
    const study::EngineReport& own = accelerator.engines[layer];
    const int luts = mapped_luts(own, cost);
    if (luts > 0) return fmt::format("{} LUTs", luts);
    if (layer >= engines.size()) return "";
    const Result<double> estimate =
        quant::engine_luts(engines[layer], own.folding.rows, own.folding.lanes, costs);
    return estimate.ok() ? fmt::format("about {:.0f} LUTs", *estimate) : "";
  };
  return study::drawing_of(network, accelerator, facts);
}

}  // namespace fewbit::cli
