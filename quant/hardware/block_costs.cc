// The measured rows, from the file that is built in.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/hardware/block_costs.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/json.h"

namespace fewbit::embedded {
const std::vector<TextFile>& block_costs();
}

namespace fewbit::quant {

const std::vector<Device>& plan_devices() {
  static const std::vector<Device> devices = {
      {"ecp5-25f", 24288, 56, 28}, {"ecp5-45f", 43848, 108, 72}, {"ecp5-85f", 83640, 208, 156}};
  return devices;
}

Result<Device> find_plan_device(const std::string& name) {
  std::vector<std::string> names;
  for (const Device& device : plan_devices()) {
    if (device.name == name) return device;
    names.push_back(device.name);
  }
  return Error{"--target", name, fmt::format("{}", fmt::join(names, ", ")), "targets of plans"};
}

BlockCosts::BlockCosts() {
  const auto rows = parse_json<nlohmann::json>(embedded::block_costs().front().text);
  for (const auto& row : rows) {
    rows_[{row.at("op"), row.at("weights"), row.at("result")}][row.at("lanes")] = {
        row.at("luts"), row.at("command")};
  }
}

const BlockCosts& BlockCosts::measured() {
  static const BlockCosts costs;
  return costs;
}

Result<double> BlockCosts::dot(const std::string& weights, const std::string& activations,
                               int lanes) const {
  const auto found = rows_.find({"dot", weights, activations});
  if (found == rows_.end()) {
    std::set<std::string> pairs;
    for (const auto& [key, row] : rows_) {
      if (std::get<0>(key) == "dot") {
        pairs.insert(fmt::format("{} x {}", std::get<1>(key), std::get<2>(key)));
      }
    }
    return Error{"formats", fmt::format("{} x {}", weights, activations),
                 fmt::format("pairs whose cost was measured: {}", fmt::join(pairs, ", ")),
                 "weights x activations as layers have them; after ReLU these have no sign"};
  }
  const auto& [few, first] = *found->second.begin();
  const auto& [many, last] = *found->second.rbegin();
  const double slope = (last.luts - first.luts) / (many - few);
  return first.luts + slope * (lanes - few);
}

std::vector<std::string> BlockCosts::dot_commands(const std::string& weights,
                                                  const std::string& activations) const {
  std::vector<std::string> commands;
  const auto found = rows_.find({"dot", weights, activations});
  if (found == rows_.end()) return commands;
  for (const auto& [lanes, row] : found->second) commands.push_back(row.command);
  return commands;
}

Result<double> BlockCosts::single(const std::string& op, const std::string& result) const {
  const auto found = rows_.find({op, "", result});
  if (found != rows_.end()) return found->second.begin()->second.luts;
  return Error{"formats", result, fmt::format("results of {} whose cost was measured", op),
               "make measure-blocks adds rows"};
}

Result<double> BlockCosts::requantizer(const std::string& result) const {
  return single("requant", result);
}

Result<double> BlockCosts::conversion(const std::string& result) const {
  return single("convert", result);
}

}  // namespace fewbit::quant
