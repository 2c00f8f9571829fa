// Results as CSV and JSON: the table as it is, a column each.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "fewbit/flows/store/accuracy_row.h"
#include "fewbit/flows/store/network_row.h"
#include "fewbit/flows/store/result_row.h"

namespace fewbit::store {

/// RFC 4180 with a heading, lines ended by a newline alone; what is absent is empty. A text that a
/// spreadsheet would run, one that begins with = + - @, a tab or a line's end, has an apostrophe in
/// front.
std::string to_csv(const std::vector<ResultRow>& rows);
std::string to_csv(const std::vector<AccuracyRow>& rows);
std::string to_csv(const std::vector<NetworkRow>& rows);

/// Programs and their versions; {"unreadable": text} where the column holds something else.
nlohmann::ordered_json tools_json(const std::string& tools);

/// An array of objects; what is absent is null, `tools` is an object.
nlohmann::ordered_json to_json(const std::vector<ResultRow>& rows);
nlohmann::ordered_json to_json(const std::vector<AccuracyRow>& rows);
nlohmann::ordered_json to_json(const std::vector<NetworkRow>& rows);

}  // namespace fewbit::store
