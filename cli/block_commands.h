// What verify, prove and cost do with a block.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "fewbit/cli/console.h"
#include "fewbit/cli/request_options.h"
#include "fewbit/flows/prove.h"
#include "fewbit/flows/study/measure.h"
#include "fewbit/gen/spec/block_spec.h"
#include "fewbit/sim/verify/block.h"

namespace fewbit::cli {

/// What the memories of a block hold, where it has any: "contents", for documents; and as lines.
nlohmann::ordered_json contents_json(const BlockSpec& spec);
std::string contents_text(const BlockSpec& spec);

/// The block, and where `target` is not empty its netlists, in Verilator.
Result<ExitCode> verify_block(const Console& console, const BlockSpec& spec,
                              const std::string& target, const verify::VerifyOptions& options);

/// The request for --axi-stream: its handshake is valid, which need not be given.
Result<OperatorSpec> axi_stream_spec(RequestOptions& request);

/// An operator with AXI4-Stream ports, and its netlists.
Result<ExitCode> verify_axi_stream(const Console& console, const OperatorSpec& spec,
                                   const std::string& target, const verify::VerifyOptions& options);

/// What is proved of streams: flows::prove_streams and prove_axi_stream.
Result<ExitCode> prove_block(const Console& console, const BlockSpec& spec,
                             const std::string& target, const flows::ProofOptions& options);

Result<ExitCode> prove_axi_stream(const Console& console, const OperatorSpec& spec,
                                  const std::string& target, const flows::ProofOptions& options);

/// With all that is around the operator.
Result<ExitCode> cost_block(const Console& console, const BlockSpec& spec,
                            const flows::Target& target, const study::MeasureOptions& options);
Result<ExitCode> cost_axi_stream(const Console& console, const OperatorSpec& spec,
                                 const flows::Target& target, const study::MeasureOptions& options);

/// What `fewbit prove` prints of parts.
std::string proof_table(const std::vector<flows::ProofPart>& parts);

/// What `fewbit cost` prints of a point.
std::string cost_table(const flows::CostPoint& cost, const flows::Target& target);

}  // namespace fewbit::cli
