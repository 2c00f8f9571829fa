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
  bool holds = false;  ///< where there is no step: no enable
  int product_registers = 1;
  std::vector<int> segments;  ///< bits, from the lowest up
  int carry_delay = 0;
  rtl::PipelinePlan product;

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
  const int least = spec.least_latency() - 1;
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
  plan.saturates = spec.terms == 0 && spec.overflow == OverflowMode::kSaturate;
  // Where no carry comes with the addend, a table behind the adder can take the addend alone, and
  // the sum needs neither a clear nor a second register.
  plan.loads = traits.table_behind_carry && !has_carry && !plan.saturates;
  plan.segments = {spec.acc_width};
  plan.product_registers = spec.least_latency() - 1;
  if (is_pipelined) plan = split_accumulator(m, spec, plan, sinks);
  // Else that table can hold the sum where there is no step: then the register needs no enable,
  // which a clear would have to join (where a flip-flop's enable comes before its clear).
  plan.holds = traits.table_behind_carry && traits.enable_before_clear && !plan.loads &&
               !plan.saturates && plan.segments.size() == 1;
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

Results accumulate(Module& m, const OperatorSpec& spec, const Control& control,
                   const Addend& addend, const SpecialResult& all_specials) {
  const bool is_signed = output_format(spec).is_signed();
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
  const bool saturate = plan.saturates;
  const bool loads = plan.loads;
  const bool holds = plan.holds;
  const std::size_t segments = plan.segments.size();

  int parameter = -1;
  const int least = std::max(addend.bits.width(), spec.acc_width - plan.segments.back());
  if (spec.acc_width > least) {
    parameter = m.parameter(
        {"AccWidth", spec.acc_width, "Bits of the accumulator", least + 1, kMostAccWidth});
  }

  // A sum that loads does so where it steps: only there does it matter whether it starts.
  Signal start = loads ? control.first : control.valid & control.first;
  Signal fresh = m.constant(1, 0);
  if (loads) {
    m.section("Control: the first operation of a sum");
    start = delayed(m, control, start, "start", plan.product_registers, true);
  } else {
    m.section("Control: the sum is cleared when the operation that will start a new one arrives");
    if (control.is_pipelined) start = m.net("start", start);
    start = delayed_start(m, control, start, "start", plan.product_registers - 1);
    if (spec.reset != ResetKind::kNone && plan.product_registers == 1) {
      const Signal fresh_q = m.reg("fresh_q", 1, {.reset_value = 1});
      m.drive(fresh_q, m.constant(1, 0));
      fresh = fresh_q;
    }
  }

  // Segment by segment: each adds its part of the addend when the carry from below is there, and
  // keeps the result until the last segment's is ready.
  std::vector<Signal> parts;
  Signal carry = addend.carry;
  Signal fill = addend.fill;
  Signal first_step, first_start;
  int low = 0;
  for (std::size_t k = 0; k < segments; ++k) {
    const bool is_last = k + 1 == segments;
    const std::string mark = segments > 1 ? fmt::format("_{}", k) : "";
    m.section(segments > 1 ? fmt::format("Exact sum, segment {}: bits {} up", k, low)
                           : std::string("Exact sum"));
    Width width = plan.segments[k];
    if (is_last) width.parameter = parameter;
    const int delay = plan.delay(k);
    const Signal step =
        m.net("step" + mark,
              control.moving(
                  control.valid_after[static_cast<std::size_t>(plan.product_registers + delay)]));
    if (k > 0) {
      const std::string name = "start" + mark;
      start = loads ? delayed(m, control, start, name, plan.carry_delay, true)
                    : delayed_start(m, control, start, name, plan.carry_delay);
      fresh = m.constant(1, 0);
      fill = delayed(m, control, fill, fmt::format("fill{}", mark), plan.carry_delay, false);
    }
    Signal clear, sum_q, acc_q;
    if (loads) {
      sum_q = m.reg(fmt::format("sum{}_q", mark), width, {.enable = step});
    } else {
      clear = m.net("clear" + mark, control.moving(start) | fresh);
      sum_q = m.reg(fmt::format("sum{}_q", mark), width,
                    {.enable = holds ? Signal() : step, .clear = clear, .reset = false});
      acc_q = m.reg(fmt::format("acc{}_q", mark), width, {.enable = step});
    }
    m.mark(ProbeRole::kSum, sum_q, 0, low);
    if (k == 0) {
      m.mark(loads ? ProbeRole::kFirst : ProbeRole::kFresh, loads ? start : fresh);
      first_step = step;
      first_start = loads ? start : clear;
    }
    Width wide = width;
    if (saturate) wide.bits += 1;
    const Signal running =
        saturate ? concat({is_signed ? sum_q.top() : m.constant(1, 0), sum_q}) : sum_q;
    const Signal piece = delayed(m, control, addend.piece(low, wide.bits),
                                 fmt::format("addend{}", mark), delay, false);
    const Signal value = m.net("step_addend" + mark, Addend{piece, fill, carry}.extended(wide));
    const Signal carry_in = m.net("step_carry" + mark, carry);
    m.mark(ProbeRole::kAddend, value, 0, low);
    m.mark(ProbeRole::kAddendCarry, carry_in, 0, low);
    const Sum sum = sum_of(m, "sum" + mark, running, value, carry_in, !is_last, spec.fabric);
    Signal next = saturate ? saturated(m, sum.sum, is_signed)
                  : loads  ? mux(start, value, sum.sum)
                  : holds  ? mux(step, sum.sum, sum_q)
                           : sum.sum;
    if (holds) next = m.net("sum_held", next);
    m.drive(sum_q, next);
    if (!loads) m.drive(acc_q, next);
    if (!is_last) {
      carry = delayed(m, control, sum.carry, "carry" + mark, plan.carry_delay, false,
                      loads ? m.net("carry_clear" + mark, control.moving(start)) : Signal());
    }
    parts.push_back(
        delayed(m, control, loads ? sum_q : acc_q, "acc" + mark, plan.last_delay() - delay, true));
    low += plan.segments[k];
  }
  std::reverse(parts.begin(), parts.end());
  Results results;
  results.result = segments == 1 ? parts[0] : concat(parts);
  if (!flags.any()) return results;

  m.section("Sticky flags, cleared like the sum");
  const auto sticky = [&](const std::string& name, const Signal& event, ProbeRole event_role,
                          ProbeRole seen_role) {
    const Signal event_q = m.reg(name + "_event_q", 1, {.enable = control.advance, .reset = false});
    m.drive(event_q, event);
    m.mark(event_role, event_q);
    const Signal flag_q = m.reg(name + "_q", 1, {.enable = first_step});
    if (loads) {
      m.drive(flag_q, (flag_q & ~first_start) | event_q);
      return delayed(m, control, flag_q, name, plan.last_delay(), true);
    }
    const Signal seen_q =
        m.reg(name + "_seen_q", 1, {.enable = first_step, .clear = first_start, .reset = false});
    m.mark(seen_role, seen_q);
    const Signal seen = m.net(name + "_seen", seen_q | event_q);
    m.drive(seen_q, seen);
    m.drive(flag_q, seen);
    return delayed(m, control, flag_q, name, plan.last_delay(), true);
  };
  if (flags.nan) {
    results.flags.nan = sticky("nan", specials.nan, ProbeRole::kNanEvent, ProbeRole::kNanSeen);
  }
  if (flags.pinf) {
    results.flags.pinf =
        sticky("pinf", specials.pinf, ProbeRole::kPlusInfEvent, ProbeRole::kPlusInfSeen);
  }
  if (flags.ninf) {
    results.flags.ninf =
        sticky("ninf", specials.ninf, ProbeRole::kMinusInfEvent, ProbeRole::kMinusInfSeen);
  }
  return results;
}

}  // namespace fewbit::ops
