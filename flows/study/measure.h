// Verified cost: RTL against the model, synthesis, the mapped netlists against the model, counts.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "fewbit/flows/cost.h"
#include "fewbit/gen/spec/operator_spec.h"
#include "fewbit/sim/verify/verify.h"

namespace fewbit::study {

struct MeasureOptions {
  std::string flow;  ///< as in flows::CostOptions
  int copies = 1;    ///< as in flows::CostOptions
  int seeds = 5;
  int jobs = 1;
  std::function<void(const std::string& step)> progress;
};

/// What became of one design on one target. Without `cost` something differs from the model, and
/// the report that says so is in `rtl` or `netlists`.
struct Measurement {
  OperatorSpec spec;
  rtl::EmittedDesign design;
  std::vector<verify::VerifyReport> rtl;
  std::vector<verify::VerifyReport> netlists;  ///< one per copy in the flow variant that counts
  std::optional<flows::CostPoint> cost;
  double seconds = 0;
  std::string failure;  ///< why there is no cost, where a tool failed

  /// Least number of operands that the RTL reports, and the netlist reports, compared.
  [[nodiscard]] std::uint64_t rtl_vectors() const;
  [[nodiscard]] std::uint64_t netlist_vectors() const;
  /// Every operand pair was applied to RTL and netlist.
  [[nodiscard]] bool exhaustive() const;
  /// Empty, or why there is no cost.
  [[nodiscard]] std::string why_not() const {
    if (cost) return "";
    return failure.empty() ? "hardware and model differ" : failure;
  }
};

/// Verifies the RTL of `spec`, then measures it on `target`.
Result<Measurement> measure(const OperatorSpec& spec, const flows::Target& target,
                            const MeasureOptions& options);

/// The part of measure() after the RTL was verified: `measurement` has spec, design and rtl.
Status measure_verified(Measurement& measurement, const flows::Target& target,
                        const MeasureOptions& options);

/// The document of `fewbit cost`.
Result<nlohmann::ordered_json> to_json(const Measurement& measurement, const flows::Target& target);

}  // namespace fewbit::study
