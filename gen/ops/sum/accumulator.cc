// Accumulator: see accumulator.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/sum/accumulator.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "fewbit/gen/ops/fabric/carry_sum.h"
#include "fewbit/gen/ops/fabric/delays.h"
#include "fewbit/gen/rtl/pipeline.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::ProbeRole;
using rtl::Signal;
using rtl::Width;

namespace {

struct Sum {
  Signal sum;
  Signal carry;  ///< out of the top; only where it was asked for
};

/// x + y + carry, with the carry out where it is asked for.
Sum sum_of(Module& m, const std::string& name, const Signal& x, const Signal& y,
           const Signal& carry, bool carry_out, Fabric fabric) {
  if (!carry_out) {
    return {is_constant(carry) ? m.net(name, x + y) : carry_sum(m, name, x, y, carry, fabric), {}};
  }
  const Signal zero = m.constant(1, 0);
  const Signal wide =
      carry_sum(m, name + "_wide", concat({zero, x}), concat({zero, y}), carry, fabric);
  return {m.net(name, wide.without_top(1)), wide.top()};
}

/// The sum of one bit more than the accumulator, brought back into its range.
Signal saturated(Module& m, const Signal& wide, bool is_signed) {
  const Signal kept = wide.without_top(1);
  if (!is_signed) {
    return m.net("sum_saturated", kept | replicate(wide.top(), kept.full_width()));
  }
  const Signal low_sum = m.net("sum_low", kept);
  const Signal overflow = m.net("overflow", wide.top() ^ low_sum.top());
  Width rest = kept.full_width();
  rest.bits -= 1;
  const Signal limit = concat({wide.top(), replicate(~wide.top(), rest)});
  return m.net("sum_saturated", mux(overflow, limit, low_sum));
}

/// How the sum is kept, and how the latency is spent: registers in front of the sum, and segments
/// of the sum, each of them `carry_delay` cycles behind the one below.
struct AccumulatorPlan {
  bool saturates = false;
  bool loads = false;  ///< a first addend alone: neither a clear nor a second register
  bool masks = false;  ///< the sum before a first addend, which comes straight from the operands
  bool holds = false;  ///< where there is no step: no enable
  int product_registers = 1;
  std::vector<int> segments;  ///< bits, from the lowest up
  int carry_delay = 0;
  rtl::PipelinePlan product;

