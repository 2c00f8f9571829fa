// The report: one page of HTML that holds results, charts and all it needs to be read from disk.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "fewbit/flows/store/accuracy_row.h"
#include "fewbit/flows/store/network_row.h"
#include "fewbit/flows/store/result_row.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/result.h"

namespace fewbit::report {

/// What follows from the formats of a row; absent where it cannot be told.
struct Figures {
  std::string accumulator;            ///< format of an exact running sum, or ""
  std::optional<double> range_db;     ///< dynamic range of the narrower operand
  std::optional<double> gaussian_db;  ///< SQNR of the operands' product, Gaussian sources
  std::optional<double> laplacian_db;
};

/// A result and its figures.
struct Row {
  store::ResultRow result;
  Figures figures;
};

/// The columns of the table, then those of Figures:
///   {"name", "count", "columns": {"luts": [40, ...], "a": {"values": ["int4", ...], "index": [0,
///   ...]}}}
/// Texts that repeat are kept once. `name` is what the page calls its source.
nlohmann::ordered_json page_data(const std::string& name, const std::vector<Row>& rows);

/// The same of accuracies, without keys, hashes and the widths of single layers; "{formats}" in a
/// command stands for the options that name the formats.
nlohmann::ordered_json accuracy_data(const std::vector<store::AccuracyRow>& rows);

/// The same of networks, without keys and hashes.
nlohmann::ordered_json network_data(const std::vector<store::NetworkRow>& rows);

/// The minified scripts and their notices.txt; empty in a fewbit that was built without.
const std::vector<TextFile>& chart_library();

/// The text of index.html. An empty library is an Error.
Result<std::string> make_page(const std::string& name, const std::vector<Row>& rows,
                              const std::vector<store::AccuracyRow>& accuracies,
                              const std::vector<store::NetworkRow>& networks,
                              const std::vector<TextFile>& library = chart_library());

}  // namespace fewbit::report
