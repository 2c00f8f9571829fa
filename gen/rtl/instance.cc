// Instances of modules: see instance.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/rtl/instance.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

#include "fewbit/gen/util/check.h"

namespace fewbit::rtl {

Signal InstanceOutputs::operator[](const std::string& port) const {
  for (const auto& [name, signal] : signals_) {
    if (name == port) return signal;
  }
  FEWBIT_CHECK(false, "no output {} of the instance", port);
}

bool InstanceOutputs::has(const std::string& port) const {
  return std::any_of(signals_.begin(), signals_.end(),
                     [&](const auto& signal) { return signal.first == port; });
}

std::vector<std::set<std::size_t>> combinational_inputs(const Module& module) {
  std::vector<std::set<std::size_t>> depends(module.outputs().size());
  if (module.is_external()) return depends;
  std::map<int, std::size_t> inputs;
  for (std::size_t i = 0; i < module.inputs().size(); ++i) inputs[module.inputs()[i]] = i;
  for (std::size_t k = 0; k < module.outputs().size(); ++k) {
    std::vector<bool> seen(module.nodes().size(), false);
    std::vector<int> todo = {module.outputs()[k].node};
    while (!todo.empty()) {
      const int id = todo.back();
      todo.pop_back();
      if (seen[static_cast<std::size_t>(id)]) continue;
      seen[static_cast<std::size_t>(id)] = true;
      if (const auto input = inputs.find(id); input != inputs.end()) {
        depends[k].insert(input->second);
      }
      const std::vector<int>& args = module.node(id).args;
      todo.insert(todo.end(), args.begin(), args.end());
    }
  }
  return depends;
}

const Argument* argument_of(const Instance& instance, const std::string& parameter) {
  for (const Argument& argument : instance.arguments) {
    if (argument.name == parameter) return &argument;
  }
  return nullptr;
}

Width port_width(const Module& parent, const Instance& instance, const Width& width) {
  if (width.parameter < 0) return width;
  const Parameter& own = instance.module->parameters()[static_cast<std::size_t>(width.parameter)];
  const Argument* argument = argument_of(instance, own.name);
  if (argument == nullptr) return width.bits;
  const int beyond = width.bits - static_cast<int>(own.value);
  if (argument->parameter < 0) return beyond + static_cast<int>(argument->value);
  const Parameter& outer = parent.parameters()[static_cast<std::size_t>(argument->parameter)];
  return {beyond + static_cast<int>(outer.value), argument->parameter};
}

int connected(const Instance& instance, const std::string& port) {
  for (const auto& [name, id] : instance.inputs) {
    if (name == port) return id;
  }
  return -1;
}

void Module::pipelined(int latency, const std::string& enable) {
  FEWBIT_CHECK(clock_.valid() && latency >= 1, "latency {} of {}", latency, name_);
  latency_ = latency;
  enable_port_ = enable;
}

void Module::external(std::vector<TextFile> files) { external_files_ = std::move(files); }

void Module::output_port(const std::string& name, Width width) {
  outputs_.push_back({name, wire(name, width).id(), false});
}

namespace {

/// u_mac's acc_o: mac_acc.
std::string default_net(std::string instance, std::string port) {
  if (instance.starts_with("u_")) instance.erase(0, 2);
  if (port.ends_with("_o")) port.resize(port.size() - 2);
  return instance + "_" + port;
}

}  // namespace

InstanceOutputs Module::instance(const std::shared_ptr<Module>& module, const std::string& name,
                                 const std::vector<std::pair<std::string, Signal>>& inputs,
                                 const std::vector<Argument>& arguments,
                                 const std::vector<std::pair<std::string, std::string>>& nets) {
  FEWBIT_CHECK(module.get() != this, "{} in itself", name_);
  Instance made{.module = module, .name = name, .arguments = arguments};
  const auto given = [&](const std::string& port) {
    return std::any_of(inputs.begin(), inputs.end(),
                       [&](const auto& input) { return input.first == port; });
  };
  const auto connect_control = [&](const Signal& port, const Signal& signal) {
    if (!port.valid() || !signal.valid()) return;
    const std::string& port_name = module->node(port.id()).name;
    if (!given(port_name)) made.inputs.emplace_back(port_name, signal.id());
  };
  connect_control(module->clock(), clock_);
  if (module->reset_kind() == reset_) connect_control(module->reset_signal(), reset_signal_);
  for (const auto& [port, signal] : inputs) made.inputs.emplace_back(port, signal.id());
  made.section = static_cast<int>(sections_.size()) - 1;

  const std::vector<std::set<std::size_t>> depends = combinational_inputs(*module);
  std::vector<std::pair<std::string, Signal>> signals;
  for (std::size_t k = 0; k < module->outputs().size(); ++k) {
    const Output& output = module->outputs()[k];
    Node node{.op = Op::kInstanceOutput,
              .width = port_width(*this, made, module->node(output.node).width),
              .name = default_net(name, output.name),
              .source = static_cast<int>(instances_.size())};
    for (const auto& [port, net] : nets) {
      if (port == output.name) node.name = net;
    }
    for (const std::size_t input : depends[k]) {
      const int id = connected(made, module->node(module->inputs()[input]).name);
      if (id >= 0) node.args.push_back(id);
    }
    signals.emplace_back(output.name, add(std::move(node)));
    made.outputs.emplace_back(output.name, signals.back().second.id());
  }
  instances_.push_back(std::move(made));
  return InstanceOutputs(std::move(signals));
}

namespace {

std::string width_text(const Module& module, const Width& width) {
  if (width.parameter < 0) return fmt::format("{} bits", width.bits);
  return fmt::format("{} bits at the default of {}", width.bits,
                     module.parameters()[static_cast<std::size_t>(width.parameter)].name);
}

void find_argument_defects(const Module& parent, const Instance& instance,
                           const std::function<void(const std::string&)>& defect) {
  const Module& module = *instance.module;
  std::set<std::string> seen;
  for (const Argument& argument : instance.arguments) {
    if (!seen.insert(argument.name).second) {
      defect(fmt::format("parameter {} is given twice", argument.name));
    }
    const auto& all = module.parameters();
    const auto own = std::find_if(all.begin(), all.end(),
                                  [&](const Parameter& p) { return p.name == argument.name; });
    if (own == all.end()) {
      if (argument.literal.empty()) defect(fmt::format("no parameter {}", argument.name));
      continue;
    }
    long long least = argument.value;
    long long most = argument.value;
    if (argument.parameter >= 0) {
      const Parameter& outer = parent.parameters()[static_cast<std::size_t>(argument.parameter)];
      least = outer.least;
      most = outer.most;
    } else if (!argument.literal.empty()) {
      continue;
    }
    if (least < own->least || most > own->most) {
      defect(fmt::format(
          "parameter {} may be {} to {} and is given {}", own->name, own->least, own->most,
          least == most ? fmt::format("{}", least) : fmt::format("{} to {}", least, most)));
    }
  }
}

}  // namespace

std::vector<std::string> connection_defects(const Module& parent, const Instance& instance) {
  std::vector<std::string> defects;
  const Module& module = *instance.module;
  const auto defect = [&](const std::string& what) {
    defects.push_back(fmt::format("instance {} of {}: {}", instance.name, module.name(), what));
  };
  std::set<std::string> ports;
  for (const int input : module.inputs()) {
    const Node& port = module.node(input);
    ports.insert(port.name);
    const int id = connected(instance, port.name);
    if (id < 0) {
      defect(fmt::format("input {} is not connected", port.name));
      continue;
    }
    const Width wanted = port_width(parent, instance, port.width);
    const Width got = parent.node(id).width;
    if (wanted != got) {
      defect(fmt::format("input {} has {} and is given {}", port.name, width_text(parent, wanted),
                         width_text(parent, got)));
    }
    const bool is_clock = module.clock().valid() && module.clock().id() == input;
    if (is_clock && (!parent.clock().valid() || parent.clock().id() != id)) {
      defect(fmt::format("{} is not the clock", port.name));
    }
  }
  std::set<std::string> seen;
  for (const auto& [port, id] : instance.inputs) {
    if (!ports.contains(port)) defect(fmt::format("no input {}", port));
    if (!seen.insert(port).second) defect(fmt::format("input {} is connected twice", port));
  }
  find_argument_defects(parent, instance, defect);
  return defects;
}

bool is_function(const Module& module) {
  if (module.is_external()) return false;
  return module.latency().has_value() || (!module.is_clocked() && module.instances().empty()) ||
         (!module.is_clocked() &&
          std::all_of(module.instances().begin(), module.instances().end(),
                      [](const Instance& part) { return is_function(*part.module); }));
}

namespace {

/// Registers on the way to nodes from data inputs.
class RegistersBefore {
 public:
  /// Least and most; nothing where there is no way.
  struct Range {
    int least = 0;
    int most = 0;
  };

