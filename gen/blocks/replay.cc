// replay: a ring of words; a group is read again and again, and its words are free as the last
// time reads them.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/blocks/blocks.h"
#include "fewbit/gen/blocks/parts.h"
#include "fewbit/gen/rtl/control.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::blocks {

using rtl::Signal;

Stream replay(rtl::Module& m, const std::string& name, const Stream& in,
              const ReplayOptions& options) {
  FEWBIT_CHECK(options.beats >= 1 && options.times >= 1 && options.depth >= 2 &&
                   options.depth >= options.beats,
               "replay of {} beats {} times from {} words", options.beats, options.times,
               options.depth);
  FEWBIT_CHECK(!in.has_last(), "replay of a stream with last");
  const BlockScope scope(m, name);
  m.section("Ring of words: held until their last time, new until their first");
  ReadStage stage(m, options.output_register);
  const Signal put = m.wire("put", 1);
  const Signal get = m.wire("get", 1);
  const Signal frees = m.wire("frees", 1);
  const Signal opens = m.wire("opens", 1);
  const Signal held = up_down(m, "held", options.depth, put, frees);
  const Signal fresh = up_down(m, "fresh", options.depth, put, opens);
  const Signal full = m.net("full", equal(held, m.constant(held.width(), options.depth)));
  m.drive(in.ready, ~full);
  m.drive(put, in.valid & ~full);

  m.section("Which beat of which time is read");
  const rtl::Counter place = counter(m, "place", options.beats, get);
  const rtl::Counter time = counter(m, "time", options.times, m.net("ends", get & place.last));
  const bool is_once = options.times == 1;
  const Signal at_start = equal(time.value, m.constant(time.value.width(), 0));
  const Signal is_first = is_once ? m.constant(1, 1) : m.net("is_first", at_start);
  const Signal any = m.net("any", ~is_first | reduce_or(fresh));
  m.drive(get, any & stage.load());
  m.drive(opens, get & is_first);
  m.drive(frees, get & time.last);
  const rtl::Counter write = counter(m, "write", options.depth, put);
  const int bits = write.value.width();
  const Signal base = m.reg("base_q", bits, {.enable = frees});
  const Signal address = m.reg("address_q", bits, {.enable = get});
  const Signal at_end = equal(address, m.constant(bits, options.depth - 1));
  const Signal next =
      m.net("next", mux(at_end, m.constant(bits, 0), address + m.constant(bits, 1)));
  // The base follows the last time, so that the next group begins behind this one.
  const Signal back = m.net("back", place.last & ~time.last);
  m.drive(base, next);
  m.drive(address, mux(back, base, next));
  const int memory = m.memory("words", {.depth = options.depth,
                                        .width = in.data.width(),
                                        .style = options.style,
                                        .collision = rtl::Collision::kAnything});
  m.write(memory, put, write.value, in.data);
  return stage.finish(memory, address, any, true, place.last);
}

}  // namespace fewbit::blocks
