// Passes over a finished module, run before it is printed or evaluated: prepare, then print.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "gen/rtl/module.h"

namespace fewbit::rtl {

/// Every defect of the module as a sentence: register without input, slice of an unnamed
/// expression, unnamed expression used twice, duplicate or unprintable name. Empty = sound.
std::vector<std::string> find_defects(const Module& module);

/// Makes every name a legal SystemVerilog identifier that is no reserved word and unique in the
/// module. Port names come first and keep theirs. Returns the names that others had before: those
/// have a number now, which builders avoid by scopes.
std::vector<std::string> legalise_names(Module& module);

/// Takes out every net that is another net, register or port under a second name. A net that is
/// marked stays, with what the first one is where nothing else reads that.
void drop_aliases(Module& module);

/// Which nodes the outputs, instances and live registers depend on.
std::vector<bool> live_nodes(const Module& module);

/// For each live input, net, register and instance output: the bits that nothing reads (bit i of
/// the mask). Verilator warns about those, so the printer gathers them in one net.
std::vector<BigInt> unread_bits(const Module& module, const std::vector<bool>& live);

/// Those bits as text: a name, or its parts from the top down, "sum[7:4]", "sum[0]".
std::vector<std::string> parts_of(const Module& module, const std::vector<BigInt>& bits);

/// The words that SystemVerilog (IEEE 1800-2017) and Verilog reserve.
bool is_systemverilog_word(const std::string& word);
/// Those, and the words of Verilog-AMS and of tools that read them as SystemVerilog's: no name.
bool is_reserved_word(const std::string& word);

}  // namespace fewbit::rtl
