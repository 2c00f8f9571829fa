// measure_cost: synthesis by every flow variant, the smallest verified, then placed and routed.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/cost.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <thread>

#include "fewbit/flows/liberty.h"
#include "fewbit/flows/nextpnr.h"
#include "fewbit/flows/yosys.h"
#include "fewbit/gen/util/process.h"

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

/// One for each copy, from the folder in which the flow mapped them.
Result<std::vector<Netlist>> netlists_of(const rtl::EmittedDesign& design, const Target& target,
                                         const FlowVariant& flow, int copies,
                                         const std::filesystem::path& folder) {
  FEWBIT_ASSIGN_OR_RETURN(version, yosys_version(target));
  FEWBIT_ASSIGN_OR_RETURN(texts, simulation_netlists(design, target, copies, folder));
  std::vector<Netlist> netlists;
  for (const std::string& text : texts) {
    Netlist netlist{design, flow.name, version};
    netlist.design.files = {{design.signature.module + ".v", text}};
    netlist.design.probes.clear();
    netlist.design.signature.parameters.clear();
    for (rtl::PortSignature& port : netlist.design.signature.ports) port.width_parameter.clear();
    netlist.design.signature.files = {{design.signature.module + ".v", sha256(text)}};
    netlists.push_back(std::move(netlist));
  }
  return netlists;
}

