// What layers send for the beats that they take: their models, which know numbers, behind streams.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/sim/model/blocks/blocks.h"

namespace fewbit::model {

/// How values lie in the beats of a stream: `lanes` side by side, value 0 lowest.
struct BeatShape {
  int lanes = 1;
  int bits = 1;  ///< of a value
};
/// The values of `count` beats from number `first` on, all lanes of each.
std::vector<BigInt> beat_values(const Beats& beats, std::size_t first, std::size_t count,
                                const BeatShape& shape);
/// A packet of values, the last beat filled up with zeros and with last.
void append_packet(Beats& beats, const std::vector<BigInt>& values, const BeatShape& shape);

/// All that a layer sends after it has taken `sent`, whole vectors, windows or images.
StreamBeats layer_outputs(const BlockSpec& spec, const StreamBeats& sent);

}  // namespace fewbit::model
