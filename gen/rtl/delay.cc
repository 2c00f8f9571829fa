// Delay estimation: see delay.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/rtl/delay.h"

#include <algorithm>

#include "fewbit/gen/rtl/instance.h"
#include "fewbit/gen/rtl/passes.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::rtl {

double DelayModel::adder_period(int bits) const {
  const int borders = bits > 0 ? (bits - 1) / carry_group : 0;
  return clock_to_output + wire + carry_enter + carry * bits + carry_between_groups * borders +
         carry_exit + setup;
}

bool Leaves::merge(const Leaves& more, std::size_t most) {
  Leaves all = *this;
  for (int number : more) {
    if (std::find(all.begin(), all.end(), number) != all.end()) continue;
    if (all.count_ == std::min(most, kMost)) return false;
    all.numbers_[all.count_++] = number;
  }
  *this = all;
  return true;
}

ArrivalTimes::ArrivalTimes(const Module& module, const DelayModel& model)
    : module_(module),
      model_(model),
      input_time_(model.clock_to_output),
      register_time_(model.clock_to_output) {
  const std::size_t count = module.nodes().size();
  first_leaf_.resize(count);
  bits_.resize(count);
  registered_.assign(count, false);
  int next = 0;
  for (std::size_t i = 0; i < count; ++i) {
    first_leaf_[i] = next;
    next += module.nodes()[i].width.bits;
  }
  leaf_time_.assign(static_cast<std::size_t>(next), 0);
}

void ArrivalTimes::begin_at(int input, double never) {
  first_input_ = input;
  earliest_ = never;
  input_time_ = input < 0 ? never : 0;
  register_time_ = input < 0 ? model_.clock_to_output : never;
}

void ArrivalTimes::set_registered(int id, bool registered) {
  registered_[static_cast<std::size_t>(id)] = registered;
}

ArrivalTimes::Bit ArrivalTimes::leaf(int id, int bit) const {
  const int number = leaf_number(id, bit);
  return {leaf_time_[static_cast<std::size_t>(number)], Leaves(number), number};
}

/// A bit as a consumer sees it. Leaves of a registered node are its own bits, ready at the edge.
ArrivalTimes::Bit ArrivalTimes::read(int id, int bit) const {
  if (registered_[static_cast<std::size_t>(id)]) {
    const int number = -1 - leaf_number(id, bit);
    return {model_.clock_to_output, Leaves(number), number};
  }
  return bits_[static_cast<std::size_t>(id)][static_cast<std::size_t>(bit)];
}

/// One function of some bits: in the table of its inputs' tables where their leaves are few enough,
/// else behind them. `self` is the leaf number of the result.
ArrivalTimes::Bit ArrivalTimes::gate(std::vector<Bit> inputs, int self) {
  const auto time_of = [&](int number) {
    return number < 0 ? model_.clock_to_output : leaf_time_[static_cast<std::size_t>(number)];
  };
  if (const std::optional<Bit> merged = gate_in_sum(inputs, self)) return *merged;
  // The latest inputs are merged first: that saves most.
  std::sort(inputs.begin(), inputs.end(),
            [](const Bit& x, const Bit& y) { return x.time > y.time; });
  const auto most = static_cast<std::size_t>(model_.lut_inputs);
  Leaves leaves;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::size_t rest = inputs.size() - 1 - i;
    if (inputs[i].leaves.size() == 0) continue;  // a constant
    if (leaves.merge(inputs[i].leaves, most - std::min(most, rest))) continue;
    leaves.merge(Leaves(inputs[i].self), most);  // it stays a table of its own
  }
  double latest = earliest_;
  for (int number : leaves) latest = std::max(latest, time_of(number));
  if (leaves.size() == 0) return constant_bit();
  const double time = latest + model_.wire + model_.lut;
  leaf_time_[static_cast<std::size_t>(self)] = time;
  return {time, leaves, self};
}

/// A function of one sum and little else, where the table comes behind the carry: the cell of the
/// sum makes it.
std::optional<ArrivalTimes::Bit> ArrivalTimes::gate_in_sum(const std::vector<Bit>& inputs,
                                                           int self) {
  if (!model_.table_behind_carry) return {};
  const auto is_sum = [](const Bit& bit) { return bit.beside_carry.size() > 0; };
  const auto sum = std::find_if(inputs.begin(), inputs.end(), is_sum);
  if (sum == inputs.end() || std::count_if(inputs.begin(), inputs.end(), is_sum) > 1) return {};
  Leaves cell = sum->beside_carry;
  double latest = sum->time;
  for (const Bit& bit : inputs) {
    if (is_sum(bit) || bit.leaves.size() == 0) continue;
    if (!cell.merge(Leaves(bit.self), static_cast<std::size_t>(model_.lut_inputs - 1))) return {};
    latest = std::max(latest, bit.time + model_.wire + model_.lut);
  }
  leaf_time_[static_cast<std::size_t>(self)] = latest;
  return Bit{latest, Leaves(self), self};
}