bool routes(const CostRequest& request) {
  return !request.target->nextpnr.empty() && request.seeds > 0;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// A request on its way: mapped, then chosen, then measured.
struct Work {
  CostRequest request;
  std::vector<FlowVariant> flows;
  std::vector<std::optional<Result<Mapping>>> mapped;  ///< by flow
  std::vector<double> seconds;                         ///< by flow
  std::filesystem::path folder;
  std::size_t chosen = 0;                   ///< flow
  std::optional<Result<CostPoint>> result;  ///< an Error, or the point so far
};

/// Flow variants of one request that share a run of Yosys.
struct Task {
  Work* work = nullptr;
  std::vector<std::size_t> flows;
};

/// Those that part at one label together, the others alone. Placing depends on the names of cells,
/// which depend on all that Yosys did before: what is placed is mapped alone, so that Fmax is the
/// same whether a flow was asked for by name or is the best of several.
std::vector<Task> tasks_of(Work& work) {
  std::map<std::string, std::vector<std::size_t>> parting;
  std::vector<Task> tasks;
  for (std::size_t i = 0; i < work.flows.size(); ++i) {
    const std::string& label = work.flows[i].parts_at;
    if (label.empty() || routes(work.request)) {
      tasks.push_back({&work, {i}});
    } else {
      parting[label].push_back(i);
    }
  }
  for (auto& [label, flows] : parting) tasks.push_back({&work, std::move(flows)});
  return tasks;
}

/// All of them, `jobs` at a time, each in the folder of its flow.
void synthesize_all(const std::vector<Task>& tasks, int jobs) {
  std::atomic<std::size_t> next{0};
  const auto run = [&] {
    for (std::size_t i = next++; i < tasks.size(); i = next++) {
      const auto start = std::chrono::steady_clock::now();
      Work& work = *tasks[i].work;
      std::vector<FlowVariant> flows;
      for (const std::size_t flow : tasks[i].flows) flows.push_back(work.flows[flow]);
      const Result<std::vector<Mapping>> made = map_design(
          *work.request.design, *work.request.target, flows, work.request.copies, work.folder);
      for (std::size_t j = 0; j < flows.size(); ++j) {
        const std::size_t flow = tasks[i].flows[j];
        work.mapped[flow] = made.ok() ? Result<Mapping>((*made)[j]) : made.error();
        work.seconds[flow] = seconds_since(start) / static_cast<double>(flows.size());
      }
    }
  };
  std::vector<std::thread> workers;
  const std::size_t wanted = std::min(tasks.size(), static_cast<std::size_t>(std::max(jobs, 1)));
  for (std::size_t j = 1; j < wanted; ++j) workers.emplace_back(run);
  run();
  for (std::thread& worker : workers) worker.join();
}

/// The smallest of what the flow variants made, the first where several are.
void choose_flow(Work& work) {
  for (std::size_t i = 0; i < work.mapped.size(); ++i) {
    const Result<Mapping>& mapped = *work.mapped[i];
    const Result<CostPoint> point = mapped.ok() ? count_cells(*work.request.target, mapped->cells)
                                                : Result<CostPoint>(mapped.error());
    if (!point.ok()) {
      work.result = point.error();
      return;
    }
    if (work.result && size_of(*point) >= size_of(**work.result)) continue;
    CostPoint best = *point;
    if (best.standard_cells) best.standard_cells->path_ns = mapped->path_ns;
    best.flow = work.flows[i].name;
    best.copies = work.request.copies;
    best.depth = mapped->depth;
    work.result = best;
    work.chosen = i;
  }
}

/// Adds logic cells and Fmax to a verified point.
Result<CostPoint> place(const Work& work, int jobs) {
  const auto start = std::chrono::steady_clock::now();
  const auto& [design, target, flow, copies, seeds] = work.request;
  CostPoint point = **work.result;
  for (const double seconds : work.seconds) point.seconds += seconds;
  FEWBIT_ASSIGN_OR_RETURN(tools, cost_tools(*target, seeds));
  point.tools = tools;
  if (!routes(work.request)) return point;
  const std::filesystem::path folder = work.folder / point.flow;
  FEWBIT_RETURN_IF_ERROR(write_place_json(*design, *target, copies, folder));
  const bool is_timed = target->times_dsps || point.dsps == 0;
  const int runs = is_timed ? seeds : 1;  // one for the logic cells
  FEWBIT_ASSIGN_OR_RETURN(fmax, place_and_route(*target, folder, runs, jobs, is_timed));
  if (is_timed) point.fmax_mhz = fmax;
  if (!target->logic_cell.empty() && fmax.ok > 0) {
    FEWBIT_ASSIGN_OR_RETURN(logic_cells, count_logic_cells(*target, folder));
    point.logic_cells = logic_cells;
  }
  point.seconds += seconds_since(start);
  return point;
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

/// One piece of work for each request; those that cannot be done have their result.
std::vector<Work> prepared(const CostBatch& batch, const Result<ScratchDirectory>& scratch) {
  std::vector<Work> all;
  for (const CostRequest& request : batch.requests) {
    Work& work = all.emplace_back(Work{request, {}, {}, {}, {}, 0, {}});
    if (!scratch.ok()) {
      work.result = scratch.error();
      continue;
    }
    work.folder = scratch->path() / std::to_string(all.size());
    // A missing program is found before minutes are spent.
    const auto tools = cost_tools(*request.target, request.seeds);
    const auto flows = flows_of(*request.target, request.design->signature, request.flow);
    if (!tools.ok()) work.result = tools.error();
    if (!flows.ok()) work.result = flows.error();
    if (work.result) continue;
    work.flows = *flows;
    work.mapped.resize(work.flows.size());
    work.seconds.resize(work.flows.size());
  }
  return all;
}

/// Asks whether the chosen netlists equal the model; of those that do not, that is the result.
void verify_chosen(const CostBatch& batch, const std::vector<ChosenNetlists>& chosen,
                   std::vector<Work>& all) {
  const Result<std::vector<bool>> equal =
      chosen.empty() ? std::vector<bool>() : batch.are_equal_to_model(chosen);
  FEWBIT_CHECK(!equal.ok() || equal->size() == chosen.size(), "an answer for each netlist");
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    Work& work = all[chosen[i].request];
    if (!equal.ok()) {
      work.result = equal.error();
    } else if (!(*equal)[i]) {
      work.result =
          Error{"netlist", work.request.design->signature.module, "a netlist equal to the model",
                "flow " + work.flows[work.chosen].name + " of " + work.request.target->name +
                    ": no cost is reported",
                Cause::kDesign};
    }
  }
}

/// Counts of a core of standard cells.
Result<CostPoint> count_standard_cells(const Target& target,
                                       const std::map<std::string, int>& cells) {
  FEWBIT_ASSIGN_OR_RETURN(library, target.library());
  CostPoint point;
  point.target = target.name;
  point.cells = cells;
  CostPoint::StandardCells counts;
  counts.area_unit = target.area_unit;
  for (const auto& [type, number] : cells) {
    const LibraryCell* cell = library->cell(type);
    if (cell == nullptr || !cell->is_usable) {
      return Error{"netlist", type, "a gate or flip-flop of library " + library->name,
                   "a cell that is not counted would make the cost too small", Cause::kTool};
    }
    counts.area += cell->area * number;
    (cell->state ? point.ffs : counts.gates) += number;
  }
  point.standard_cells = counts;
  return point;
}

}  // namespace