  /// A sum starts in the step of its first addend, not one operation ahead.
  [[nodiscard]] bool starts_late() const { return loads || masks; }
  [[nodiscard]] int delay(std::size_t segment) const {
    return carry_delay * static_cast<int>(segment);
  }
  [[nodiscard]] int last_delay() const { return delay(segments.size() - 1); }
};

/// The widths that make the slowest of `count` segments fastest, and how slow that is.
std::pair<std::vector<int>, double> split_sum(int width, int count, int carry_delay,
                                              double shared_sum, const rtl::DelayModel& delays) {
  if (count == 1) return {{width}, delays.adder_period(width + 1) + shared_sum};
  // A carry that has one cycle to the next segment comes from far away.
  const double far = carry_delay == 1 ? delays.carry_to_carry : 0;
  const double inner_more = std::max(delays.carry_out, shared_sum);
  std::vector<int> best;
  double best_period = 0;
  for (int top = 1; top <= width - (count - 1); ++top) {
    const int rest = width - top;
    const int inner = (rest + count - 2) / (count - 1);
    const double awkward = (top + 1) % delays.carry_group == 0 ? delays.full_group : 0;
    const double period = far + std::max(delays.adder_period(top + 1) + awkward + shared_sum,
                                         delays.adder_period(inner + 1) + inner_more);
    if (!best.empty() && period >= best_period) continue;
    best_period = period;
    best.assign(static_cast<std::size_t>(count), 0);
    // What does not divide evenly is missing in the lowest segments, which a carry enters late.
    int left = rest;
    for (int k = count - 2; k >= 0; --k) {
      best[static_cast<std::size_t>(k)] = (left + k) / (k + 1);
      left -= best[static_cast<std::size_t>(k)];
    }
    std::reverse(best.begin(), best.end() - 1);
    best.back() = top;
  }
  return {best, best_period};
}

/// The plan with the shortest estimated period; of equal ones, that with the fewest segments.
AccumulatorPlan split_accumulator(Module& m, const OperatorSpec& spec, const AccumulatorPlan& plan,
                                  const std::vector<rtl::PipelineSink>& sinks) {
  const rtl::DelayModel& delays = delay_model(spec.fabric);
  AccumulatorPlan best = plan;
  constexpr double kWorthwhile = 0.02;  // ns
  double best_period = 0;
  std::map<int, rtl::PipelinePlan> products;
  const int least = spec.usual_latency() - 1;
  for (int count = 1; count <= (plan.saturates ? 1 : spec.acc_width); ++count) {
    for (const int delay : {2, 1}) {
      const int registers = spec.latency() - 1 - delay * (count - 1);
      if (registers < least || (count == 1 && delay == 1)) continue;
      const auto [widths, sum_period] =
          split_sum(spec.acc_width, count, delay, plan.loads ? 0 : delays.shared_sum, delays);
      if (best_period > 0 && sum_period >= best_period - kWorthwhile) continue;
      if (!products.contains(registers)) {
        products[registers] = rtl::plan_pipeline(m, sinks, registers - least, delays);
      }
      const double period = std::max(sum_period, products[registers].period);
      if (best_period > 0 && period >= best_period - kWorthwhile) continue;
      best_period = period;
      best.product_registers = registers;
      best.segments = widths;
      best.carry_delay = delay;
      best.product = products[registers];
    }
  }
  return best;
}

AccumulatorPlan plan_accumulator(Module& m, const OperatorSpec& spec, bool has_carry,
                                 bool is_pipelined, const std::vector<rtl::PipelineSink>& sinks) {
  const FabricTraits& traits = fabric_traits(spec.fabric);
  AccumulatorPlan plan;
  plan.saturates = spec.saturates_sum();
  // Where no carry comes with the addend, a table behind the adder can take the addend alone, and
  // the sum needs neither a clear nor a second register.
  plan.loads = traits.table_behind_carry && !has_carry && !plan.saturates;
  plan.segments = {spec.acc_width};
  plan.product_registers = std::min(spec.latency(), spec.usual_latency()) - 1;
  plan.masks = (plan.product_registers == 0 || traits.dear_registers) && !plan.loads;
  if (is_pipelined) plan = split_accumulator(m, spec, plan, sinks);
  // Else that table can hold the sum where there is no step: then the register needs no enable,
  // which a clear would have to join (where a flip-flop's enable comes before its clear).
  plan.holds = traits.table_behind_carry && traits.enable_before_clear && !plan.loads &&
               !plan.masks && !plan.saturates && plan.segments.size() == 1;
  return plan;
}

/// What makes the addend 0: a special one. It reaches many registers, so it is one itself where
/// there is a cycle to spare. Absent where nothing is special.
Signal addend_clear(Module& m, const OperatorSpec& spec, const Control& control, int registers) {
  if (!control.boundary->clear.valid()) return {};
  const bool early = registers > 0;
  const rtl::Scope scope(m, "clear", "Clear of the addend");
  const std::vector<rtl::PipelineSink> sink = {{control.boundary->clear}};
  const rtl::PipelinePlan plan =
      rtl::plan_pipeline(m, sink, early ? registers - 1 : 0, delay_model(spec.fabric));
  const rtl::RegisterControl plain = {.enable = control.advance, .reset = false};
  Signal clear = rtl::pipeline(m, sink, plan, plain).front();
  if (early) {
    const Signal held = m.reg("addend_clear_q", 1, plain);
    m.drive(held, clear);
    clear = held;
  }
  return control.stage_clear(clear);
}

/// The registers of the stage, and what is special, with more registers in front of them.
void deepen(Module& m, const OperatorSpec& spec, const Control& control,
            const std::vector<rtl::PipelineSink>& sinks, const rtl::PipelinePlan& plan,
            SpecialResult& specials) {
  const std::vector<Signal> late =
      rtl::pipeline(m, sinks, plan, {.enable = control.advance, .reset = false});
  const std::vector<Signal>& registers = control.boundary->registers;
  const Signal clear = addend_clear(m, spec, control, plan.registers);
  for (std::size_t i = 0; i < registers.size(); ++i) m.redrive(registers[i], late[i], clear);
  std::size_t next = registers.size();
  for (Signal* flag : {&specials.nan, &specials.pinf, &specials.ninf}) {
    if (flag->valid()) *flag = late[next++];
  }
}

/// Where the paths of the stage end: its registers, and the special values.
std::vector<rtl::PipelineSink> stage_sinks(Module& m, const Control& control,
                                           const SpecialResult& specials) {
  std::vector<rtl::PipelineSink> sinks;
  for (const Signal& held : control.boundary->registers) {
    const Signal data = m.signal(m.node(held.id()).data);
    sinks.push_back({named(m, m.node(held.id()).name + "_next", data)});
  }
  for (const auto& [name, flag] :
       {std::pair{"special_nan", &specials.nan}, std::pair{"special_pinf", &specials.pinf},
        std::pair{"special_ninf", &specials.ninf}}) {
    if (flag->valid()) sinks.push_back({named(m, name, *flag)});
  }
  return sinks;
}

/// A signal some cycles later, or 0 where `clear` is on its way.
Signal delayed(Module& m, const Control& control, Signal x, const std::string& name, int cycles,
               bool reset, const Signal& clear = {}) {
  if (x.width() == 0 || is_constant(x)) return x;
  for (int cycle = 1; cycle <= cycles; ++cycle) {
    const Signal held =
        m.reg(fmt::format("{}_after_{}_q", name, cycle), x.full_width(),
              {.enable = control.advance, .clear = cycle == 1 ? clear : Signal(), .reset = reset});
    m.drive(held, x);
    x = held;
  }
  return x;
}

/// What clears the sum, some cycles later. Its last register is set in reset: the first sum starts.
Signal delayed_start(Module& m, const Control& control, const Signal& start,
                     const std::string& name, int cycles) {
  if (cycles == 0) return start;
  const Signal before = delayed(m, control, start, name, cycles - 1, true);
  const Signal last = m.reg(fmt::format("{}_after_{}_q", name, cycles), 1,
                            {.enable = control.advance, .reset_value = 1});
  m.drive(last, before);
  return last;
}

}  // namespace

