// repack: a queue of values that shifts down by a beat that goes out, and takes a beat that comes
// in behind what is left.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "fewbit/gen/blocks/blocks.h"
#include "fewbit/gen/blocks/parts.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::blocks {
namespace {

using rtl::Module;
using rtl::Signal;

int rounded_up(int x, int unit) { return (x + unit - 1) / unit * unit; }
std::size_t at(int j) { return static_cast<std::size_t>(j); }

/// What is constant about a queue. Its unit is the most values that both beats are whole numbers
/// of.
struct Plan {
  int unit_bits = 1;
  int in = 1;             ///< units of a beat that comes in
  int last_in = 1;        ///< and that count of one with last
  int out = 1;            ///< units of a beat that goes out
  int size = 1;           ///< units that the queue holds
  bool pads = false;      ///< a packet may end inside a beat that goes out
  std::set<int> offsets;  ///< units that can be left where a beat comes in

  /// Units left, and so many more; behind a packet's end the next one begins a beat.
  [[nodiscard]] int grown(int left, bool last) const {
    return last ? rounded_up(left + last_in, out) : left + in;
  }
};

/// The most units held where a beat comes in at every clock edge and every whole beat goes out.
int most_held(const Plan& plan) {
  std::set<int> seen;
  std::vector<int> open = {0};
  while (!open.empty()) {
    const int held = open.back();
    open.pop_back();
    if (!seen.insert(held).second) continue;
    const int left = held >= plan.out ? held - plan.out : held;
    open.push_back(plan.grown(left, false));
    open.push_back(plan.grown(left, true));
  }
  return *seen.rbegin();
}

Plan plan_of(const RepackOptions& options, bool has_last) {
  const int unit = std::gcd(options.in_values, options.out_values);
  Plan plan;
  plan.unit_bits = unit * options.value_bits;
  plan.in = options.in_values / unit;
  plan.last_in = (options.last_values + unit - 1) / unit;
  plan.out = options.out_values / unit;
  // Less, and a beat would wait for one that goes out at the same time, on either side.
  plan.size = plan.in + plan.out + std::min(plan.in, plan.out) - 1;
  if (has_last && plan.in < plan.out) plan.size = std::max(plan.size, most_held(plan) + plan.in);
  if (has_last) plan.size = rounded_up(plan.size, plan.out);
  std::set<int> seen;
  std::vector<int> open = {0};
  while (!open.empty()) {
    const int held = open.back();
    open.pop_back();
    if (!seen.insert(held).second) continue;
    std::vector<int> lefts = {held};
    if (held >= plan.out) lefts.push_back(held - plan.out);
    open.insert(open.end(), lefts.begin(), lefts.end());
    if (held > plan.size - plan.in) continue;  // no beat comes in
    for (const int left : lefts) {
      plan.offsets.insert(left);
      open.push_back(plan.grown(left, false));
      if (!has_last) continue;
      plan.pads |= plan.grown(left, true) != left + plan.last_in;
      open.push_back(plan.grown(left, true));
    }
  }
  return plan;
}

/// Values beyond those that count as zeros.
Signal counted_values(Module& m, const Stream& in, const RepackOptions& options) {
  const int bits = options.last_values * options.value_bits;
  if (!in.has_last() || options.last_values == options.in_values) return in.data;
  const Signal beyond = in.data.slice(in.data.width() - 1, bits);
  return m.net("counted",
               rtl::concat({beyond & rtl::replicate(~in.last, beyond.width()), in.data.low(bits)}));
}

class Queue {
 public:
  Queue(Module& m, const Stream& in, const RepackOptions& options)
      : m_(m), in_(in), options_(options), plan_(plan_of(options, in.has_last())) {}

  Stream build() {
    m_.section("Units held, and left where a beat goes out");
    const int bits = rtl::address_bits(plan_.size + 1);
    const Signal held = m_.reg("held_q", bits);
    const Signal ready = m_.wire("out_ready", 1);
    const Signal fits = m_.net("fits", ~less(number(plan_.size - plan_.in), held));
    const Signal valid = m_.net("whole", ~less(held, number(plan_.out)));
    put_ = m_.net("put", in_.valid & fits);
    get_ = m_.net("get", ready & valid);
    m_.drive(in_.ready, fits);
    left_ = m_.net("left", mux(get_, held - number(plan_.out), held));
    m_.drive(held, m_.net("held_d", mux(put_, grown(), left_)));
    std::vector<Signal> units = values();
    const Signal last = in_.has_last() ? ends() : Signal();
    units.resize(at(plan_.out));
    std::reverse(units.begin(), units.end());
    return {valid, ready, m_.net("out_data", rtl::concat(units)), last};
  }

 private:
  Signal number(int value) { return m_.constant(rtl::address_bits(plan_.size + 1), value); }

