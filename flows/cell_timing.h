// The longest path of a netlist of standard cells, by the library's tables.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fewbit/flows/liberty.h"

namespace fewbit::flows {

/// The longest path in ns from an edge of the clock at one flip-flop to the next: clock to output,
/// gates, and setup. `netlist` is Yosys's JSON; looked at is module `module`, which has cells of
/// the library alone.
///
/// A gate's delay and the slew that it hands on are those of its tables for the slew at its input
/// and the load at its output, the capacitances of all pins there; both edges are followed apart.
/// The clock is ideal: it has no slew and comes everywhere at once. Left out: wires, what hangs at
/// the module's ports, ports that no register is at, clear and preset, hold times.
///
/// Errors (kTool): another cell, a flip-flop of a falling edge, a gate without delays.
/// (kDesign): a combinational loop.
Result<double> longest_path_ns(const std::string& netlist, const std::string& module,
                               const CellLibrary& library);

}  // namespace fewbit::flows
