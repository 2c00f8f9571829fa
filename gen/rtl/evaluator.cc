// In-process evaluation: one pass over the live nodes in dependency order.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/rtl/evaluator.h"

#include "fewbit/gen/rtl/passes.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::rtl {

Evaluator::Evaluator(const Module& module, const std::map<std::string, long long>& parameters)
    : module_(module), values_(module.nodes().size(), 0) {
  FEWBIT_CHECK(!module.is_external(), "{} is text, which has no evaluator", module.name());
  for (const Parameter& parameter : module.parameters()) {
    const auto found = parameters.find(parameter.name);
    parameter_delta_.push_back(found == parameters.end() ? 0 : found->second - parameter.value);
  }
  const std::vector<bool> live = live_nodes(module);
  order_ = evaluation_order(module, live);
  FEWBIT_CHECK(!order_.empty() || module.nodes().empty(), "combinational loop in {}",
               module.name());
  for (int id : module.inputs()) inputs_[module.node(id).name] = id;
  for (const Output& output : module.outputs()) outputs_[output.name] = output.node;
  for (std::size_t i = 0; i < module.nodes().size(); ++i) {
    const Node& node = module.nodes()[i];
    if (node.op == Op::kRegister) values_[i] = reset_value(node);
  }
  if (module.reset_signal().valid() && module.reset_kind() != Reset::kSyncHigh) {
    values_[static_cast<std::size_t>(module.reset_signal().id())] = 1;
  }
  for (const Memory& memory : module.memories()) {
    words_.push_back(memory.spec.contents);
    words_.back().resize(static_cast<std::size_t>(memory.spec.depth), 0);
  }
  live_memories_ = live_memories(module, live);
  for (const Instance& instance : module.instances()) {
    parts_.emplace_back();
    if (is_live(live, instance)) add_part(instance);
  }
}

void Evaluator::add_part(const Instance& instance) {
  std::map<std::string, long long> parameters;
  for (const Argument& argument : instance.arguments) {
    long long value = argument.value;
    if (argument.parameter >= 0) {
      const auto outer = static_cast<std::size_t>(argument.parameter);
      value = module_.parameters()[outer].value + parameter_delta_[outer];
    }
    parameters[argument.name] = value;
  }
  Part& part = parts_.back();
  part.run = std::make_unique<Evaluator>(*instance.module, parameters);
  for (const auto& [port, id] : instance.inputs) {
    const auto input = part.run->inputs_.find(port);
    FEWBIT_CHECK(input != part.run->inputs_.end(), "no input {} in {}", port,
                 instance.module->name());
    part.inputs.emplace_back(id, input->second);
  }
  for (std::size_t k = 0; k < instance.outputs.size(); ++k) {
    part.outputs[instance.outputs[k].second] = instance.module->outputs()[k].node;
  }
}

/// The part's outputs for what its inputs are at present.
void Evaluator::settle_part(Part& part) {
  for (const auto& [outer, inner] : part.inputs) part.run->set_node(inner, value(outer));
  part.run->settle();
}

BigInt Evaluator::reset_value(const Node& node) const {
  const bool ones = node.width.parameter >= 0 && node.reset_value != 0;
  return ones ? BigInt(pow2(width_of(node)) - 1) : node.reset_value;
}

int Evaluator::value_of(const Width& width) const {
  if (width.parameter < 0) return width.bits;
  return width.bits + static_cast<int>(parameter_delta_[static_cast<std::size_t>(width.parameter)]);
}

int Evaluator::width_of(const Node& node) const { return value_of(node.width); }

void Evaluator::set(const std::string& input, const BigInt& bits) {
  const auto found = inputs_.find(input);
  FEWBIT_CHECK(found != inputs_.end(), "no input {} in {}", input, module_.name());
  set_node(found->second, bits);
}

void Evaluator::set_node(int id, const BigInt& bits) {
  BigInt& input = values_[static_cast<std::size_t>(id)];
  if (input == bits) return;
  input = bits;
  is_settled_ = false;
}

const BigInt& Evaluator::get(const std::string& output) const {
  const auto found = outputs_.find(output);
  FEWBIT_CHECK(found != outputs_.end(), "no output {} in {}", output, module_.name());
  return value(found->second);
}

namespace {

BigInt ones(int bits) { return pow2(bits) - 1; }

BigInt parity(BigInt bits) {
  int odd = 0;
  for (; bits != 0; bits >>= 1) odd ^= (bits & 1) != 0 ? 1 : 0;
  return odd;
}

}  // namespace

const BigInt& Evaluator::arg(const Node& node, std::size_t i) const { return value(node.args[i]); }

int Evaluator::arg_width(const Node& node, std::size_t i) const {
  return width_of(module_.node(node.args[i]));
}

void Evaluator::compute(int id) {
  const Node& node = module_.node(id);
  BigInt& out = values_[static_cast<std::size_t>(id)];
  switch (node.op) {
    case Op::kInput:
    case Op::kRegister:
      break;
    case Op::kInstanceOutput: {
      Part& part = parts_[static_cast<std::size_t>(node.source)];
      settle_part(part);
      out = part.run->value(part.outputs.at(id));
      break;
    }
    case Op::kNet:
      out = arg(node, 0);
      break;
    case Op::kConst:
      out = node.value;
      break;
    case Op::kConcat: {
      BigInt bits = 0;
      for (std::size_t i = 0; i < node.args.size(); ++i) {
        bits = (bits << arg_width(node, i)) | arg(node, i);
      }
      out = bits;
      break;
    }
    case Op::kSlice:
      out = (arg(node, 0) >> value_of(node.low)) & ones(width_of(node));
      break;
    case Op::kReplicate:
      out = arg(node, 0) != 0 ? ones(width_of(node)) : BigInt(0);
      break;
    case Op::kMux:
      out = arg(node, 0) != 0 ? arg(node, 1) : arg(node, 2);
      break;
    default:
      out = gate(node);
  }
}

