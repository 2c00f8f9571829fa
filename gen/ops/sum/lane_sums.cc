// Lane sums: see lane_sums.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/sum/lane_sums.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "fewbit/gen/ops/product/alignment.h"
#include "fewbit/gen/spec/strategy.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::ProbeRole;
using rtl::Signal;

Signal Term::extended(int width) const {
  if (width <= bits.width()) return bits.low(width);
  return min < 0 ? sign_extend(bits, width) : zero_extend(bits, width);
}

Term tree_sum(Module& m, const std::string& name, std::vector<Term> terms,
              std::vector<Signal>& carries, int width) {
  for (int level = 0; terms.size() > 1; ++level) {
    std::vector<Term> next;
    for (std::size_t i = 0; i + 1 < terms.size(); i += 2) {
      Signal carry = m.constant(1, 0);
      if (!carries.empty()) {
        carry = carries.back();
        carries.pop_back();
      }
      Term sum{{}, terms[i].min + terms[i + 1].min, terms[i].max + terms[i + 1].max};
      if (!is_zero_constant(carry)) sum.max += 1;
      const int bits = std::min(width, width_of_range(sum.min, sum.max));
      // The carry has a column of its own, which is dropped: synthesis keeps one chain an adder.
      const Signal wide = m.net(fmt::format("{}_{}_{}_wide", name, level, i / 2),
                                concat({terms[i].extended(bits), m.constant(1, 1)}) +
                                    concat({terms[i + 1].extended(bits), carry}));
      sum.bits = m.net(fmt::format("{}_{}_{}", name, level, i / 2), wide.without_low(1));
      next.push_back(sum);
    }
    if (terms.size() % 2 == 1) next.push_back(terms.back());
    terms = std::move(next);
  }
  return terms[0];
}

ConditionalSum::ConditionalSum(Module& module, std::string name)
    : m_(module), name_(std::move(name)) {
  sum_.bits = m_.constant(0, 0);
}

void ConditionalSum::add(const LanePart& part) {
  const int below = part.place;
  const BigInt reach = (pow2(part.bits.width()) - 1) << below;
  const bool was_signed = sum_.min < 0;
  const bool has_sign = !is_zero_constant(part.carry);
  if (has_sign) sum_.min -= reach;
  sum_.max += reach;
  const int width = width_of_range(sum_.min, sum_.max);
  const bool is_first = sum_.bits.width() == 0;
  const Signal before = is_first     ? m_.constant(width, 0)
                        : was_signed ? sign_extend(sum_.bits, width)
                                     : zero_extend(sum_.bits, width);
  const Signal start = m_.net(name_ + "_before", before.without_low(below));
  const Signal addend =
      concat({replicate(part.carry, width - below - part.bits.width()), part.bits});
  const Signal wide =
      m_.net(name_ + "_wide", concat({start, m_.constant(1, 1)}) + concat({addend, part.carry}));
  sum_.bits =
      m_.net(name_, concat({mux(part.used, wide.without_low(1), start), before.low(below)}));
}

Signal ConditionalSum::start(const LanePart& part) {
  FEWBIT_CHECK(sum_.bits.width() == 0 && part.place == 0, "a sum that has begun");
  const int bits = part.bits.width();
  const bool has_sign = !is_zero_constant(part.carry);
  sum_.max = pow2(bits) - 1;
  if (has_sign) sum_.min = -pow2(bits);
  const Signal whole = concat({has_sign ? part.carry : m_.constant(0, 0), part.bits});
  sum_.bits = m_.net(name_, whole & replicate(part.used, whole.width()));
  return sum_.bits;
}