namespace {

/// An exact running sum, segment by segment: each adds its part of the addend when the carry from
/// below is there, and keeps the result until the last segment's is ready.
class RunningAccumulator {
 public:
  RunningAccumulator(Module& m, const OperatorSpec& spec, const Control& control,
                     const Addend& addend, const AccumulatorPlan& plan)
      : m_(m),
        spec_(spec),
        control_(control),
        addend_(addend),
        plan_(plan),
        is_signed_(output_format(spec).is_signed()),
        carry_(addend.carry),
        fill_(addend.fill) {}

  Signal sum() {
    const int parameter = width_parameter();
    begin();
    std::vector<Signal> parts;
    for (std::size_t k = 0; k < plan_.segments.size(); ++k) {
      Width width = plan_.segments[k];
      if (is_last(k)) width.parameter = parameter;
      parts.push_back(segment(k, width));
      low_ += plan_.segments[k];
    }
    std::reverse(parts.begin(), parts.end());
    return parts.size() == 1 ? parts[0] : concat(parts);
  }

  /// Whether an event has come since the sum began. After sum().
  Signal sticky(const std::string& name, const Signal& event, ProbeRole event_role,
                ProbeRole seen_role) {
    const Signal event_q = staged(name + "_event", event);
    m_.mark(event_role, event_q);
    const Signal flag_q = m_.reg(name + "_q", 1, {.enable = first_step_});
    if (plan_.starts_late()) {
      m_.drive(flag_q, (flag_q & ~first_start_) | event_q);
    } else {
      const Signal seen_q = m_.reg(name + "_seen_q", 1,
                                   {.enable = first_step_, .clear = first_start_, .reset = false});
      m_.mark(seen_role, seen_q);
      const Signal seen = m_.net(name + "_seen", seen_q | event_q);
      m_.drive(seen_q, seen);
      m_.drive(flag_q, seen);
    }
    return delayed(m_, control_, flag_q, name, plan_.last_delay(), true);
  }

