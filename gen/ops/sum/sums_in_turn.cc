// Sums in turn: see sums_in_turn.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/sum/sums_in_turn.h"

#include <fmt/format.h>

#include <algorithm>

#include "fewbit/gen/ops/fabric/delays.h"
#include "fewbit/gen/rtl/pipeline.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

namespace {

/// How many of the bits are 1.
Signal count_of(Module& m, const std::vector<Signal>& bits) {
  const int width = bits_for(static_cast<int>(bits.size()));
  Signal count = m.constant(width, 0);
  for (const Signal& bit : bits) count = count + zero_extend(bit, width);
  return count;
}

/// choices[index], the last one beyond them; from bit `bit` of the index down.
Signal chosen(const std::vector<Signal>& choices, const Signal& index, std::size_t from, int bit) {
  if (bit < 0 || from + 1 >= choices.size()) return choices[std::min(from, choices.size() - 1)];
  const std::size_t half = std::size_t{1} << bit;
  const Signal low = chosen(choices, index, from, bit - 1);
  if (from + half >= choices.size()) return low;
  return mux(index.bit(bit), chosen(choices, index, from + half, bit - 1), low);
}

}  // namespace

SumsInTurn::SumsInTurn(Module& m, const OperatorSpec& spec, const Control& control)
    : m_(m), spec_(spec), control_(control) {
  const int sums = spec.interleave;
  const Signal step =
      m.net("step", control.moving(control.valid_after[static_cast<std::size_t>(sums)]));
  for (int k = 0; k < sums; ++k) {
    const std::string name = k == 0 ? "acc_q" : fmt::format("acc_{}_before_q", k);
    results_.push_back(m.reg(name, spec.result->bits(), {.enable = step}));
    if (k > 0) m.drive(results_.back(), results_[static_cast<std::size_t>(k - 1)]);
  }
  before_ = results_[0];
  if (sums == 1) return;
  m.section("The result of as many operations before as there are sums");
  // In the loop next: what is on its way into its second stage or behind it.
  const std::vector<Signal> later(control.valid_after.begin() + 1,
                                  control.valid_after.begin() + sums);
  const Signal count = count_of(m, later);
  const Signal in_loop =
      m.reg("in_loop_q", count.width(), {.enable = control.advance, .reset = false});
  m.drive(in_loop, m.net("in_loop", count));
  const std::vector<Signal> oldest_first(results_.rbegin(), results_.rend());
  before_ = m.net("acc_before", chosen(oldest_first, in_loop, 0, in_loop.width() - 1));
}

Signal SumsInTurn::finish(const Signal& next) {
  if (spec_.interleave == 1) {
    m_.drive(results_[0], next);
    return results_[0];
  }
  const std::vector<rtl::PipelineSink> sinks = {{next}};
  const rtl::PipelinePlan plan =
      rtl::plan_pipeline(m_, sinks, spec_.interleave - 1, delay_model(spec_.fabric));
  m_.drive(results_[0],
           rtl::pipeline(m_, sinks, plan, {.enable = control_.advance, .reset = false})[0]);
  return results_[0];
}

}  // namespace fewbit::ops
