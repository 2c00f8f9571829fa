// Delays, positions and choices: see serial.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/blocks/serial.h"

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
