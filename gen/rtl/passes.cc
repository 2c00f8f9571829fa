// Checks, liveness and names.
// SPDX-License-Identifier: Apache-2.0
#include "gen/rtl/passes.h"

#include <fmt/format.h>

#include <cctype>
#include <set>

namespace fewbit::rtl {

namespace {

bool is_named(Op op) {
  return op == Op::kInput || op == Op::kNet || op == Op::kRegister || op == Op::kInstanceOutput;
}

/// Every node that `node` reads.
std::vector<int> reads_of(const Node& node) {
  std::vector<int> reads = node.args;
  for (int id : {node.data, node.enable, node.clear}) {
    if (id >= 0) reads.push_back(id);
  }
  return reads;
}

/// Expressions that may be repeated in the text: they are wires, not logic.
bool is_wiring(const Module& module, int id) {
  const Node& node = module.node(id);
  if (is_named(node.op) || node.op == Op::kConst || node.op == Op::kSlice) return true;
  if (node.op == Op::kConcat || node.op == Op::kReplicate || node.op == Op::kNot) {
    for (int arg : node.args) {
      if (!is_wiring(module, arg)) return false;
    }
    return true;
  }
  return false;
}

}  // namespace

void drop_aliases(Module& module) {
  const std::vector<bool> live = live_nodes(module);
  std::vector<int> uses(module.nodes().size(), 0);
  for (std::size_t i = 0; i < module.nodes().size(); ++i) {
    if (!live[i]) continue;
    for (int id : reads_of(module.nodes()[i])) ++uses[static_cast<std::size_t>(id)];
  }
  for (const Output& output : module.outputs()) ++uses[static_cast<std::size_t>(output.node)];
  for (const Instance& instance : module.instances()) {
    for (const auto& [port, id] : instance.inputs) ++uses[static_cast<std::size_t>(id)];
  }
  std::set<int> marked;
  for (const Mark& mark : module.marks()) marked.insert(mark.node);
  for (std::size_t i = 0; i < module.nodes().size(); ++i) {
    const int id = static_cast<int>(i);
    const Node net = module.node(id);
    if (!live[i] || net.op != Op::kNet) continue;
    const int first = net.args[0];
    const Node& source = module.node(first);
    if (!is_named(source.op)) continue;
    if (!marked.contains(id)) {
      module.redirect(id, first);
      uses[static_cast<std::size_t>(first)] += uses[i] - 1;
    } else if (source.op == Op::kNet && uses[static_cast<std::size_t>(first)] == 1 &&
               !marked.contains(first)) {
      Node joined = net;
      joined.args = source.args;
      module.replace(id, joined);
    }
  }
}

std::vector<bool> live_nodes(const Module& module) {
  std::vector<bool> live(module.nodes().size(), false);
  std::vector<int> todo;
  for (const Output& output : module.outputs()) todo.push_back(output.node);
  for (const Instance& instance : module.instances()) {
    for (const auto& [port, id] : instance.inputs) todo.push_back(id);
    for (const auto& [port, id] : instance.outputs) todo.push_back(id);
  }
  for (int id : module.inputs()) todo.push_back(id);
  while (!todo.empty()) {
    const int id = todo.back();
    todo.pop_back();
    if (live[static_cast<std::size_t>(id)]) continue;
    live[static_cast<std::size_t>(id)] = true;
    for (int read : reads_of(module.node(id))) todo.push_back(read);
  }
  return live;
}

std::vector<BigInt> unread_bits(const Module& module, const std::vector<bool>& live) {
  std::vector<BigInt> read(module.nodes().size(), 0);
  const auto read_all = [&](int id) {
    read[static_cast<std::size_t>(id)] |= pow2(module.node(id).width.bits) - 1;
  };
  for (std::size_t i = 0; i < module.nodes().size(); ++i) {
    const Node& node = module.nodes()[i];
    if (!live[i]) continue;
    if (node.op == Op::kSlice) {
      read[static_cast<std::size_t>(node.args[0])] |= (pow2(node.width.bits) - 1) << node.low.bits;
    } else {
      for (int id : reads_of(node)) read_all(id);
    }
  }
  for (const Output& output : module.outputs()) read_all(output.node);
  for (const Instance& instance : module.instances()) {
    for (const auto& [port, id] : instance.inputs) read_all(id);
  }
  if (module.clock().valid()) read_all(module.clock().id());
  if (module.reset_signal().valid()) read_all(module.reset_signal().id());
  std::vector<BigInt> unread(module.nodes().size(), 0);
  for (std::size_t i = 0; i < module.nodes().size(); ++i) {
    const Node& node = module.nodes()[i];
    if (live[i] && is_named(node.op)) unread[i] = (pow2(node.width.bits) - 1) & ~read[i];
  }
  return unread;
}

std::vector<std::string> parts_of(const Module& module, const std::vector<BigInt>& bits) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < module.nodes().size(); ++i) {
    const Node& node = module.nodes()[i];
    BigInt rest = bits[i];
    if (rest == 0) continue;
    if (rest == pow2(node.width.bits) - 1) {
      parts.push_back(node.name);
      continue;
    }
    while (rest != 0) {  // runs of bits, from the top
      const int high = bit_length(rest) - 1;
      int low = high;
      while (low > 0 && ((rest >> (low - 1)) & 1) != 0) --low;
      parts.push_back(high == low ? fmt::format("{}[{}]", node.name, high)
                                  : fmt::format("{}[{}:{}]", node.name, high, low));
      rest &= pow2(low) - 1;
    }
  }
  return parts;
}