  explicit RegistersBefore(const Module& module)
      : module_(module), known_(module.nodes().size()), state_(module.nodes().size(), kNew) {}

  std::optional<Range> of(int id) {
    const std::size_t i = static_cast<std::size_t>(id);
    if (state_[i] == kBegun) has_loop_ = true;
    if (state_[i] != kNew) return known_[i];
    state_[i] = kBegun;
    const std::optional<Range> all = join_of(id);
    known_[i] = all;
    state_[i] = kDone;
    return all;
  }
  [[nodiscard]] bool has_loop() const { return has_loop_; }

 private:
  enum State : char { kNew, kBegun, kDone };

  [[nodiscard]] bool is_control(int id) const {
    return id == module_.clock().id() ||
           (module_.reset_signal().valid() && id == module_.reset_signal().id()) ||
           module_.node(id).name == module_.enable_port();
  }

  void join(std::optional<Range>& all, int read, int more) {
    const std::optional<Range> one = of(read);
    if (!one) return;
    if (!all) all = Range{one->least + more, one->most + more};
    all->least = std::min(all->least, one->least + more);
    all->most = std::max(all->most, one->most + more);
  }

  std::optional<Range> join_of(int id) {
    const Node& node = module_.node(id);
    std::optional<Range> all;
    if (node.op == Op::kInput) {
      if (!is_control(id)) all = Range{};
    } else if (node.op == Op::kRegister) {
      if (node.data >= 0 && node.data != id) join(all, node.data, 1);
    } else {
      for (const int arg : node.args) join(all, arg, 0);
    }
    if (node.op == Op::kInstanceOutput) {
      join_part(all, module_.instances()[static_cast<std::size_t>(node.source)]);
    }
    return all;
  }

