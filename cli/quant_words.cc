// What words of options mean.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/quant_words.h"

namespace fewbit::cli {

Result<quant::RangeRule> parse_rule(const std::string& option, const std::string& text) {
  if (text == "absmax") return quant::RangeRule::kAbsoluteMaximum;
  if (text == "percentile") return quant::RangeRule::kPercentile;
  if (text == "mse") return quant::RangeRule::kLeastSquares;
  return Error{option, text, "absmax, percentile, mse", ""};
}

Result<bool> parse_switch(const std::string& option, const std::string& text) {
  if (text == "on") return true;
  if (text == "off") return false;
  return Error{option, text, "on, off", ""};
}

Result<std::optional<quant::RoundingStart>> parse_start(const std::string& text) {
  using Start = std::optional<quant::RoundingStart>;
  if (text == "off") return Start();
  if (text == "local") return Start(quant::RoundingStart::kLocalGrid);
  if (text == "integer") return Start(quant::RoundingStart::kInteger);
  return Error{"--learned-rounding", text, "off, local, integer", ""};
}

}  // namespace fewbit::cli
