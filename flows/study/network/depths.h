// Depths: how many pixels wait at a sum of branches for the branch that comes later.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "fewbit/flows/study/network/layout.h"

namespace fewbit::study {

/// Pixels of an operand that wait at an Addition.
struct Waiting {
  int least = 0;    ///< there are so many at some time, whoever waits
  int at_rate = 0;  ///< while the other branch is a row, and what its engines hold, ahead
};

/// Of both operands of node `place`, an Addition. Branches go apart behind one node, which sends
/// every pixel to both at once.
std::vector<Waiting> waiting_at(const quant::LoweredNetwork& network,
                                const std::vector<Layout>& layouts, std::size_t place);

}  // namespace fewbit::study
