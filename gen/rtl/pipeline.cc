// Pipelining: see pipeline.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/rtl/pipeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "fewbit/gen/rtl/instance.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::rtl {
namespace {

/// Where the logic begins. Instances of functions belong to it, others do not.
bool is_source(const Module& module, const Node& node) {
  if (node.op == Op::kInstanceOutput) {
    return !is_function(*module.instances()[static_cast<std::size_t>(node.source)].module);
  }
  return node.op == Op::kInput || node.op == Op::kRegister || node.op == Op::kConst;
}

/// A named net with the nameless expression that makes it, or an instance with its outputs.
struct Unit {
  std::vector<int> nets;
  std::vector<int> inner;  ///< nameless nodes, arguments first
  std::vector<int> reads;  ///< named nets and sources
  int instance = -1;
  int latency = 0;  ///< of the instance: its nets are so many stages behind what it reads
};

/// Inputs of an instance that are the same in every stage.
bool is_control(const Instance& instance, const std::string& port) {
  const Module& module = *instance.module;
  const auto is = [&](const Signal& signal) {
    return signal.valid() && module.node(signal.id()).name == port;
  };
  return is(module.clock()) || is(module.reset_signal()) ||
         (module.latency() && port == module.enable_port());
}

/// The logic in front of some sinks: its units in topological order.
class Cone {
 public:
  Cone(const Module& module, const std::vector<PipelineSink>& sinks) : module_(module) {
    for (const PipelineSink& sink : sinks) visit(sink.signal.id());
  }
  [[nodiscard]] const std::vector<Unit>& units() const { return units_; }
  [[nodiscard]] const std::vector<int>& sources() const { return sources_; }

 private:
  void visit(int id) {
    if (!seen_.insert(id).second) return;
    const Node& node = module_.node(id);
    if (is_source(module_, node)) {
      sources_.push_back(id);
      return;
    }
    Unit unit;
    std::set<int> inner;
    if (node.op == Op::kInstanceOutput) {
      const Instance& instance = module_.instances()[static_cast<std::size_t>(node.source)];
      unit.instance = node.source;
      unit.latency = instance.module->latency().value_or(0);
      for (const auto& [port, output] : instance.outputs) {
        unit.nets.push_back(output);
        seen_.insert(output);
      }
      for (const auto& [port, input] : instance.inputs) {
        if (!is_control(instance, port)) collect(input, inner, unit);
      }
    } else {
      FEWBIT_CHECK(node.op == Op::kNet, "a pipeline sink without a name");
      unit.nets.push_back(id);
      collect(node.args[0], inner, unit);
    }
    unit.inner.assign(inner.begin(), inner.end());
    for (int read : unit.reads) visit(read);
    units_.push_back(std::move(unit));
  }
  void collect(int id, std::set<int>& inner, Unit& unit) {
    const Node& node = module_.node(id);
    if (node.op == Op::kNet || node.op == Op::kInstanceOutput || is_source(module_, node)) {
      if (std::find(unit.reads.begin(), unit.reads.end(), id) == unit.reads.end()) {
        unit.reads.push_back(id);
      }
      return;
    }
    if (!inner.insert(id).second) return;
    for (int arg : node.args) collect(arg, inner, unit);
  }

  const Module& module_;
  std::set<int> seen_;
  std::vector<Unit> units_;
  std::vector<int> sources_;
};

class Planner {
 public:
  Planner(const Module& module, const std::vector<PipelineSink>& sinks, int registers,
          const DelayModel& model)
      : module_(module),
        sinks_(sinks),
        registers_(registers),
        model_(model),
        cone_(module, sinks),
        times_(module, model),
        stage_(module.nodes().size(), -1) {
    for (int id : cone_.sources()) {
      stage_[index(id)] = 0;
      times_.compute(id);
    }
  }

  PipelinePlan plan() {
    FEWBIT_CHECK(most_latency() <= registers_, "{} registers for instances of latency {}",
                 registers_, most_latency());
    double low = 0;
    double high = 1;
    while (!place_early(high)) high *= 2;
    for (int i = 0; i < kBisections; ++i) {
      const double middle = (low + high) / 2;
      (place_early(middle) ? high : low) = middle;
    }
    FEWBIT_CHECK(place_early(high), "a placement that was there is gone");
    save_registers(high);
    return {registers_, stage_, period(), register_bits()};
  }

 private:
  static constexpr int kBisections = 14;
  static constexpr int kMostTrials = 400;

  /// Of the instances on any path.
  [[nodiscard]] int most_latency() const {
    std::vector<int> latency(stage_.size(), 0);
    int most = 0;
    for (const Unit& unit : cone_.units()) {
      int reads = 0;
      for (const int read : unit.reads) reads = std::max(reads, latency[index(read)]);
      for (const int net : unit.nets) latency[index(net)] = reads + unit.latency;
      most = std::max(most, reads + unit.latency);
    }
    return most;
  }
  static std::size_t index(int id) { return static_cast<std::size_t>(id); }
  [[nodiscard]] bool is_constant(int id) const { return module_.node(id).op == Op::kConst; }

