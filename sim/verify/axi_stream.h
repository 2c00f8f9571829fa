// Verification of operators with AXI4-Stream ports, against the operator's model.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/gen/spec/operator_spec.h"
#include "fewbit/sim/verify/block.h"

namespace fewbit::verify {

/// Operands in packets of random lengths; each an operation or, of an accumulator, a sum. `spec` is
/// that of the operator, with handshake valid.
StreamPlan axi_plan(const OperatorSpec& spec, const rtl::ModuleSignature& signature);

Result<BlockReport> verify_axi_stream(const OperatorSpec& spec, const rtl::EmittedDesign& design,
                                      const std::string& label, const VerifyOptions& options);

}  // namespace fewbit::verify