  /// `of` each number of units that can be left.
  template <typename F>
  Signal by_left(const std::string& name, const F& of) {
    if (plan_.offsets.size() == 1) return of(*plan_.offsets.begin());
    std::vector<std::pair<Signal, Signal>> arms;
    for (const int left : plan_.offsets) arms.emplace_back(number(left), of(left));
    const Signal otherwise = arms.back().second;
    arms.pop_back();
    return m_.net(name, select_case(left_, arms, otherwise));
  }

  Signal grown() {
    const Signal more = left_ + number(plan_.in);
    const bool is_same = std::all_of(plan_.offsets.begin(), plan_.offsets.end(), [&](int left) {
      return plan_.grown(left, true) == plan_.grown(left, false);
    });
    if (!in_.has_last() || is_same) return more;
    return mux(in_.last,
               by_left("after_last", [&](int left) { return number(plan_.grown(left, true)); }),
               more);
  }

  /// What comes in, for each place of the queue.
  std::vector<Signal> arriving() {
    const Signal data = counted_values(m_, in_, options_);
    const int bits = plan_.unit_bits;
    if (plan_.in == 1 && !plan_.pads) return std::vector<Signal>(at(plan_.size), data);
    const Signal all = by_left("arriving", [&](int left) {
      const Signal above = m_.constant((plan_.size - left - plan_.in) * bits, 0);
      return rtl::concat({above, data, m_.constant(left * bits, 0)});
    });
    const Signal whole = m_.net("arrives", all);
    std::vector<Signal> places;
    for (int j = 0; j < plan_.size; ++j)
      places.push_back(whole.slice((j + 1) * bits - 1, j * bits));
    return places;
  }

  /// The places, from the next value that goes out on.
  std::vector<Signal> values() {
    m_.section("Values: those behind what is left are written, the others shift down");
    const std::vector<Signal> arrives = arriving();
    std::vector<Signal> places;
    std::vector<Signal> writes;
    const int most_left = *plan_.offsets.rbegin();
    for (int j = 0; j < plan_.size; ++j) {
      const Signal behind = ~less(number(j), left_);
      writes.push_back(j >= most_left ? put_ : m_.net(fmt::format("write_{}", j), put_ & behind));
      const bool shifts = j + plan_.out < plan_.size;
      const Signal enable = shifts ? writes[at(j)] | get_ : writes[at(j)];
      places.push_back(
          m_.reg(fmt::format("unit_{}_q", j), plan_.unit_bits, {.enable = enable, .reset = false}));
    }
    for (int j = 0; j < plan_.size; ++j) {
      const bool shifts = j + plan_.out < plan_.size;
      m_.drive(places[at(j)], shifts ? mux(writes[at(j)], arrives[at(j)], places[at(j + plan_.out)])
                                     : arrives[at(j)]);
    }
    return places;
  }

  /// Which of the beats that are held end a packet; the next one's bit.
  Signal ends() {
    m_.section("Ends of packets, by beats that go out");
    const int beats = plan_.size / plan_.out;
    std::vector<Signal> ends;
    for (int k = 0; k < beats; ++k) ends.push_back(m_.reg(fmt::format("last_{}_q", k), 1));
    const Signal put_last = m_.net("put_last", put_ & in_.last);
    for (int k = 0; k < beats; ++k) {
      BigInt lefts = 0;  // a packet's end that comes behind so many units ends beat k
      for (const int left : plan_.offsets) {
        if (plan_.grown(left, true) / plan_.out == k + 1) lefts |= pow2(left);
      }
      const Signal above = k + 1 < beats ? ends[at(k + 1)] : m_.constant(1, 0);
      const Signal sets = lefts == 0 ? m_.constant(1, 0) : put_last & among(lefts);
      m_.drive(ends[at(k)],
               m_.net(fmt::format("last_{}_d", k), sets | mux(get_, above, ends[at(k)])));
    }
    return ends.front();
  }

  /// Whether the units left are one of these numbers, which are neighbours among those that can be.
  Signal among(const BigInt& lefts) {
    Signal any = m_.constant(1, 0);
    for (const int left : plan_.offsets) {
      if (((lefts >> left) & 1) == 1) any = any | equal(left_, number(left));
    }
    return any;
  }

  Module& m_;
  const Stream& in_;
  const RepackOptions& options_;
  const Plan plan_;
  Signal put_, get_, left_;
};

}  // namespace

Stream repack(Module& m, const std::string& name, const Stream& in, const RepackOptions& options) {
  FEWBIT_CHECK(in.data.width() == options.value_bits * options.in_values, "{} bits for {} values",
               in.data.width(), options.in_values);
  FEWBIT_CHECK(options.last_values >= 1 && options.last_values <= options.in_values,
               "{} values count of {}", options.last_values, options.in_values);
  const BlockScope scope(m, name);
  return Queue(m, in, options).build();
}

}  // namespace fewbit::blocks
