// fifo: registers that shift towards the output, or a memory with a register behind it.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "fewbit/gen/blocks/blocks.h"
#include "fewbit/gen/blocks/parts.h"
#include "fewbit/gen/rtl/control.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::blocks {
namespace {

using rtl::Module;
using rtl::Signal;

/// Places 0 (the output) to depth - 1. A beat goes into the first one that is free, or becomes
/// free; what it overwrites beyond is free too.
Stream of_registers(Module& m, const Stream& in, int depth) {
  m.section("Places: those below a free one are taken, the output is place 0");
  const auto at = [](int j) { return static_cast<std::size_t>(j); };
  std::vector<Signal> valid(at(depth));
  std::vector<Signal> beats(at(depth));
  const Signal ready = m.wire("out_ready", 1);
  const Signal in_beat = m.net("in_beat", packed(in));
  for (int j = 0; j < depth; ++j) {
    valid[at(j)] = m.reg(fmt::format("valid_{}_q", j), 1);
  }
  const Signal put = m.net("put", in.valid & ~valid.back());
  const Signal get = m.net("get", ready & valid.front());
  const Signal changes = m.net("changes", put ^ get);
  m.drive(in.ready, ~valid.back());
  std::vector<Signal> writes(at(depth));
  for (int j = 0; j < depth; ++j) {
    const bool is_end = j == depth - 1;
    writes[at(j)] =
        is_end ? ~valid[at(j)]
               : m.net(fmt::format("write_{}", j), put & ~mux(get, valid[at(j + 1)], valid[at(j)]));
    const Signal enable = is_end ? writes[at(j)] : writes[at(j)] | get;
    beats[at(j)] =
        m.reg(fmt::format("beat_{}_q", j), in_beat.width(), {.enable = enable, .reset = false});
  }
  for (int j = 0; j < depth; ++j) {
    const bool is_end = j == depth - 1;
    const Signal below = j == 0 ? m.constant(1, 1) : valid[at(j - 1)];
    const Signal above = is_end ? m.constant(1, 0) : valid[at(j + 1)];
    m.drive(valid[at(j)], mux(changes, mux(put, below, above), valid[at(j)]));
    m.drive(beats[at(j)], is_end ? in_beat : mux(writes[at(j)], in_beat, beats[at(j + 1)]));
  }
  const Signal& beat = beats.front();
  if (!in.has_last()) return {valid.front(), ready, beat, {}};
  return {valid.front(), ready, beat.without_top(1), beat.top()};
}

Stream of_memory(Module& m, const Stream& in, const FifoOptions& options) {
  const int words = options.depth - (options.output_register ? 2 : 1);
  FEWBIT_CHECK(words >= 2, "a fifo of {} places with a memory", options.depth);
  m.section("Memory; the word that is read is the beat that is sent");
  ReadStage stage(m, options.output_register);
  const Signal put = m.wire("put", 1);
  const Signal get = m.wire("get", 1);
  const Signal stored = up_down(m, "stored", words, put, get);
  const Signal full = m.net("full", equal(stored, m.constant(stored.width(), words)));
  const Signal any = m.net("any", reduce_or(stored));
  m.drive(in.ready, ~full);
  m.drive(put, in.valid & ~full);
  m.drive(get, any & stage.load());
  const rtl::Counter write = counter(m, "write", words, put);
  const rtl::Counter read = counter(m, "read", words, get);
  const Signal beat = packed(in);
  // The word at the read address is never written where it is used: it is not free.
  const int memory = m.memory("beats", {.depth = words,
                                        .width = beat.width(),
                                        .style = options.style,
                                        .collision = rtl::Collision::kAnything});
  m.write(memory, put, write.value, beat);
  return stage.finish(memory, read.value, any, in.has_last());
}

}  // namespace

Fifo fifo(Module& m, const std::string& name, const Stream& in, const FifoOptions& options) {
  FEWBIT_CHECK(options.depth >= 2, "a fifo of {} places", options.depth);
  const BlockScope scope(m, name);
  Fifo made;
  made.out = options.has_memory ? of_memory(m, in, options) : of_registers(m, in, options.depth);
  if (options.has_level) {
    m.section("Beats held");
    const Signal enters = m.net("enters", moves(in));
    const Signal leaves = m.net("leaves", moves(made.out));
    made.level = up_down(m, "level", options.depth, enters, leaves);
  }
  return made;
}

}  // namespace fewbit::blocks
