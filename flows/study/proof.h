// What the proof of an operator works with: the designs that it compares.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/flows/prove.h"
#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit::study {

/// For flows::prove: the optimized design of the request, its probes, the generic design that it is
/// compared with and, of sums, the exact operator of one addend. Netlists are the caller's to add.
flows::ProofInputs proof_inputs(const OperatorSpec& spec);

}  // namespace fewbit::study
