// Budgets of a device: see network_budget.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/network_budget.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <optional>

#include "fewbit/gen/util/check.h"
#include "fewbit/gen/util/text.h"

namespace fewbit::cli {
namespace {

/// The fewest block RAMs with which the lookup tables of `device` suffice, of those of the device
/// without budgets.
Result<std::optional<int>> least_brams(const quant::Pipeline& pipeline, const quant::Device& device,
                                       const quant::BlockCosts& costs) {
  FEWBIT_ASSIGN_OR_RETURN(whole, quant::find_plan_device(device.name));
  int low = device.brams, high = whole.brams + 1;
  while (high - low > 1) {
    quant::Device tried = device;
    tried.brams = low + (high - low) / 2;
    FEWBIT_ASSIGN_OR_RETURN(plan, quant::fold(pipeline, tried, quant::kAnyCycles, costs));
    (plan && plan->used.luts <= tried.most_luts() ? high : low) = tried.brams;
  }
  return high > whole.brams ? std::optional<int>() : std::optional(high);
}

}  // namespace

void BudgetWords::declare(CLI::App& app) {
  app.add_option("--luts", luts_,
                 "Most LUTs, by the estimate of fewbit plan; default: 85 % of the device's");
  app.add_option("--brams", brams_, "Most block RAMs; default: the device's");
  app.add_option("--dsps", dsps_, "Most multipliers; default: the device's");
}

std::string BudgetWords::words() const {
  std::string words;
  for (const auto& [option, text] :
       {std::pair{"--luts", &luts_}, std::pair{"--brams", &brams_}, std::pair{"--dsps", &dsps_}}) {
    if (!text->empty()) words += fmt::format(" {} {}", option, *text);
  }
  return words;
}

Result<quant::Device> BudgetWords::applied(quant::Device device) const {
  if (!luts_.empty()) {
    const auto most = static_cast<long long>(device.most_luts());
    FEWBIT_ASSIGN_OR_RETURN(luts, parse_integer("--luts", luts_, 1, most));
    device.luts = static_cast<int>(luts);
    device.fill = 1;
  }
  if (!brams_.empty()) {
    FEWBIT_ASSIGN_OR_RETURN(brams, parse_integer("--brams", brams_, 0, device.brams));
    device.brams = static_cast<int>(brams);
  }
  if (!dsps_.empty()) {
    FEWBIT_ASSIGN_OR_RETURN(dsps, parse_integer("--dsps", dsps_, 0, device.multipliers));
    device.multipliers = static_cast<int>(dsps);
  }
  return device;
}

Result<int> BudgetWords::applied_to_memories(const std::string& device, int brams) const {
  if (!luts_.empty()) {
    return Error{"--luts", luts_, "no --luts with " + device,
                 "LUTs are estimated on ECP5 alone; --cost counts them"};
  }
  if (!dsps_.empty()) {
    FEWBIT_ASSIGN_OR_RETURN(none, parse_integer("--dsps", dsps_, 0, 0));
    static_cast<void>(none);
  }
  if (brams_.empty()) return brams;
  FEWBIT_ASSIGN_OR_RETURN(most, parse_integer("--brams", brams_, 0, brams));
  return static_cast<int>(most);
}

Status BudgetWords::too_small(const quant::Pipeline& pipeline, const quant::Device& device,
                              const quant::BlockCosts& costs) const {
  FEWBIT_ASSIGN_OR_RETURN(plan, quant::fold(pipeline, device, quant::kAnyCycles, costs));
  FEWBIT_CHECK(plan.has_value(), "no plan for {} at any rate", device.name);
  const std::string detail = needs(*plan, device) + " at its slowest";
  const bool has_luts = plan->used.luts <= device.most_luts();
  if (has_luts) {
    return Error{"--dsps", std::to_string(device.multipliers),
                 fmt::format("at least {}, or formats of fewer bits", plan->used.multipliers),
                 detail};
  }
  if (!luts_.empty()) {
    return Error{
        "--luts", luts_,
        fmt::format("at least {:.0f}, or formats of fewer bits", std::ceil(plan->used.luts)),
        detail};
  }
  FEWBIT_ASSIGN_OR_RETURN(least, least_brams(pipeline, device, costs));
  const std::string legal = least
                                ? fmt::format("at least {}, or formats of fewer bits", *least)
                                : "a larger target: this network does not fit, whatever the budget";
  return Error{"--brams", std::to_string(device.brams), legal, detail};
}

std::string needs(const quant::FoldingPlan& plan, const quant::Device& device) {
  const auto one = [](long long used, long long most, const std::string& what) {
    const std::string beyond = used > most ? fmt::format(" ({} too many)", used - most) : "";
    return fmt::format("{} of {} {}{}", used, most, what, beyond);
  };
  return "it would take about " +
         one(static_cast<long long>(std::ceil(plan.used.luts)),
             static_cast<long long>(device.most_luts()), "LUTs") +
         ", " + one(plan.used.brams, device.brams, "EBR") + ", " +
         one(plan.used.multipliers, device.multipliers, "multipliers");
}

}  // namespace fewbit::cli
