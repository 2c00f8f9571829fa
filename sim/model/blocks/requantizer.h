// What the requantizer must answer: exact products, encoded once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "fewbit/gen/spec/requantizer_spec.h"

namespace fewbit::model {

/// The codes of one vector of spec.outputs sums.
std::vector<BigInt> requantized(const RequantizerSpec& spec, const std::vector<BigInt>& sums);

}  // namespace fewbit::model
