// Pieces of the C text that its files share. In all of them $M is the module's name.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit::c_model {

std::string replaced(std::string text, const std::string& from, const std::string& to);

/// "uint64_t a_i, const uint32_t* b_i".
std::string parameters_text(const OperatorSpec& spec);

/// The function $M of mxquant.
std::string block_text(const OperatorSpec& spec);

}  // namespace fewbit::c_model
