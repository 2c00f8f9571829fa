// Parts of a module's text: memories, case statements, named codes and instances, as statements
// without indentation.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "fewbit/gen/rtl/module.h"

namespace fewbit::rtl {

/// A statement, and how many columns it stands to the right.
struct Statement {
  std::string text;
  std::size_t indent = 2;
};
using Statements = std::vector<Statement>;
/// The text of a node's expression.
using ExpressionText = std::function<std::string(int id)>;

/// "[7:0] ", or nothing for a single bit.
std::string bit_range(int bits);
/// "8'b00000001", for more bits hexadecimal.
std::string literal(const BigInt& value, int bits);

/// The name of a code as a localparam: StateIdle.
std::string code_name(const Codes& codes, const std::string& name);
/// The localparam of a code that has one, else the literal.
std::string code_text(const Codes& codes, const BigInt& value);
Statements print_codes(const Module& module);

/// Of the memories of these numbers: the macro that says where files of contents are, if one has
/// any; words and contents, which come before the registers; write ports.
Statements print_data_folder(const Module& module, const std::vector<int>& memories);
Statements print_memories(const Module& module, const std::vector<int>& memories);
Statements print_writes(const Module& module, const std::vector<int>& memories,
                        const ExpressionText& expression);
/// MODULE_MEMORY.hex, and a word a line from word 0 on.
std::string memory_file_name(const Module& module, const Memory& memory);
std::string memory_file_text(const Memory& memory);

/// A net whose value is a case.
Statements print_case(const Module& module, const Node& net, const std::string& range,
                      const ExpressionText& expression);

Statements print_instance(const Module& module, const Instance& instance,
                          const ExpressionText& expression);

}  // namespace fewbit::rtl