/// The value of a gate, bit by bit; of an operation on numbers where it is none.
BigInt Evaluator::gate(const Node& node) const {
  switch (node.op) {
    case Op::kNot:
      return ones(width_of(node)) - arg(node, 0);
    case Op::kAnd:
      return arg(node, 0) & arg(node, 1);
    case Op::kOr:
      return arg(node, 0) | arg(node, 1);
    case Op::kXor:
      return arg(node, 0) ^ arg(node, 1);
    case Op::kReduceAnd:
      return arg(node, 0) == ones(arg_width(node, 0)) ? 1 : 0;
    case Op::kReduceOr:
      return arg(node, 0) != 0 ? 1 : 0;
    case Op::kReduceXor:
      return parity(arg(node, 0));
    case Op::kTable:
      return (node.value >> static_cast<unsigned>(arg(node, 0))) & 1;
    default:
      return operation(node);
  }
}

/// The value of an operation on numbers, or of what is chosen by one.
BigInt Evaluator::operation(const Node& node) const {
  const int width = width_of(node);
  const auto number = [&](std::size_t i, bool is_signed) {
    return from_bits(arg(node, i), arg_width(node, i), is_signed);
  };
  const auto factor = [&](std::size_t i) { return number(i, ((node.value >> i) & 1) != 0); };
  switch (node.op) {
    case Op::kAdd: {
      const BigInt carry = node.args.size() > 2 ? arg(node, 2) : BigInt(0);
      return (arg(node, 0) + arg(node, 1) + carry) & ones(width);
    }
    case Op::kSub:
      return to_bits(arg(node, 0) - arg(node, 1), width);
    case Op::kMul:
      return to_bits(factor(0) * factor(1), width);
    case Op::kEq:
      return arg(node, 0) == arg(node, 1) ? 1 : 0;
    case Op::kLess:
      return number(0, node.value != 0) < number(1, node.value != 0) ? 1 : 0;
    case Op::kCase: {
      std::size_t arm = 0;
      while (arm < node.labels.size() && arg(node, 0) != node.labels[arm]) ++arm;
      return arg(node, 1 + arm);
    }
    case Op::kMemoryWord: {
      const std::vector<BigInt>& words = words_[static_cast<std::size_t>(node.source)];
      const auto address = static_cast<std::size_t>(arg(node, 0));
      return address < words.size() ? words[address] : BigInt(0);
    }
    default:
      FEWBIT_CHECK(false, "a node of {} that nothing evaluates", module_.name());
  }
}

void Evaluator::settle() {
  if (is_settled_) return;
  for (int id : order_) compute(id);
  for (Part& part : parts_) {
    if (part.run) settle_part(part);
  }
  is_settled_ = true;
}

bool Evaluator::in_reset() const {
  if (!module_.reset_signal().valid()) return false;
  return (value(module_.reset_signal().id()) != 0) == (module_.reset_kind() == Reset::kSyncHigh);
}

/// What a register takes from the data at its input; a memory's word is garbage where a collision
/// may give anything.
BigInt Evaluator::loaded(const Node& node) const {
  const Node& data = module_.node(node.data);
  if (data.op != Op::kMemoryWord) return value(node.data);
  const Memory& memory = module_.memories()[static_cast<std::size_t>(data.source)];
  const bool collides = memory.is_written() && value(memory.write_enable) != 0 &&
                        value(memory.write_address) == value(data.args[0]);
  if (!collides || memory.spec.collision == Collision::kOld) return value(node.data);
  return pow2(memory.spec.width) - 1 - value(node.data);
}

void Evaluator::clock() {
  settle();
  std::vector<std::pair<std::size_t, BigInt>> next;
  for (int id : order_) {
    const Node& node = module_.node(id);
    if (node.op != Op::kRegister) continue;
    const std::size_t i = static_cast<std::size_t>(id);
    if (node.reset && in_reset()) {
      next.emplace_back(i, reset_value(node));
    } else if (node.clear >= 0 && value(node.clear) != 0) {
      next.emplace_back(i, 0);
    } else if (node.enable < 0 || value(node.enable) != 0) {
      next.emplace_back(i, loaded(node));
    }
  }
  for (const int k : live_memories_) {
    const Memory& memory = module_.memories()[static_cast<std::size_t>(k)];
    if (!memory.is_written() || value(memory.write_enable) == 0) continue;
    std::vector<BigInt>& words = words_[static_cast<std::size_t>(k)];
    const auto address = static_cast<std::size_t>(value(memory.write_address));
    if (address < words.size()) words[address] = value(memory.write_data);
  }
  for (Part& part : parts_) {
    if (part.run) part.run->clock();
  }
  for (auto& [i, bits] : next) values_[i] = std::move(bits);
  is_settled_ = false;
  settle();
}

}  // namespace fewbit::rtl
