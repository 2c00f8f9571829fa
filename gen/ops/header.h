// The contract that opens every emitted file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit::ops {

/// The comment lines of the header, without the slashes: formats, rounding, overflow, special
/// values, timing, the command that reproduces the file. What depends on the accumulator's width is
/// said of AccWidth where that is a parameter.
std::vector<std::string> contract_header(const OperatorSpec& spec, bool has_width_parameter);

/// "Generator  fewbit 0.2.0": the line of the header that a release changes and nothing else does.
std::string generator_line();

/// spec.command() with the --target that selects its fabric, where it is not the default.
std::string reproduce_command(const OperatorSpec& spec);

}  // namespace fewbit::ops