std::vector<std::string> find_defects(const Module& module) {
  std::vector<std::string> defects;
  const std::vector<bool> live = live_nodes(module);
  std::vector<int> uses(module.nodes().size(), 0);
  for (std::size_t i = 0; i < module.nodes().size(); ++i) {
    if (!live[i]) continue;
    const Node& node = module.nodes()[i];
    for (int id : reads_of(node)) ++uses[static_cast<std::size_t>(id)];
    if (node.op == Op::kRegister && node.data < 0) {
      defects.push_back(fmt::format("register {} has no input", node.name));
    }
    if (node.op == Op::kSlice && !is_named(module.node(node.args[0]).op)) {
      defects.push_back(fmt::format("bits {}+:{} of an expression without a name", node.low.bits,
                                    node.width.bits));
    }
    for (int id : reads_of(node)) {
      const bool is_read = node.op == Op::kRegister && !node.reset && node.clear < 0;
      if (module.node(id).op == Op::kRom && !is_read) {
        defects.push_back("a ROM that is not the data of a register without reset and clear");
      }
    }
    if (node.op == Op::kMul) {
      int factors = 0;
      for (int id : node.args) factors += module.node(id).width.bits;
      if (node.width != Width(factors) || node.args.size() != 2) {
        defects.push_back(fmt::format("a product of {} bits whose factors have {} together",
                                      node.width.bits, factors));
      }
    }
    if (node.width == Width(0)) defects.push_back("a live node of no bits");
  }
  for (const Parameter& parameter : module.parameters()) {
    if (parameter.value < parameter.least || parameter.value > parameter.most) {
      defects.push_back(fmt::format("{} = {} is not in {} to {}", parameter.name, parameter.value,
                                    parameter.least, parameter.most));
    }
  }
  std::set<std::string> names;
  for (std::size_t i = 0; i < module.nodes().size(); ++i) {
    const Node& node = module.nodes()[i];
    if (!live[i]) continue;
    if (uses[i] > 1 && !is_wiring(module, static_cast<int>(i))) {
      defects.push_back(
          fmt::format("an expression without a name ({} bits, node kind {}) is used "
                      "{} times in section '{}'",
                      node.width.bits, static_cast<int>(node.op), uses[i],
                      module.sections()[static_cast<std::size_t>(node.section)]));
    }
    if (is_named(node.op) && !names.insert(node.name).second) {
      defects.push_back(fmt::format("two nodes named {}", node.name));
    }
  }
  for (const Output& output : module.outputs()) {
    if (!names.insert(output.name).second) {
      defects.push_back(fmt::format("two nodes named {}", output.name));
    }
  }
  return defects;
}

namespace {

std::string legal_identifier(const std::string& name) {
  std::string legal;
  for (char c : name) {
    const bool fine = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
    legal += fine ? c : '_';
  }
  if (legal.empty() || std::isdigit(static_cast<unsigned char>(legal[0])) != 0) legal = "n" + legal;
  if (is_reserved_word(legal)) legal += "_";
  return legal;
}

}  // namespace

std::vector<std::string> legalise_names(Module& module) {
  std::set<std::string> taken;
  std::vector<std::string> clashes;
  const auto unique = [&](const std::string& wanted) {
    const std::string base = legal_identifier(wanted);
    std::string name = base;
    if (taken.contains(name)) clashes.push_back(name);
    for (int n = 2; !taken.insert(name).second; ++n) name = fmt::format("{}_{}", base, n);
    return name;
  };
  for (const Parameter& parameter : module.parameters()) taken.insert(parameter.name);
  for (int id : module.inputs()) module.rename(id, unique(module.node(id).name));
  for (std::size_t i = 0; i < module.outputs().size(); ++i) {
    module.rename_output(i, unique(module.outputs()[i].name));
  }
  const std::vector<bool> live = live_nodes(module);
  for (std::size_t i = 0; i < module.nodes().size(); ++i) {
    const Node& node = module.nodes()[i];
    if (live[i] && is_named(node.op) && node.op != Op::kInput) {
      module.rename(static_cast<int>(i), unique(node.name));
    }
  }
  return clashes;
}

}  // namespace fewbit::rtl
