// Branches: If nodes whose condition is constant, replaced by what they choose.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/quant/graph.h"

namespace fewbit::quant {

/// The graph with the nodes of the chosen branch in the place of every If whose condition follows
/// from constants alone. An If with another condition stays, and has no kernel that runs it.
/// Errors: of nodes on the way to a condition, a branch that does not make the If's results, more
/// nodes than kMostNodes.
Result<Graph> choose_branches(Graph graph);

inline constexpr std::size_t kMostNodes = 1000000;

}  // namespace fewbit::quant
