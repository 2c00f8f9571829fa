// measure_cost: synthesis by every flow variant, the smallest verified, then placed and routed.
// SPDX-License-Identifier: Apache-2.0
#include "flows/cost.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "flows/nextpnr.h"
#include "flows/yosys.h"

namespace fewbit::flows {

namespace {

int count(const Target& target, const std::string& group, const std::map<std::string, int>& cells) {
  int total = 0;
  for (const std::string& type : target.cells.at(group)) {
    const auto found = cells.find(type);
    if (found != cells.end()) total += found->second;
  }
  return total;
}

Netlist netlist_of(const rtl::EmittedDesign& design, const Synthesis& synthesis,
                   const FlowVariant& flow, const std::string& version) {
  Netlist netlist{design, flow.name, version};
  netlist.design.files = {{design.signature.module + ".v", synthesis.netlist}};
  netlist.design.signature.parameters.clear();
  for (rtl::PortSignature& port : netlist.design.signature.ports) port.width_parameter.clear();
  netlist.design.signature.files = {{design.signature.module + ".v", sha256(synthesis.netlist)}};
  return netlist;
}

}  // namespace

Result<std::vector<Netlist>> synthesize_netlists(const rtl::EmittedDesign& design,
                                                 const Target& target) {
  FEWBIT_ASSIGN_OR_RETURN(version, yosys_version());
  std::vector<Netlist> netlists;
  for (const FlowVariant& flow : target.flows) {
    const ScratchDirectory folder;
    FEWBIT_ASSIGN_OR_RETURN(synthesis, synthesize(design, target, flow, folder.path()));
    netlists.push_back(netlist_of(design, synthesis, flow, version));
  }
  return netlists;
}

Result<CostPoint> measure_cost(const rtl::EmittedDesign& design, const Target& target,
                               const CostOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  const auto say = [&](const std::string& step) {
    if (options.progress) options.progress(step);
  };
  FEWBIT_ASSIGN_OR_RETURN(version, yosys_version());
  const ScratchDirectory scratch;
  CostPoint best;
  std::optional<Synthesis> synthesis;
  const FlowVariant* variant = nullptr;
  for (const FlowVariant& flow : target.flows) {
    say("synthesis " + flow.name);
    FEWBIT_ASSIGN_OR_RETURN(mapped, synthesize(design, target, flow, scratch.path() / flow.name));
    CostPoint point;
    point.flow = flow.name;
    point.luts = count(target, "luts", mapped.cells);
    point.carries = count(target, "carries", mapped.cells);
    point.ffs = count(target, "ffs", mapped.cells);
    point.dsps = count(target, "dsps", mapped.cells);
    point.brams = count(target, "brams", mapped.cells);
    point.lut_equivalents = point.luts + target.lut_equivalents_per_carry * point.carries;
    point.depth = mapped.depth;
    if (synthesis && point.lut_equivalents >= best.lut_equivalents) continue;
    best = point;
    synthesis = mapped;
    variant = &flow;
  }
  best.target = target.name;
  best.tools.emplace_back("yosys", version);
  if (options.is_equal_to_model) {
    say("verification of the netlist");
    FEWBIT_ASSIGN_OR_RETURN(
        equal, options.is_equal_to_model(netlist_of(design, *synthesis, *variant, version)));
    if (!equal) {
      return Error{"netlist", design.signature.module, "a netlist equal to the model",
                   "flow " + best.flow + " of " + target.name + ": no cost is reported"};
    }
  }
  if (!target.nextpnr.empty() && options.seeds > 0) {
    say("place and route");
    const std::filesystem::path folder = scratch.path() / best.flow;
    FEWBIT_RETURN_IF_ERROR(write_place_json(design, target, folder));
    FEWBIT_ASSIGN_OR_RETURN(fmax, place_and_route(target, folder, options.seeds, options.jobs));
    best.fmax_mhz = fmax;
    FEWBIT_ASSIGN_OR_RETURN(pnr_version, nextpnr_version(target.nextpnr));
    best.tools.emplace_back(target.nextpnr, pnr_version);
  }
  best.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return best;
}

nlohmann::ordered_json to_json(const CostPoint& point) {
  nlohmann::ordered_json json = {
      {"target", point.target}, {"flow", point.flow},
      {"luts", point.luts},     {"carries", point.carries},
      {"ffs", point.ffs},       {"dsps", point.dsps},
      {"brams", point.brams},   {"lut_equivalents", point.lut_equivalents},
      {"depth", point.depth}};
  json["fmax_mhz"] = nullptr;
  if (point.fmax_mhz) {
    json["fmax_mhz"] = {{"median", point.fmax_mhz->median},
                        {"min", point.fmax_mhz->min},
                        {"max", point.fmax_mhz->max},
                        {"ok", point.fmax_mhz->ok},
                        {"failed", point.fmax_mhz->failed}};
  }
  json["tools"] = nlohmann::ordered_json::object();
  for (const auto& [program, version] : point.tools) json["tools"][program] = version;
  json["seconds"] = point.seconds;
  return json;
}

}  // namespace fewbit::flows