  /// An instance that states its latency: all of it is between its inputs and outputs.
  void join_part(std::optional<Range>& all, const Instance& part) {
    const std::optional<int> latency = part.module->latency();
    if (!latency) return;
    for (const auto& [port, read] : part.inputs) {
      if (read >= 0 && !is_control(read)) join(all, read, *latency);
    }
  }

  const Module& module_;
  std::vector<std::optional<Range>> known_;
  std::vector<State> state_;
  bool has_loop_ = false;
};

}  // namespace

std::vector<std::string> latency_defects(const Module& module) {
  if (!module.latency()) return {};
  RegistersBefore registers_before(module);
  std::vector<std::string> defects;
  for (const Output& output : module.outputs()) {
    const std::optional<RegistersBefore::Range> found = registers_before.of(output.node);
    if (registers_before.has_loop()) {
      defects.push_back(
          fmt::format("{} states a latency and has a loop of registers", module.name()));
      break;
    }
    for (const int registers : found ? std::set<int>{found->least, found->most} : std::set<int>{}) {
      if (registers != *module.latency()) {
        defects.push_back(fmt::format("{} states a latency of {} and reaches {} by {} registers",
                                      module.name(), *module.latency(), output.name, registers));
      }
    }
  }
  return defects;
}

}  // namespace fewbit::rtl
