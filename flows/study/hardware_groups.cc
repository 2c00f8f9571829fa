// The groups of flows/tables/hardware.json as designs: see hardware.h.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "fewbit/flows/study/hardware.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/spec/operator_request.h"
#include "fewbit/gen/util/json.h"

namespace fewbit::embedded {
const std::vector<TextFile>& hardware_tables();
const std::vector<TextFile>& rtl_templates();
}  // namespace fewbit::embedded

namespace fewbit::study {
namespace {

const nlohmann::json& document() {
  static const nlohmann::json kDocument =
      parse_json<nlohmann::json>(embedded::hardware_tables().front().text);
  return kDocument;
}

Cell make_cell(const OperatorSpec& spec, const flows::Target& target) {
  return {{spec, ops::emit(spec), {}, {}, {}, 0}, target, {}, {}};
}

std::optional<int> figure(const nlohmann::json& row, const char* name, const std::string& target) {
  if (!row.contains(name) || !row.at(name).contains(target)) return std::nullopt;
  return row.at(name).at(target).get<int>();
}

/// The accumulator of `mac` in `format`, after a shift to the right.
Result<OperatorSpec> requant_of(const OperatorSpec& mac, const std::string& format) {
  OperatorRequest request;
  request.op = "requant";
  request.a = output_format(mac).name();
  request.result = format;
  request.fabric = mac.fabric;
  return make_operator_spec(request);
}

Status fill_row(const nlohmann::json& json, const Group& group, Row& row) {
  FEWBIT_CHECK(!json.contains("targets") || is_routed(group.layout),
               "targets of a single row in table {}, which has a column a target", group.name);
  for (const std::string& name : json.value("targets", group.targets)) {
    FEWBIT_ASSIGN_OR_RETURN(target, flows::find_target(name));
    FEWBIT_ASSIGN_OR_RETURN(spec, spec_of_row(json, target, "optimized"));
    Cell cell = make_cell(spec, target);
    cell.peer = figure(json, "peer", name);
    cell.bar = figure(json, "bar", name);
    row.cells.push_back(cell);
    if (group.with_generic) {
      FEWBIT_ASSIGN_OR_RETURN(generic, spec_of_row(json, target, "generic"));
      row.reference.push_back(make_cell(generic, target));
    }
    if (group.with_one_line) {
      row.reference.push_back({{spec, one_line_mac(spec), {}, {}, {}, 0}, target, {}, {}});
    }
    if (json.contains("requant")) {
      FEWBIT_ASSIGN_OR_RETURN(requant, requant_of(spec, json.at("requant")));
      row.requant.push_back(make_cell(requant, target));
    }
  }
  return Ok{};
}

Layout layout_of(const nlohmann::json& group) {
  if (group.value("place_and_route", false)) return Layout::kSpeed;
  const std::string layout = group.value("layout", "area");
  if (layout == "floor") return Layout::kFloor;
  if (layout == "overhead") return Layout::kOverhead;
  if (layout == "blocks") return Layout::kBlocks;
  FEWBIT_CHECK(layout == "area", "layout {} of a table", layout);
  return Layout::kArea;
}

}  // namespace

Result<OperatorSpec> spec_of_row(const nlohmann::json& row, const flows::Target& target,
                                 const std::string& arch) {
  OperatorRequest request;
  request.op = row.at("op");
  request.arch = arch;
  for (const auto& [name, value] : row.at("options").items()) {
    FEWBIT_RETURN_IF_ERROR(set_option(request, name, value.get<std::string>()));
  }
  FEWBIT_ASSIGN_OR_RETURN(fabric, fabric_of(target));
  request.fabric = fabric;
  return make_operator_spec(request);
}

std::string group_names() {
  std::string names;
  for (const auto& group : document().at("groups")) {
    names += (names.empty() ? "" : ", ") + group.at("name").get<std::string>();
  }
  return names;
}

Result<std::vector<Group>> make_groups(const std::vector<std::string>& wanted) {
  std::vector<Group> groups;
  for (const auto& json : document().at("groups")) {
    Group group{.name = json.at("name"),
                .title = json.at("title"),
                .layout = layout_of(json),
                .with_generic = json.value("with_generic", false),
                .with_one_line = json.value("with_one_line", false),
                .copies = json.value("copies", 1)};
    // The sample of the regression test is no table of the document.
    const bool is_wanted =
        wanted.empty() ? group.name != "sample"
                       : std::find(wanted.begin(), wanted.end(), group.name) != wanted.end();
    if (!is_wanted) continue;
    group.targets = json.value("targets", document().at("targets").get<std::vector<std::string>>());
    for (const auto& text : json.at("rows")) {
      Row row{.label = text.at("label"),
              .peer_source = text.value("peer_source", ""),
              .over = text.value("over", "")};
      FEWBIT_RETURN_IF_ERROR(fill_row(text, group, row));
      group.rows.push_back(std::move(row));
    }
    groups.push_back(std::move(group));
  }
  if (!groups.empty()) return groups;
  return Error{"--tables", fmt::format("{}", fmt::join(wanted, ",")), group_names(), ""};
}

rtl::EmittedDesign one_line_mac(const OperatorSpec& spec) {
  FEWBIT_CHECK(spec.kind == OperatorKind::kMac && spec.a.is_int() && spec.b->is_int() &&
                   spec.a.is_signed() && spec.b->is_signed(),
               "a sum in one line is for signed integers, not for {}", spec.command());
  const std::string cell = "fewbit_mac_one_line";
  OperatorSpec plain = spec;
  plain.strategy = Strategy::kAuto;
  rtl::EmittedDesign design = ops::emit(plain);
  rtl::ModuleSignature& signature = design.signature;
  signature.module =
      fmt::format("{}_{}_{}_w{}", cell, spec.a.name(), spec.b->name(), spec.acc_width);
  signature.arch = "one line";
  signature.latency_cycles = 1;
  signature.parameters.clear();
  std::string ports;
  std::string connections;
  for (rtl::PortSignature& port : signature.ports) {
    port.width_parameter.clear();
    const bool is_input = port.direction == rtl::Direction::kInput;
    ports += fmt::format("{}    {} logic [{}:0] {}", ports.empty() ? "" : ",\n",
                         is_input ? "input " : "output", port.width_bits - 1, port.name);
    connections +=
        fmt::format("{}      .{}({})", connections.empty() ? "" : ",\n", port.name, port.name);
  }
  const std::string shell = fmt::format(
      "module {} (\n{}\n);\n\n  {} #(.AWidth({}), .BWidth({}), .AccWidth({})) u_mac (\n{}\n  "
      ");\n\nendmodule : {}\n",
      signature.module, ports, cell, spec.a.bits(), spec.b->bits(), spec.acc_width, connections,
      signature.module);
  design.files.clear();
  design.probes.clear();
  for (const TextFile& file : embedded::rtl_templates()) {
    if (file.name == cell + ".sv") design.files.push_back(file);
  }
  design.files.push_back({signature.module + ".sv", shell});
  signature.files.clear();
  for (const TextFile& file : design.files)
    signature.files.push_back({file.name, sha256(file.text)});
  return design;
}

}  // namespace fewbit::study