/// A function of many bits that a tree of gates makes; the early ones go in first.
ArrivalTimes::Bit ArrivalTimes::reduce(std::vector<Bit> inputs, int self) {
  const auto most = static_cast<std::size_t>(model_.lut_inputs);
  if (inputs.size() <= most) return gate(inputs, self);
  const auto later = [](const Bit& x, const Bit& y) { return x.time > y.time; };
  while (inputs.size() > 1) {
    std::sort(inputs.begin(), inputs.end(), later);
    const std::size_t count = std::min(most, inputs.size());
    const double latest = inputs[inputs.size() - count].time;
    inputs.resize(inputs.size() - count);
    inputs.push_back({latest + model_.wire + model_.lut, Leaves(self), self});
  }
  leaf_time_[static_cast<std::size_t>(self)] = inputs[0].time;
  return inputs[0];
}

void ArrivalTimes::add(int id) {
  const Node& node = module_.node(id);
  Bits& bits = bits_[static_cast<std::size_t>(id)];
  double chain = earliest_;
  if (node.args.size() == 3) chain = read(node.args[2], 0).time + model_.wire + model_.carry_enter;
  for (int i = 0; i < node.width.bits; ++i) {
    const int self = leaf_number(id, i);
    const Bit x = read(node.args[0], i);
    const Bit y = read(node.args[1], i);
    double enter = std::max(x.time, y.time) + model_.wire;
    if (model_.table_before_carry && (x.leaves.size() > 1 || y.leaves.size() > 1)) {
      enter = gate({x, y}, self).time - model_.lut;
    }
    // A carry takes its operands as they come.
    if (!model_.table_before_carry && (x.inverted || y.inverted)) enter += model_.lut + model_.wire;
    enter += model_.carry_enter;
    double sum = std::max(enter, chain) + model_.carry_exit;
    if (x.leaves.size() + y.leaves.size() == 0) sum += model_.carry_out;  // nothing but the carry
    chain = std::max(enter, chain) + model_.carry;
    if (i % model_.carry_group == model_.carry_group - 1) chain += model_.carry_between_groups;
    leaf_time_[static_cast<std::size_t>(self)] = sum;
    Bit& bit = bits[static_cast<std::size_t>(i)];
    bit = {sum, Leaves(self), self};
    if (x.inverted || y.inverted) continue;  // synthesis then reads the operand, not its inverse
    for (const Bit* operand : {&x, &y}) {
      if (operand->leaves.size() > 0) bit.beside_carry.merge(Leaves(operand->self), Leaves::kMost);
    }
  }
}

std::vector<ArrivalTimes::Bit> ArrivalTimes::bits_of(int id) const {
  std::vector<Bit> all;
  for (int i = 0; i < module_.node(id).width.bits; ++i) all.push_back(read(id, i));
  return all;
}

/// All bits of a node come at one time, as leaves.
void ArrivalTimes::arrive(int id, double time) {
  Bits& bits = bits_[static_cast<std::size_t>(id)];
  for (int i = 0; i < module_.node(id).width.bits; ++i) {
    leaf_time_[static_cast<std::size_t>(leaf_number(id, i))] = time;
    bits[static_cast<std::size_t>(i)] = leaf(id, i);
  }
}

void ArrivalTimes::compute(int id) {
  const Node& node = module_.node(id);
  bits_[static_cast<std::size_t>(id)].assign(static_cast<std::size_t>(node.width.bits),
                                             constant_bit());
  switch (node.op) {
    case Op::kInput: {
      const bool is_first = first_input_ < 0 || first_input_ == id;
      return arrive(id, is_first ? input_time_ : earliest_);
    }
    case Op::kConst:
      return;
    case Op::kRegister:
      return arrive(id, register_time_);
    case Op::kInstanceOutput:
      return arrive(id, output_time(node, id));
    case Op::kAdd:
    case Op::kSub:
      return add(id);
    case Op::kMul:
      return arrive(id, latest_of(node) + model_.wire + model_.multiply);
    case Op::kLess:
      return arrive(id, borrow_time(node));
    case Op::kConcat:
      return join(id);
    default:
      for (int i = 0; i < node.width.bits; ++i) {
        bits_[static_cast<std::size_t>(id)][static_cast<std::size_t>(i)] = bit_of(id, i);
      }
  }
}

