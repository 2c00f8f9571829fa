// Words of options of fewbit quant.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "fewbit/quant/quantizer.h"

namespace fewbit::cli {

/// absmax, percentile or mse. Errors name `option`.
Result<quant::RangeRule> parse_rule(const std::string& option, const std::string& text);
/// on or off.
Result<bool> parse_switch(const std::string& option, const std::string& text);
/// Of learned rounding: off, local or integer.
Result<std::optional<quant::RoundingStart>> parse_start(const std::string& text);

}  // namespace fewbit::cli
