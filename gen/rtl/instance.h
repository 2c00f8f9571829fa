// Instances: what of a module its users see, and whether an instance is connected as it demands.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

#include "fewbit/gen/rtl/module.h"

namespace fewbit::rtl {

/// For each output, in order, the inputs that it depends on without a register between (indices
/// into inputs()). Of a module that is text none are known.
std::vector<std::set<std::size_t>> combinational_inputs(const Module& module);

/// The instance's argument for a parameter of its module; nullptr where it keeps its default.
const Argument* argument_of(const Instance& instance, const std::string& parameter);

/// The width of a port of the instance's module, as it is in `parent`.
Width port_width(const Module& parent, const Instance& instance, const Width& width);

/// The node that the instance connects to an input of its module; -1 where it connects none.
int connected(const Instance& instance, const std::string& port);

/// Defects of the instance's connections and arguments, as sentences: ports that are missing,
/// unknown, given twice or of another width; clocks that are not the parent's clock; parameters
/// that are unknown, given twice or out of range.
std::vector<std::string> connection_defects(const Module& parent, const Instance& instance);

/// Paths from data inputs (all but clock, reset and enable) to outputs that have other than the
/// registers that pipelined() states, as sentences. Empty where it states none.
std::vector<std::string> latency_defects(const Module& module);

/// Its results are a function of its operands: combinational, or a number of clock edges later. The
/// pipeliner may cross an instance of such a module at its ports.
bool is_function(const Module& module);

}  // namespace fewbit::rtl
