// Parts of blocks: see parts.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/blocks/parts.h"

#include <fmt/format.h>

#include "fewbit/gen/rtl/control.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::blocks {

using rtl::Module;
using rtl::Signal;

Signal delayed(Module& m, const std::string& name, const Signal& signal, int edges, bool reset,
               const Signal& enable) {
  Signal now = signal;
  for (int k = 1; k <= edges; ++k) {
    const Signal q =
        m.reg(fmt::format("{}_{}_q", name, k), now.width(), {.enable = enable, .reset = reset});
    m.drive(q, now);
    now = q;
  }
  return now;
}

Signal position(Module& m, const std::string& name, int count, const Signal& advance,
                const Signal& ends) {
  if (count == 1) return m.constant(0, 0);
  const int bits = rtl::address_bits(count);
  const Signal q = m.reg(name + "_q", bits, {.enable = advance, .clear = ends});
  m.drive(q, m.net(name + "_d", q + m.constant(bits, 1)));
  return q;
}

Signal toggle(Module& m, const std::string& name, const Signal& advance) {
  const Signal q = m.reg(name + "_q", 1, {.enable = advance});
  m.drive(q, ~q);
  return q;
}

Signal credits(Module& m, const std::string& name, int places, const Signal& takes,
               const Signal& gives) {
  if (places == 1) {
    const Signal taken = m.reg(name + "_taken_q", 1);
    m.drive(taken, m.net(name + "_taken_d", takes | (taken & ~gives)));
    return m.net("has_" + name, ~taken);
  }
  const int bits = rtl::address_bits(places + 1);
  const Signal left = m.reg(name + "s_left_q", bits,
                            {.enable = m.net(name + "s_change", takes ^ gives),
                             .reset_value = places});
  m.drive(left, m.net(name + "s_left_d",
                      left + rtl::concat({replicate(takes, bits - 1), m.constant(1, 1)})));
  return m.net("has_" + name, reduce_or(left));
}

namespace {

/// Registers in a ring: written where the one end points to, read where the other does.
Stream stored_in_ring(Module& m, const std::string& name, int places, const Signal& comes,
                      const Signal& data, const Signal& last) {
  const rtl::Counter in = rtl::counter(m, name + "_in", places, comes);
  const Signal goes = m.wire(name + "_goes", 1);
  const rtl::Counter out = rtl::counter(m, name + "_out", places, goes);
  std::vector<Signal> words;
  std::vector<Signal> used;
  for (int k = 0; k < places; ++k) {
    const rtl::Scope scope(m, fmt::format("{}_{}", name, k));
    const auto points = [&](const rtl::Counter& to) {
      return equal(to.value, m.constant(to.value.width(), k));
    };
    const Signal here = m.net("comes", comes & points(in));
    const Signal word = m.reg("word_q", data.width() + 1, {.enable = here, .reset = false});
    m.drive(word, rtl::concat({last, data}));
    const Signal full = m.reg("full_q", 1);
    m.drive(full, m.net("full_d", here | (full & ~(goes & points(out)))));
    words.push_back(word);
    used.push_back(full);
  }
  const Signal word = selected(m, name, words, out.value);
  const Signal valid = selected(m, name + "_valid", used, out.value);
  const Stream stream = make_stream(m, name, valid, word.low(data.width()), word.top());
  m.drive(goes, moves(stream));
  return stream;
}

}  // namespace

Stream stored(Module& m, const std::string& name, int places, const Signal& comes,
              const Signal& data, const Signal& last) {
  FEWBIT_CHECK(places >= 1, "{} places", places);
  if (places > 1) return stored_in_ring(m, name, places, comes, data, last);
  const Signal full = m.reg(name + "_full_q", 1);
  const auto kept = [&](const std::string& what, const Signal& value) {
    const Signal q = m.reg(what, value.width(), {.enable = comes, .reset = false});
    m.drive(q, value);
    return q;
  };
  const Stream stream =
      make_stream(m, name, full, kept(name + "_q", data), kept(name + "_last_q", last));
  m.drive(full, m.net(name + "_full_d", comes | (full & ~stream.ready)));
  return stream;
}

Stream cut(Module& m, const std::string& name, const Signal& ready, const Signal& valid,
           const Signal& data, const Signal& last) {
  const Signal comes = m.net(name + "_comes", valid & ready);
  const Signal goes = m.wire(name + "_place_goes", 1);
  m.drive(ready, credits(m, name + "_place", 2, comes, goes));
  const Stream stream = stored(m, name, 2, comes, data, last);
  m.drive(goes, moves(stream));
  return stream;
}

Choice choice(Module& m, const Stream& stream, const ChoiceShape& shape, const Signal& go) {
  const Signal steps = m.net("steps", stream.valid & go);
  const rtl::Counter channel = rtl::counter(m, "channels", shape.steps, steps);
  const int parts = shape.in / shape.out;
  if (parts == 1) {
    m.drive(stream.ready, go);
    return {steps, stream.data, channel.value, channel.last};
  }
  std::vector<Signal> values;
  const int bits = shape.out * shape.value_bits;
  for (int k = 0; k < parts; ++k) {
    values.push_back(stream.data.slice((k + 1) * bits - 1, k * bits));
  }
  const Signal beat_ends = m.wire("beat_ends", 1);
  const Signal part = position(m, "part", parts, steps, beat_ends);
  const Signal is_last = m.net("part_last", equal(part, m.constant(part.width(), parts - 1)));
  const Signal ends = m.net("ends", is_last | channel.last);
  m.drive(beat_ends, steps & ends);
  m.drive(stream.ready, go & ends);
  return {steps, selected(m, "values", values, part), channel.value, channel.last};
}

Signal selected(Module& m, const std::string& name, const std::vector<Signal>& values,
                const Signal& index) {
  FEWBIT_CHECK(!values.empty(), "{} selects nothing", name);
  std::vector<Signal> level = values;
  for (int bit = 0; level.size() > 1; ++bit) {
    std::vector<Signal> next;
    for (std::size_t i = 0; i < level.size(); i += 2) {
      const bool has_pair = i + 1 < level.size();
      next.push_back(has_pair ? m.net(fmt::format("{}_by_{}_{}", name, bit, i / 2),
                                      mux(index.bit(bit), level[i + 1], level[i]))
                              : level[i]);
    }
    level = std::move(next);
  }
  return level[0];
}

}  // namespace fewbit::blocks
