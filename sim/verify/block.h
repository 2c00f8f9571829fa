// Verification of blocks: what is sent to each, and what it must do beyond its streams.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "fewbit/gen/spec/block_spec.h"
#include "fewbit/sim/verify/stream_behaviour.h"

namespace fewbit::verify {

/// Random beats in whole packets and groups for the block with this signature, and its model.
StreamPlan plan_of(const BlockSpec& spec, const rtl::ModuleSignature& signature);
/// Fewer runs where a group of the block has many beats.
StreamOptions stream_options(const BlockSpec& spec, std::uint64_t seed);

struct BlockReport {
  VerifyReport report;
  std::map<std::string, double> rates;  ///< see StreamBehaviour::rates()
  std::uint64_t beats = 0;
};
/// The block as emitted, or a netlist of it, in Verilator.
Result<BlockReport> verify_block(const BlockSpec& spec, const rtl::EmittedDesign& design,
                                 const std::string& label, const VerifyOptions& options);

}  // namespace fewbit::verify
