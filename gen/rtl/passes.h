// Passes over a finished module, run before it is printed or evaluated: prepare, then print.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/gen/rtl/module.h"

namespace fewbit::rtl {

/// Every defect of the module as a sentence: register or net without input, slice of an unnamed
/// expression, unnamed expression used twice, duplicate or unprintable name, combinational loop,
/// misuse of a memory, instances that are not connected as their modules demand, a stated latency
/// that is not the module's. Empty = sound.
std::vector<std::string> find_defects(const Module& module);

/// Makes every name a legal SystemVerilog identifier that is no reserved word and unique in the
/// module. Port names come first and keep theirs. Returns the names that others had before: those
/// have a number now, which builders avoid by scopes.
std::vector<std::string> legalise_names(Module& module);

/// Takes out every net that is another net, register or port under a second name. A net that is
/// marked stays, with what the first one is where nothing else reads that.
void drop_aliases(Module& module);

/// Every node that `node` reads, registers included.
std::vector<int> reads_of(const Node& node);

/// Which nodes the outputs and live registers depend on; an instance is live where an output of it
/// is, and then all of it.
std::vector<bool> live_nodes(const Module& module);
bool is_live(const std::vector<bool>& live, const Instance& instance);
std::vector<int> live_memories(const Module& module, const std::vector<bool>& live);

/// The live nodes, each after its arguments; empty where there is a combinational loop.
std::vector<int> evaluation_order(const Module& module, const std::vector<bool>& live);

/// The live registers, those of one enable, one clear and with or without a reset together.
std::vector<std::vector<int>> register_groups(const Module& module, const std::vector<bool>& live);

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
