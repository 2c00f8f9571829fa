// Models of blocks: from the beats that they take to the beats that they send, without time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "fewbit/gen/spec/block_spec.h"
#include "fewbit/gen/util/bigint.h"

namespace fewbit::model {

struct Beat {
  BigInt data;  ///< with user bits, those are above
  bool last = false;
  BigInt unknown = 0;  ///< bits of data that may be anything
};
using Beats = std::vector<Beat>;
/// Beats by the name of their stream.
using StreamBeats = std::map<std::string, Beats>;

/// All that the block sends after it has taken `sent`, whose packets and groups are whole.
StreamBeats block_outputs(const BlockSpec& spec, const StreamBeats& sent);

Beats repack(const BlockSpec& spec, const Beats& in);
Beats replay(const BlockSpec& spec, const Beats& in);

}  // namespace fewbit::model
