// Tables and documents of accelerators: see network_report.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/network_report.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "fewbit/gen/util/json.h"
#include "fewbit/gen/util/text.h"

namespace fewbit::cli {

using nlohmann::ordered_json;

namespace {

double rate_of(const study::Accelerator& accelerator, const NetworkFacts& facts) {
  return static_cast<double>(facts.mhz) * 1e6 / static_cast<double>(accelerator.slowest().cycles);
}

}  // namespace

std::string network_text(const study::Accelerator& accelerator, const NetworkFacts& facts) {
  Table table({"layer", "weights x activations", "C x K", "pixels", "rows", "lanes", "units",
               "sums", "results", "by", "cycles"});
  for (const study::EngineReport& engine : accelerator.engines) {
    table.add({engine.name, engine.weights + " x " + engine.activations,
               fmt::format("{} x {}", engine.channels, engine.terms), std::to_string(engine.pixels),
               std::to_string(engine.folding.rows), std::to_string(engine.folding.lanes),
               std::to_string(engine.folding.units), engine.sums, engine.results, engine.rounding,
               std::to_string(engine.cycles)});
  }
  std::string text = table.to_text();
  for (const study::WaitingPlace& place : accelerator.waiting) {
    text += fmt::format("{}: {} beats of {} bits wait for the other branch, of which {} must fit\n",
                        place.name, place.depth, place.bits, place.least);
  }
  return text + fmt::format(
                    "\n{}: {} of {} block RAMs\n{} cycles an image ({}), {:.0f} images/s at "
                    "{} MHz\n",
                    facts.target, facts.blocks, facts.device_blocks, accelerator.slowest().cycles,
                    accelerator.slowest().name, rate_of(accelerator, facts), facts.mhz);
}

ordered_json network_json(const study::Accelerator& accelerator,
                          const quant::LoweredNetwork& network, const NetworkFacts& facts) {
  ordered_json layers = ordered_json::array(), waiting = ordered_json::array(),
               blocks = ordered_json::array();
  for (const study::EngineReport& engine : accelerator.engines) {
    layers.push_back({{"name", engine.name},
                      {"stem", engine.stem},
                      {"weights_format", engine.weights},
                      {"activations_format", engine.activations},
                      {"sums_format", engine.sums},
                      {"results_format", engine.results},
                      {"rounding", engine.rounding},
                      {"channels", engine.channels},
                      {"terms", engine.terms},
                      {"pixels", engine.pixels},
                      {"rows", engine.folding.rows},
                      {"lanes", engine.folding.lanes},
                      {"units", engine.folding.units},
                      {"cycles", engine.cycles}});
  }
  for (const study::WaitingPlace& place : accelerator.waiting) {
    waiting.push_back({{"name", place.name},
                       {"depth", place.depth},
                       {"least_depth", place.least},
                       {"bits", place.bits}});
  }
  for (const study::BlockCycles& block : accelerator.cycles) {
    blocks.push_back({{"name", block.name}, {"cycles", block.cycles}});
  }
  const study::Layout& image = accelerator.image;
  const quant::LoweredNode& logits = network.nodes[network.output];
  return {
      {"network", facts.network},
      {"command", accelerator.command},
      {"module", accelerator.top->name()},
      {"target", facts.target},
      {"mhz", facts.mhz},
      {"image", {{"rows", image.height}, {"columns", image.width}, {"channels", image.channels}}},
      {"answer", accelerator.sends_class ? "class" : "logits"},
      {"logits", accelerator.logits.values()},
      {"result_bits", accelerator.result_bits},
      {"logit_unit", logits.unit},
      {"cycles", accelerator.slowest().cycles},
      {"slowest", accelerator.slowest().name},
      {"images_per_second", rate_of(accelerator, facts)},
      {"brams", facts.blocks},
      {"device_brams", facts.device_blocks},
      {"layers", layers},
      {"waiting", waiting},
      {"blocks", blocks}};
}

std::string report_text(const study::NetworkReport& report, const study::Accelerator& accelerator) {
  if (!report.passed) return fmt::format("DIFFERS: {}\n", report.failure);
  std::string text = fmt::format(
      "verified: {} numbers of {} streams and the results, {} images in {} cycles, no difference\n",
      report.values, report.streams.size(), report.images, report.cycles);
  if (report.cycles_per_image > 0) {
    text +=
        fmt::format("{:.0f} cycles an image in simulation, {} by the formula; latency {}\n",
                    report.cycles_per_image, accelerator.slowest().cycles, report.latency_cycles);
  }
  return text;
}

ordered_json report_json(const study::NetworkReport& report) {
  return {{"passed", report.passed},
          {"failure", report.failure},
          {"images", report.images},
          {"values", report.values},
          {"cycles", report.cycles},
          {"cycles_per_image", report.cycles_per_image},
          {"latency_cycles", report.latency_cycles},
          {"streams", report.streams}};
}

store::NetworkRow network_row(const study::Accelerator& accelerator, const study::NetworkCost& cost,
                              const std::optional<quant::Evaluation>& accuracy) {
  store::NetworkRow row;
  for (const study::EngineReport& engine : accelerator.engines) {
    const char* comma = row.layers.empty() ? "" : ",";
    row.layers += fmt::format("{}{}/{}", comma, engine.weights, engine.activations);
    row.folding += fmt::format("{}{}x{}:{}", comma, engine.folding.rows, engine.folding.lanes,
                               engine.folding.units);
  }
  const flows::CostPoint& point = cost.point;
  row.target = point.target;
  row.flow = point.flow;
  ordered_json tools = ordered_json::object();
  for (const auto& [program, version] : point.tools) tools[program] = version;
  row.tools = json_text(tools);
  row.status = "ok";
  row.compared = static_cast<std::int64_t>(cost.netlist.values);
  if (accuracy) {
    row.images = static_cast<std::int64_t>(accuracy->images);
    row.images_right = static_cast<std::int64_t>(accuracy->right);
  }
  row.luts = point.luts;
  if (point.logic_cells) row.logic_cells = *point.logic_cells;
  row.carries = point.carries;
  row.ffs = point.ffs;
  row.brams = point.brams;
  row.dsps = point.dsps;
  row.lut_equivalents = point.lut_equivalents;
  const double measured = cost.netlist.cycles_per_image;
  row.cycles = measured > 0 ? std::llround(measured) : accelerator.slowest().cycles;
  if (point.fmax_mhz) {
    row.fmax_ok = point.fmax_mhz->ok;
    row.fmax_failed = point.fmax_mhz->failed;
  }
  if (point.fmax_mhz && point.fmax_mhz->ok > 0) {
    row.fmax_median_mhz = point.fmax_mhz->median;
    row.fmax_min_mhz = point.fmax_mhz->min;
    row.fmax_max_mhz = point.fmax_mhz->max;
    row.images_per_second = point.fmax_mhz->median * 1e6 / static_cast<double>(row.cycles);
  }
  return row;
}

std::string cost_text(const study::NetworkCost& cost) {
  const flows::CostPoint& point = cost.point;
  std::string text = fmt::format(
      "{} ({}): {} LUTs, {} carries, {} flip-flops, {} block RAMs, {} "
      "multipliers",
      point.target, point.flow, point.luts, point.carries, point.ffs, point.brams, point.dsps);
  if (point.logic_cells) text += fmt::format("; {} logic cells", *point.logic_cells);
  if (point.fmax_mhz) {
    text += fmt::format("\n{:.1f} MHz ({:.1f} to {:.1f}, {} seeds, {} failed)",
                        point.fmax_mhz->median, point.fmax_mhz->min, point.fmax_mhz->max,
                        point.fmax_mhz->ok, point.fmax_mhz->failed);
  }
  text += fmt::format("\nnetlist compared with the network on {} numbers\n", cost.netlist.values);
  Table table({"block", "modules", "LUTs, each module mapped alone"});
  for (const study::BlockLuts& block : cost.blocks) {
    table.add({block.block, std::to_string(block.count), std::to_string(block.luts)});
  }
  return text + table.to_text();
}

ordered_json cost_json(const study::NetworkCost& cost) {
  ordered_json json = flows::to_json(cost.point);
  json["netlist"] = report_json(cost.netlist);
  json["blocks"] = ordered_json::array();
  for (const study::BlockLuts& block : cost.blocks) {
    json["blocks"].push_back(
        {{"block", block.block}, {"modules", block.count}, {"luts", block.luts}});
  }
  return json;
}

}  // namespace fewbit::cli