 private:
  struct Registers {
    Signal sum;  ///< that the next addend is added to
    Signal acc;  ///< that the outside sees, where it is another one
    Signal clear;
  };

  /// An event as late as its addend.
  Signal staged(const std::string& name, const Signal& event) {
    if (!control_.has_stage) return m_.net(name, event);
    const Signal event_q = m_.reg(name + "_q", 1, {.enable = control_.advance, .reset = false});
    m_.drive(event_q, event);
    return event_q;
  }

  [[nodiscard]] bool is_last(std::size_t k) const { return k + 1 == plan_.segments.size(); }
  [[nodiscard]] std::string mark(std::size_t k) const {
    return plan_.segments.size() > 1 ? fmt::format("_{}", k) : "";
  }

  /// Of the accumulator's width, or -1 where it cannot be changed.
  int width_parameter() {
    const int least = std::max(addend_.bits.width(), spec_.acc_width - plan_.segments.back());
    if (spec_.acc_width <= least || spec_.outputs > 1) return -1;
    return m_.parameter(
        {"AccWidth", spec_.acc_width, "Bits of the accumulator", least + 1, kMostAccWidth});
  }

  void begin() {
    // A sum that loads does so where it steps: only there does it matter whether it starts.
    start_ = plan_.starts_late() ? control_.first : control_.valid & control_.first;
    fresh_ = m_.constant(1, 0);
    if (plan_.product_registers == 0) {
      start_ = m_.net("start", start_);
      return;
    }
    if (plan_.starts_late()) {
      m_.section("Control: the first operation of a sum");
      start_ = delayed(m_, control_, start_, "start", plan_.product_registers, true);
      return;
    }
    m_.section("Control: the sum is cleared when the operation that will start a new one arrives");
    if (control_.is_pipelined) start_ = m_.net("start", start_);
    start_ = delayed_start(m_, control_, start_, "start", plan_.product_registers - 1);
    if (spec_.reset != ResetKind::kNone && plan_.product_registers == 1) {
      const Signal fresh_q = m_.reg("fresh_q", 1, {.reset_value = 1});
      m_.drive(fresh_q, m_.constant(1, 0));
      fresh_ = fresh_q;
    }
  }

  /// What starts a sum, and the sign of the addend, a segment later.
  void carry_control_on(std::size_t k) {
    const std::string name = "start" + mark(k);
    start_ = plan_.starts_late() ? delayed(m_, control_, start_, name, plan_.carry_delay, true)
                                 : delayed_start(m_, control_, start_, name, plan_.carry_delay);
    fresh_ = m_.constant(1, 0);
    fill_ = delayed(m_, control_, fill_, "fill" + mark(k), plan_.carry_delay, false);
  }

  Registers registers(std::size_t k, Width width, const Signal& step) {
    const std::string sum_name = fmt::format("sum{}_q", mark(k));
    if (plan_.starts_late()) return {m_.reg(sum_name, width, {.enable = step}), {}, {}};
    Registers made;
    made.clear = m_.net("clear" + mark(k), control_.moving(start_) | fresh_);
    made.sum =
        m_.reg(sum_name, width,
               {.enable = plan_.holds ? Signal() : step, .clear = made.clear, .reset = false});
    made.acc = m_.reg(fmt::format("acc{}_q", mark(k)), width, {.enable = step});
    return made;
  }

  /// What the sum becomes, for the sum with the addend and the addend alone.
  Signal next_of(const Signal& added, const Signal& value, const Signal& step, const Signal& held) {
    if (plan_.saturates) return saturated(m_, added, is_signed_);
    if (plan_.loads) return mux(start_, value, added);
    return plan_.holds ? mux(step, added, held) : added;
  }

