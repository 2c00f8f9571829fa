// The table of the demo: one row for each pair and target, generic beside optimized.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "fewbit/flows/study/measure.h"
#include "fewbit/gen/util/text.h"

namespace fewbit::study {

/// Both architectures of one pair on one target.
struct DemoRow {
  std::string pair;  ///< "e2m1 x int8"
  flows::Target target;
  Measurement generic;
  Measurement optimized;

  [[nodiscard]] bool verified() const { return generic.cost && optimized.cost; }
};

/// Columns: pair, accumulator bits, target, LUTs, flip-flops and Fmax of either architecture, LUTs
/// of optimized over generic, operands compared. Unverified designs have no numbers.
Table demo_table(const std::vector<DemoRow>& rows);

/// The same in 80 columns: pair, target, LUTs and median Fmax of either architecture, LUTs of
/// optimized over generic, operands compared.
Table demo_summary(const std::vector<DemoRow>& rows);

/// The Markdown document: the table, how it was measured, and the tools' versions.
Result<std::string> demo_markdown(const std::vector<DemoRow>& rows, const std::string& command,
                                  const std::string& terms, int seeds);

/// {"passed", "rows"} with the document of `fewbit cost` for each design.
Result<nlohmann::ordered_json> demo_json(const std::vector<DemoRow>& rows);

}  // namespace fewbit::study
