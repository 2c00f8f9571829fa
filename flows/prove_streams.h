// Proofs of what has streams: their rules, and that beats come out as they went in.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/flows/prove.h"
#include "fewbit/gen/spec/block_spec.h"
#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit::flows {

/// A stream that a design sends, by its ports.
struct SentStream {
  std::string name;  ///< "out", "m_axis"
  std::string valid, ready;
  std::vector<std::string> payload;  ///< data, and last and user where there are any
};
/// In the order of their ready inputs: NAME_ready_i or NAME_tready.
std::vector<SentStream> streams_sent(const rtl::ModuleSignature& signature);

/// The rules of every stream that the design sends, for every sequence of inputs from the state of
/// all zeros on, whatever memories and instances of `operator_instance` ("": none) give: once valid
/// is 1, valid and payload stay until the beat has moved; and no path leads from a ready that comes
/// in to a ready, valid or payload that goes out without a register on it. Two parts.
Result<std::vector<ProofPart>> prove_rules(const rtl::EmittedDesign& design,
                                           const std::string& operator_instance,
                                           const ProofOptions& options);

/// prove_rules() of the block, which must be one that has a proof; and of skid, fork and fifos of
/// registers, that a beat that came in is the one that comes out in its turn, that no beat is made,
/// that (but for a fork) one is offered wherever one is inside, and that no more are inside than
/// there are places.
Result<std::vector<ProofPart>> prove_streams(const BlockSpec& spec,
                                             const rtl::EmittedDesign& design,
                                             const ProofOptions& options);

/// prove_rules() of an operator with AXI4-Stream ports, whatever the operator inside gives. And
/// with the operator as it is, where `places` results wait in registers (0: in a memory, and this
/// part is left out): tlast and tuser that came in come out in their turn, where it accumulates the
/// tuser of the last beat; no result is made, no more than `places` are inside, and where one is
/// inside one is offered, at the latest when as many clock edges have passed as the operator has
/// latency.
Result<std::vector<ProofPart>> prove_axi_stream(const OperatorSpec& spec,
                                                const rtl::EmittedDesign& design, int places,
                                                const ProofOptions& options);

}  // namespace fewbit::flows
