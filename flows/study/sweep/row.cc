// The row of a job: see row.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/study/sweep/row.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <numeric>

#include "fewbit/flows/wrapper.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/rtl/structure.h"
#include "fewbit/gen/util/json.h"
#include "fewbit/gen/util/release.h"
#include "fewbit/sim/verify/verify.h"

namespace fewbit::study {
namespace {

using nlohmann::ordered_json;

/// The columns NAME_kind, NAME_width, NAME_exponent, NAME_fraction.
void fill_format(const Format& format, std::string& kind, std::int64_t& width,
                 std::int64_t& exponent, std::int64_t& fraction) {
  kind = format.is_int() ? "int" : "float";
  width = format.bits();
  exponent = format.is_int() ? 0 : format.as_float().exponent_bits;
  fraction = format.is_int() ? 0 : format.as_float().fraction_bits;
}

/// What the columns do not say of a request, as the command line has it.
std::string other_options(const OperatorSpec& spec) {
  std::string text;
  for (const OptionInfo& option : option_table()) {
    switch (option.option) {
      case Option::kA:
      case Option::kB:
      case Option::kLanes:
      case Option::kResult:
      case Option::kTerms:
      case Option::kAccWidth:
      case Option::kArch:
      case Option::kStrategy:
      case Option::kLatency:
      case Option::kDsp:
        continue;
      default:
        break;
    }
    const std::string value = option_value(spec, option.option);
    if (value.empty()) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : " ", option.name, value);
  }
  return text;
}

/// Raise it where the same netlist is counted, or a design verified, in another way: every job is
/// then measured anew.
constexpr int kMeasurement = 2;

/// What the target says to the programs.
ordered_json flow_json(const sweep::SweepJob& job, const std::string& dsp) {
  const flows::Target& target = job.target;
  ordered_json json{{"libraries", target.libraries},
                    {"cell_models", target.cell_models},
                    {"nextpnr", target.nextpnr_arguments},
                    {"ff_map", target.ff_map}};
  // Only where there is one, so that rows of targets without keep their keys.
  if (!target.place_before.empty()) json["place_before"] = target.place_before;
  if (!target.place_after.empty()) json["place_after"] = target.place_after;
  json["flows"] = ordered_json::array();
  const auto flows = target.flows_for(dsp, job.flow);
  FEWBIT_CHECK(flows.ok(), "a job with a wrong flow: {}", flows.error().message());
  for (const flows::FlowVariant& flow : *flows) {
    json["flows"].push_back({flow.name, flow.script, flow.before, flow.stages});
  }
  return json;
}

/// What a core is measured in, as its signature has it.
std::string shells_of(const rtl::ModuleSignature& signature) {
  return rtl::structure_of(std::vector<TextFile>{{"measure", flows::measure_shell(signature)},
                                                 {"place", flows::place_shell(signature)}});
}

}  // namespace

Result<store::ResultRow> planned_row(const sweep::SweepJob& job) {
  const OperatorSpec& spec = job.spec;
  const rtl::EmittedDesign design = ops::emit(spec);
  store::ResultRow row;
  row.command = job.command();
  row.op = spec.info().name;
  row.arch = to_string(spec.arch);
  row.a = spec.a.name();
  fill_format(spec.a, row.a_kind, row.a_width, row.a_exponent, row.a_fraction);
  if (spec.b) {
    row.b = spec.b->name();
    fill_format(*spec.b, row.b_kind, row.b_width, row.b_exponent, row.b_fraction);
  }
  row.result = spec.result ? spec.result->name() : "exact";
  row.lanes = spec.lanes;
  row.terms = spec.terms;
  row.latency = spec.latency();
  row.strategy = spec.arch == Architecture::kGeneric ? "" : to_string(spec.strategy);
  row.dsp = to_string(spec.dsp);
  row.options = other_options(spec);
  if (spec.accumulates_exactly()) row.acc_width = spec.acc_width;
  row.target = job.target.name;
  std::vector<int> seeds(static_cast<std::size_t>(job.seeds));
  std::iota(seeds.begin(), seeds.end(), 1);
  row.seeds = fmt::format("{}", fmt::join(seeds, ","));
  row.fewbit_version = release();

  ordered_json tools;
  FEWBIT_ASSIGN_OR_RETURN(verilator, verify::verilator_version());
  tools["verilator"] = verilator;
  FEWBIT_ASSIGN_OR_RETURN(others, flows::cost_tools(job.target, job.seeds));
  for (const auto& [program, line] : others) tools[program] = line;
  row.tools = json_text(tools);
  row.inputs_hash = rtl::structure_of(*ops::module_of(spec));
  row.key = sha256(json_text(ordered_json{{"measurement", kMeasurement},
                                          {"command", row.command},
                                          {"tools", row.tools},
                                          {"structure", row.inputs_hash},
                                          {"shells", shells_of(design.signature)},
                                          {"target", flow_json(job, design.signature.dsp)}}));
  return row;
}

void fill_cost(store::ResultRow& row, const flows::Target& target, const flows::CostPoint& point) {
  row.status = "ok";
  row.flow = point.flow;
  row.luts = point.luts;
  if (point.logic_cells) row.logic_cells = *point.logic_cells;
  row.carries = point.carries;
  row.ffs = point.ffs;
  row.muxes = point.muxes;
  row.dsps = point.dsps;
  row.brams = point.brams;
  row.lut_equivalents = point.lut_equivalents;
  row.depth = point.depth;
  if (point.standard_cells) {
    row.area = point.standard_cells->area;
    row.gates = point.standard_cells->gates;
    row.path_ns = point.standard_cells->path_ns;
  }
  if (!point.fmax_mhz) return;
  const flows::Fmax& fmax = *point.fmax_mhz;
  row.fmax_ok = fmax.ok;
  row.fmax_failed = fmax.failed;
  if (fmax.ok == 0) {
    row.reason = target.nextpnr + ": " + fmax.first_failure;
    return;
  }
  row.fmax_median_mhz = fmax.median;
  row.fmax_min_mhz = fmax.min;
  row.fmax_max_mhz = fmax.max;
}

void fill_failure(store::ResultRow& row, const std::string& reason) {
  row.status = "failed";
  row.reason = reason;
}

}  // namespace fewbit::study
