// What verify, prove and cost do with a block: see block_commands.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/block_commands.h"

#include <fmt/format.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "fewbit/cli/version.h"
#include "fewbit/flows/prove_streams.h"
#include "fewbit/flows/study/subjects.h"
#include "fewbit/gen/blocks/axi_stream.h"
#include "fewbit/gen/blocks/emit.h"
#include "fewbit/gen/util/process.h"
#include "fewbit/gen/util/text.h"
#include "fewbit/sim/verify/axi_stream.h"

namespace fewbit::cli {
namespace {

/// One design against its behaviour, under this label.
using Verify = std::function<Result<verify::BlockReport>(const rtl::EmittedDesign& design,
                                                         const std::string& label)>;

std::string text_of(const verify::BlockReport& one) {
  std::string text = verify::to_text(one.report);
  if (!text.ends_with('\n')) text += '\n';
  text += fmt::format("  {} beats; without stalls", one.beats);
  std::string rates;
  for (const auto& [stream, rate] : one.rates) {
    rates += fmt::format("{} {} {:.3f} beats a cycle", rates.empty() ? "" : ",", stream, rate);
  }
  return text + rates + "\n";
}

nlohmann::ordered_json json_of(const verify::BlockReport& one) {
  nlohmann::ordered_json json = verify::to_json(one.report);
  json["beats"] = one.beats;
  json["beats_per_cycle"] = nlohmann::ordered_json::object();
  for (const auto& [stream, rate] : one.rates) json["beats_per_cycle"][stream] = rate;
  return json;
}

Result<ExitCode> verify_all(const Console& console, const rtl::EmittedDesign& design,
                            const std::string& label, const std::string& target_name,
                            const Verify& verify, const nlohmann::ordered_json& more = {}) {
  std::vector<verify::BlockReport> reports;
  FEWBIT_ASSIGN_OR_RETURN(emitted, verify(design, label));
  reports.push_back(std::move(emitted));
  if (!target_name.empty()) {
    FEWBIT_ASSIGN_OR_RETURN(target, flows::find_target(target_name));
    FEWBIT_ASSIGN_OR_RETURN(netlists, flows::synthesize_netlists(design, target));
    for (const flows::Netlist& netlist : netlists) {
      FEWBIT_ASSIGN_OR_RETURN(one, verify(netlist.design, fmt::format("{} netlist {} {}", label,
                                                                      target.name, netlist.flow)));
      reports.push_back(std::move(one));
    }
  }
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  std::size_t passed = 0;
  for (const verify::BlockReport& one : reports) {
    passed += one.report.passed ? 1 : 0;
    console.print(text_of(one));
    list.push_back(json_of(one));
  }
  console.print(fmt::format("{} of {} designs equal to the model\n", passed, reports.size()));
  FEWBIT_ASSIGN_OR_RETURN(verilator, verify::verilator_version());
  const bool all = passed == reports.size();
  nlohmann::ordered_json json{{"passed", all},
                              {"command", design.signature.command},
                              {"reports", list},
                              {"tools", {{"fewbit", version()}, {"verilator", verilator}}}};
  if (!more.empty()) json.update(more);
  console.document(json);
  return all ? ExitCode::kOk : ExitCode::kMismatch;
}

/// The rules of streams, and that the netlists for a target are equal.
Result<ExitCode> prove_all(const Console& console, const rtl::EmittedDesign& design,
                           const std::string& label, const std::string& target_name,
                           const flows::ProofOptions& options,
                           Result<std::vector<flows::ProofPart>> rules) {
  FEWBIT_ASSIGN_OR_RETURN(parts, rules);
  FEWBIT_ASSIGN_OR_RETURN(yosys, tool_version("yosys", "-V"));
  nlohmann::ordered_json tools{{"fewbit", version()}, {"yosys", yosys}};
  if (!target_name.empty()) {
    FEWBIT_ASSIGN_OR_RETURN(target, flows::find_target(target_name));
    FEWBIT_ASSIGN_OR_RETURN(netlists, flows::synthesize_netlists(design, target));
    tools[target.yosys] = netlists.front().yosys_version;
    for (const flows::Netlist& netlist : netlists) {
      FEWBIT_ASSIGN_OR_RETURN(equal, flows::prove_equal(design, netlist.design, options));
      equal.name = "netlist " + netlist.flow;
      parts.push_back(equal);
    }
  }
  console.print(label + "\n" + proof_table(parts));
  const bool proved = flows::all_proved(parts);
  console.document({{"proved", proved},
                    {"command", design.signature.command},
                    {"parts", flows::to_json(parts)},
                    {"tools", tools}});
  return proved ? ExitCode::kOk : ExitCode::kMismatch;
}

/// The cost of a design that does as it must, and its netlists too.
Result<ExitCode> cost_all(const Console& console, const nlohmann::ordered_json& request,
                          const rtl::EmittedDesign& design, const std::string& label,
                          const flows::Target& target, const study::MeasureOptions& options,
                          const Verify& verify, const nlohmann::ordered_json& more = {}) {
  options.progress("verify " + label);
  FEWBIT_ASSIGN_OR_RETURN(emitted, verify(design, label));
  std::vector<verify::BlockReport> reports = {emitted};
  std::optional<flows::CostPoint> cost;
  if (emitted.report.passed) {
    const flows::CostOptions cost_options{
        .flow = options.flow,
        .copies = options.copies,
        .seeds = options.seeds,
        .jobs = options.jobs,
        .is_equal_to_model = [&](const std::vector<flows::Netlist>& netlists) -> Result<bool> {
          for (const flows::Netlist& netlist : netlists) {
            FEWBIT_ASSIGN_OR_RETURN(
                one, verify(netlist.design,
                            fmt::format("{} netlist {} {}", label, target.name, netlist.flow)));
            reports.push_back(one);
            if (!one.report.passed) return false;
          }
          return true;
        },
        .progress = options.progress};
    const Result<flows::CostPoint> point = flows::measure_cost(design, target, cost_options);
    if (!point.ok() && reports.back().report.passed) return point.error();
    if (point.ok()) cost = *point;
  }
  nlohmann::ordered_json json{
      {"request", request}, {"target", target.name}, {"verified", nlohmann::ordered_json::array()}};
  for (const verify::BlockReport& one : reports) json["verified"].push_back(json_of(one));
  if (!more.empty()) json.update(more);
  if (cost) json.update(flows::to_json(*cost));
  console.document(json);
  for (const verify::BlockReport& one : reports) {
    if (!cost) console.print(text_of(one));
  }
  if (!cost) {
    console.print("no cost: hardware and model differ\n");
    return ExitCode::kMismatch;
  }
  console.print(fmt::format("{}\n{}verified: RTL on {} and netlist on {} beats\n", label,
                            cost_table(*cost, target), reports.front().beats,
                            reports.back().beats));
  return ExitCode::kOk;
}

}  // namespace

nlohmann::ordered_json contents_json(const BlockSpec& spec) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const auto& [option, source] : spec.contents()) json["contents"][option] = source;
  return json;
}

