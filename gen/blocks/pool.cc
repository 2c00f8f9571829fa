// Pools: see pool.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/blocks/pool.h"

#include <fmt/format.h>

#include "fewbit/gen/blocks/header.h"
#include "fewbit/gen/blocks/ring.h"
#include "fewbit/gen/ops/emit.h"

namespace fewbit::blocks {

using rtl::Module;
using rtl::Signal;

namespace {

void stream_lines(BlockHeader& header, const PoolSpec& spec, const std::string& what) {
  header.entry("Input", fmt::format("x: {} codes a beat, {} beats a pixel, {} pixels a window; "
                                    "x_last_i is not looked at",
                                    spec.lanes, spec.pixel_beats(), spec.pixels));
  header.entry("Output", fmt::format("y: {} {} a beat, {} beats a window, y_last_o on the last",
                                     spec.lanes, what, spec.pixel_beats()));
  header.entry("Timing", "one beat of x a cycle where no stream waits");
  header.stream_entries();
}

/// `x` in, `y` out, and between them the ring.
std::shared_ptr<Module> pool(const PoolSpec& spec, int value_bits,
                             const std::function<void(Module&)>& describe,
                             const std::function<Combine(Module&)>& combine) {
  auto module = std::make_shared<Module>(spec.module_name);
  Module& m = *module;
  describe(m);
  m.clocked(rtl::Reset::kAsyncLow);
  const int bits = spec.format.bits();
  const Stream x = input_stream(m, "x", {.data_bits = spec.lanes * bits, .has_last = true});
  const RingShape shape{spec.pixels, spec.pixel_beats(), spec.lanes, bits, value_bits};
  output_stream(m, "y", ring(m, shape, x.ready, x.valid, x.data, combine(m)));
  return module;
}

/// Codes whose unsigned order is that of their values.
Signal ordered(Module& m, const Format& format, const std::string& name, const Signal& code) {
  if (!format.is_signed()) return code;
  const int bits = code.width();
  if (format.is_int()) return m.net(name, rtl::concat({~code.top(), code.low(bits - 1)}));
  return m.net(name,
               rtl::concat({~code.top(), code.low(bits - 1) ^ replicate(code.top(), bits - 1)}));
}

}  // namespace

std::shared_ptr<Module> pool_max(const PoolSpec& spec) {
  const auto describe = [&](Module& m) {
    BlockHeader header(m, "the largest code of each channel of a window");
    header.equation(
        fmt::format("y[c] = max of x[p][c], p < {}, c < {}", spec.pixels, spec.channels));
    header.entry("Formats",
                 fmt::format("x, y: {} = {}", spec.format.name(), spec.format.description()));
    if (spec.format.is_float() && spec.format.is_signed()) header.entry("", "+0 is above -0");
    stream_lines(header, spec, "codes");
  };
  const auto combine = [&](Module& m) -> Combine {
    return [&](int, const Signal& held, const Signal& term, const Signal& first) {
      const Signal larger = m.net("is_larger", less(ordered(m, spec.format, "held_order", held),
                                                    ordered(m, spec.format, "order", term)));
      return m.net("largest", mux(m.net("takes", first | larger), term, held));
    };
  };
  return pool(spec, spec.format.bits(), describe, combine);
}

std::shared_ptr<Module> pool_mean(const PoolSpec& spec) {
  const IntFormat sum = spec.sum_format();
  const auto describe = [&](Module& m) {
    BlockHeader header(m, "the sum of each channel of a window");
    header.equation(
        fmt::format("y[c] = sum of x[p][c], p < {}, c < {}", spec.pixels, spec.channels));
    header.entry("Formats",
                 fmt::format("x: {} = {}", spec.format.name(), spec.format.description()));
    header.entry("",
                 fmt::format("y: {} bits, {}, in units of 2^{}", sum.bits,
                             sum.is_signed ? "two's complement" : "unsigned", sum.lsb_exponent));
    header.entry("Rounding", "none: the sums are exact");
    stream_lines(header, spec, "sums");
  };
  const std::shared_ptr<Module> adder = ops::module_of(spec.add);
  const auto combine = [&](Module& m) -> Combine {
    return [&m, adder, sum](int lane, const Signal& held, const Signal& term, const Signal&) {
      const auto made =
          m.instance(adder, fmt::format("u_add_{}", lane), {{"a_i", term}, {"b_i", held}});
      return made["result_o"].low(sum.bits);
    };
  };
  return pool(spec, sum.bits, describe, combine);
}

}  // namespace fewbit::blocks
