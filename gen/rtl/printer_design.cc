// Parts of a module's text: see printer_design.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/rtl/printer_design.h"

#include <fmt/format.h>

#include <algorithm>

#include "fewbit/gen/rtl/layout.h"

namespace fewbit::rtl {

std::string bit_range(int bits) { return bits == 1 ? "" : fmt::format("[{}:0] ", bits - 1); }

std::string literal(const BigInt& value, int bits) {
  if (bits > 8) return fmt::format("{}'h{}", bits, to_hex(value));
  std::string digits;
  for (int i = bits - 1; i >= 0; --i) digits += ((value >> i) & 1) != 0 ? '1' : '0';
  return fmt::format("{}'b{}", bits, digits);
}

std::string code_name(const Codes& codes, const std::string& name) {
  return upper_camel(codes.name) + upper_camel(name);
}

std::string code_text(const Codes& codes, const BigInt& value) {
  for (const auto& [name, code] : codes.codes) {
    if (value == code) return code_name(codes, name);
  }
  return literal(value, codes.width);
}

Statements print_codes(const Module& module) {
  Statements statements;
  for (const Codes& codes : module.code_sets()) {
    for (const auto& [name, code] : codes.codes) {
      statements.push_back({fmt::format("localparam logic {}{} = {};", bit_range(codes.width),
                                        code_name(codes, name), literal(code, codes.width))});
    }
  }
  return statements;
}

std::string memory_file_name(const Module& module, const Memory& memory) {
  return fmt::format("{}_{}.hex", module.name(), memory.name);
}

std::string memory_file_text(const Memory& memory) {
  const std::size_t digits = (static_cast<std::size_t>(memory.spec.width) + 3) / 4;
  std::string text;
  for (std::size_t i = 0; i < static_cast<std::size_t>(memory.spec.depth); ++i) {
    const bool is_given = i < memory.spec.contents.size();
    text += fmt::format("{:0>{}}\n", is_given ? to_hex(memory.spec.contents[i]) : "0", digits);
  }
  return text;
}

namespace {

std::string attributes(const Memory& memory) {
  std::string text;
  if (memory.spec.style == MemoryStyle::kBlock) text += "(* ram_style = \"block\" *) ";
  if (memory.spec.style == MemoryStyle::kDistributed) {
    // Yosys knows lookup tables as RAM alone; constants are logic to it.
    text +=
        memory.is_written() ? "(* ram_style = \"distributed\" *) " : "(* ram_style = \"logic\" *) ";
  }
  if (memory.is_written() && memory.spec.collision == Collision::kAnything) {
    text += "(* no_rw_check *) ";
  }
  return text;
}

std::string comment(const Memory& memory) {
  if (!memory.is_written()) {
    return memory.spec.style == MemoryStyle::kBlock
               ? "// Words of a block RAM, which is read but never written"
               : "// Words that are read but never written";
  }
  return memory.spec.collision == Collision::kOld
             ? "// A read of the word that is being written gives the old one"
             : "// Of the word that is being written a read gives anything";
}

void print_inline_contents(const Memory& memory, Statements& statements) {
  const int width = memory.spec.width;
  BigInt all = 0;
  for (auto word = memory.spec.contents.rbegin(); word != memory.spec.contents.rend(); ++word) {
    all = (all << width) | *word;
  }
  const int bits = memory.spec.depth * width;
  const std::string words = upper_camel(memory.name);
  statements.push_back(
      {fmt::format("localparam logic [{}:0] {} = {}'h{};", bits - 1, words, bits, to_hex(all))});
}

Statements print_memory(const Module& module, const Memory& memory) {
  const MemorySpec& spec = memory.spec;
  const bool is_inline = !spec.contents.empty() && !spec.in_file;
  Statements statements = {{comment(memory)}};
  if (is_inline) print_inline_contents(memory, statements);
  statements.push_back({fmt::format("{}logic {}{} [0:{}];", attributes(memory),
                                    bit_range(spec.width), memory.name, spec.depth - 1)});
  if (is_inline) {
    statements.insert(statements.end(),
                      {{"initial begin"},
                       {fmt::format("for (int i = 0; i < {}; i = i + 1) begin", spec.depth), 4},
                       {fmt::format("{}[i] = {}[i*{} +: {}];", memory.name,
                                    upper_camel(memory.name), spec.width, spec.width),
                        6},
                       {"end", 4},
                       {"end"}});
  } else if (!spec.contents.empty()) {
    statements.insert(statements.end(),
                      {{"initial begin"},
                       {fmt::format("$readmemh({{`FEWBIT_DATA_FOLDER, \"{}\"}}, {});",
                                    memory_file_name(module, memory), memory.name),
                        4},
                       {"end"}});
  }
  return statements;
}

Statements print_write(const Memory& memory, const ExpressionText& expression) {
  return {{"always_ff @(posedge clk_i) begin"},
          {fmt::format("if ({}) begin", expression(memory.write_enable)), 4},
          {fmt::format("{}[{}] <= {};", memory.name, expression(memory.write_address),
                       expression(memory.write_data)),
           6},
          {"end", 4},
          {"end"}};
}

}  // namespace

Statements print_data_folder(const Module& module, const std::vector<int>& memories) {
  for (const int k : memories) {
    if (!module.memories()[static_cast<std::size_t>(k)].spec.in_file) continue;
    return {
        {"// Where the files of memory contents are, with a / at the end; \"\" is where the tool "
         "runs",
         0},
        {"`ifndef FEWBIT_DATA_FOLDER", 0},
        {"`define FEWBIT_DATA_FOLDER \"\"", 0},
        {"`endif", 0}};
  }
  return {};
}

Statements print_memories(const Module& module, const std::vector<int>& memories) {
  Statements all;
  for (const int k : memories) {
    all.push_back({"", 0});
    const Statements one = print_memory(module, module.memories()[static_cast<std::size_t>(k)]);
    all.insert(all.end(), one.begin(), one.end());
  }
  return all;
}

Statements print_writes(const Module& module, const std::vector<int>& memories,
                        const ExpressionText& expression) {
  Statements all;
  for (const int k : memories) {
    const Memory& memory = module.memories()[static_cast<std::size_t>(k)];
    if (!memory.is_written()) continue;
    all.push_back({"", 0});
    const Statements one = print_write(memory, expression);
    all.insert(all.end(), one.begin(), one.end());
  }
  return all;
}

Statements print_case(const Module& module, const Node& net, const std::string& range,
                      const ExpressionText& expression) {
  const Node& choice = module.node(net.args[0]);
  const int bits = module.node(choice.args[0]).width.bits;
  Statements statements = {{fmt::format("logic {}{};", range, net.name)},
                           {"always_comb begin"},
                           {fmt::format("case ({})", expression(choice.args[0])), 4}};
  const auto arm = [&](const std::string& label, int value) {
    statements.push_back({fmt::format("{}: {} = {};", label, net.name, expression(value)), 6});
  };
  for (std::size_t k = 0; k < choice.labels.size(); ++k) {
    const BigInt label = choice.labels[k];
    arm(choice.codes < 0
            ? literal(label, bits)
            : code_text(module.code_sets()[static_cast<std::size_t>(choice.codes)], label),
        choice.args[k + 1]);
  }
  arm("default", choice.args.back());
  statements.insert(statements.end(), {{"endcase", 4}, {"end"}});
  return statements;
}

namespace {

std::string argument_text(const Module& module, const Argument& argument) {
  if (argument.parameter >= 0) {
    return module.parameters()[static_cast<std::size_t>(argument.parameter)].name;
  }
  if (!argument.literal.empty()) return argument.literal;
  return fmt::format("{}32'sd{}", argument.value < 0 ? "-" : "", std::abs(argument.value));
}

}  // namespace

namespace {

constexpr int kOften = 4;

/// So many of one module are printed in as few lines as they need.
bool is_often(const Module& module, const Instance& instance) {
  const auto& all = module.instances();
  return instance.arguments.empty() &&
         std::count_if(all.begin(), all.end(), [&](const Instance& other) {
           return other.module == instance.module;
         }) >= kOften;
}

}  // namespace

Statements print_instance(const Module& module, const Instance& instance,
                          const ExpressionText& expression) {
  const std::string& name = instance.module->name();
  Statements statements;
  const auto list = [&](const std::vector<std::pair<std::string, std::string>>& lines) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
      statements.push_back({fmt::format(".{}({}){}", lines[i].first, lines[i].second,
                                        i + 1 < lines.size() ? "," : ""),
                            4});
    }
  };
  std::vector<std::pair<std::string, std::string>> ports;
  for (const auto& [port, id] : instance.inputs) ports.emplace_back(port, expression(id));
  for (const auto& [port, id] : instance.outputs) ports.emplace_back(port, module.node(id).name);
  if (is_often(module, instance)) {
    std::string text;
    for (const auto& [port, net] : ports) {
      text += fmt::format("{}.{}({})", text.empty() ? "" : ", ", port, net);
    }
    return {{fmt::format("{} {} ({});", name, instance.name, text)}};
  }
  if (instance.arguments.empty()) {
    statements.push_back({fmt::format("{} {} (", name, instance.name)});
  } else {
    statements.push_back({name + " #("});
    std::vector<std::pair<std::string, std::string>> arguments;
    for (const Argument& argument : instance.arguments) {
      arguments.emplace_back(argument.name, argument_text(module, argument));
    }
    list(arguments);
    statements.push_back({fmt::format(") {} (", instance.name)});
  }
  list(ports);
  statements.push_back({");"});
  return statements;
}

}  // namespace fewbit::rtl
