// Verified cost: RTL against the model, synthesis, the mapped netlists against the model, counts.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/study/measure.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "fewbit/flows/study/subjects.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/util/release.h"

namespace fewbit::study {
namespace {

class Stopwatch {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

std::uint64_t least_vectors(const std::vector<verify::VerifyReport>& reports) {
  std::uint64_t least = reports.empty() ? 0 : reports[0].vectors;
  for (const verify::VerifyReport& report : reports) least = std::min(least, report.vectors);
  return least;
}

bool all_exhaustive(const std::vector<verify::VerifyReport>& reports) {
  return !reports.empty() &&
         std::all_of(reports.begin(), reports.end(),
                     [](const verify::VerifyReport& report) { return report.exhaustive; });
}

nlohmann::ordered_json request_json(const Measurement& measurement) {
  const OperatorSpec& spec = measurement.spec;
  nlohmann::ordered_json json{{"command", measurement.design.signature.command},
                              {"operator", to_string(spec.kind)},
                              {"a", spec.a.name()}};
  if (spec.b) json["b"] = spec.b->name();
  json["result"] = spec.result ? spec.result->name() : "exact";
  if (!measurement.design.signature.rounding.empty()) json["rounding"] = to_string(spec.rounding);
  if (spec.lanes > 1) json["lanes"] = spec.lanes;
  if (spec.accumulates_exactly()) {
    if (spec.terms > 0) json["terms"] = spec.terms;
    json["acc_width"] = spec.acc_width;
  }
  json["handshake"] = to_string(spec.handshake);
  if (spec.is_clocked()) json["reset"] = to_string(spec.reset);
  if (!measurement.design.signature.overflow.empty()) json["overflow"] = to_string(spec.overflow);
  // And whatever else is not at its default.
  for (const OptionInfo& option : option_table()) {
    const std::string value = option_value(spec, option.option);
    std::string key = option.name.substr(2);
    std::replace(key.begin(), key.end(), '-', '_');
    if (!value.empty() && !json.contains(key)) json[key] = value;
  }
  return json;
}

}  // namespace

std::uint64_t Measurement::rtl_vectors() const { return least_vectors(rtl); }
std::uint64_t Measurement::netlist_vectors() const { return least_vectors(netlists); }
bool Measurement::exhaustive() const { return all_exhaustive(rtl) && all_exhaustive(netlists); }

Status measure_verified(Measurement& measurement, const flows::Target& target,
                        const MeasureOptions& options) {
  const Stopwatch stopwatch;
  const verify::VerifyOptions verify_options{.jobs = options.jobs};
  flows::CostOptions cost_options;
  cost_options.flow = options.flow;
  cost_options.copies = options.copies;
  cost_options.seeds = options.seeds;
  cost_options.jobs = options.jobs;
  cost_options.progress = options.progress;
  cost_options.is_equal_to_model =
      [&](const std::vector<flows::Netlist>& netlists) -> Result<bool> {
    const std::string label = fmt::format("{} netlist {} {}", label_of(measurement.spec),
                                          target.name, netlists.front().flow);
    if (options.progress) options.progress("verify " + label);
    std::vector<verify::Subject> subjects;
    for (const flows::Netlist& netlist : netlists) {
      const std::string copy = netlists.size() == 1 ? "" : fmt::format(" copy {}", subjects.size());
      subjects.push_back({measurement.spec, netlist.design, {}, label + copy});
    }
    FEWBIT_ASSIGN_OR_RETURN(reports, verify::verify(subjects, verify_options));
    const bool passed = all_passed(reports);
    measurement.netlists.insert(measurement.netlists.end(), reports.begin(), reports.end());
    return passed;
  };
  const Result<flows::CostPoint> point =
      flows::measure_cost(measurement.design, target, cost_options);
  measurement.seconds += stopwatch.seconds();
  if (point.ok()) {
    measurement.cost = *point;
  } else if (measurement.netlists.empty() || all_passed(measurement.netlists)) {
    return point.error();
  }
  return Ok{};
}

Result<Measurement> measure(const OperatorSpec& spec, const flows::Target& target,
                            const MeasureOptions& options) {
  const Stopwatch stopwatch;
  Measurement measurement{spec, ops::emit(spec), {}, {}, {}, 0};
  if (options.progress) options.progress("verify " + label_of(spec));
  FEWBIT_ASSIGN_OR_RETURN(reports, verify::verify(subjects_of(spec, measurement.design),
                                                  verify::VerifyOptions{.jobs = options.jobs}));
  measurement.rtl = std::move(reports);
  measurement.seconds = stopwatch.seconds();
  if (all_passed(measurement.rtl)) {
    FEWBIT_RETURN_IF_ERROR(measure_verified(measurement, target, options));
  }
  return measurement;
}

Result<nlohmann::ordered_json> to_json(const Measurement& measurement,
                                       const flows::Target& target) {
  nlohmann::ordered_json json{{"request", request_json(measurement)},
                              {"target", target.name},
                              {"arch", to_string(measurement.spec.arch)}};
  const bool verified = measurement.cost.has_value();
  nlohmann::ordered_json tools{{"fewbit", std::string(release())}};
  FEWBIT_ASSIGN_OR_RETURN(verilator, verify::verilator_version());
  tools["verilator"] = verilator;
  if (verified) {
    nlohmann::ordered_json cost = flows::to_json(*measurement.cost);
    for (const char* covered : {"target", "tools", "seconds"}) cost.erase(covered);
    json.update(cost);
    for (const auto& [program, line] : measurement.cost->tools) tools[program] = line;
  }
  json["verified"] = {{"passed", verified},
                      {"rtl_vectors", measurement.rtl_vectors()},
                      {"netlist_vectors", measurement.netlist_vectors()},
                      {"exhaustive", measurement.exhaustive()}};
  if (!verified) {
    json["reports"] = nlohmann::ordered_json::array();
    for (const auto* reports : {&measurement.rtl, &measurement.netlists}) {
      for (const verify::VerifyReport& report : *reports) {
        json["reports"].push_back(verify::to_json(report));
      }
    }
  }
  json["tools"] = tools;
  json["seconds"] = measurement.seconds;
  return json;
}

}  // namespace fewbit::study
