// Several outputs that share an operand: the model of one of them, for each in turn.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit::c_model {

/// The text of $M_outputs and what follows for a request with several outputs, where `one` is that
/// of the same request for one output.
std::string several_text(const OperatorSpec& spec, const std::string& one,
                         const std::string& outputs);

}  // namespace fewbit::c_model
