// Checks, liveness and names.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/rtl/passes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <functional>
#include <set>

#include "fewbit/gen/rtl/instance.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::rtl {

namespace {

bool is_named(Op op) {
  return op == Op::kInput || op == Op::kNet || op == Op::kRegister || op == Op::kInstanceOutput;
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

std::vector<int> reads_of(const Node& node) {
  std::vector<int> reads = node.args;
  for (int id : {node.data, node.enable, node.clear}) {
    if (id >= 0) reads.push_back(id);
  }
  return reads;
}

bool is_live(const std::vector<bool>& live, const Instance& instance) {
  return std::any_of(instance.outputs.begin(), instance.outputs.end(), [&](const auto& output) {
    return live[static_cast<std::size_t>(output.second)];
  });
}

std::vector<int> live_memories(const Module& module, const std::vector<bool>& live) {
  std::set<int> memories;
  for (std::size_t i = 0; i < module.nodes().size(); ++i) {
    const Node& node = module.nodes()[i];
    if (live[i] && node.op == Op::kMemoryWord) memories.insert(node.source);
  }
  return {memories.begin(), memories.end()};
}

std::vector<int> evaluation_order(const Module& module, const std::vector<bool>& live) {
  std::vector<int> order;
  std::vector<char> state(module.nodes().size(), 0);  // 1: being visited, 2: done
  std::vector<std::pair<int, std::size_t>> path;      // node, and which argument comes next
  for (std::size_t i = 0; i < live.size(); ++i) {
    if (!live[i] || state[i] != 0) continue;
    path.emplace_back(static_cast<int>(i), 0);
    state[i] = 1;
    while (!path.empty()) {
      const int id = path.back().first;
      const std::vector<int>& args = module.node(id).args;
      if (path.back().second == args.size()) {
        state[static_cast<std::size_t>(id)] = 2;
        order.push_back(id);
        path.pop_back();
        continue;
      }
      const int arg = args[path.back().second++];
      char& arg_state = state[static_cast<std::size_t>(arg)];
      if (arg_state == 1) return {};
      if (arg_state == 0) {
        arg_state = 1;
        path.emplace_back(arg, 0);
      }
    }
  }
  return order;
}

std::vector<bool> live_nodes(const Module& module) {
  std::vector<bool> live(module.nodes().size(), false);
  std::vector<int> todo;
  for (const Output& output : module.outputs()) todo.push_back(output.node);
  for (int id : module.inputs()) todo.push_back(id);
  while (!todo.empty()) {
    const int id = todo.back();
    todo.pop_back();
    if (live[static_cast<std::size_t>(id)]) continue;
    live[static_cast<std::size_t>(id)] = true;
    const Node& node = module.node(id);
    for (int read : reads_of(node)) todo.push_back(read);
    if (node.op == Op::kInstanceOutput) {
      const Instance& instance = module.instances()[static_cast<std::size_t>(node.source)];
      for (const auto& [port, read] : instance.inputs) todo.push_back(read);
      for (const auto& [port, output] : instance.outputs) todo.push_back(output);
    } else if (node.op == Op::kMemoryWord) {
      const Memory& memory = module.memories()[static_cast<std::size_t>(node.source)];
      if (!memory.is_written()) continue;
      todo.insert(todo.end(), {memory.write_enable, memory.write_address, memory.write_data});
    }
  }
  return live;
}

std::vector<std::vector<int>> register_groups(const Module& module, const std::vector<bool>& live) {
  std::vector<std::vector<int>> groups;
  for (std::size_t i = 0; i < module.nodes().size(); ++i) {
    const Node& node = module.nodes()[i];
    if (!live[i] || node.op != Op::kRegister) continue;
    const auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& ids) {
      const Node& other = module.node(ids[0]);
      return node.enable == other.enable && node.clear == other.clear && node.reset == other.reset;
    });
    if (group == groups.end()) {
      groups.push_back({static_cast<int>(i)});
    } else {
      group->push_back(static_cast<int>(i));
    }
  }
  return groups;
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
    if (!is_live(live, instance)) continue;
    for (const auto& [port, id] : instance.inputs) read_all(id);
  }
  for (const int k : live_memories(module, live)) {
    const Memory& memory = module.memories()[static_cast<std::size_t>(k)];
    if (!memory.is_written()) continue;
    for (int id : {memory.write_enable, memory.write_address, memory.write_data}) read_all(id);
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

namespace {

using Defect = std::function<void(const std::string&)>;

/// Every reading of a node by another one, an instance or a memory's write port: how often it is in
/// the text.
std::vector<int> uses_in_text(const Module& module, const std::vector<bool>& live) {
  std::vector<int> uses(module.nodes().size(), 0);
  const auto use = [&](int id) { ++uses[static_cast<std::size_t>(id)]; };
  for (std::size_t i = 0; i < module.nodes().size(); ++i) {
    const Node& node = module.nodes()[i];
    if (!live[i] || node.op == Op::kInstanceOutput) continue;
    for (int id : reads_of(node)) use(id);
  }
  for (const Instance& instance : module.instances()) {
    if (!is_live(live, instance)) continue;
    for (const auto& [port, id] : instance.inputs) use(id);
  }
  for (const int k : live_memories(module, live)) {
    const Memory& memory = module.memories()[static_cast<std::size_t>(k)];
    if (!memory.is_written()) continue;
    for (int id : {memory.write_enable, memory.write_address, memory.write_data}) use(id);
  }
  return uses;
}

}  // namespace

void drop_aliases(Module& module) {
  const std::vector<bool> live = live_nodes(module);
  std::vector<int> uses = uses_in_text(module, live);
  for (const Output& output : module.outputs()) ++uses[static_cast<std::size_t>(output.node)];
  std::set<int> marked;
  for (const Mark& mark : module.marks()) marked.insert(mark.node);
  for (std::size_t i = 0; i < module.nodes().size(); ++i) {
    const int id = static_cast<int>(i);
    const Node net = module.node(id);
    if (!live[i] || net.op != Op::kNet || net.args.empty()) continue;
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

namespace {

void find_node_defects(const Module& module, const Node& node, const Defect& defect) {
  if (node.op == Op::kRegister && node.data < 0) {
    defect(fmt::format("register {} has no input", node.name));
  }
  if (node.op == Op::kNet && node.args.empty()) {
    defect(fmt::format("net {} has no driver", node.name));
  }
  if (node.op == Op::kSlice && !is_named(module.node(node.args[0]).op)) {
    defect(
        fmt::format("bits {}+:{} of an expression without a name", node.low.bits, node.width.bits));
  }
  for (int id : reads_of(node)) {
    const Op op = module.node(id).op;
    const bool is_read = node.op == Op::kRegister && !node.reset && node.clear < 0;
    if (op == Op::kMemoryWord && !is_read) {
      defect("a memory's word that is not the data of a register without reset and clear");
    }
    if (op == Op::kCase && node.op != Op::kNet) {
      defect("a case statement that is not the value of a net");
    }
  }
  if (node.op == Op::kMul) {
    int factors = 0;
    for (int id : node.args) factors += module.node(id).width.bits;
    if (node.width != Width(factors) || node.args.size() != 2) {
      defect(fmt::format("a product of {} bits whose factors have {} together", node.width.bits,
                         factors));
    }
  }
  if (node.width == Width(0)) defect("a live node of no bits");
}

void find_memory_defects(const Module& module, const std::vector<bool>& live,
                         const Defect& defect) {
  std::vector<int> reads(module.memories().size(), 0);
  for (std::size_t i = 0; i < module.nodes().size(); ++i) {
    const Node& node = module.nodes()[i];
    if (live[i] && node.op == Op::kMemoryWord) ++reads[static_cast<std::size_t>(node.source)];
  }
  for (const int k : live_memories(module, live)) {
    const Memory& memory = module.memories()[static_cast<std::size_t>(k)];
    if (reads[static_cast<std::size_t>(k)] > 1) {
      defect(fmt::format("memory {} has two reads", memory.name));
    }
    if (!memory.is_written() && memory.spec.contents.empty()) {
      defect(fmt::format("memory {} has neither contents nor a write", memory.name));
    }
  }
}

}  // namespace

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

namespace {

void find_parameter_defects(const Module& module, const Defect& defect) {
  for (const Parameter& parameter : module.parameters()) {
    if (parameter.value < parameter.least || parameter.value > parameter.most) {
      defect(fmt::format("{} = {} is not in {} to {}", parameter.name, parameter.value,
                         parameter.least, parameter.most));
    }
  }
}

}  // namespace

std::vector<std::string> find_defects(const Module& module) {
  std::vector<std::string> defects;
  if (module.is_external()) return defects;
  const Defect defect = [&](const std::string& what) { defects.push_back(what); };
  const std::vector<bool> live = live_nodes(module);
  const std::vector<int> uses = uses_in_text(module, live);
  find_parameter_defects(module, defect);
  std::set<std::string> names;
  const auto take = [&](const std::string& name) {
    if (!names.insert(name).second) defect(fmt::format("two nodes named {}", name));
  };
  for (std::size_t i = 0; i < module.nodes().size(); ++i) {
    if (live[i]) find_node_defects(module, module.nodes()[i], defect);
  }
  for (std::size_t i = 0; i < module.nodes().size(); ++i) {
    const Node& node = module.nodes()[i];
    if (!live[i]) continue;
    if (uses[i] > 1 && !is_wiring(module, static_cast<int>(i))) {
      defect(
          fmt::format("an expression without a name ({} bits, node kind {}) is used "
                      "{} times in section '{}'",
                      node.width.bits, static_cast<int>(node.op), uses[i],
                      module.sections()[static_cast<std::size_t>(node.section)]));
    }
    if (is_named(node.op)) take(node.name);
  }
  for (const Output& output : module.outputs()) take(output.name);
  for (const int k : live_memories(module, live)) {
    take(module.memories()[static_cast<std::size_t>(k)].name);
  }
  find_memory_defects(module, live, defect);
  for (const Instance& instance : module.instances()) {
    if (!is_live(live, instance)) continue;
    take(instance.name);
    for (const std::string& what : connection_defects(module, instance)) defect(what);
  }
  if (evaluation_order(module, live).empty() && !module.nodes().empty()) {
    defect("a combinational loop");
  } else {
    for (const std::string& what : latency_defects(module)) defect(what);
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
  for (const int k : live_memories(module, live)) {
    Memory& memory = module.memories()[static_cast<std::size_t>(k)];
    memory.name = unique(memory.name);
  }
  for (Instance& instance : module.instances()) {
    if (is_live(live, instance)) instance.name = unique(instance.name);
  }
  return clashes;
}

}  // namespace fewbit::rtl