Result<std::vector<Netlist>> synthesize_netlists(const rtl::EmittedDesign& design,
                                                 const Target& target) {
  FEWBIT_ASSIGN_OR_RETURN(flows, flows_of(target, design.signature, ""));
  std::vector<Netlist> netlists;
  for (const FlowVariant& flow : flows) {
    FEWBIT_ASSIGN_OR_RETURN(folder, ScratchDirectory::make());
    FEWBIT_RETURN_IF_ERROR(map_design(design, target, flow, 1, folder.path()));
    FEWBIT_ASSIGN_OR_RETURN(mapped, netlists_of(design, target, flow, 1, folder.path()));
    netlists.push_back(mapped.front());
  }
  return netlists;
}

double size_of(const CostPoint& point) {
  return point.standard_cells ? point.standard_cells->area : point.lut_equivalents;
}

std::string size_text(const CostPoint& point) {
  if (!point.standard_cells) return per_core_text(point, point.luts) + " LUTs";
  const std::string& unit = point.standard_cells->area_unit;
  return fmt::format("{:.0f} {}", point.standard_cells->area / point.copies,
                     unit.empty() ? "of area" : unit);
}

Result<CostPoint> count_cells(const Target& target, const std::map<std::string, int>& cells) {
  if (target.is_of_cells()) return count_standard_cells(target, cells);
  std::set<std::string> known;
  for (const auto& [group, types] : target.cells) known.insert(types.begin(), types.end());
  for (const auto& [type, number] : cells) {
    if (!known.contains(type)) {
      return Error{"netlist", type, "a cell type that target " + target.name + " lists",
                   "a cell that is not counted would make the cost too small", Cause::kTool};
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
  if (target.cells.contains("muxes")) point.muxes = count(target, "muxes", cells);
  point.lut_equivalents = point.luts + target.lut_equivalents_per_carry * point.carries;
  for (const auto& [type, number] : cells) {
    const auto several = target.lut_equivalents.find(type);
    if (several != target.lut_equivalents.end()) {
      point.lut_equivalents += (several->second - 1) * number;
    }
  }
  return point;
}

std::vector<Result<CostPoint>> measure_costs(const CostBatch& batch) {
  FEWBIT_CHECK(batch.are_equal_to_model != nullptr, "a cost that nothing verifies");
  const auto say = [&](const std::string& step) {
    if (batch.progress) batch.progress(step);
  };
  const Result<ScratchDirectory> scratch = ScratchDirectory::make();
  std::vector<Work> all = prepared(batch, scratch);
  std::vector<Task> tasks;
  for (Work& work : all) {
    for (const FlowVariant& flow : work.flows) say("synthesis " + flow.name);
    for (Task& task : tasks_of(work)) tasks.push_back(std::move(task));
  }
  synthesize_all(tasks, batch.jobs);

  std::vector<ChosenNetlists> chosen;
  for (std::size_t i = 0; i < all.size(); ++i) {
    Work& work = all[i];
    choose_flow(work);
    if (!work.result->ok()) continue;
    const FlowVariant& flow = work.flows[work.chosen];
    const CostRequest& request = work.request;
    Result<std::vector<Netlist>> netlists = netlists_of(*request.design, *request.target, flow,
                                                        request.copies, work.folder / flow.name);
    if (netlists.ok()) {
      chosen.push_back({i, std::move(netlists).value()});
    } else {
      work.result = netlists.error();
    }
  }
  if (!chosen.empty()) say("verification of the netlist");
  verify_chosen(batch, chosen, all);
  std::vector<Result<CostPoint>> results;
  for (Work& work : all) {
    if (work.result->ok() && routes(work.request)) say("place and route");
    results.push_back(work.result->ok() ? place(work, batch.jobs) : *work.result);
    if (batch.finished) batch.finished(results.size() - 1, results.back());
  }
  return results;
}

Result<CostPoint> measure_cost(const rtl::EmittedDesign& design, const Target& target,
                               const CostOptions& options) {
  CostBatch batch{{{&design, &target, options.flow, options.copies, options.seeds}},
                  options.jobs,
                  nullptr,
                  options.progress,
                  nullptr};
  FEWBIT_CHECK(options.is_equal_to_model != nullptr, "a cost that nothing verifies");
  batch.are_equal_to_model =
      [&](const std::vector<ChosenNetlists>& chosen) -> Result<std::vector<bool>> {
    FEWBIT_ASSIGN_OR_RETURN(equal, options.is_equal_to_model(chosen.front().netlists));
    return std::vector<bool>{equal};
  };
  return measure_costs(batch).front();
}

Result<std::vector<std::pair<std::string, std::string>>> cost_tools(const Target& target,
                                                                    int seeds) {
  std::vector<std::pair<std::string, std::string>> tools;
  FEWBIT_ASSIGN_OR_RETURN(yosys, yosys_version(target));
  tools.emplace_back(target.yosys, yosys);
  if (target.is_of_cells()) {
    FEWBIT_ASSIGN_OR_RETURN(library, target.library());
    tools.emplace_back(library->name, "SHA-256 " + library->sha256);
  }
  if (!target.nextpnr.empty() && seeds > 0) {
    FEWBIT_ASSIGN_OR_RETURN(nextpnr, nextpnr_version(target.nextpnr));
    tools.emplace_back(target.nextpnr, nextpnr);
  }
  return tools;
}

Result<CostPoint> preview_cost(const rtl::EmittedDesign& design, const Target& target,
                               const FlowVariant& flow) {
  FEWBIT_ASSIGN_OR_RETURN(scratch, ScratchDirectory::make());
  FEWBIT_ASSIGN_OR_RETURN(mapped, map_design(design, target, flow, 1, scratch.path()));
  FEWBIT_ASSIGN_OR_RETURN(point, count_cells(target, mapped.cells));
  point.flow = flow.name;
  point.depth = mapped.depth;
  if (point.standard_cells) point.standard_cells->path_ns = mapped.path_ns;
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
  nlohmann::ordered_json json = {{"target", point.target}, {"flow", point.flow}};
  if (point.standard_cells) {
    const CostPoint::StandardCells& cells = *point.standard_cells;
    json["area"] = cells.area / point.copies;
    json["area_unit"] = nullptr;
    if (!cells.area_unit.empty()) json["area_unit"] = cells.area_unit;
    json.update({{"gates", each(cells.gates)}, {"ffs", each(point.ffs)}});
    json.update({{"path_ns", cells.path_ns}, {"depth", point.depth}});
  } else {
    json["luts"] = each(point.luts);
    json["carries"] = each(point.carries);
    json["ffs"] = each(point.ffs);
    json["dsps"] = each(point.dsps);
    json["brams"] = each(point.brams);
    json["lut_equivalents"] = each(point.lut_equivalents);
    json["depth"] = point.depth;
  }
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