/// Bit `i` of a node whose bits are wires, gates or tables of their own.
ArrivalTimes::Bit ArrivalTimes::bit_of(int id, int i) {
  const Node& node = module_.node(id);
  const auto arg = [&](std::size_t k, int bit) { return read(node.args[k], bit); };
  const int self = leaf_number(id, i);
  switch (node.op) {
    case Op::kNet:
      return arg(0, i);
    case Op::kNot: {  // joins the table that reads it, or that makes it
      Bit bit = arg(0, i);
      const bool from_table = bit.leaves.size() > 1;
      bit.inverted = !from_table && !bit.inverted;
      return bit;
    }
    case Op::kSlice:
      return arg(0, node.low.bits + i);
    case Op::kReplicate:
      return arg(0, 0);
    case Op::kAnd:
    case Op::kOr:
    case Op::kXor:
      return gate({arg(0, i), arg(1, i)}, self);
    case Op::kMux:
      return gate({arg(0, 0), arg(1, i), arg(2, i)}, self);
    case Op::kReduceAnd:
    case Op::kReduceOr:
    case Op::kReduceXor:
    case Op::kTable:
      return reduce(bits_of(node.args[0]), self);
    default:
      return bit_by_all(node, i, self);
  }
}

/// Bit `i` of a node each of whose bits depends on all of its first operand.
ArrivalTimes::Bit ArrivalTimes::bit_by_all(const Node& node, int i, int self) {
  std::vector<Bit> inputs = bits_of(node.args[0]);
  switch (node.op) {
    case Op::kEq: {
      const std::vector<Bit> more = bits_of(node.args[1]);
      inputs.insert(inputs.end(), more.begin(), more.end());
      return reduce(inputs, self);
    }
    case Op::kCase:  // the bits of the selector choose among all values
      for (std::size_t k = 1; k < node.args.size(); ++k) inputs.push_back(read(node.args[k], i));
      return reduce(inputs, self);
    case Op::kMemoryWord: {  // the register behind it is the block RAM's own
      Bit bit = constant_bit();
      for (const Bit& address : inputs) bit.time = std::max(bit.time, address.time);
      bit.time += model_.wire;
      return bit;
    }
    default:
      FEWBIT_CHECK(false, "a node of {} that has no delay", module_.name());
  }
}

void ArrivalTimes::join(int id) {
  const Node& node = module_.node(id);
  Bits& bits = bits_[static_cast<std::size_t>(id)];
  std::size_t at = bits.size();
  for (const int arg : node.args) {
    const std::vector<Bit> part = bits_of(arg);
    at -= part.size();
    std::copy(part.begin(), part.end(), bits.begin() + static_cast<std::ptrdiff_t>(at));
  }
}

/// When the last bit of both operands is there.
double ArrivalTimes::latest_of(const Node& node) const {
  double latest = earliest_;
  for (const std::size_t k : {0, 1}) {
    for (const Bit& bit : bits_of(node.args[k])) latest = std::max(latest, bit.time);
  }
  return latest;
}

/// When the borrow of a subtraction is out of its carry chain.
double ArrivalTimes::borrow_time(const Node& node) const {
  double chain = earliest_;
  const int last = module_.node(node.args[0]).width.bits;
  for (int i = 0; i < last; ++i) {
    const double enter = std::max(read(node.args[0], i).time, read(node.args[1], i).time) +
                         model_.wire + model_.carry_enter;
    chain = std::max(enter, chain) + model_.carry;
    if (i % model_.carry_group == model_.carry_group - 1) chain += model_.carry_between_groups;
  }
  return chain + model_.carry_exit + model_.carry_out;
}

double ArrivalTimes::arrival(int id) const {
  double latest = earliest_;
  for (int i = 0; i < module_.node(id).width.bits; ++i) latest = std::max(latest, read(id, i).time);
  return latest;
}

const ModuleDelays& ArrivalTimes::delays_of(const Module& module) {
  const auto known = delays_.find(&module);
  if (known != delays_.end()) return known->second;
  return delays_.emplace(&module, module_delays(module, model_)).first->second;
}

double ArrivalTimes::output_time(const Node& node, int id) {
  const Instance& instance = module_.instances()[static_cast<std::size_t>(node.source)];
  if (instance.module->is_external()) return model_.clock_to_output;
  const ModuleDelays& delays = delays_of(*instance.module);
  std::size_t output = 0;
  while (instance.outputs[output].second != id) ++output;
  double latest = earliest_;
  if (delays.from_clock[output] >= 0) {
    latest = register_time_ + delays.from_clock[output] - model_.clock_to_output;
  }
  for (std::size_t i = 0; i < delays.through[output].size(); ++i) {
    const double through = delays.through[output][i];
    const int input = connected(instance, delays.inputs[i]);
    if (through >= 0 && input >= 0) latest = std::max(latest, arrival(input) + through);
  }
  return latest;
}

