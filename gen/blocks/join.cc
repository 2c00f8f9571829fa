// Sums of streams, and the largest of values: see join.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/blocks/join.h"

#include <fmt/format.h>

#include "fewbit/gen/blocks/blocks.h"
#include "fewbit/gen/blocks/header.h"
#include "fewbit/gen/blocks/stream.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/rtl/control.h"

namespace fewbit::blocks {

using rtl::Module;
using rtl::Signal;

namespace {

/// Pairs of values in one unit, and how they move.
struct Pairs {
  Signal ready;  ///< takes the operands
  Signal valid, last;
  std::vector<Signal> left, right;  ///< by lane
};

Signal lane_of(const Signal& data, int lane, int bits) {
  return data.slice((lane + 1) * bits - 1, lane * bits);
}

/// Through one multiplier a lane, or two that keep step; the operand that is not scaled goes
/// beside.
Pairs scaled_pairs(Module& m, const JoinSpec& spec, const Stream& left, const Stream& right,
                   const Signal& valid, const Signal& has_place) {
  const auto scale = ops::module_of(spec.scale);
  const int bits = spec.format.bits();
  Pairs pairs;
  for (int k = 0; k < spec.lanes; ++k) {
    const auto through = [&](const char* name, const Scaling& by, const Signal& value,
                             const Signal& beside) {
      return m.instance(scale, fmt::format("u_{}_{}", name, k),
                        {{"valid_i", valid},
                         {"ready_i", has_place},
                         {"tag_i", rtl::concat({left.last, beside})},
                         {"a_i", value},
                         {"b_i", m.constant(spec.scale.b->bits(), by.multiplier)},
                         {"shift_i", m.constant(spec.scale.shift_bits, by.shift)}});
    };
    const Signal a = m.net(fmt::format("left_{}", k), lane_of(left.data, k, bits));
    const Signal b = m.net(fmt::format("right_{}", k), lane_of(right.data, k, bits));
    const auto one = spec.left ? through("scale_left", *spec.left, a, b)
                               : through("scale_right", *spec.right, b, a);
    if (spec.left && spec.right) {
      pairs.left.push_back(one["result_o"]);
      pairs.right.push_back(through("scale_right", *spec.right, b, a)["result_o"]);
    } else {
      pairs.left.push_back(spec.left ? one["result_o"] : one["tag_o"].low(bits));
      pairs.right.push_back(spec.left ? one["tag_o"].low(bits) : one["result_o"]);
    }
    if (k > 0) continue;
    pairs.ready = one["ready_o"];
    pairs.valid = one["valid_o"];
    pairs.last = one["tag_o"].top();
  }
  return pairs;
}

/// The sum within the bounds.
Signal bounded(Module& m, const JoinSpec& spec, const Signal& sum) {
  const int bits = spec.format.bits();
  const auto limit = [&](long long value) {
    return m.constant(sum.width(), to_bits(BigInt(value), sum.width()));
  };
  const Signal above = m.net("is_above", less_signed(limit(spec.most), sum));
  const Signal below = m.net("is_below", less_signed(sum, limit(spec.least)));
  const auto end = [&](long long value) { return m.constant(bits, to_bits(BigInt(value), bits)); };
  return m.net("bounded", mux(above, end(spec.most), mux(below, end(spec.least), sum.low(bits))));
}

std::string scaled_text(const std::string& name, const std::optional<Scaling>& by) {
  if (!by) return name;
  return fmt::format("round({} * {} / 2^{})", name, by->multiplier, by->shift);
}

void describe(Module& m, const JoinSpec& spec) {
  BlockHeader header(m, "the sum of two streams");
  header.equation(fmt::format("y = min({}, max({}, {} + {}))", spec.most, spec.least,
                              scaled_text("left", spec.left), scaled_text("right", spec.right)));
  header.entry("Formats", fmt::format("left, right, y: {} = {}", spec.format.name(),
                                      spec.format.description()));
  if (spec.left || spec.right) {
    header.entry("Rounding",
                 "of a scaled operand to nearest, ties to even; largest value of the "
                 "sign where it is too large");
  }
  header.entry("Input", fmt::format("{} values a beat; a beat of each moves where both are there; "
                                    "right_last_i is not looked at",
                                    spec.lanes));
  header.entry("Output", fmt::format("y: {} sums a beat, y_last_o is left_last_i", spec.lanes));
  header.entry("Timing", "one beat a cycle where no stream waits");
  header.stream_entries();
}

}  // namespace

std::shared_ptr<Module> join(const JoinSpec& spec) {
  auto module = std::make_shared<Module>(spec.module_name);
  Module& m = *module;
  describe(m, spec);
  m.clocked(rtl::Reset::kAsyncLow);
  const int bits = spec.format.bits();
  const StreamShape shape{.data_bits = spec.lanes * bits, .has_last = true};
  const Stream left = input_stream(m, "left", shape);
  const Stream right = input_stream(m, "right", shape);
  m.section("A beat of each where both are there");
  const Signal go = m.wire("go", 1);
  const Signal valid = m.net("both_valid", left.valid & right.valid);
  m.drive(left.ready, go & right.valid);
  m.drive(right.ready, go & left.valid);
  const Signal has_place = m.wire("has_place", 1);
  Pairs pairs{has_place, valid, left.last, {}, {}};
  if (spec.left || spec.right) {
    m.section("To the unit of the sum");
    pairs = scaled_pairs(m, spec, left, right, valid, has_place);
  } else {
    for (int k = 0; k < spec.lanes; ++k) {
      pairs.left.push_back(lane_of(left.data, k, bits));
      pairs.right.push_back(lane_of(right.data, k, bits));
    }
  }
  m.drive(go, pairs.ready);
  const auto adder = ops::module_of(spec.add);
  std::vector<Signal> sums;
  for (int k = 0; k < spec.lanes; ++k) {
    const rtl::Scope scope(m, fmt::format("lane_{}", k), fmt::format("Lane {}", k));
    m.section("Sum, and its bounds");
    const auto at = static_cast<std::size_t>(k);
    const auto made = m.instance(adder, fmt::format("u_add_{}", k),
                                 {{"a_i", pairs.left[at]}, {"b_i", pairs.right[at]}});
    sums.insert(sums.begin(), bounded(m, spec, made["result_o"]));
  }
  const Signal data = m.net("sums", rtl::concat(sums));
  output_stream(m, "y", skid(m, "y", {pairs.valid, has_place, data, pairs.last}));
  return module;
}

std::shared_ptr<Module> argmax(const ArgmaxSpec& spec) {
  auto module = std::make_shared<Module>(spec.module_name);
  Module& m = *module;
  BlockHeader header(m, "the number of the largest value");
  header.equation(
      fmt::format("y = c where x[c] is largest, the first of equals, c < {}", spec.classes));
  header.entry("Formats", fmt::format("x: {} = {}", spec.format.name(), spec.format.description()));
  header.entry("", fmt::format("y: {} bits, unsigned", rtl::address_bits(spec.classes)));
  header.entry("Input", fmt::format("x: one value a beat, {} a packet; x_last_i is not looked at",
                                    spec.classes));
  header.entry("Output", "y: one beat a packet");
  header.entry("Timing", "one value a cycle where no stream waits");
  header.stream_entries();
  m.clocked(rtl::Reset::kAsyncLow);
  const Stream x = input_stream(m, "x", {.data_bits = spec.format.bits(), .has_last = true});

  m.section("The largest so far, and its number");
  const Signal takes = m.net("takes", moves(x));
  const rtl::Counter number = rtl::counter(m, "number", spec.classes, takes);
  const Signal largest = m.reg("largest_q", x.data.width(), {.enable = takes, .reset = false});
  const Signal place = m.reg("place_q", number.value.width(), {.enable = takes, .reset = false});
  const Signal first = m.net("is_first", equal(number.value, m.constant(number.value.width(), 0)));
  const Signal larger = m.net(
      "is_larger", spec.format.is_signed() ? less_signed(largest, x.data) : less(largest, x.data));
  const Signal better = m.net("is_better", first | larger);
  m.drive(largest, m.net("largest_d", mux(better, x.data, largest)));
  const Signal best = m.net("place_d", mux(better, number.value, place));
  m.drive(place, best);
  m.section("It leaves with the last value");
  output_stream(m, "y",
                skid(m, "y", {m.net("is_complete", x.valid & number.last), x.ready, best, {}}));
  return module;
}

}  // namespace fewbit::blocks
