// What thresholds must answer: thresholds that are counted.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "fewbit/gen/spec/thresholds_spec.h"

namespace fewbit::model {

/// The codes of one vector of spec.outputs sums.
std::vector<BigInt> levels(const ThresholdsSpec& spec, const std::vector<BigInt>& sums);

}  // namespace fewbit::model
