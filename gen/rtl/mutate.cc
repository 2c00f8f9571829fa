// Mutants: see mutate.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/rtl/mutate.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <random>
#include <set>

#include "fewbit/gen/rtl/design.h"
#include "fewbit/gen/rtl/passes.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::rtl {
namespace {

using Kind = Mutation::Kind;

constexpr int kBitsPerConstant = 4;

const char* name_of(Op op) {
  switch (op) {
    case Op::kAnd:
      return "and";
    case Op::kOr:
      return "or";
    case Op::kXor:
      return "xor";
    case Op::kReduceAnd:
      return "reduction and";
    case Op::kReduceOr:
      return "reduction or";
    case Op::kReduceXor:
      return "reduction xor";
    case Op::kAdd:
      return "add";
    case Op::kSub:
      return "subtract";
    default:
      return "operator";
  }
}

/// Operators that could stand in its place.
std::vector<Op> others(const Node& node) {
  const auto without = [&](std::vector<Op> ops) {
    std::erase(ops, node.op);
    return ops;
  };
  switch (node.op) {
    case Op::kAnd:
    case Op::kOr:
    case Op::kXor:
      return without({Op::kAnd, Op::kOr, Op::kXor});
    case Op::kReduceAnd:
    case Op::kReduceOr:
    case Op::kReduceXor:
      return without({Op::kReduceAnd, Op::kReduceOr, Op::kReduceXor});
    case Op::kAdd:
    case Op::kSub:
      return node.args.size() == 2 ? without({Op::kAdd, Op::kSub}) : std::vector<Op>{};
    default:
      return {};
  }
}

/// Where a reader of the emitted text finds each node: the named node that uses it, an instance or
/// a memory.
std::vector<std::string> places(const Module& module) {
  std::vector<std::string> names(module.nodes().size());
  const auto claim = [&](int id, const std::string& name) {
    std::string& place = names[static_cast<std::size_t>(id)];
    if (place.empty()) place = name;
  };
  for (std::size_t i = module.nodes().size(); i-- > 0;) {
    const Node& node = module.nodes()[i];
    if (!node.name.empty()) names[i] = node.name;
    for (const int id : reads_of(node)) claim(id, names[i]);
  }
  for (const Output& output : module.outputs()) claim(output.node, output.name);
  for (const Instance& instance : module.instances()) {
    for (const auto& [port, id] : instance.inputs) claim(id, instance.name + "." + port);
  }
  for (const Memory& memory : module.memories()) {
    if (!memory.is_written()) continue;
    for (const int id : {memory.write_enable, memory.write_address, memory.write_data}) {
      claim(id, memory.name);
    }
  }
  return names;
}

using Plant = std::function<void(Kind kind, int detail, const std::string& what)>;

/// A few of the bits of a constant, table or memory.
void plant_flips(long long bits, const std::string& of, std::mt19937& random, const Plant& plant) {
  for (long long n = 0; n < std::min<long long>(bits, kBitsPerConstant); ++n) {
    const int bit = static_cast<int>(bits <= kBitsPerConstant ? n : random() % bits);
    plant(Kind::kFlipBit, bit, fmt::format("bit {} of a {} flipped", bit, of));
  }
}

void plant_in_memory(const Memory& memory, std::mt19937& random, const Plant& plant) {
  const MemorySpec& spec = memory.spec;
  if (!spec.contents.empty()) {
    const long long words =
        memory.is_written() ? static_cast<long long>(spec.contents.size()) : spec.depth;
    plant_flips(words * spec.width, "table", random, plant);
  }
  if (!memory.is_written()) return;
  plant(Kind::kOtherWord, 0, "another word is read");
  if (spec.collision == Collision::kOld) {
    plant(Kind::kNewWord, 0, "a word that is being written is read as the new one");
  }
  plant(Kind::kWrites, 0, "never written");
  plant(Kind::kWrites, 1, "always written");
}

void plant_in_register(const Node& node, const Plant& plant) {
  if (node.enable >= 0) plant(Kind::kNoEnable, 0, "enable dropped");
  if (node.clear >= 0) plant(Kind::kNoClear, 0, "clear dropped");
  if (node.reset) plant(Kind::kNoReset, 0, "reset dropped");
  if (node.reset) plant(Kind::kOtherReset, 0, "reset to the other value");
  plant(Kind::kHold, 0, "never loads");
}

void plant_in_slice(const Module& module, const Node& node, const Plant& plant) {
  if (node.width.parameter >= 0 || node.low.parameter >= 0) return;
  const int whole = module.node(node.args[0]).width.bits;
  if (node.low.bits + node.width.bits < whole) plant(Kind::kShiftSlice, 1, "bits one higher");
  if (node.low.bits > 0) plant(Kind::kShiftSlice, -1, "bits one lower");
}

void plant_in_operation(const Node& node, const Plant& plant) {
  switch (node.op) {
    case Op::kAdd:
      if (node.args.size() == 3) plant(Kind::kDropCarry, 0, "carry-in dropped");
      break;
    case Op::kMul:
      for (const int factor : {0, 1}) {
        plant(Kind::kOtherSign, factor, fmt::format("factor {} of the other sign", factor));
      }
      break;
    case Op::kLess:
      plant(Kind::kSwapBranches, -1, "sides swapped");
      plant(Kind::kOtherSign, 0, "compared as of the other sign");
      plant(Kind::kOrEqual, 0, "less became less or equal");
      break;
    default:
      break;
  }
}

void plant_in_node(const Module& module, int id, std::mt19937& random, const Plant& plant) {
  const Node& node = module.node(id);
  for (const Op op : others(node)) {
    plant(Kind::kOperator, static_cast<int>(op),
          fmt::format("{} became {}", name_of(node.op), name_of(op)));
  }
  switch (node.op) {
    case Op::kNot:
      plant(Kind::kFirstArg, 0, "inversion dropped");
      break;
    case Op::kMux:
      plant(Kind::kSwapBranches, 0, "branches swapped");
      plant(Kind::kFirstArg, 1, "always the first branch");
      plant(Kind::kFirstArg, 2, "always the second branch");
      break;
    case Op::kCase:
      for (int k = 0; k + 1 < static_cast<int>(node.labels.size()); ++k) {
        plant(Kind::kSwapBranches, k, fmt::format("cases {} and {} swapped", k, k + 1));
      }
      break;
    case Op::kConst:
      if (node.width.parameter >= 0) break;
      plant_flips(node.width.bits, "constant", random, plant);
      break;
    case Op::kTable:
      plant_flips(1LL << module.node(node.args[0]).width.bits, "table", random, plant);
      break;
    case Op::kMemoryWord:
      plant_in_memory(module.memories()[static_cast<std::size_t>(node.source)], random, plant);
      break;
    case Op::kSlice:
      plant_in_slice(module, node, plant);
      break;
    case Op::kNet:
      if (node.width == Width(1)) {
        plant(Kind::kStuck, 0, "stuck at 0");
        plant(Kind::kStuck, 1, "stuck at 1");
      }
      break;
    case Op::kRegister:
      plant_in_register(node, plant);
      break;
    default:
      plant_in_operation(node, plant);
  }
}

/// The node that makes `value` and has a name, where something of more than one use is to read it.
int with_name(Module& module, int value) {
  if (!module.node(value).name.empty() || module.node(value).op == Op::kConst) return value;
  return module.net("mutant_value", module.signal(value)).id();
}

/// The word that is being written is read as the new one: registers keep it and whether it was
/// read.
void read_new_word(Module& module, int word) {
  int reg = 0;
  while (module.node(reg).data != word) ++reg;
  const Node read = module.node(reg);
  Memory& memory = module.memories()[static_cast<std::size_t>(module.node(word).source)];
  const auto named = [&](int& id) {
    id = with_name(module, id);
    return module.signal(id);
  };
  Node word_node = module.node(word);
  const int address = with_name(module, word_node.args[0]);
  word_node.args[0] = address;
  module.replace(word, std::move(word_node));
  const Signal hit =
      named(memory.write_enable) & equal(named(memory.write_address), module.signal(address));
  const auto held = [&](const std::string& name, int data, Width width) {
    Node copy = read;
    copy.name = name;
    copy.width = width;
    copy.data = data;
    return module.add(std::move(copy));
  };
  const Signal hit_q = held("mutant_hit_q", hit.id(), 1);
  const Signal new_q = held("mutant_new_q", named(memory.write_data).id(), read.width);
  const Signal old_q = held("mutant_old_q", word, read.width);
  module.replace(reg, {.op = Op::kNet,
                       .width = read.width,
                       .args = {mux(hit_q, new_q, old_q).id()},
                       .name = read.name,
                       .section = read.section});
}

void flip_bit(Module& module, Node& node, int bit) {
  if (node.op != Op::kMemoryWord) {
    node.value ^= pow2(bit);
    return;
  }
  MemorySpec& spec = module.memories()[static_cast<std::size_t>(node.source)].spec;
  spec.contents.resize(static_cast<std::size_t>(spec.depth), 0);
  spec.contents[static_cast<std::size_t>(bit / spec.width)] ^= pow2(bit % spec.width);
}

}  // namespace