std::string contents_text(const BlockSpec& spec) {
  std::string text;
  for (const auto& [option, source] : spec.contents()) {
    text += fmt::format("contents of {}: {}\n", option, source);
  }
  return text;
}

namespace {

std::string copies_text(const flows::CostPoint& cost) {
  if (cost.copies == 1) return "";
  return fmt::format("Counts for each of {} copies in one design.\n", cost.copies);
}

std::string standard_cells_table(const flows::CostPoint& cost, const flows::Target& target) {
  const flows::CostPoint::StandardCells& cells = *cost.standard_cells;
  const std::string unit = cells.area_unit.empty() ? "" : " " + cells.area_unit;
  Table table({"target", "flow", "area" + unit, "gates", "FFs", "depth", "path ns"});
  table.add({target.name, cost.flow, fmt::format("{:.0f}", cells.area / cost.copies),
             flows::per_core_text(cost, cells.gates), flows::per_core_text(cost, cost.ffs),
             std::to_string(cost.depth), fmt::format("{:.2f}", cells.path_ns)});
  return table.to_text() + copies_text(cost);
}

}  // namespace

std::string cost_table(const flows::CostPoint& cost, const flows::Target& target) {
  if (cost.standard_cells) return standard_cells_table(cost, target);
  Table table(
      {"target", "flow", "LUTs", "carries", "FFs", "logic cells", "DSPs", "BRAMs", "depth"});
  std::string fmax;
  if (cost.fmax_mhz) {
    fmax = fmt::format("Fmax: {:.1f} MHz ({:.1f}..{:.1f}, {} of {} seeds)\n", cost.fmax_mhz->median,
                       cost.fmax_mhz->min, cost.fmax_mhz->max, cost.fmax_mhz->ok,
                       cost.fmax_mhz->ok + cost.fmax_mhz->failed);
  }
  const auto number = [&cost](int count) { return flows::per_core_text(cost, count); };
  table.add({target.name, cost.flow, number(cost.luts), number(cost.carries), number(cost.ffs),
             cost.logic_cells ? number(*cost.logic_cells) : "-", number(cost.dsps),
             number(cost.brams), std::to_string(cost.depth)});
  return table.to_text() + fmax + copies_text(cost);
}