double ArrivalTimes::instance_end(const Instance& instance) {
  if (instance.module->is_external()) return earliest_;
  const ModuleDelays& delays = delays_of(*instance.module);
  double slowest = earliest_;
  for (std::size_t i = 0; i < delays.inputs.size(); ++i) {
    const int input = connected(instance, delays.inputs[i]);
    if (delays.to_register[i] < 0 || input < 0) continue;
    slowest = std::max(slowest, arrival(input) + delays.to_register[i]);
  }
  return slowest;
}

namespace {

/// When what the registers of a module take is there, setup included; `slowest` where it has
/// none.
double register_end(const Module& module, const DelayModel& model, ArrivalTimes& times,
                    const std::vector<bool>& live, double slowest) {
  std::vector<int> data_users(module.nodes().size(), 0);
  for (std::size_t i = 0; i < module.nodes().size(); ++i) {
    const Node& node = module.nodes()[i];
    if (live[i] && node.op == Op::kRegister) ++data_users[static_cast<std::size_t>(node.data)];
  }
  const auto end = [&](int id, double more) {
    slowest = std::max(slowest, times.arrival(id) + more + model.setup);
  };
  for (std::size_t i = 0; i < module.nodes().size(); ++i) {
    const Node& node = module.nodes()[i];
    if (!live[i] || node.op != Op::kRegister) continue;
    const bool shared = data_users[static_cast<std::size_t>(node.data)] > 1;
    end(node.data, shared ? model.shared_sum : 0);
    if (node.enable >= 0) end(node.enable, model.wire);
    if (node.clear >= 0) end(node.clear, model.wire);
  }
  for (const int k : live_memories(module, live)) {
    const Memory& memory = module.memories()[static_cast<std::size_t>(k)];
    if (!memory.is_written()) continue;
    for (const int id : {memory.write_enable, memory.write_address, memory.write_data}) {
      end(id, model.wire);
    }
  }
  for (const Instance& instance : module.instances()) {
    if (is_live(live, instance)) slowest = std::max(slowest, times.instance_end(instance));
  }
  return slowest;
}

/// Registers first: what they hold is there whatever comes before them.
void compute_all(const Module& module, ArrivalTimes& times, const std::vector<bool>& live) {
  for (std::size_t i = 0; i < module.nodes().size(); ++i) {
    if (module.nodes()[i].op == Op::kRegister) times.compute(static_cast<int>(i));
  }
  for (const int id : evaluation_order(module, live)) {
    if (module.node(id).op != Op::kRegister) times.compute(id);
  }
}

}  // namespace

ModuleDelays module_delays(const Module& module, const DelayModel& model) {
  constexpr double kNever = -1e6;  // what no path begins at
  const auto delay = [&](double time) { return time > kNever / 2 ? time : -1; };
  ModuleDelays delays;
  const std::vector<bool> live = live_nodes(module);
  const std::size_t inputs = module.inputs().size();
  for (const int id : module.inputs()) delays.inputs.push_back(module.node(id).name);
  delays.through.resize(module.outputs().size());
  for (std::size_t i = 0; i <= inputs; ++i) {  // from each input, at last from registers
    ArrivalTimes times(module, model);
    times.begin_at(i < inputs ? module.inputs()[i] : -1, kNever);
    compute_all(module, times, live);
    const double end = register_end(module, model, times, live, kNever);
    if (i < inputs) {
      delays.to_register.push_back(delay(end));
    } else {
      delays.period = std::max(0.0, end);
      for (const Instance& instance : module.instances()) {
        if (instance.module->is_external() || !is_live(live, instance)) continue;
        delays.period = std::max(delays.period, times.delays_of(*instance.module).period);
      }
    }
    for (std::size_t k = 0; k < module.outputs().size(); ++k) {
      const double time = delay(times.arrival(module.outputs()[k].node));
      (i < inputs ? delays.through[k] : delays.from_clock).push_back(time);
    }
  }
  return delays;
}

double estimate_period(const Module& module, const DelayModel& model) {
  ArrivalTimes times(module, model);
  const std::vector<bool> live = live_nodes(module);
  compute_all(module, times, live);
  double slowest = register_end(module, model, times, live, 0);
  for (const Output& output : module.outputs()) {
    slowest = std::max(slowest, times.arrival(output.node) + model.setup);
  }
  for (const Instance& instance : module.instances()) {
    if (instance.module->is_external() || !is_live(live, instance)) continue;
    slowest = std::max(slowest, times.delays_of(*instance.module).period);
  }
  return slowest;
}

}  // namespace fewbit::rtl
