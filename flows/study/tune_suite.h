// Tuning of many requests at once: what gen/spec/tuned.json is made by.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "fewbit/flows/study/measure.h"
#include "fewbit/flows/study/watcher.h"

namespace fewbit::study {

struct TunedSuite {
  nlohmann::ordered_json document;  ///< the text of gen/spec/tuned.json
  std::string mismatch;             ///< the first design that differs from the model, or ""
};

/// The requests of the area tables and of the demo on the targets of the tables. Each strategy is
/// mapped by the target's first flow; the strategies that are best for some goal are mapped by all
/// flows; and what is then best for some goal is verified, measured, and compared by what was
/// measured: area in LUTs, speed by place and route where the target has it (options.seeds runs),
/// else by the depth in cells, balanced by the product of both. The same tools give the same text.
///
/// `tables`: only these of kTunedTables (the demo goes with mac); none: all.
Result<TunedSuite> tune_suite(const std::vector<std::string>& tables, const MeasureOptions& options,
                              Watcher& watcher);
inline constexpr char kTunedTables[] = "mul,mul-flush,add,add-flush,mac,dot";

/// `document` with the rows of `old` for requests that it has not, sorted.
nlohmann::ordered_json with_rows_of(nlohmann::ordered_json document,
                                    const nlohmann::ordered_json& old);

}  // namespace fewbit::study
