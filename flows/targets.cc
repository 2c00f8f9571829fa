// Targets, read from the data files that are built into the library.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "fewbit/flows/cost.h"
#include "fewbit/flows/liberty.h"
#include "fewbit/gen/spec/multiplier_block.h"
#include "fewbit/gen/util/check.h"
#include "fewbit/gen/util/json.h"

namespace fewbit::embedded {
const std::vector<TextFile>& target_files();
}

namespace fewbit::flows {

namespace {

/// A file of flows/targets. One that is "like" another holds what differs from it alone.
nlohmann::json target_json(const TextFile& file) {
  const nlohmann::json own = parse_json<nlohmann::json>(file.text);
  if (!own.contains("like")) return own;
  const std::string like = own.at("like").get<std::string>() + ".json";
  for (const TextFile& other : embedded::target_files()) {
    if (other.name != like) continue;
    nlohmann::json json = parse_json<nlohmann::json>(other.text);
    json.merge_patch(own);
    return json;
  }
  FEWBIT_CHECK(false, "{} is like {}, which is not there", file.name, like);
}

Target read_target(const nlohmann::json& json) {
  Target target;
  target.name = json.at("name");
  target.description = json.at("description");
  target.fabric = json.at("fabric");
  target.yosys = json.value("yosys", target.yosys);
  for (const auto& flow : json.at("flows")) {
    target.flows.push_back(
        {flow.at("name"), flow.at("script"), flow.value("before", std::vector<std::string>()),
         flow.value("stages", std::vector<std::string>()), flow.value("parts_at", ""),
         flow.value("extra", false), flow.value("full_adders", false), flow.value("dsp", false)});
  }
  for (const FlowVariant& flow : target.flows) {
    FEWBIT_CHECK(flow.parts_at.empty() || (flow.before.empty() && flow.stages.empty()),
                 "{} {}: parts_at beside before or stages", target.name, flow.name);
  }
  if (json.contains("library")) {
    const auto& library = json.at("library");
    target.library_path = library.at("path");
    target.library_package = library.at("package");
    target.area_unit = library.at("area_unit");
  }
  target.primitives = json.value("primitives", std::vector<std::string>());
  target.libraries = json.value("libraries", std::vector<std::string>());
  target.cells = json.at("cells").get<std::map<std::string, std::vector<std::string>>>();
  target.lut_equivalents_per_carry = json.at("lut_equivalents_per_carry");
  target.lut_equivalents = json.value("lut_equivalents", std::map<std::string, int>());
  target.cell_models = json.at("cell_models").get<std::vector<std::string>>();
  target.lut_models = json.value("lut_models", "");
  if (json.contains("place_and_route")) {
    const auto& pnr = json.at("place_and_route");
    target.nextpnr = pnr.at("program");
    target.nextpnr_arguments = pnr.at("arguments").get<std::vector<std::string>>();
    target.ff_map = pnr.at("ff_map");
    target.place_before = pnr.value("before", std::vector<std::string>());
    target.place_after = pnr.value("after", std::vector<std::string>());
    target.place_files = pnr.value("files", std::vector<std::string>());
    target.times_dsps = pnr.value("times_dsps", true);
    target.logic_cell = pnr.value("logic_cell", "");
  }
  return target;
}

}  // namespace

const std::vector<Target>& targets() {
  static const std::vector<Target> kTargets = [] {
    std::vector<Target> all;
    for (const TextFile& file : embedded::target_files())
      all.push_back(read_target(target_json(file)));
    std::sort(all.begin(), all.end(),
              [](const Target& x, const Target& y) { return x.name < y.name; });
    return all;
  }();
  return kTargets;
}

Result<std::shared_ptr<const CellLibrary>> Target::library() const {
  if (library_package.empty()) return read_library("--liberty", library_path);
  if (!std::filesystem::exists(library_path)) {
    return Error{"--target", name, "a target whose library is installed",
                 fmt::format("there is no {}: apt-get install {}", library_path, library_package),
                 Cause::kTool};
  }
  return read_library("--target", library_path);
}

Result<Target> target_of_liberty(const std::string& path) {
  Target target;
  for (const Target& one : targets()) {
    if (one.is_of_cells()) target = one;
  }
  target.name = "asic";
  target.description = "standard cells of " + path;
  target.library_path = path;
  target.library_package.clear();
  target.area_unit.clear();
  FEWBIT_RETURN_IF_ERROR(target.library());
  return target;
}

Status Target::check_dsp(const std::string& dsp) const {
  const auto has_blocks = [](const Target& target) {
    return std::any_of(target.flows.begin(), target.flows.end(),
                       [](const FlowVariant& flow) { return flow.dsp; });
  };
  if (dsp.empty() || dsp == "none" || has_blocks(*this)) return Ok{};
  std::vector<std::string> others;
  for (const Target& target : targets()) {
    if (has_blocks(target)) others.push_back(target.name);
  }
  return Error{"--dsp", dsp, "none",
               fmt::format("fewbit uses no hard multipliers on {}; it does on {}", name,
                           fmt::join(others, ", "))};
}

Status Target::check_blocks(const OperatorSpec& spec) const {
  const bool is_cascade = spec.fabric == Fabric::kXilinx && spec.a.is_int() && shared_block(spec);
  if (!is_cascade || !primitives.empty()) return Ok{};
  return Error{"--dsp", std::string(to_string(spec.dsp)), "none, one",
               fmt::format("outputs share the DSP48E2 of xilinx-usp, which {} lacks", name)};
}

Result<std::vector<FlowVariant>> Target::flows_for(const std::string& dsp,
                                                   const std::string& flow_name) const {
  FEWBIT_RETURN_IF_ERROR(check_dsp(dsp));
  const bool with_dsp = !dsp.empty() && dsp != "none";
  std::vector<FlowVariant> chosen;
  std::vector<std::string> names;
  for (const FlowVariant& flow : flows) {
    if (flow.dsp != with_dsp) continue;
    if (flow_name.empty() ? !flow.extra : flow.name == flow_name) chosen.push_back(flow);
    names.push_back(flow.name);
  }
  if (!chosen.empty()) return chosen;
  return Error{"--flow", flow_name, fmt::format("{}", fmt::join(names, ", ")),
               "flow variants of " + name};
}

Result<Target> find_target(const std::string& name) {
  std::vector<std::string> names;
  for (const Target& target : targets()) {
    if (target.name == name) return target;
    names.push_back(target.name);
  }
  return Error{"--target", name, fmt::format("{}", fmt::join(names, ", ")), ""};
}

Result<Fabric> fabric_of(const Target& target) {
  for (const Fabric fabric : {Fabric::kIce40, Fabric::kEcp5, Fabric::kXilinx, Fabric::kGowin,
                              Fabric::kNexus, Fabric::kAsic}) {
    if (to_string(fabric) == target.fabric) return fabric;
  }
  return Error{"fabric", target.fabric, "ice40, ecp5, xilinx, gowin, nexus, asic",
               fmt::format("of target {}", target.name)};
}

}  // namespace fewbit::flows
