// Running values of channels: see ring.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/blocks/ring.h"

#include <fmt/format.h>

#include "fewbit/gen/blocks/blocks.h"
#include "fewbit/gen/blocks/serial.h"
#include "fewbit/gen/rtl/control.h"

namespace fewbit::blocks {

using rtl::Module;
using rtl::Signal;

Stream ring(Module& m, const RingShape& shape, const Signal& ready, const Signal& valid,
            const Signal& terms, const Combine& combine) {
  m.section("Which beat of a pixel, which pixel of a window");
  const Signal steps = m.net("steps", valid & ready);
  const rtl::Counter beat = rtl::counter(m, "beat", shape.pixel_beats, steps);
  const Signal pixel_ends = m.net("pixel_ends", steps & beat.last);
  const rtl::Counter pixel = rtl::counter(m, "pixel", shape.pixels, pixel_ends);
  const bool is_one = shape.pixels == 1;
  const Signal first =
      m.net("is_first",
            is_one ? m.constant(1, 1) : equal(pixel.value, m.constant(pixel.value.width(), 0)));

  m.section("Values go round, one stage with each beat of a pixel");
  const int bits = shape.lanes * shape.value_bits;
  std::vector<Signal> stages;
  for (int k = 1; k <= shape.pixel_beats; ++k) {
    stages.push_back(m.reg(fmt::format("value_{}_q", k), bits, {.enable = steps, .reset = false}));
  }
  std::vector<Signal> values;
  for (int lane = 0; lane < shape.lanes; ++lane) {
    const rtl::Scope scope(m, fmt::format("lane_{}", lane));
    const int low = lane * shape.value_bits;
    const Signal held = m.net("held", stages.back().slice(low + shape.value_bits - 1, low) &
                                          replicate(~first, shape.value_bits));
    const Signal term =
        m.net("term", terms.slice((lane + 1) * shape.term_bits - 1, lane * shape.term_bits));
    values.insert(values.begin(), combine(lane, held, term, first));
  }
  const Signal value = m.net("value", rtl::concat(values));
  for (std::size_t k = 0; k < stages.size(); ++k) {
    m.drive(stages[k], k == 0 ? value : stages[k - 1]);
  }
  m.section("They leave with the last pixel");
  return skid(m, "y", {m.net("is_complete", valid & pixel.last), ready, value, beat.last});
}

}  // namespace fewbit::blocks
