// Accumulator: see accumulator.h.
// SPDX-License-Identifier: Apache-2.0
#include "gen/ops/accumulator.h"

#include <fmt/format.h>

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;
using rtl::Width;

namespace {

bool is_constant(const Signal& x) { return x.module().node(x.id()).op == rtl::Op::kConst; }

/// x + y + carry in one carry chain, in the form that synthesis keeps whole: the carry enters
/// through an extra lowest place. Xilinx: as a subtraction, which keeps x on the adder's direct
/// input.
Signal sum_of(Module& m, const Signal& x, const Signal& y, const Signal& carry, Fabric fabric) {
  if (is_constant(carry)) return m.net("sum", x + y);
  Signal wide;
  if (fabric == Fabric::kXilinx) {
    const Signal inverted = m.net("addend_inverted", ~y);
    wide = m.net("sum_and_carry", concat({x, m.constant(1, 0)}) - concat({inverted, ~carry}));
  } else {
    wide = m.net("sum_and_carry", concat({x, m.constant(1, 1)}) + concat({y, carry}));
  }
  return m.net("sum", wide.without_low(1));
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

}  // namespace

Results accumulate(Module& m, const OperatorSpec& spec, const Control& control,
                   const Addend& addend, const SpecialResult& specials) {
  const bool is_signed = output_format(spec).is_signed();
  const bool saturate = spec.terms == 0 && spec.overflow == OverflowMode::kSaturate;
  Width width = spec.acc_width;
  if (spec.acc_width > addend.bits.width()) {
    width.parameter =
        m.parameter("AccWidth", spec.acc_width,
                    fmt::format("Bits of the accumulator, more than {}", addend.bits.width()));
  }

  m.section("Control: the sum is cleared when the operation that will start a new one arrives");
  Signal start = control.moving(control.valid & control.first);
  if (spec.reset != ResetKind::kNone) {
    const Signal fresh_q = m.reg("fresh_q", 1, {.reset_to_ones = true});
    m.drive(fresh_q, m.constant(1, 0));
    start = start | fresh_q;
  }
  const Signal clear = m.net("clear", start);
  const Signal step = m.net("step", control.moving(control.valid_q));

  m.section("Exact sum");
  const Signal sum_q = m.reg("sum_q", width, {.enable = step, .clear = clear, .reset = false});
  const Signal acc_q = m.reg("acc_q", width, {.enable = step});
  Width wide = width;
  if (saturate) wide.bits += 1;
  const Signal running =
      saturate ? concat({is_signed ? sum_q.top() : m.constant(1, 0), sum_q}) : sum_q;
  // Named for whoever proves that a step adds exactly this, and the carry.
  const Signal value = m.net("step_addend", addend.extended(wide));
  const Signal carry = m.net("step_carry", addend.carry);
  const Signal sum = sum_of(m, running, value, carry, spec.fabric);
  const Signal next = saturate ? saturated(m, sum, is_signed) : sum;
  m.drive(sum_q, next);
  m.drive(acc_q, next);
  Results results;
  results.result = acc_q;

  const SpecialFlags flags = special_flags(spec);
  if (!flags.any()) return results;
  m.section("Sticky flags, cleared like the sum");
  const auto sticky = [&](const std::string& name, const Signal& event) {
    const Signal event_q = m.reg(name + "_event_q", 1, {.enable = control.advance, .reset = false});
    m.drive(event_q, event);
    const Signal seen_q =
        m.reg(name + "_seen_q", 1, {.enable = step, .clear = clear, .reset = false});
    const Signal flag_q = m.reg(name + "_q", 1, {.enable = step});
    const Signal seen = m.net(name + "_seen", seen_q | event_q);
    m.drive(seen_q, seen);
    m.drive(flag_q, seen);
    return flag_q;
  };
  if (flags.nan) results.flags.nan = sticky("nan", specials.nan);
  if (flags.pinf) results.flags.pinf = sticky("pinf", specials.pinf);
  if (flags.ninf) results.flags.ninf = sticky("ninf", specials.ninf);
  return results;
}

}  // namespace fewbit::ops
