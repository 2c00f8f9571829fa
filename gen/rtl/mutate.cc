// Mutants: see mutate.h.
// SPDX-License-Identifier: Apache-2.0
#include "gen/rtl/mutate.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "gen/rtl/passes.h"
#include "gen/util/check.h"

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

/// Where a reader of the emitted text finds each node: the named node that uses it.
std::vector<std::string> places(const Module& module) {
  std::vector<std::string> names(module.nodes().size());
  for (std::size_t i = module.nodes().size(); i-- > 0;) {
    const Node& node = module.nodes()[i];
    if (!node.name.empty()) names[i] = node.name;
    std::vector<int> reads = node.args;
    for (int id : {node.data, node.enable, node.clear}) {
      if (id >= 0) reads.push_back(id);
    }
    for (const int id : reads) {
      std::string& place = names[static_cast<std::size_t>(id)];
      if (place.empty()) place = names[i];
    }
  }
  for (const Output& output : module.outputs()) {
    std::string& place = names[static_cast<std::size_t>(output.node)];
    if (place.empty()) place = output.name;
  }
  return names;
}

}  // namespace

std::vector<Mutation> mutations_of(const Module& module, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<Mutation> mutations;
  const std::vector<bool> live = live_nodes(module);
  const std::vector<std::string> names = places(module);
  for (std::size_t i = 0; i < module.nodes().size(); ++i) {
    if (!live[i]) continue;
    const Node& node = module.nodes()[i];
    const auto plant = [&](Kind kind, int detail, const std::string& what) {
      mutations.push_back({static_cast<int>(i), kind, detail, names[i] + ": " + what});
    };
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
      case Op::kAdd:
        if (node.args.size() == 3) plant(Kind::kDropCarry, 0, "carry-in dropped");
        break;
      case Op::kMul:
        for (const int factor : {0, 1}) {
          plant(Kind::kOtherSign, factor, fmt::format("factor {} of the other sign", factor));
        }
        break;
      case Op::kConst:
      case Op::kRom:
      case Op::kTable: {
        const int words = node.op == Op::kConst ? 1 : 1 << module.node(node.args[0]).width.bits;
        const int bits = words * node.width.bits;
        if (node.width.parameter >= 0) break;
        for (int n = 0; n < std::min(bits, kBitsPerConstant); ++n) {
          const int bit = bits <= kBitsPerConstant
                              ? n
                              : static_cast<int>(random() % static_cast<unsigned>(bits));
          plant(Kind::kFlipBit, bit,
                fmt::format("bit {} of a {} flipped", bit,
                            node.op == Op::kConst ? "constant" : "table"));
        }
        break;
      }
      case Op::kSlice: {
        if (node.width.parameter >= 0 || node.low.parameter >= 0) break;
        const int whole = module.node(node.args[0]).width.bits;
        if (node.low.bits + node.width.bits < whole) plant(Kind::kShiftSlice, 1, "bits one higher");
        if (node.low.bits > 0) plant(Kind::kShiftSlice, -1, "bits one lower");
        break;
      }
      case Op::kNet:
        if (node.width == Width(1)) {
          plant(Kind::kStuck, 0, "stuck at 0");
          plant(Kind::kStuck, 1, "stuck at 1");
        }
        break;
      case Op::kRegister:
        if (node.enable >= 0) plant(Kind::kNoEnable, 0, "enable dropped");
        if (node.clear >= 0) plant(Kind::kNoClear, 0, "clear dropped");
        if (node.reset) plant(Kind::kNoReset, 0, "reset dropped");
        if (node.reset) plant(Kind::kOtherReset, 0, "reset to the other value");
        plant(Kind::kHold, 0, "never loads");
        break;
      default:
        break;
    }
  }
  return mutations;
}

void apply(Module& module, const Mutation& mutation) {
  Node node = module.node(mutation.node);
  switch (mutation.kind) {
    case Kind::kOperator:
      node.op = static_cast<Op>(mutation.detail);
      break;
    case Kind::kFirstArg: {  // x | x
      const int kept = node.args[static_cast<std::size_t>(mutation.detail)];
      node.op = Op::kOr;
      node.args = {kept, kept};
      // An expression without a name may be used once: it gets one.
      if (module.node(kept).name.empty() && module.node(kept).op != Op::kConst) {
        const Signal named = module.net("mutant_value", module.signal(kept));
        node.args = {named.id(), named.id()};
      }
      break;
    }
    case Kind::kSwapBranches:
      std::swap(node.args[1], node.args[2]);
      break;
    case Kind::kDropCarry:
      node.args.pop_back();
      break;
    case Kind::kOtherSign:
    case Kind::kFlipBit:
      node.value ^= pow2(mutation.detail);
      break;
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
      node.reset_to_ones = !node.reset_to_ones;
      break;
    case Kind::kHold:
      node.data = mutation.node;
      break;
  }
  module.replace(mutation.node, std::move(node));
}

}  // namespace fewbit::rtl
