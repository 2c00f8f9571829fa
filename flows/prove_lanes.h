// Proofs of a dot product lane by lane: the text around it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/flows/prove_probes.h"
#include "fewbit/gen/rtl/signature.h"
#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit::flows {

/// Module top with one instance of the opened design `gate` and the output differs_o. Lane K: 1
/// where the lane's terms are not the exact product, or that is out of a lane's range. lane < 0: 1
/// where the sum of the terms, which are free, is not result_o; a lane's term that is narrower than
/// the result is assumed to be within the range of a lane; `asserts`: that it is 0.
std::string lane_text(const OperatorSpec& spec, const rtl::EmittedDesign& gate,
                      const rtl::ModuleSignature& exact, const std::vector<LaneTerm>& terms,
                      int lane, bool asserts);

/// Module gold: a split dot as the sum of its lanes' exact products, with the operator's ports.
std::string reference_dot_text(const OperatorSpec& spec, const rtl::ModuleSignature& gate,
                               const rtl::ModuleSignature& exact);

}  // namespace fewbit::flows
