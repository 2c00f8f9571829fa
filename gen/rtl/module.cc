// Construction of the intermediate form: widths are checked and constants folded as nodes are made.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/rtl/module.h"

#include <algorithm>
#include <cctype>

#include "fewbit/gen/util/check.h"

namespace fewbit::rtl {

int Signal::width() const { return full_width().bits; }

Width Signal::full_width() const {
  FEWBIT_CHECK(module_ != nullptr, "a signal that was never assigned");
  return module_->node(id_).width;
}

Signal Signal::bit(int index) const { return slice(index, index); }

Signal Signal::top() const {
  const Width whole = full_width();
  if (whole.parameter < 0) return bit(whole.bits - 1);
  return module_->add(
      {.op = Op::kSlice, .width = 1, .args = {id_}, .low = Width(whole.bits - 1, whole.parameter)});
}

Signal Signal::slice(int high, int low_bit) const {
  if (high < low_bit) return module_->constant(0, 0);
  FEWBIT_CHECK(low_bit >= 0 && high < width(), "slice [{}:{}] of {} bits", high, low_bit, width());
  const Node& node = module_->node(id_);
  const int bits = high - low_bit + 1;
  if (bits == width() && node.width.parameter < 0) return *this;
  if (node.op == Op::kConst) return module_->constant(bits, (node.value >> low_bit) % pow2(bits));
  if (node.op == Op::kSlice) {
    return module_->add(
        {.op = Op::kSlice, .width = bits, .args = node.args, .low = node.low.bits + low_bit});
  }
  if (node.op == Op::kConcat || node.op == Op::kReplicate) {  // take the parts themselves
    std::vector<Signal> parts;
    int top = width();
    const std::vector<int> args =
        node.op == Op::kConcat ? node.args
                               : std::vector<int>(static_cast<std::size_t>(width()), node.args[0]);
    for (int arg : args) {
      const int arg_low = top - module_->node(arg).width.bits;
      const int from = std::min(high, top - 1) - arg_low;
      const int to = std::max(low_bit, arg_low) - arg_low;
      if (from >= to) parts.push_back(Signal(module_, arg).slice(from, to));
      top = arg_low;
    }
    return concat(parts);
  }
  return module_->add({.op = Op::kSlice, .width = bits, .args = {id_}, .low = low_bit});
}

Signal Signal::without_low(int count) const {
  const Width whole = full_width();
  if (whole.parameter < 0) return slice(whole.bits - 1, count);
  return module_->add({.op = Op::kSlice,
                       .width = Width(whole.bits - count, whole.parameter),
                       .args = {id_},
                       .low = count});
}

Signal Signal::without_top(int count) const {
  const Width whole = full_width();
  if (whole.parameter < 0) return slice(whole.bits - 1 - count, 0);
  return module_->add(
      {.op = Op::kSlice, .width = Width(whole.bits - count, whole.parameter), .args = {id_}});
}

namespace {

const Node& node_of(const Signal& x) { return x.module().node(x.id()); }
bool is_constant(const Signal& x) { return node_of(x).op == Op::kConst; }
BigInt all_ones(const Signal& x) { return pow2(x.width()) - 1; }
bool is_zero(const Signal& x) { return is_constant(x) && node_of(x).value == 0; }
bool is_ones(const Signal& x) {
  return is_constant(x) && x.full_width().parameter < 0 && node_of(x).value == all_ones(x);
}
bool same(const Signal& x, const Signal& y) { return x.id() == y.id(); }

void check_widths(const char* what, const Signal& x, const Signal& y) {
  FEWBIT_CHECK(x.full_width() == y.full_width(), "{}: {} bits and {} bits", what, x.width(),
               y.width());
}

Signal binary(Op op, const Signal& x, const Signal& y) {
  return x.module().add({.op = op, .width = x.full_width(), .args = {x.id(), y.id()}});
}

Signal reduce(Op op, const Signal& x) {
  if (x.width() == 1) return x;
  return x.module().add({.op = op, .width = 1, .args = {x.id()}});
}

}  // namespace

Signal operator~(const Signal& x) {
  if (x.width() == 0) return x;
  const Node& node = node_of(x);
  if (node.op == Op::kConst) return x.module().constant(x.width(), all_ones(x) - node.value);
  if (node.op == Op::kNot) return x.module().signal(node.args[0]);
  return x.module().add({.op = Op::kNot, .width = x.full_width(), .args = {x.id()}});
}

Signal operator&(const Signal& x, const Signal& y) {
  check_widths("and", x, y);
  if (x.width() == 0 || is_zero(x) || is_ones(y) || same(x, y)) return x;
  if (is_zero(y) || is_ones(x)) return y;
  return binary(Op::kAnd, x, y);
}

Signal operator|(const Signal& x, const Signal& y) {
  check_widths("or", x, y);
  if (x.width() == 0 || is_zero(y) || is_ones(x) || same(x, y)) return x;
  if (is_zero(x) || is_ones(y)) return y;
  return binary(Op::kOr, x, y);
}

Signal operator^(const Signal& x, const Signal& y) {
  check_widths("xor", x, y);
  if (x.width() == 0 || is_zero(y)) return x;
  if (is_zero(x)) return y;
  if (is_ones(y)) return ~x;
  if (is_ones(x)) return ~y;
  return binary(Op::kXor, x, y);
}

Signal operator+(const Signal& x, const Signal& y) {
  check_widths("add", x, y);
  if (x.width() == 0 || is_zero(y)) return x;
  if (is_zero(x)) return y;
  return binary(Op::kAdd, x, y);
}

Signal operator-(const Signal& x, const Signal& y) {
  check_widths("sub", x, y);
  if (x.width() == 0 || is_zero(y)) return x;
  return binary(Op::kSub, x, y);
}

Signal add_with_carry(const Signal& x, const Signal& y, const Signal& carry_in) {
  check_widths("add", x, y);
  FEWBIT_CHECK(carry_in.width() == 1, "carry-in of {} bits", carry_in.width());
  if (is_zero(carry_in)) return x + y;
  return x.module().add(
      {.op = Op::kAdd, .width = x.full_width(), .args = {x.id(), y.id(), carry_in.id()}});
}

Signal product(const Signal& a, bool a_signed, const Signal& b, bool b_signed) {
  FEWBIT_CHECK(a.width() > 0 && b.width() > 0, "product of {} and {} bits", a.width(), b.width());
  FEWBIT_CHECK(a.full_width().parameter < 0 && b.full_width().parameter < 0,
               "product of parameterised width");
  return a.module().add({.op = Op::kMul,
                         .width = a.width() + b.width(),
                         .args = {a.id(), b.id()},
                         .value = (a_signed ? 1 : 0) + (b_signed ? 2 : 0)});
}

Signal concat(const std::vector<Signal>& parts) {
  FEWBIT_CHECK(!parts.empty(), "concat of nothing");
  Module& module = parts[0].module();
  std::vector<int> args;
  int bits = 0;
  int parameter = -1;
  for (const Signal& part : parts) {
    const int part_parameter = part.full_width().parameter;
    if (part.width() == 0 && part_parameter < 0) continue;
    FEWBIT_CHECK(part_parameter < 0 || parameter < 0, "concat of two parameterised widths");
    if (part_parameter >= 0) parameter = part_parameter;
    bits += part.width();
    const Node& node = node_of(part);
    if (node.op == Op::kConcat) {
      args.insert(args.end(), node.args.begin(), node.args.end());
    } else {
      args.push_back(part.id());
    }
  }
  if (parameter >= 0) {
    return module.add({.op = Op::kConcat, .width = Width(bits, parameter), .args = args});
  }
  if (bits == 0) return module.constant(0, 0);
  // Neighbouring constants, and neighbouring slices of one net, read better as one.
  std::vector<int> merged;
  for (int arg : args) {
    const Node node = module.node(arg);
    if (!merged.empty()) {
      const Node above = module.node(merged.back());
      if (node.op == Op::kConst && above.op == Op::kConst) {
        merged.back() = module
                            .constant(above.width.bits + node.width.bits,
                                      (above.value << node.width.bits) + node.value)
                            .id();
        continue;
      }
      if (node.op == Op::kSlice && above.op == Op::kSlice && node.args == above.args &&
          above.low.bits == node.low.bits + node.width.bits) {
        merged.back() = module
                            .add({.op = Op::kSlice,
                                  .width = above.width.bits + node.width.bits,
                                  .args = node.args,
                                  .low = node.low})
                            .id();
        continue;
      }
    }
    merged.push_back(arg);
  }
  if (merged.size() == 1) return module.signal(merged[0]);
  return module.add({.op = Op::kConcat, .width = bits, .args = merged});
}

Signal replicate(const Signal& bit, Width width) {
  FEWBIT_CHECK(bit.width() == 1, "replicate of {} bits", bit.width());
  if (width.bits == 1 && width.parameter < 0) return bit;
  if (width.bits == 0 && width.parameter < 0) return bit.module().constant(0, 0);
  if (is_zero(bit) && width.parameter < 0) return bit.module().constant(width, 0);
  if (is_ones(bit) && width.parameter < 0)
    return bit.module().constant(width, pow2(width.bits) - 1);
  return bit.module().add({.op = Op::kReplicate, .width = width, .args = {bit.id()}});
}

namespace {

Signal extend(const Signal& x, Width width, const Signal& fill) {
  const int more = width.bits - x.width();
  FEWBIT_CHECK(more >= 0 && x.full_width().parameter < 0, "extension of {} bits to {}", x.width(),
               width.bits);
  if (width.parameter < 0) return more == 0 ? x : concat({replicate(fill, more), x});
  return concat({replicate(fill, Width(more, width.parameter)), x});
}

}  // namespace

Signal zero_extend(const Signal& x, Width width) {
  return extend(x, width, x.module().constant(1, 0));
}

Signal sign_extend(const Signal& x, Width width) { return extend(x, width, x.top()); }

Signal mux(const Signal& select, const Signal& then_value, const Signal& else_value) {
  check_widths("mux", then_value, else_value);
  FEWBIT_CHECK(select.width() == 1, "mux select of {} bits", select.width());
  if (then_value.width() == 0 || same(then_value, else_value) || is_ones(select)) return then_value;
  if (is_zero(select)) return else_value;
  return select.module().add({.op = Op::kMux,
                              .width = then_value.full_width(),
                              .args = {select.id(), then_value.id(), else_value.id()}});
}

Signal reduce_and(const Signal& x) {
  return x.width() == 0 ? x.module().constant(1, 1) : reduce(Op::kReduceAnd, x);
}
Signal reduce_or(const Signal& x) {
  return x.width() == 0 ? x.module().constant(1, 0) : reduce(Op::kReduceOr, x);
}
Signal reduce_xor(const Signal& x) {
  return x.width() == 0 ? x.module().constant(1, 0) : reduce(Op::kReduceXor, x);
}

Signal equal(const Signal& x, const Signal& y) {
  check_widths("equal", x, y);
  if (x.width() == 0 || same(x, y)) return x.module().constant(1, 1);
  return x.module().add({.op = Op::kEq, .width = 1, .args = {x.id(), y.id()}});
}

namespace {

Signal compare(const Signal& x, const Signal& y, bool is_signed) {
  check_widths("less", x, y);
  FEWBIT_CHECK(x.width() > 0, "a comparison of no bits");
  const BigInt least = is_signed ? pow2(x.width() - 1) : BigInt(0);
  const BigInt most = is_signed ? BigInt(least - 1) : all_ones(x);
  const auto is = [](const Signal& s, const BigInt& value) {
    return is_constant(s) && s.full_width().parameter < 0 && node_of(s).value == value;
  };
  if (same(x, y) || is(y, least) || is(x, most)) return x.module().constant(1, 0);
  return x.module().add(
      {.op = Op::kLess, .width = 1, .args = {x.id(), y.id()}, .value = is_signed ? 1 : 0});
}

}  // namespace

Signal less(const Signal& x, const Signal& y) { return compare(x, y, false); }
Signal less_signed(const Signal& x, const Signal& y) { return compare(x, y, true); }

Signal table(const BigInt& bits, const Signal& index, const TableLabel& label) {
  FEWBIT_CHECK(index.width() >= 1 && index.width() <= 10, "table of {} input bits", index.width());
  Module& module = index.module();
  if (bits == 0) return module.constant(1, 0);
  if (bits == pow2(1 << index.width()) - 1) return module.constant(1, 1);
  return module.add({.op = Op::kTable,
                     .width = 1,
                     .args = {index.id()},
                     .value = bits,
                     .name = label.name,
                     .note = label.note});
}

Signal Module::add(Node node) {
  node.section = static_cast<int>(sections_.size()) - 1;
  nodes_.push_back(std::move(node));
  return Signal(this, static_cast<int>(nodes_.size()) - 1);
}

Signal Module::signal(int id) {
  // A slice that came to cover its whole net is that net.
  const Node& part = node(id);
  if (part.op == Op::kSlice && node(part.args[0]).width == part.width) id = part.args[0];
  return Signal(this, id);
}

Signal Module::input(const std::string& name, int width, bool is_signed) {
  const Signal signal = add({.op = Op::kInput, .width = width, .name = name});
  inputs_.push_back(signal.id());
  if (is_signed) signed_inputs_.push_back(signal.id());
  return signal;
}

bool Module::input_is_signed(int id) const {
  return std::find(signed_inputs_.begin(), signed_inputs_.end(), id) != signed_inputs_.end();
}

void Module::output(const std::string& name, const Signal& value, bool is_signed) {
  outputs_.push_back({name, value.id(), is_signed});
}

Signal Module::net(const std::string& name, const Signal& value) {
  const Op op = value.width() == 0 ? Op::kConst : node(value.id()).op;
  if (op == Op::kConst) return value;
  return add(
      {.op = Op::kNet, .width = value.full_width(), .args = {value.id()}, .name = scoped(name)});
}

Signal Module::constant(Width width, const BigInt& value) {
  FEWBIT_CHECK(value >= 0 && value < pow2(width.bits), "constant {} in {} bits", value.str(),
               width.bits);
  return add({.op = Op::kConst, .width = width, .value = value});
}

Signal Module::wire(const std::string& name, Width width) {
  return add({.op = Op::kNet, .width = width, .name = name});
}

Signal Module::reg(const std::string& name, Width width, const RegisterControl& control,
                   int codes) {
  FEWBIT_CHECK(clock_.valid(), "register {} in a module without a clock", name);
  Node node{.op = Op::kRegister, .width = width, .name = scoped(name)};
  if (control.enable.valid()) node.enable = control.enable.id();
  if (control.clear.valid()) node.clear = control.clear.id();
  node.reset = control.reset && reset_ != Reset::kNone;
  FEWBIT_CHECK(control.reset_value >= 0 && control.reset_value < pow2(width.bits),
               "reset value {} of {} bits", control.reset_value.str(), width.bits);
  FEWBIT_CHECK(width.parameter < 0 || control.reset_value == 0 ||
                   control.reset_value == pow2(width.bits) - 1,
               "a reset value of parameterised width");
  node.reset_value = control.reset_value;
  node.codes = codes;
  return add(std::move(node));
}

void Module::drive(const Signal& reg_or_wire, const Signal& data) {
  Node& node = nodes_[static_cast<std::size_t>(reg_or_wire.id())];
  const bool is_open = node.op == Op::kNet && node.args.empty();
  FEWBIT_CHECK(is_open || (node.op == Op::kRegister && node.data < 0), "drive of {}", node.name);
  FEWBIT_CHECK(node.width == data.full_width(), "{} of {} bits driven with {}", node.name,
               node.width.bits, data.width());
  if (is_open) {
    node.args = {data.id()};
  } else {
    node.data = data.id();
  }
}

void Module::redrive(const Signal& reg, const Signal& data, const Signal& clear) {
  Node& node = nodes_[static_cast<std::size_t>(reg.id())];
  FEWBIT_CHECK(node.op == Op::kRegister && node.data >= 0, "redrive of {}", node.name);
  node.data = -1;
  drive(reg, data);
  node.clear = clear.valid() ? clear.id() : -1;
}

int Module::parameter(const Parameter& parameter) {
  parameters_.push_back(parameter);
  return static_cast<int>(parameters_.size()) - 1;
}

void Module::section(const std::string& title) {
  std::string scopes;
  for (const std::string& scope : scope_titles_) {
    if (!scope.empty()) scopes += scope + ": ";
  }
  std::string own = title;
  if (!scopes.empty() && !own.empty()) {
    own[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(own[0])));
  }
  sections_.push_back(scopes + own);
}

