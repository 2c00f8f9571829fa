// In-process evaluation: one pass over the live nodes in dependency order.
// SPDX-License-Identifier: Apache-2.0
#include "gen/rtl/evaluator.h"

#include <functional>

#include "gen/rtl/passes.h"
#include "gen/util/check.h"

namespace fewbit::rtl {

Evaluator::Evaluator(const Module& module, const std::map<std::string, long long>& parameters)
    : module_(module), values_(module.nodes().size(), 0) {
  FEWBIT_CHECK(module.instances().empty(), "{} has instances, which have no evaluator",
               module.name());
  for (const Parameter& parameter : module.parameters()) {
    const auto found = parameters.find(parameter.name);
    parameter_delta_.push_back(found == parameters.end() ? 0 : found->second - parameter.value);
  }
  const std::vector<bool> live = live_nodes(module);
  std::vector<char> state(module.nodes().size(), 0);  // 1: being visited, 2: done
  const std::function<void(int)> visit = [&](int id) {
    const std::size_t i = static_cast<std::size_t>(id);
    if (state[i] == 2) return;
    FEWBIT_CHECK(state[i] != 1, "combinational loop in {}", module.name());
    state[i] = 1;
    for (int arg : module.node(id).args) visit(arg);
    state[i] = 2;
    order_.push_back(id);
  };
  for (std::size_t i = 0; i < live.size(); ++i) {
    if (live[i]) visit(static_cast<int>(i));
  }
  for (int id : module.inputs()) inputs_[module.node(id).name] = id;
  for (const Output& output : module.outputs()) outputs_[output.name] = output.node;
  for (std::size_t i = 0; i < module.nodes().size(); ++i) {
    const Node& node = module.nodes()[i];
    if (node.op == Op::kRegister && node.reset_to_ones) values_[i] = pow2(width_of(node)) - 1;
  }
  if (module.reset_signal().valid() && module.reset_kind() != Reset::kSyncHigh) {
    values_[static_cast<std::size_t>(module.reset_signal().id())] = 1;
  }
}

int Evaluator::value_of(const Width& width) const {
  if (width.parameter < 0) return width.bits;
  return width.bits + static_cast<int>(parameter_delta_[static_cast<std::size_t>(width.parameter)]);
}

int Evaluator::width_of(const Node& node) const { return value_of(node.width); }

void Evaluator::set(const std::string& input, const BigInt& bits) {
  const auto found = inputs_.find(input);
  FEWBIT_CHECK(found != inputs_.end(), "no input {} in {}", input, module_.name());
  values_[static_cast<std::size_t>(found->second)] = bits;
}

const BigInt& Evaluator::get(const std::string& output) const {
  const auto found = outputs_.find(output);
  FEWBIT_CHECK(found != outputs_.end(), "no output {} in {}", output, module_.name());
  return value(found->second);
}

void Evaluator::compute(int id) {
  const Node& node = module_.node(id);
  BigInt& out = values_[static_cast<std::size_t>(id)];
  const int width = width_of(node);
  const auto arg = [&](std::size_t i) -> const BigInt& { return value(node.args[i]); };
  const auto ones = [](int bits) { return BigInt(pow2(bits) - 1); };
  switch (node.op) {
    case Op::kInput:
    case Op::kRegister:
    case Op::kInstanceOutput:
      break;
    case Op::kNet:
      out = arg(0);
      break;
    case Op::kConst:
      out = node.value;
      break;
    case Op::kNot:
      out = ones(width) - arg(0);
      break;
    case Op::kAnd:
      out = arg(0) & arg(1);
      break;
    case Op::kOr:
      out = arg(0) | arg(1);
      break;
    case Op::kXor:
      out = arg(0) ^ arg(1);
      break;
    case Op::kReduceAnd:
      out = arg(0) == ones(width_of(module_.node(node.args[0]))) ? 1 : 0;
      break;
    case Op::kReduceOr:
      out = arg(0) != 0 ? 1 : 0;
      break;
    case Op::kReduceXor: {
      int parity = 0;
      for (BigInt rest = arg(0); rest != 0; rest >>= 1) parity ^= (rest & 1) != 0 ? 1 : 0;
      out = parity;
      break;
    }
    case Op::kConcat: {
      BigInt bits = 0;
      for (std::size_t i = 0; i < node.args.size(); ++i) {
        bits = (bits << width_of(module_.node(node.args[i]))) | arg(i);
      }
      out = bits;
      break;
    }
    case Op::kSlice:
      out = (arg(0) >> value_of(node.low)) & ones(width);
      break;
    case Op::kReplicate:
      out = arg(0) != 0 ? ones(width) : BigInt(0);
      break;
    case Op::kMux:
      out = arg(0) != 0 ? arg(1) : arg(2);
      break;
    case Op::kAdd:
      out = (arg(0) + arg(1) + (node.args.size() > 2 ? arg(2) : BigInt(0))) & ones(width);
      break;
    case Op::kSub:
      out = to_bits(arg(0) - arg(1), width);
      break;
    case Op::kMul: {
      const auto factor = [&](std::size_t i) {
        const bool is_signed = ((node.value >> i) & 1) != 0;
        return from_bits(arg(i), width_of(module_.node(node.args[i])), is_signed);
      };
      out = to_bits(factor(0) * factor(1), width);
      break;
    }
    case Op::kEq:
      out = arg(0) == arg(1) ? 1 : 0;
      break;
    case Op::kRom:
      out = (node.value >> (static_cast<unsigned>(arg(0)) * static_cast<unsigned>(width))) &
            ones(width);
      break;
    case Op::kTable:
      out = (node.value >> static_cast<unsigned>(arg(0))) & 1;
      break;
  }
}

void Evaluator::settle() {
  for (int id : order_) compute(id);
}

bool Evaluator::in_reset() const {
  if (!module_.reset_signal().valid()) return false;
  return (value(module_.reset_signal().id()) != 0) == (module_.reset_kind() == Reset::kSyncHigh);
}

void Evaluator::clock() {
  settle();
  std::vector<std::pair<std::size_t, BigInt>> next;
  for (int id : order_) {
    const Node& node = module_.node(id);
    if (node.op != Op::kRegister) continue;
    const std::size_t i = static_cast<std::size_t>(id);
    if (node.reset && in_reset()) {
      next.emplace_back(i, node.reset_to_ones ? BigInt(pow2(width_of(node)) - 1) : BigInt(0));
    } else if (node.clear >= 0 && value(node.clear) != 0) {
      next.emplace_back(i, 0);
    } else if (node.enable < 0 || value(node.enable) != 0) {
      next.emplace_back(i, value(node.data));
    }
  }
  for (auto& [i, bits] : next) values_[i] = std::move(bits);
  settle();
}

}  // namespace fewbit::rtl
