// measure_cost: synthesis by every flow variant, the smallest verified, then placed and routed.
// SPDX-License-Identifier: Apache-2.0
#include "flows/cost.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <thread>

#include "flows/nextpnr.h"
#include "flows/yosys.h"
#include "gen/util/process.h"

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

/// One for each copy.
std::vector<Netlist> netlists_of(const rtl::EmittedDesign& design, const Synthesis& synthesis,
                                 const FlowVariant& flow, const std::string& version) {
  std::vector<Netlist> netlists;
  for (const std::string& text : synthesis.netlists) {
    Netlist netlist{design, flow.name, version};
    netlist.design.files = {{design.signature.module + ".v", text}};
    netlist.design.signature.parameters.clear();
    for (rtl::PortSignature& port : netlist.design.signature.ports) port.width_parameter.clear();
    netlist.design.signature.files = {{design.signature.module + ".v", sha256(text)}};
    netlists.push_back(std::move(netlist));
  }
  return netlists;
}

/// These flow variants, `jobs` at a time, each in the folder of its name under `scratch`.
std::vector<Result<Synthesis>> synthesize_all(const rtl::EmittedDesign& design,
                                              const Target& target,
                                              const std::vector<FlowVariant>& flows, int copies,
                                              const std::filesystem::path& scratch, int jobs) {
  const std::size_t count = flows.size();
  std::vector<std::optional<Result<Synthesis>>> mapped(count);
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      mapped[i] = synthesize(design, target, flows[i], copies, scratch / flows[i].name);
    }
  };
  std::vector<std::thread> workers;
  const std::size_t workers_wanted = std::min(count, static_cast<std::size_t>(std::max(jobs, 1)));
  for (std::size_t j = 0; j < workers_wanted; ++j) workers.emplace_back(work);
  for (std::thread& worker : workers) worker.join();
  std::vector<Result<Synthesis>> results;
  for (auto& result : mapped) results.push_back(std::move(*result));
  return results;
}

nlohmann::ordered_json fmax_json(const Fmax& fmax) {
  nlohmann::ordered_json json;
  const auto mhz = [&fmax](double value) {
    return fmax.ok > 0 ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
  };
  json["median"] = mhz(fmax.median);
  json["min"] = mhz(fmax.min);
  json["max"] = mhz(fmax.max);
  json["ok"] = fmax.ok;
  json["failed"] = fmax.failed;
  if (fmax.failed > 0) json["first_failure"] = fmax.first_failure;
  return json;
}

}  // namespace

Result<std::vector<Netlist>> synthesize_netlists(const rtl::EmittedDesign& design,
                                                 const Target& target) {
  FEWBIT_ASSIGN_OR_RETURN(version, yosys_version());
  FEWBIT_ASSIGN_OR_RETURN(flows, target.flows_named(""));
  std::vector<Netlist> netlists;
  for (const FlowVariant& flow : flows) {
    const ScratchDirectory folder;
    FEWBIT_ASSIGN_OR_RETURN(synthesis, synthesize(design, target, flow, 1, folder.path()));
    netlists.push_back(netlists_of(design, synthesis, flow, version).front());
  }
  return netlists;
}

Result<CostPoint> count_cells(const Target& target, const std::map<std::string, int>& cells) {
  std::set<std::string> known;
  for (const auto& [group, types] : target.cells) known.insert(types.begin(), types.end());
  for (const auto& [type, number] : cells) {
    if (!known.contains(type)) {
      return Error{"netlist", type, "a cell type that target " + target.name + " lists",
                   "a cell that is not counted would make the cost too small"};
    }
  }
  CostPoint point;
  point.target = target.name;
  point.cells = cells;
  point.luts = count(target, "luts", cells);
  point.carries = count(target, "carries", cells);
  point.ffs = count(target, "ffs", cells);
  point.dsps = count(target, "dsps", cells);
  point.brams = count(target, "brams", cells);
  point.lut_equivalents = point.luts + target.lut_equivalents_per_carry * point.carries;
  return point;
}

