// Prints a prepared module as SystemVerilog. It decides layout only; every name and width is the
// module's.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fewbit/gen/rtl/module.h"

namespace fewbit::rtl {

/// The module's file, in the subset that Yosys 0.23, Verilator 5.006 and Icarus 11 read alike. Same
/// module, same bytes. Names are legalised first; a module with defects is a bug and stops the
/// program.
std::string print(Module& module);

}  // namespace fewbit::rtl