namespace {

constexpr int kLanesASum = 4;  // more make long ways: beyond, sums meet in a tree

/// 1 where the product of the lane is negative; `is_late`: added after the bits of other lanes.
Signal carry_of(Module& m, const LaneOperands& lane, int k, bool is_late) {
  const Signal carry =
      m.net(is_late ? "term_late_carry" : "term_carry", lane.a.negative ^ lane.b.negative);
  m.mark(is_late ? ProbeRole::kTermLateCarry : ProbeRole::kTermCarry, carry, k);
  return carry;
}

LanePart part_of(Module& m, int k, int place, const Signal& used, const Signal& bits,
                 const Signal& carry) {
  const std::string name = fmt::format("term_at_{}", place);
  const LanePart part{m.net(name + "_used", used), m.net(name, bits), carry, place};
  m.mark(ProbeRole::kTermUsed, part.used, k, place);
  m.mark(ProbeRole::kTerm, part.bits, k, place);
  return part;
}

/// A product of `product_bits` moves right by up to max_shift places, in stages; the last `apart`
/// of them are left to sums of their own, `block` places from each other.
struct Split {
  int apart = 0;
  int block = 1;
  int bits = 0;   ///< of a lane before the last stages
  int total = 0;  ///< of a product at its place
  int max_shift = 0;

  [[nodiscard]] int sums() const { return max_shift / block + 1; }
  /// Weight of sum q's last bit: products that move by q blocks.
  [[nodiscard]] int place(int q) const { return std::max(0, total - q * block - bits); }
  /// How many of a lane's bits sum q has; those below them are zeros.
  [[nodiscard]] int bits_of(int q) const { return total - q * block - place(q); }
};

/// The number of stages apart that takes the fewest cells; 0 is a tree of adders.
Split choose_split(const LaneOperands& lane, int lanes) {
  const int product_bits = product_width(lane.a.significand.width(), lane.b.significand.width());
  const int max_shift = lane.a.max_shift + lane.b.max_shift;
  const int a_bits = lane.a.exponent_field.width();
  const int b_bits = lane.b.exponent_field.width();
  Split best{.total = product_bits + max_shift, .max_shift = max_shift};
  if (a_bits == 2 && b_bits == 2) return best;  // stages of 1, 1 and 2 places
  const int stages = std::max(a_bits, b_bits) + (std::min(a_bits, b_bits) > 0 ? 1 : 0);
  int least = 0;
  for (int apart = 0; apart <= 2 && apart < stages; ++apart) {
    Split split = best;
    split.apart = apart;
    split.block = 1 << (stages - apart);
    split.bits = product_bits + std::min(split.block - 1, max_shift);
    int cells = 0;
    for (int stage = 0; stage < stages - apart; ++stage) {
      cells += lanes * (product_bits + std::min((2 << stage) - 1, max_shift));
    }
    if (apart == 0) {
      cells += (lanes - 1) * (split.total + 2);
    } else {
      for (int q = 0; q < split.sums(); ++q) {
        cells +=
            lanes * (split.bits_of(q) + 2 + (apart > 1 ? 1 : 0)) + split.total - split.place(q);
      }
    }
    if (apart == 0 || cells < least) {
      least = cells;
      best = split;
    }
  }
  return best;
}

/// One lane: its parts, of which exactly one is used.
std::vector<LanePart> parts_of(Module& m, const OperatorSpec& spec, const LaneOperands& lane, int k,
                               bool is_first, const Split& split) {
  const ShiftPlan plan = plan_shift(m, lane.a, &lane.b, spec.fabric, spec.lanes);
  const Product product = multiply(m, {lane.a.significand, false}, {lane.b.significand, false},
                                   spec.fabric, false, rows_of(spec));
  const Signal carry = carry_of(m, lane, k, is_first);
  Aligned x{product.bits, 0};
  x = shift_stages(m, plan, 0, 1, x, false, Signal());
  x.bits = m.net("product_signed", x.bits ^ replicate(carry, x.bits.width()));
  x.fill = carry;
  x = shift_stages(m, plan, 1, plan.stages() - split.apart, x, false, Signal());
  const int stages = plan.stages();
  const Signal digit = m.net("digit", ~plan.stay.slice(stages - 1, stages - split.apart));
  std::vector<LanePart> parts;
  for (int q = 0; q < split.sums(); ++q) {
    const Signal used = equal(digit, m.constant(split.apart, q));
    const Signal bits = x.bits.slice(split.bits - 1, split.bits - split.bits_of(q));
    parts.push_back(part_of(m, k, split.place(q), used, bits, carry));
  }
  return parts;
}

}  // namespace