Result<CostPoint> measure_cost(const rtl::EmittedDesign& design, const Target& target,
                               const CostOptions& options) {
  FEWBIT_CHECK(options.is_equal_to_model != nullptr, "a cost that nothing verifies");
  const auto start = std::chrono::steady_clock::now();
  const auto say = [&](const std::string& step) {
    if (options.progress) options.progress(step);
  };
  FEWBIT_ASSIGN_OR_RETURN(flows, target.flows_named(options.flow));
  const bool routes = !target.nextpnr.empty() && options.seeds > 0;
  // A missing program is found before minutes are spent.
  if (routes) FEWBIT_RETURN_IF_ERROR(find_tool(target.nextpnr));
  FEWBIT_ASSIGN_OR_RETURN(version, yosys_version());

  const ScratchDirectory scratch;
  for (const FlowVariant& flow : flows) say("synthesis " + flow.name);
  const std::vector<Result<Synthesis>> mapped =
      synthesize_all(design, target, flows, options.copies, scratch.path(), options.jobs);
  std::optional<CostPoint> best;
  std::size_t chosen = 0;
  for (std::size_t i = 0; i < mapped.size(); ++i) {
    if (!mapped[i].ok()) return mapped[i].error();
    FEWBIT_ASSIGN_OR_RETURN(point, count_cells(target, mapped[i]->cells));
    if (best && point.lut_equivalents >= best->lut_equivalents) continue;
    best = point;
    chosen = i;
  }
  const FlowVariant& flow = flows[chosen];
  best->flow = flow.name;
  best->copies = options.copies;
  best->depth = mapped[chosen]->depth;
  best->tools.emplace_back("yosys", version);

  say("verification of the netlist");
  FEWBIT_ASSIGN_OR_RETURN(
      equal, options.is_equal_to_model(netlists_of(design, *mapped[chosen], flow, version)));
  if (!equal) {
    return Error{"netlist", design.signature.module, "a netlist equal to the model",
                 "flow " + flow.name + " of " + target.name + ": no cost is reported"};
  }
  if (routes) {
    say("place and route");
    const std::filesystem::path folder = scratch.path() / flow.name;
    FEWBIT_RETURN_IF_ERROR(write_place_json(design, target, options.copies, folder));
    FEWBIT_ASSIGN_OR_RETURN(fmax, place_and_route(target, folder, options.seeds, options.jobs));
    best->fmax_mhz = fmax;
    if (!target.logic_cell.empty() && fmax.ok > 0) {
      FEWBIT_ASSIGN_OR_RETURN(logic_cells, count_logic_cells(target, folder));
      best->logic_cells = logic_cells;
    }
    FEWBIT_ASSIGN_OR_RETURN(pnr_version, nextpnr_version(target.nextpnr));
    best->tools.emplace_back(target.nextpnr, pnr_version);
  }
  best->seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return *best;
}

Result<CostPoint> preview_cost(const rtl::EmittedDesign& design, const Target& target,
                               const FlowVariant& flow) {
  const ScratchDirectory scratch;
  FEWBIT_ASSIGN_OR_RETURN(mapped, synthesize(design, target, flow, 1, scratch.path()));
  FEWBIT_ASSIGN_OR_RETURN(point, count_cells(target, mapped.cells));
  point.flow = flow.name;
  point.depth = mapped.depth;
  return point;
}

std::string per_core_text(const CostPoint& point, int count) {
  if (count % point.copies == 0) return std::to_string(count / point.copies);
  return fmt::format("{:.2f}", point.per_core(count));
}

nlohmann::ordered_json to_json(const CostPoint& point) {
  const auto each = [&point](int count) -> nlohmann::ordered_json {
    if (count % point.copies == 0) return count / point.copies;
    return point.per_core(count);
  };
  nlohmann::ordered_json json = {
      {"target", point.target},     {"flow", point.flow},
      {"luts", each(point.luts)},   {"carries", each(point.carries)},
      {"ffs", each(point.ffs)},     {"dsps", each(point.dsps)},
      {"brams", each(point.brams)}, {"lut_equivalents", each(point.lut_equivalents)},
      {"depth", point.depth}};
  if (point.copies > 1) json["copies"] = point.copies;
  if (point.logic_cells) json["logic_cells"] = each(*point.logic_cells);
  json["cells"] = point.cells;
  json["fmax_mhz"] = nullptr;
  if (point.fmax_mhz) json["fmax_mhz"] = fmax_json(*point.fmax_mhz);
  json["tools"] = nlohmann::ordered_json::object();
  for (const auto& [program, version] : point.tools) json["tools"][program] = version;
  json["seconds"] = point.seconds;
  return json;
}

}  // namespace fewbit::flows
