// Plan: see plan.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/sweep/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "fewbit/gen/spec/operator_request.h"
#include "fewbit/gen/util/interrupt.h"
#include "fewbit/gen/util/json.h"

namespace fewbit::sweep {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kMostLineBytes = 1 << 16;
constexpr int kMostLines = 2 * static_cast<int>(kMostJobs);

/// A number as a number, everything else as text.
ordered_json json_value(const OptionInfo& option, const std::string& text) {
  if (option.number != nullptr) return std::stoll(text);
  return text;
}

ordered_json line_of(const SweepJob& job, const std::map<std::string, std::string>& tools) {
  ordered_json line{{"command", job.command()}, {"operator", job.spec.info().name}};
  for (const OptionInfo& option : option_table()) {
    const std::string value = option_value(job.spec, option.option);
    if (!value.empty()) line[key_of(option)] = json_value(option, value);
  }
  line["target"] = job.target.name;
  if (!job.flow.empty()) line["flow"] = job.flow;
  line["seeds"] = job.seeds;
  if (!tools.empty()) line["tools"] = tools;
  return line;
}

std::string legal_keys() {
  std::string keys = "operator, target, flow, seeds, tools";
  for (const OptionInfo& option : option_table()) keys += ", " + key_of(option);
  return keys;
}

Result<SweepJob> parse_line(const ordered_json& line, const std::string& where, Plan& plan) {
  OperatorRequest request;
  std::string target, flow;
  int seeds = 0;
  for (const auto& [key, value] : line.items()) {
    if (value.is_structured() && key != "tools") {
      return Error{"key", key, "one value", where + ": a list or an object"};
    }
    const std::string text = value.is_string() ? value.get<std::string>() : json_text(value);
    const auto option =
        std::find_if(option_table().begin(), option_table().end(),
                     [key = key](const OptionInfo& candidate) { return key_of(candidate) == key; });
    if (option != option_table().end()) {
      FEWBIT_RETURN_IF_ERROR(set_option(request, *option, text));
    } else if (key == "operator") {
      request.op = text;
    } else if (key == "target") {
      target = text;
    } else if (key == "flow") {
      flow = text;
    } else if (key == "seeds") {
      if (!value.is_number_integer() || value < 0 || value > kMostSeeds) {
        return Error{"seeds", text, fmt::format("0..{}", kMostSeeds), ""};
      }
      seeds = value.get<int>();
    } else if (key == "tools") {
      for (const auto& [program, version] : value.items()) {
        if (!value.is_object() || !version.is_string()) {
          return Error{"tools", program, "a mapping of programs to versions", where};
        }
        plan.tools[program] = version.get<std::string>();
      }
    } else if (key != "command") {
      return Error{"key", key, legal_keys(), where};
    }
  }
  return make_job(request, target, flow, seeds);
}

}  // namespace

std::string key_of(const OptionInfo& option) {
  std::string key = option.name.substr(2);
  std::replace(key.begin(), key.end(), '-', '_');
  return key;
}

std::string SweepJob::command() const {
  std::string text = spec.command();
  const std::string emit = "fewbit emit ";
  FEWBIT_CHECK(text.rfind(emit, 0) == 0, "the command {} is no emit", text);
  text = "fewbit cost " + text.substr(emit.size()) + " --target " + target.name;
  if (!flow.empty()) text += " --flow " + flow;
  return text + (target.nextpnr.empty() ? "" : fmt::format(" --seeds {}", seeds));
}

Result<SweepJob> make_job(OperatorRequest request, const std::string& target_name,
                          const std::string& flow, int seeds) {
  FEWBIT_ASSIGN_OR_RETURN(target, flows::find_target(target_name));
  FEWBIT_ASSIGN_OR_RETURN(fabric, flows::fabric_of(target));
  request.fabric = fabric;
  FEWBIT_RETURN_IF_ERROR(target.check_dsp(request.dsp));
  FEWBIT_ASSIGN_OR_RETURN(spec, make_operator_spec(request));
  FEWBIT_RETURN_IF_ERROR(target.check_blocks(spec));
  FEWBIT_RETURN_IF_ERROR(target.flows_for(std::string(to_string(spec.dsp)), flow));
  return SweepJob{spec, target, flow, target.nextpnr.empty() ? 0 : seeds};
}

std::string to_lines(const Plan& plan) {
  std::string text;
  for (const SweepJob& job : plan.jobs) text += json_text(line_of(job, plan.tools)) + "\n";
  return text;
}

Result<Plan> parse_lines(const std::string& text, const std::string& name) {
  Plan plan;
  std::istringstream lines(text);
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const std::string where = fmt::format("{} line {}", name, number);
    if (interrupted()) return Error{"plan", name, "a reading to its end", "interrupted"};
    if (line.size() > kMostLineBytes || number > kMostLines) {
      return Error{where, line.substr(0, 60),
                   fmt::format("up to {} lines of {} bytes", kMostLines, kMostLineBytes), ""};
    }
    const auto json = parse_json(line);
    if (!json.is_object()) {
      return Error{where, line.substr(0, 60), "one JSON object a line", "of `fewbit sweep plan`"};
    }
    Result<SweepJob> job = parse_line(json, where, plan);
    if (!job.ok()) {
      Error error = job.error();
      error.field = where + ": " + error.field;
      return error;
    }
    if (plan.jobs.size() == kMostJobs) {
      return Error{where, "one more job", fmt::format("up to {} jobs", kMostJobs), ""};
    }
    plan.jobs.push_back(std::move(job).value());
  }
  if (plan.jobs.empty()) return Error{"plan", name, "one job or more", ""};
  return plan;
}

}  // namespace fewbit::sweep
