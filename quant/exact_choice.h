// One candidate for each layer with the least loss within a budget, exactly.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "fewbit/quant/mixed.h"

namespace fewbit::quant {

/// The choice of least loss among all that fit; of equal ones any. None where none fits. By dynamic
/// programming: layer by layer, all choices so far that no other one has both for less cost and for
/// less loss, and that the relaxed rest (parts of candidates) could still bring below the loss of
/// choose_greedily().
std::optional<std::vector<std::size_t>> choose_exactly(const ChoiceProblem& problem);

}  // namespace fewbit::quant
