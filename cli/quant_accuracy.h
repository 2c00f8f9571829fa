// Accuracy of one network in one arithmetic, as `fewbit quant run` says it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "fewbit/cli/quant_grid.h"

namespace fewbit::cli {

/// Evaluates, prints a line that begins with `label`, and gives what it says as JSON: right answers
/// of classifiers; edits, characters and exact lines of networks that read text; percent and
/// seconds of both.
Result<nlohmann::ordered_json> report_accuracy(const std::string& label,
                                               const quant::Network& network,
                                               const quant::LinearArithmetic& arithmetic,
                                               const QuantData& data, int jobs,
                                               const Console& console);

}  // namespace fewbit::cli