Result<ExitCode> verify_block(const Console& console, const BlockSpec& spec,
                              const std::string& target, const verify::VerifyOptions& options) {
  const rtl::EmittedDesign design = blocks::emit(spec);
  const auto done = verify_all(
      console, design, design.signature.module, target,
      [&](const rtl::EmittedDesign& one, const std::string& label) {
        return verify::verify_block(spec, one, label, options);
      },
      contents_json(spec));
  if (done.ok()) console.print(contents_text(spec));
  return done;
}

Result<OperatorSpec> axi_stream_spec(RequestOptions& request) {
  std::string& handshake = request.value(Option::kHandshake);
  if (handshake.empty()) handshake = "valid";
  FEWBIT_ASSIGN_OR_RETURN(spec, request.spec());
  FEWBIT_RETURN_IF_ERROR(blocks::check_axi_stream(spec));
  return spec;
}

Result<ExitCode> verify_axi_stream(const Console& console, const OperatorSpec& spec,
                                   const std::string& target,
                                   const verify::VerifyOptions& options) {
  return verify_all(console, blocks::emit_axi_stream(spec), study::label_of(spec) + " AXI4-Stream",
                    target, [&](const rtl::EmittedDesign& one, const std::string& label) {
                      return verify::verify_axi_stream(spec, one, label, options);
                    });
}

std::string proof_table(const std::vector<flows::ProofPart>& parts) {
  Table table({"part", "by", "verdict", "seconds"});
  for (const flows::ProofPart& part : parts) {
    table.add({part.name, part.method, part.proved ? "proved" : "NOT PROVED: " + part.detail,
               fmt::format("{:.1f}", part.seconds)});
  }
  return table.to_text();
}

Result<ExitCode> prove_block(const Console& console, const BlockSpec& spec,
                             const std::string& target, const flows::ProofOptions& options) {
  const rtl::EmittedDesign design = blocks::emit(spec);
  return prove_all(console, design, design.signature.module, target, options,
                   flows::prove_streams(spec, design, options));
}

Result<ExitCode> prove_axi_stream(const Console& console, const OperatorSpec& spec,
                                  const std::string& target, const flows::ProofOptions& options) {
  const rtl::EmittedDesign design = blocks::emit_axi_stream(spec);
  return prove_all(
      console, design, study::label_of(spec) + " AXI4-Stream", target, options,
      flows::prove_axi_stream(spec, design, blocks::axi_register_places(spec), options));
}

Result<ExitCode> cost_block(const Console& console, const BlockSpec& spec,
                            const flows::Target& target, const study::MeasureOptions& options) {
  const rtl::EmittedDesign design = blocks::emit(spec);
  const auto done = cost_all(
      console, {{"command", spec.command()}, {"block", spec.info().name}}, design,
      design.signature.module, target, options,
      [&](const rtl::EmittedDesign& one, const std::string& label) {
        return verify::verify_block(spec, one, label, {});
      },
      contents_json(spec));
  if (done.ok()) console.print(contents_text(spec));
  return done;
}

Result<ExitCode> cost_axi_stream(const Console& console, const OperatorSpec& spec,
                                 const flows::Target& target,
                                 const study::MeasureOptions& options) {
  const rtl::EmittedDesign design = blocks::emit_axi_stream(spec);
  return cost_all(console, {{"command", design.signature.command}, {"operator", spec.info().name}},
                  design, study::label_of(spec) + " AXI4-Stream", target, options,
                  [&](const rtl::EmittedDesign& one, const std::string& label) {
                    return verify::verify_axi_stream(spec, one, label, {.jobs = options.jobs});
                  });
}

}  // namespace fewbit::cli
