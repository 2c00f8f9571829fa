// skid: an output register, and a spare place for the beat that comes while it stands.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/blocks/blocks.h"
#include "fewbit/gen/blocks/parts.h"

namespace fewbit::blocks {

using rtl::Signal;

Stream skid(rtl::Module& m, const std::string& name, const Stream& in) {
  const BlockScope scope(m, name);
  m.section("Two places: beats pass through the second one where the first one stands");
  const Signal beat = m.net("in_beat", packed(in));
  const Signal valid = m.reg("valid_q", 1);
  const Signal spare_valid = m.reg("spare_valid_q", 1);
  const Signal spare = m.reg("spare_q", beat.width(), {.enable = ~spare_valid, .reset = false});
  m.drive(spare, beat);
  m.drive(in.ready, ~spare_valid);
  const Signal ready = m.wire("out_ready", 1);
  const Signal move = m.net("move", ready | ~valid);
  const Signal offered = m.net("offered", in.valid | spare_valid);
  const Signal q = m.reg("beat_q", beat.width(), {.enable = move, .reset = false});
  m.drive(q, mux(spare_valid, spare, beat));
  m.drive(valid, offered | ~move);
  m.drive(spare_valid, offered & ~move);
  if (!in.has_last()) return {valid, ready, q, {}};
  return {valid, ready, q.without_top(1), q.top()};
}

}  // namespace fewbit::blocks