std::vector<Mutation> mutations_of(const Module& top, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<Mutation> mutations;
  std::set<std::string> seen;
  std::vector<const Module*> modules = {&top};
  for (const Module* part : instanced_modules(top)) modules.push_back(part);
  for (const Module* module : modules) {
    const bool is_text = module->is_external() || !module->printed_files().empty();
    if (is_text || !seen.insert(module->name()).second) continue;
    const std::string owner = module == &top ? "" : module->name();
    const std::vector<bool> live = live_nodes(*module);
    const std::vector<std::string> names = places(*module);
    for (std::size_t i = 0; i < live.size(); ++i) {
      if (!live[i]) continue;
      const auto plant = [&](Kind kind, int detail, const std::string& what) {
        const std::string where = owner.empty() ? names[i] : owner + "." + names[i];
        mutations.push_back({static_cast<int>(i), kind, detail, where + ": " + what, owner});
      };
      plant_in_node(*module, static_cast<int>(i), random, plant);
    }
  }
  return mutations;
}

namespace {

void plant(Module& module, const Mutation& mutation) {
  Node node = module.node(mutation.node);
  switch (mutation.kind) {
    case Kind::kOperator:
      node.op = static_cast<Op>(mutation.detail);
      break;
    case Kind::kFirstArg: {  // x | x
      const int kept = node.args[static_cast<std::size_t>(mutation.detail)];
      node.op = Op::kOr;
      // An expression without a name may be used once: it gets one.
      const int named = with_name(module, kept);
      node.args = {named, named};
      break;
    }
    case Kind::kSwapBranches:
      std::swap(node.args[static_cast<std::size_t>(1 + mutation.detail)],
                node.args[static_cast<std::size_t>(2 + mutation.detail)]);
      break;
    case Kind::kDropCarry:
      node.args.pop_back();
      break;
    case Kind::kOtherSign:
      node.value ^= pow2(mutation.detail);
      break;
    case Kind::kFlipBit:
      flip_bit(module, node, mutation.detail);
      break;
    case Kind::kOrEqual: {  // ~(y < x)
      std::swap(node.args[0], node.args[1]);
      const Signal greater = module.add(node);
      node = {.op = Op::kNot, .width = 1, .args = {greater.id()}, .section = node.section};
      break;
    }
    case Kind::kOtherWord: {
      const Signal address = module.signal(node.args[0]);
      const Signal other =
          module.net("mutant_address", address ^ module.constant(address.full_width(), 1));
      node.args = {other.id()};
      break;
    }
    case Kind::kNewWord:
      read_new_word(module, mutation.node);
      return;
    case Kind::kWrites: {
      const int enable = module.constant(1, mutation.detail).id();
      module.memories()[static_cast<std::size_t>(node.source)].write_enable = enable;
      return;
    }
    case Kind::kShiftSlice:
      node.low.bits += mutation.detail;
      break;
    case Kind::kStuck:
      node.args = {module.constant(1, mutation.detail).id()};
      break;
    case Kind::kNoEnable:
      node.enable = -1;
      break;
    case Kind::kNoClear:
      node.clear = -1;
      break;
    case Kind::kNoReset:
      node.reset = false;
      break;
    case Kind::kOtherReset:
      node.reset_value = pow2(node.width.bits) - 1 - node.reset_value;
      break;
    case Kind::kHold:
      node.data = mutation.node;
      break;
  }
  module.replace(mutation.node, std::move(node));
}

}  // namespace

void apply(Module& top, const Mutation& mutation) {
  if (mutation.module.empty()) return plant(top, mutation);
  for (Module* part : instanced_modules(top)) {
    if (part->name() == mutation.module) plant(*part, mutation);
  }
}

}  // namespace fewbit::rtl
