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

/// The function $M of squant.
std::string steps_text(const OperatorSpec& spec);

/// Statements that set result_o to 0, and in a loop over k put `code` of so many bits into lane k.
std::string cleared_text(const OperatorSpec& spec);
std::string placed_text(const OperatorSpec& spec, const std::string& code);

}  // namespace fewbit::c_model
