// Models of blocks: which stream is what.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/model/blocks/blocks.h"

#include "fewbit/gen/util/check.h"
#include "fewbit/sim/model/blocks/layer.h"

namespace fewbit::model {

StreamBeats block_outputs(const BlockSpec& spec, const StreamBeats& sent) {
  if (spec.layer) return layer_outputs(spec, sent);
  const Beats& in = sent.at("in");
  StreamBeats outputs;
  switch (spec.kind) {
    case BlockKind::kSkid:
    case BlockKind::kFifo:
      return {{"out", in}};
    case BlockKind::kRepack:
      return {{"out", repack(spec, in)}};
    case BlockKind::kFork:
      for (int k = 0; k < spec.number("--outputs"); ++k) outputs["out_" + std::to_string(k)] = in;
      return outputs;
    case BlockKind::kReplay:
      return {{"out", replay(spec, in)}};
    default:
      break;
  }
  FEWBIT_CHECK(false, "block {} has no model", static_cast<int>(spec.kind));
}

}  // namespace fewbit::model