  /// The stage that the unit reads in; its nets are `latency` later.
  [[nodiscard]] int stage_of(const Unit& unit) const {
    return stage_[index(unit.nets[0])] - unit.latency;
  }
  void put(const Unit& unit, int stage) {
    for (const int net : unit.nets) stage_[index(net)] = stage + unit.latency;
  }

  /// When the unit's nets are there if it reads in this stage, or the registers of its instance
  /// have what they take.
  double arrival_in(const Unit& unit, int stage) {
    for (int read : unit.reads) times_.set_registered(read, stage_[index(read)] < stage);
    for (int id : unit.inner) times_.compute(id);
    double latest = 0;
    for (const int net : unit.nets) {
      times_.set_registered(net, false);
      times_.compute(net);
      latest = std::max(latest, times_.arrival(net));
    }
    if (unit.instance < 0) return latest;
    const Instance& instance = module_.instances()[index(unit.instance)];
    for (const auto& [port, input] : instance.inputs) {
      if (!is_control(instance, port)) continue;
      if (is_constant(input)) {
        times_.compute(input);
      } else {
        times_.set_registered(input);
      }
    }
    return std::max(latest, times_.instance_end(instance) - model_.setup);
  }
  [[nodiscard]] int earliest(const Unit& unit) const {
    int stage = 0;
    for (int read : unit.reads) stage = std::max(stage, stage_[index(read)]);
    return stage;
  }

  /// Each net as early as the period allows; false where it does not fit.
  bool place_early(double period) {
    for (const Unit& unit : cone_.units()) {
      int stage = earliest(unit);
      if (stage + unit.latency > registers_) return false;
      if (arrival_in(unit, stage) + model_.setup > period) {
        if (++stage + unit.latency > registers_) return false;
        if (arrival_in(unit, stage) + model_.setup > period) return false;
      }
      put(unit, stage);
    }
    return ends_fit(period);
  }
  [[nodiscard]] double end_of(const PipelineSink& sink) {
    const int id = sink.signal.id();
    if (is_constant(id)) return 0;
    times_.set_registered(id, stage_[index(id)] < registers_);
    return times_.arrival(id) + sink.after + model_.setup;
  }
  bool ends_fit(double period) {
    // A registered copy may come between a late net and slow logic behind the sink.
    return std::all_of(sinks_.begin(), sinks_.end(),
                       [&](const PipelineSink& sink) { return end_of(sink) <= period; });
  }
  /// Of the present placement.
  double period() {
    double slowest = 0;
    for (const Unit& unit : cone_.units()) {
      slowest = std::max(slowest, arrival_in(unit, stage_of(unit)) + model_.setup);
    }
    for (const PipelineSink& sink : sinks_) slowest = std::max(slowest, end_of(sink));
    return slowest;
  }

  [[nodiscard]] int register_bits() const {
    std::vector<int> last(stage_.size(), 0);
    for (const Unit& unit : cone_.units()) {
      for (int read : unit.reads) {
        last[index(read)] = std::max(last[index(read)], stage_of(unit));
      }
    }
    for (const PipelineSink& sink : sinks_) last[index(sink.signal.id())] = registers_;
    int bits = 0;
    for (std::size_t id = 0; id < stage_.size(); ++id) {
      if (stage_[id] < 0 || is_constant(static_cast<int>(id))) continue;
      bits += module_.nodes()[id].width.bits * std::max(0, last[id] - stage_[id]);
    }
    return bits;
  }

  /// Moves nets into a neighbouring stage as long as that saves flip-flops and the period holds.
  void save_registers(double limit) {
    std::vector<std::vector<const Unit*>> readers(stage_.size());
    for (const Unit& unit : cone_.units()) {
      for (int read : unit.reads) readers[index(read)].push_back(&unit);
    }
    int bits = register_bits();
    int trials = 0;
    for (bool moved = true; moved && trials < kMostTrials;) {
      moved = false;
      for (auto unit = cone_.units().rbegin(); unit != cone_.units().rend(); ++unit) {
        const int old = stage_of(*unit);
        int latest = registers_ - unit->latency;
        for (const int net : unit->nets) {
          for (const Unit* reader : readers[index(net)]) {
            latest = std::min(latest, stage_of(*reader) - unit->latency);
          }
        }
        for (const int step : {1, -1}) {
          if (old + step > latest || old + step < earliest(*unit)) continue;
          put(*unit, old + step);
          const int now = register_bits();
          // Later is as good as earlier where it costs the same: its arguments may then follow.
          const bool saves = now < bits || (now == bits && step > 0);
          if (saves && trials < kMostTrials && (++trials, period() <= limit + 1e-9)) {
            moved = moved || now < bits;
            bits = now;
            break;
          }
          put(*unit, old);
        }
      }
    }
  }