  Signal segment(std::size_t k, Width width) {
    const std::string mark = this->mark(k);
    m_.section(plan_.segments.size() > 1 ? fmt::format("Exact sum, segment {}: bits {} up", k, low_)
                                         : std::string("Exact sum"));
    const int delay = plan_.delay(k);
    const Signal step = m_.net(
        "step" + mark,
        control_.moving(
            control_.valid_after[static_cast<std::size_t>(plan_.product_registers + delay)]));
    if (k > 0) carry_control_on(k);
    const Registers q = registers(k, width, step);
    m_.mark(ProbeRole::kSum, q.sum, 0, low_);
    if (k == 0) {
      const bool late = plan_.starts_late();
      m_.mark(late ? ProbeRole::kFirst : ProbeRole::kFresh, late ? start_ : fresh_);
      first_step_ = step;
      first_start_ = late ? start_ : q.clear;
    }
    Width wide = width;
    if (plan_.saturates) wide.bits += 1;
    const Signal before =
        plan_.masks ? m_.net("sum_before", q.sum & replicate(~start_, width)) : q.sum;
    const Signal running =
        plan_.saturates ? concat({is_signed_ ? before.top() : m_.constant(1, 0), before}) : before;
    const Signal piece =
        delayed(m_, control_, addend_.piece(low_, wide.bits), "addend" + mark, delay, false);
    const Signal value = m_.net("step_addend" + mark, Addend{piece, fill_, carry_}.extended(wide));
    const Signal carry_in = m_.net("step_carry" + mark, carry_);
    m_.mark(ProbeRole::kAddend, value, 0, low_);
    m_.mark(ProbeRole::kAddendCarry, carry_in, 0, low_);
    const Sum sum = sum_of(m_, "sum" + mark, running, value, carry_in, !is_last(k), spec_.fabric);
    Signal next = next_of(sum.sum, value, step, q.sum);
    if (plan_.holds) next = m_.net("sum_held", next);
    m_.drive(q.sum, next);
    if (!plan_.starts_late()) m_.drive(q.acc, next);
    if (!is_last(k)) {
      const Signal clear =
          plan_.loads ? m_.net("carry_clear" + mark, control_.moving(start_)) : Signal();
      carry_ = delayed(m_, control_, sum.carry, "carry" + mark, plan_.carry_delay, false, clear);
    }
    return delayed(m_, control_, plan_.starts_late() ? q.sum : q.acc, "acc" + mark,
                   plan_.last_delay() - delay, true);
  }

  Module& m_;
  const OperatorSpec& spec_;
  const Control& control_;
  const Addend& addend_;
  const AccumulatorPlan& plan_;
  bool is_signed_;
  Signal carry_;  ///< into the next segment
  Signal fill_;   ///< above the addend's bits
  Signal start_, fresh_;
  Signal first_step_, first_start_;  ///< of the lowest segment
  int low_ = 0;                      ///< the next segment's lowest bit
};

}  // namespace

Results accumulate(Module& m, const OperatorSpec& spec, const Control& control,
                   const Addend& addend, const SpecialResult& all_specials) {
  const SpecialFlags flags = special_flags(spec);
  SpecialResult specials;
  if (flags.nan) specials.nan = all_specials.nan;
  if (flags.pinf) specials.pinf = all_specials.pinf;
  if (flags.ninf) specials.ninf = all_specials.ninf;

  const std::vector<rtl::PipelineSink> sinks =
      control.is_pipelined ? stage_sinks(m, control, specials) : std::vector<rtl::PipelineSink>{};
  const AccumulatorPlan plan =
      plan_accumulator(m, spec, !is_zero_constant(addend.carry), control.is_pipelined, sinks);
  if (control.is_pipelined) deepen(m, spec, control, sinks, plan.product, specials);

  RunningAccumulator accumulator(m, spec, control, addend, plan);
  Results results;
  results.result = accumulator.sum();
  if (!flags.any()) return results;
  m.section("Sticky flags, cleared like the sum");
  if (flags.nan) {
    results.flags.nan =
        accumulator.sticky("nan", specials.nan, ProbeRole::kNanEvent, ProbeRole::kNanSeen);
  }
  if (flags.pinf) {
    results.flags.pinf = accumulator.sticky("pinf", specials.pinf, ProbeRole::kPlusInfEvent,
                                            ProbeRole::kPlusInfSeen);
  }
  if (flags.ninf) {
    results.flags.ninf = accumulator.sticky("ninf", specials.ninf, ProbeRole::kMinusInfEvent,
                                            ProbeRole::kMinusInfSeen);
  }
  return results;
}

}  // namespace fewbit::ops