void Module::open_scope(const std::string& name, const std::string& title) {
  scopes_.push_back(prefix_.size());
  scope_titles_.push_back(title);
  prefix_ += name + "_";
}

void Module::close_scope() {
  prefix_.resize(scopes_.back());
  scopes_.pop_back();
  scope_titles_.pop_back();
}

void Module::redirect(int from, int to) {
  const auto move = [&](int& id) {
    if (id == from) id = to;
  };
  for (Node& node : nodes_) {
    for (int& arg : node.args) move(arg);
    for (int* id : {&node.data, &node.enable, &node.clear}) move(*id);
  }
  for (Output& output : outputs_) move(output.node);
  for (Instance& instance : instances_) {
    for (auto& [port, id] : instance.inputs) move(id);
  }
  for (Memory& memory : memories_) {
    for (int* id : {&memory.write_enable, &memory.write_address, &memory.write_data}) move(*id);
  }
}

void Module::clocked(Reset reset) {
  FEWBIT_CHECK(!clock_.valid(), "clocked() twice");
  reset_ = reset;
  clock_ = input("clk_i", 1);
  if (reset != Reset::kNone) {
    reset_signal_ = input(reset == Reset::kSyncHigh ? "rst_i" : "rst_ni", 1);
  }
}

void Module::mark(ProbeRole role, const Signal& net, int lane, int place) {
  const Node& marked = node(net.id());
  FEWBIT_CHECK(marked.op == Op::kNet || marked.op == Op::kRegister ||
                   marked.op == Op::kInstanceOutput || is_zero(net),
               "a {} that is no net", to_string(role));
  marks_.push_back({.role = role, .node = net.id(), .lane = lane, .place = place});
}

void Module::make_free(const Signal& net) {
  const Node was = node(net.id());
  if (was.op == Op::kInput) return;
  if (was.op == Op::kInstanceOutput) {  // the instance drives a net that nothing reads
    Node unread = was;
    unread.name += "_made";
    const int id = add(std::move(unread)).id();
    for (auto& output : instances_[static_cast<std::size_t>(was.source)].outputs) {
      if (output.second == net.id()) output.second = id;
    }
  } else {
    FEWBIT_CHECK(was.op == Op::kNet || was.op == Op::kRegister, "{} cannot be freed", was.name);
  }
  replace(net.id(),
          {.op = Op::kInput, .width = was.width, .name = was.name, .section = was.section});
  inputs_.push_back(net.id());
}

void Module::replace(int id, Node node) { nodes_[static_cast<std::size_t>(id)] = std::move(node); }

void Module::rename(int id, const std::string& name) {
  nodes_[static_cast<std::size_t>(id)].name = name;
}

void Module::rename_output(std::size_t index, const std::string& name) {
  outputs_[index].name = name;
}

}  // namespace fewbit::rtl