  const Module& module_;
  const std::vector<PipelineSink>& sinks_;
  int registers_;
  const DelayModel& model_;
  Cone cone_;
  ArrivalTimes times_;
  std::vector<int> stage_;
};

/// Copies the logic stage by stage, with registers between.
class Builder {
 public:
  Builder(Module& module, const std::vector<PipelineSink>& sinks, const PipelinePlan& plan,
          const RegisterControl& control)
      : module_(module), cone_(module, sinks), plan_(plan), control_(control) {}

  std::vector<Signal> build(const std::vector<PipelineSink>& sinks) {
    std::vector<Unit> units = cone_.units();  // as they were built, section by section
    std::sort(units.begin(), units.end(),
              [](const Unit& x, const Unit& y) { return x.nets[0] < y.nets[0]; });
    for (int stage = 0; stage <= plan_.registers; ++stage) {
      std::string title;
      for (const Unit& unit : units) {
        const int net = unit.nets[0];
        if (plan_.stage[static_cast<std::size_t>(net)] - unit.latency != stage) continue;
        const std::string original =
            module_.sections()[static_cast<std::size_t>(module_.node(net).section)];
        if (title.empty() || original != title) {
          title = original;
          module_.section(plan_.registers > 0 ? fmt::format("Stage {}: {}", stage + 1, title)
                                              : title);
        }
        at(net, stage + unit.latency);
      }
    }
    std::vector<Signal> ends;
    for (const PipelineSink& sink : sinks) {
      ends.push_back(module_.signal(at(sink.signal.id(), plan_.registers)));
    }
    return ends;
  }

 private:
  static std::string base_of(std::string name) {
    for (const char* ending : {"_i", "_q"}) {
      if (name.size() > 2 && name.ends_with(ending)) name.resize(name.size() - 2);
    }
    return name;
  }

  /// The node's value as it is in this stage.
  int at(int id, int stage) {
    const Node node = module_.node(id);
    if (node.op == Op::kConst) return id;
    const bool is_begin = is_source(module_, node);
    const bool is_named = is_begin || node.op == Op::kNet || node.op == Op::kInstanceOutput;
    const int own = is_named ? plan_.stage[static_cast<std::size_t>(id)] : stage;
    FEWBIT_CHECK(own >= 0 && own <= stage, "net {} of stage {} read in stage {}", node.name, own,
                 stage);
    if (is_begin && stage == 0) return id;
    const auto known = built_.find({id, stage});
    if (known != built_.end()) return known->second;
    int copy = -1;
    if (own < stage) {
      const Signal before = module_.signal(at(id, stage - 1));
      const Signal held = module_.reg(fmt::format("{}_stage_{}_q", base_of(node.name), stage),
                                      before.full_width(), control_);
      module_.drive(held, before);
      copy = held.id();
    } else if (node.op == Op::kInstanceOutput) {
      return copy_instance(id, stage);
    } else {
      Node clone = node;
      if (node.op == Op::kNet) clone.name = module_.scoped(node.name);
      for (int& arg : clone.args) arg = at(arg, stage);
      copy = module_.add(clone).id();
      for (Mark& mark : module_.marks()) {
        if (mark.node == id) mark.node = copy;
      }
    }
    built_[{id, stage}] = copy;
    return copy;
  }

  /// The instance again, with outputs in this stage; gives the one that `id` is.
  int copy_instance(int id, int stage) {
    Instance copy = module_.instances()[static_cast<std::size_t>(module_.node(id).source)];
    const std::optional<int> latency = copy.module->latency();
    if (latency && control_.enable.valid()) {
      FEWBIT_CHECK(connected(copy, copy.module->enable_port()) == control_.enable.id(),
                   "{} does not stand still with the registers beside it", copy.name);
    }
    std::map<int, int> inputs;
    for (auto& [port, input] : copy.inputs) {
      const int original = input;
      if (!is_control(copy, port)) input = at(input, stage - latency.value_or(0));
      inputs[original] = input;
    }
    copy.section = static_cast<int>(module_.sections().size()) - 1;
    int found = -1;
    for (auto& [port, output] : copy.outputs) {
      Node node = module_.node(output);
      node.source = static_cast<int>(module_.instances().size());
      for (int& arg : node.args) arg = inputs.at(arg);
      const int again = module_.add(std::move(node)).id();
      built_[{output, stage}] = again;
      if (output == id) found = again;
      output = again;
    }
    module_.instances().push_back(std::move(copy));
    return found;
  }

  Module& module_;
  Cone cone_;
  const PipelinePlan& plan_;
  const RegisterControl& control_;
  std::map<std::pair<int, int>, int> built_;
};

}  // namespace

PipelinePlan plan_pipeline(Module& module, const std::vector<PipelineSink>& sinks, int registers,
                           const DelayModel& model) {
  return Planner(module, sinks, registers, model).plan();
}

std::vector<Signal> pipeline(Module& module, const std::vector<PipelineSink>& sinks,
                             const PipelinePlan& plan, const RegisterControl& control) {
  return Builder(module, sinks, plan, control).build(sinks);
}

}  // namespace fewbit::rtl
