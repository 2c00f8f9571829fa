// ThresholdsSpec: sums of a layer into codes of few bits by thresholds for each channel.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit {

/// What the user wrote.
struct ThresholdsRequest {
  std::string sums_format{};                         ///< an integer
  std::string result_format{};                       ///< of at most 4 bits
  long long outputs = 1;                             ///< C
  long long rows = 1;                                ///< P
  long long units = 1;                               ///< N
  std::vector<std::vector<long long>> thresholds{};  ///< of each output, rising
  std::string name{};
};

/// code[c] = level j of the result format, j the number of thresholds of c that sum[c] reaches:
/// sum[c] >= thresholds[c][i]. Levels are the format's values, the least first.
struct ThresholdsSpec {
  Format sum = IntFormat{};
  Format result = IntFormat{};
  int outputs = 1;
  int rows = 1;                                    ///< 1 to outputs
  int units = 1;                                   ///< divides rows
  std::vector<std::vector<long long>> thresholds;  ///< of each output one less than levels
  std::vector<Code> levels;                        ///< codes
  std::string module_name;

  /// Beats of the codes of one vector.
  [[nodiscard]] int beats() const { return (outputs + units - 1) / units; }
};

/// Checks every field. A threshold may be one more than the largest sum, which none reaches.
Result<ThresholdsSpec> make_thresholds_spec(const ThresholdsRequest& request);

}  // namespace fewbit