bool sums_conditionally(const OperatorSpec& spec, const std::vector<LaneOperands>& lanes) {
  if (!fabric_traits(spec.fabric).table_behind_carry || spec.dsp != Dsp::kNone || lanes.size() < 2)
    return false;
  if (!spec.a.is_float() || !spec.b->is_float()) return false;
  if (choose_strategy(spec) != Strategy::kExactFirst) return false;
  return choose_split(lanes[0], static_cast<int>(lanes.size())).apart > 0;
}

Signal conditional_lane_sum(Module& m, const OperatorSpec& spec,
                            const std::vector<LaneOperands>& lanes, int width) {
  const Split split = choose_split(lanes[0], static_cast<int>(lanes.size()));
  FEWBIT_CHECK(split.apart > 0, "a sum of lanes without a split");
  const int sums = split.sums();
  std::vector<std::vector<Term>> terms(static_cast<std::size_t>(sums));
  std::vector<std::vector<Signal>> carries(static_cast<std::size_t>(sums));
  for (std::size_t k = 0; k < lanes.size(); k += kLanesASum) {
    std::vector<ConditionalSum> running;
    for (int q = 0; q < sums; ++q) running.emplace_back(m, fmt::format("sum_{}", q));
    for (std::size_t i = k; i < std::min(k + kLanesASum, lanes.size()); ++i) {
      const LaneScope scope(m, spec.lanes, static_cast<int>(i));
      m.section("Product, added where it is used");
      const auto parts = parts_of(m, spec, lanes[i], static_cast<int>(i), i == k, split);
      for (std::size_t q = 0; q < parts.size(); ++q) {
        LanePart part = parts[q];
        part.place = 0;  // of this sum
        if (i == k) {
          m.mark(ProbeRole::kRunningSum, running[q].start(part), static_cast<int>(i),
                 parts[q].place);
          carries[q].push_back(m.net(fmt::format("carry_{}", q), part.carry & part.used));
        } else {
          running[q].add(part);
        }
      }
    }
    for (std::size_t q = 0; q < running.size(); ++q) terms[q].push_back(running[q].term());
  }
  m.section("Exact sum of all lanes");
  const bool has_sign = !is_zero_constant(carries[0][0]);
  Signal sum;
  for (int q = sums - 1; q >= 0; --q) {
    const auto i = static_cast<std::size_t>(q);
    const int place = split.place(q);
    const Term part = tree_sum(m, fmt::format("sum_{}", q), terms[i], carries[i], width - place);
    if (!sum.valid()) {
      sum = part.extended(width);
      continue;
    }
    // One lane's sign is left in each sum, and of all of them in one at most. That of the lowest
    // sum enters the first adder; with copies of the next one's below its last place it can be
    // either.
    const bool is_first = q == sums - 2 && has_sign;
    const int low = is_first ? 0 : place;
    const Signal own = carries[i][0];
    const Signal carry = is_first ? own | carries[i + 1][0] : own;
    const Signal addend = concat({part.extended(width - place), replicate(own, place - low)});
    const Signal wide =
        m.net(fmt::format("sum_from_{}_wide", q),
              concat({sum.without_low(low), m.constant(1, 1)}) +
                  concat({addend, m.net(fmt::format("sum_from_{}_carry", q), carry)}));
    sum = m.net(fmt::format("sum_from_{}", q), concat({wide.without_low(1), sum.low(low)}));
  }
  return sum;
}

}  // namespace fewbit::ops
