// Filling an OperatorRequest from words, option by option.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit {

/// Puts what a user wrote for an option into a request. Nothing but an integer for a number is
/// checked here; make_operator_spec checks the rest.
Status set_option(OperatorRequest& request, const OptionInfo& option, const std::string& text);

/// The same for the option of a name ("--terms"); an Error where no option has it.
Status set_option(OperatorRequest& request, const std::string& name, const std::string& text);

}  // namespace fewbit
