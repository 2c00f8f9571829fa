// The signature as JSON.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/rtl/signature.h"

#include <nlohmann/json.hpp>

#include "fewbit/gen/util/release.h"

namespace fewbit::rtl {

std::string_view to_string(PortRole role) {
  switch (role) {
    case PortRole::kClock:
      return "clock";
    case PortRole::kReset:
      return "reset";
    case PortRole::kValid:
      return "valid";
    case PortRole::kReady:
      return "ready";
    case PortRole::kFirst:
      return "first";
    case PortRole::kTag:
      return "tag";
    case PortRole::kOperand:
      return "operand";
    case PortRole::kResult:
      return "result";
    case PortRole::kScale:
      return "scale";
    case PortRole::kNan:
      return "nan";
    case PortRole::kPlusInf:
      return "plus_inf";
    case PortRole::kMinusInf:
      return "minus_inf";
  }
  return "";
}

const PortSignature* ModuleSignature::find(PortRole role) const {
  for (const PortSignature& port : ports) {
    if (port.role == role) return &port;
  }
  return nullptr;
}

const PortSignature* ModuleSignature::find(const std::string& port_name) const {
  for (const PortSignature& port : ports) {
    if (port.name == port_name) return &port;
  }
  return nullptr;
}

namespace {

nlohmann::ordered_json to_json(const std::vector<FileSignature>& files) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const FileSignature& file : files) {
    json.push_back({{"name", file.name}, {"sha256", file.sha256}});
  }
  return json;
}

}  // namespace

nlohmann::ordered_json to_json(const ModuleSignature& signature) {
  nlohmann::ordered_json json;
  json["module"] = signature.module;
  json["operator"] = signature.operator_name;
  json["arch"] = signature.arch;
  json["fabric"] = signature.fabric;
  json["release"] = release();
  json["command"] = signature.command;
  json["latency_cycles"] = signature.latency_cycles;
  json["initiation_interval"] = signature.initiation_interval;
  json["handshake"] = signature.handshake;
  json["reset"] =
      signature.reset.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(signature.reset);
  if (!signature.rounding.empty()) json["rounding"] = signature.rounding;
  if (!signature.overflow.empty()) json["overflow"] = signature.overflow;
  if (!signature.dsp.empty()) json["dsp"] = signature.dsp;
  if (signature.terms > 0) json["terms"] = signature.terms;
  json["parameters"] = nlohmann::ordered_json::array();
  for (const ParameterSignature& parameter : signature.parameters) {
    json["parameters"].push_back(
        {{"name", parameter.name}, {"value", parameter.value}, {"meaning", parameter.meaning}});
  }
  json["ports"] = nlohmann::ordered_json::array();
  for (const PortSignature& port : signature.ports) {
    nlohmann::ordered_json entry = {
        {"name", port.name},
        {"direction", port.direction == Direction::kInput ? "input" : "output"},
        {"role", to_string(port.role)},
        {"width_bits", port.width_bits},
        {"signed", port.is_signed}};
    if (!port.format.empty()) {
      entry["format"] = port.format;
      entry["lsb_exponent"] = port.lsb_exponent;
      if (port.lanes > 1) entry["lanes"] = port.lanes;
    }
    if (!port.width_parameter.empty()) entry["width_parameter"] = port.width_parameter;
    json["ports"].push_back(std::move(entry));
  }
  json["files"] = to_json(signature.files);
  if (!signature.model_files.empty()) json["model_files"] = to_json(signature.model_files);
  if (!signature.testbench_files.empty()) {
    json["testbench_files"] = to_json(signature.testbench_files);
  }
  return json;
}

}  // namespace fewbit::rtl
