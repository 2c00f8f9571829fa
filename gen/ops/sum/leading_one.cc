// Leading one: see leading_one.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/sum/leading_one.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "fewbit/gen/ops/fabric/stage.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

namespace {

/// `sum`, its guard bit below it, as a significand that starts `left` places below the sum's second
/// bit; -1 is one place above.
Signal moved_left(Module& m, const Signal& sum_and_guard, int left) {
  const int precision = sum_and_guard.width() - 2;
  const Signal x = concat({sum_and_guard, m.constant(precision, 0)});
  const int top = x.width() - 2 - left;
  return x.slice(top, top - precision + 1);
}

/// How far the sum moves: one place right, or 0 .. precision places left to its leading one, or
/// where the exponent would fall below the least one (a mark of the exponent stops it there).
class Normaliser {
 public:
  Normaliser(Module& m, const Signal& sum, const Signal& exponent, bool flush)
      : precision_(sum.width() - 1), right_(sum.top()) {
    const int bits = exponent.width();
    // The exponent is `field` or, up to `more` above it, known not to be less.
    const auto stops = [&](int field, int more) {
      std::vector<Signal> others = {};
      for (int i = 0; i < bits; ++i) {
        if (((field | more) >> i) % 2 == 0) others.push_back(exponent.bit(i));
      }
      if (flush) return m.constant(1, 0);
      // Of a wide fraction: more places than the exponent ever goes down.
      return others.empty() ? m.constant(1, 1) : ~reduce_or(concat(others));
    };
    const auto leading = [&](int left) { return sum.bit(precision_ - 1 - left); };
    at_most_0_ = m.net("left_0", right_ | leading(0) | stops(1, 0));
    stop_ = {at_most_0_};
    for (int left = 1; left < precision_; ++left) {
      stop_.push_back(m.net(fmt::format("left_{}", left), leading(left) | stops(left + 1, 0)));
    }
    for (int left = 1; left + 1 < precision_; left += 2) {
      pair_.push_back(m.net(fmt::format("left_{}_or_{}", left, left + 1),
                            leading(left) | leading(left + 1) | stops(left + 1, 1)));
    }
  }

  /// of(places left), -1 for one place right, of the right number of places: pairs of neighbours
  /// first, so that the pairs' own bits decide late.
  [[nodiscard]] Signal choose(const std::function<Signal(int left)>& of) const {
    const Signal none = mux(right_, of(-1), of(0));
    return mux(at_most_0_, none, beyond(1, of));
  }

 private:
  [[nodiscard]] Signal beyond(int left, const std::function<Signal(int left)>& of) const {
    if (left == precision_) return of(left);
    const Signal here = mux(stop_[static_cast<std::size_t>(left)], of(left), of(left + 1));
    if (left + 1 == precision_) return here;
    return mux(pair_[static_cast<std::size_t>(left / 2)], here, beyond(left + 2, of));
  }

  int precision_;
  Signal right_, at_most_0_;
  std::vector<Signal> stop_, pair_;
};

}  // namespace

Normalised normalise_by_choice(Module& m, const AlignedMagnitude& x, int change_bits) {
  const Signal zero = m.constant(1, 0);
  const Normaliser normalise(m, x.sum, x.exponent, !x.below_normal);
  Normalised r;
  r.significand = m.net("significand", normalise.choose([&](int left) {
    return moved_left(m, concat({x.sum, x.guard}), left);
  }));
  // Two or more places left nothing is below the guard bit.
  r.round_bit = m.net("round_bit", normalise.choose([&](int left) {
    return left < 0 ? x.sum.bit(0) : left == 0 ? x.guard : left == 1 ? x.round : zero;
  }));
  r.sticky = m.net("below_round_bit", normalise.choose([&](int left) {
    return left < 0 ? x.guard | x.round : left == 0 ? x.round : zero;
  }));
  r.change = m.net("exponent_change", normalise.choose([&](int left) {
    return m.constant(change_bits, to_bits(-left, change_bits));
  }));
  return r;
}

Normalised normalise_by_stages(Module& m, const AlignedMagnitude& x, int change_bits) {
  const int precision = x.sum.width() - 1;
  Signal bits = concat({x.sum, x.guard, x.round});
  const int width = bits.width();
  const int stages = bits_for(width - 1);
  const Signal never = m.constant(1, 0);
  // Its top place has the exponent of the larger operand and 1, so the room is that exponent.
  Signal room = m.constant(stages, 0);
  if (x.below_normal) {
    const int field_bits = x.exponent.width();
    room = field_bits < stages ? zero_extend(x.exponent, stages) : x.exponent.low(stages);
    if (field_bits > stages) {
      const Signal more = m.net("room_beyond", reduce_or(x.exponent.without_low(stages)));
      room = m.net("room", room | replicate(more, stages));
    }
  }
  Signal zeros_decide = m.constant(1, x.below_normal ? 0 : 1);
  Signal room_decides = never;
  std::vector<Signal> left;
  for (int i = stages - 1; i >= 0; --i) {
    const int places = 1 << i;
    const std::string name = fmt::format("left_{}", places);
    const Signal clear = m.net(name + "_clear", ~reduce_or(bits.slice(width - 1, width - places)));
    Signal move = clear;
    if (x.below_normal) {
      const Signal may = room.bit(i);
      move = m.net(name + "_move", (clear | room_decides) & (may | zeros_decide));
      const Signal by_room = room_decides | (clear & ~may & ~zeros_decide);
      zeros_decide = m.net(name + "_zeros_decide", zeros_decide | (~clear & may & ~room_decides));
      room_decides = m.net(name + "_room_decides", by_room);
    }
    const Signal moved = concat({bits.low(width - places), m.constant(places, 0)});
    bits = m.net(name, mux(move, moved, bits));
    left.push_back(move);
  }
  Normalised r;
  r.significand = m.net("significand", bits.without_low(width - precision));
  r.round_bit = bits.bit(width - precision - 1);
  r.sticky = m.net("below_round_bit", reduce_or(bits.low(width - precision - 1)));
  const Signal places = zero_extend(concat(left), std::max(stages, change_bits));
  r.change = m.net("exponent_change", m.constant(change_bits, 1) - places.low(change_bits));
  return r;
}

}  // namespace fewbit::ops
