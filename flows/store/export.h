// Results as CSV and JSON: the table as it is, a column each.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "flows/store/accuracy_row.h"
#include "flows/store/result_row.h"

namespace fewbit::store {

/// RFC 4180 with a heading, lines ended by a newline alone; what is absent is empty.
std::string to_csv(const std::vector<ResultRow>& rows);
std::string to_csv(const std::vector<AccuracyRow>& rows);

/// An array of objects; what is absent is null, `tools` is an object.
nlohmann::ordered_json to_json(const std::vector<ResultRow>& rows);
nlohmann::ordered_json to_json(const std::vector<AccuracyRow>& rows);

}  // namespace fewbit::store
