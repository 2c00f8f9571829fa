// Running sum: see running_sum.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/product/running_sum.h"

#include <algorithm>

namespace fewbit::ops {

using rtl::concat;
using rtl::Signal;

namespace {

BigInt least(const Factor& a) {
  return a.is_signed ? BigInt(-pow2(a.bits.width() - 1)) : BigInt(0);
}
BigInt greatest(const Factor& a) { return pow2(a.bits.width() - (a.is_signed ? 1 : 0)) - 1; }

Signal resized(const Signal& x, int width, bool is_signed) {
  return width <= x.width() ? x.low(width) : extend(x, width, is_signed);
}

}  // namespace

void RunningSum::add_where(const std::string& row, const Signal& select, const Factor& a,
                           bool low_apart) {
  const int width = grow(least(a), greatest(a));
  if (!bits_.valid()) {
    bits_ = m_.net(named(row), extend(gated(a.bits, select), width, a.is_signed));
    return;
  }
  const Signal start = m_.net(named(row + "_start"), extended(width));
  const Signal sum = m_.net(named(row + "_sum"), start + resized(a.bits, width, a.is_signed));
  if (low_apart) {
    const Signal low = m_.net(named(row + "_low"), start.bit(0) ^ (a.bits.bit(0) & select));
    bits_ =
        m_.net(named(row), concat({mux(select, sum.without_low(1), start.without_low(1)), low}));
  } else {
    bits_ = m_.net(named(row), mux(select, sum, start));
  }
  was_signed_ = min_ < 0;
}

void RunningSum::add(const std::string& name, const Signal& row, const Signal& carry,
                     const BigInt& min, const BigInt& max) {
  const Signal start = start_of(min, max);
  add_inverted(name, row, carry, start);
}

void RunningSum::add_in_pairs(const std::string& name, const Signal& row, const Signal& carry,
                              const BigInt& min, const BigInt& max, bool carry_is_inverted) {
  const int before = bits_.valid() ? bits_.width() : 0;
  const Signal start = start_of(min, max);
  const int width = start.width();
  const Signal addend = resized(row, width, true);
  if (width % 2 == 0 && (width > before || is_cut_)) {
    bits_ = m_.net(named(name), add_with_carry(start, addend, carry));
  } else if (carry_is_inverted) {
    add_inverted(name, row, carry, start);
  } else {
    const Signal wide =
        m_.net(named(name + "_wide"), concat({start, m_.constant(1, 1)}) + concat({addend, carry}));
    bits_ = m_.net(named(name), wide.without_low(1));
  }
  is_cut_ = false;
}

void RunningSum::invert(const std::string& row) {
  was_signed_ = min_ < 0;
  const BigInt min = -max_ - 1;
  max_ = -min_ - 1;
  min_ = min;
  // A bit more for the sign of what was not negative.
  const int width = std::min(width_of_range(min_, max_), unfinished_);
  bits_ = m_.net(named(row), ~extended(width));
  was_signed_ = min_ < 0;
}

void RunningSum::finish(int count) {
  for (int i = 0; i < count; ++i) {
    lows_.push_back(bits_.bit(i));
    min_ = (min_ - (min_ < 0 ? 1 : 0)) / 2;
    max_ /= 2;
  }
  bits_ = bits_.without_low(count);
  unfinished_ -= count;
  is_cut_ = true;
}

Signal RunningSum::result() { return m_.net(name_, concat(under(extended(unfinished_), lows_))); }

Signal RunningSum::extended(int width) const { return resized(bits_, width, was_signed_); }

Signal RunningSum::start_of(const BigInt& min, const BigInt& max) {
  was_signed_ = min_ < 0;
  min_ = min;
  max_ = max;
  const int width = std::min(width_of_range(min_, max_), unfinished_);
  const Signal start = bits_.valid() ? extended(width) : m_.constant(width, 0);
  was_signed_ = min_ < 0;
  return start;
}

void RunningSum::add_inverted(const std::string& name, const Signal& row, const Signal& carry,
                              const Signal& start) {
  const Signal inverted = m_.net(named(name + "_inverted"), ~row);
  const Signal wide =
      m_.net(named(name + "_wide"), concat({start, m_.constant(1, 0)}) -
                                        concat({resized(inverted, start.width(), true), ~carry}));
  bits_ = m_.net(named(name), wide.without_low(1));
}

int RunningSum::grow(const BigInt& least, const BigInt& greatest) {
  was_signed_ = min_ < 0;
  if (least < 0) min_ += least;
  if (greatest > 0) max_ += greatest;
  return std::min(width_of_range(min_, max_), unfinished_);
}

}  // namespace fewbit::ops
