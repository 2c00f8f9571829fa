// Tuned: see tuned.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/spec/tuned.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "fewbit/gen/spec/strategy.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/json.h"

namespace fewbit::embedded {
const std::vector<TextFile>& tuned_files();
}

namespace fewbit {
namespace {

/// The value that has this name; a name that no value has is a mistake in the data.
template <typename Values>
auto named_value(const Values& values, const std::string& name) {
  for (const auto value : values) {
    if (to_string(value) == name) return value;
  }
  FEWBIT_CHECK(false, "gen/spec/tuned.json has an unknown name, {}", name);
}

std::vector<TunedRow> read_rows(const std::string& text) {
  std::vector<Strategy> strategies;
  for (const StrategyInfo& info : strategy_table()) strategies.push_back(info.strategy);
  const std::vector<Fabric> fabrics = {Fabric::kIce40, Fabric::kEcp5, Fabric::kXilinx};
  std::vector<TunedRow> rows;
  const nlohmann::json document = parse_json<nlohmann::json>(text);
  for (const auto& entry : document.at("rows")) {
    for (const Goal goal : kGoals) {
      const auto& best = entry.at(std::string(to_string(goal)));
      rows.push_back({.request = entry.at("request"),
                      .fabric = named_value(fabrics, entry.at("fabric")),
                      .goal = goal,
                      .choice = {named_value(strategies, best.at("strategy")), best.at("flow"),
                                 entry.at("target")}});
    }
  }
  return rows;
}

}  // namespace

std::string_view to_string(Goal goal) {
  switch (goal) {
    case Goal::kArea:
      return "area";
    case Goal::kSpeed:
      return "speed";
    case Goal::kBalanced:
      return "balanced";
  }
  return "";
}

Result<Goal> parse_goal(const std::string& text) {
  for (const Goal goal : kGoals) {
    if (to_string(goal) == text) return goal;
  }
  return Error{"--optimize", text, "area, speed, balanced", ""};
}

const std::vector<TunedRow>& tuned_rows() {
  static const std::vector<TunedRow> kRows = read_rows(embedded::tuned_files().front().text);
  return kRows;
}

std::string tuned_request(const OperatorSpec& spec) {
  std::string text = spec.info().name;
  for (const OptionInfo& option : option_table()) {
    switch (option.option) {
      case Option::kTerms:
      case Option::kAccWidth:
      case Option::kArch:
      case Option::kStrategy:
      case Option::kOptimize:
      case Option::kLatency:
      case Option::kHandshake:
      case Option::kTagBits:
      case Option::kReset:
        continue;
      case Option::kOverflow:
        if (!spec.result) continue;
        break;
      default:
        break;
    }
    const std::string value = option_value(spec, option.option);
    if (!value.empty()) text += fmt::format(" {} {}", option.name, value);
  }
  return text;
}

std::optional<TunedChoice> tuned_choice(const OperatorSpec& spec, Goal goal) {
  const std::string request = tuned_request(spec);
  const std::vector<Strategy> all = strategies_of(spec);
  for (const TunedRow& row : tuned_rows()) {
    if (row.fabric != structure_of(spec.fabric) || row.goal != goal || row.request != request)
      continue;
    if (std::find(all.begin(), all.end(), row.choice.strategy) != all.end()) return row.choice;
  }
  return std::nullopt;
}

}  // namespace fewbit
