// The structure of a design: what synthesis gets of it, without the words for its readers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/gen/rtl/module.h"
#include "fewbit/gen/util/files.h"

namespace fewbit::rtl {

/// SHA-256 of the graph of a module and of all that it instances: ports in their order, operations
/// with widths and constants, registers, memories, parameters with their ranges. Not of names,
/// comments, sections, labels of tables or codes, marks, nor of what no output depends on; a net
/// that only names an expression does not count either. Modules that are text count as
/// structure_of(files).
std::string structure_of(const Module& top);

/// SHA-256 of the words of SystemVerilog files, in the order given, without comments and spaces.
/// Of names that are no reserved words only which are the same counts, and which differ.
std::string structure_of(const std::vector<TextFile>& files);

}  // namespace fewbit::rtl
