// Proofs of blocks: the rules of streams, and that beats come out as they went in.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fewbit/flows/prove.h"
#include "fewbit/gen/spec/block_spec.h"

namespace fewbit::flows {

/// Nothing where prove_streams() has a proof for the block: skid, fork, and fifo of registers.
Status provable(const BlockSpec& spec);

/// For every sequence of inputs from the state of all zeros on, on each stream that it sends: valid
/// stays, with the same data and last, until the beat has moved; a beat that came in is the one
/// that comes out in its turn; no beat is made, and (but for a fork) one is offered wherever one is
/// inside; no more are inside than there are places.
Result<ProofPart> prove_streams(const BlockSpec& spec, const rtl::EmittedDesign& design,
                                const ProofOptions& options);

/// Module top around the block, whose output is 1 where a rule is broken.
std::string stream_monitor_text(const BlockSpec& spec, const rtl::ModuleSignature& signature);

}  // namespace fewbit::flows
