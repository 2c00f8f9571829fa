// What several blocks are made of: see parts.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/blocks/parts.h"

#include "fewbit/gen/blocks/blocks.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::blocks {

using rtl::Module;
using rtl::Signal;

Signal packed(const Stream& stream) {
  return stream.has_last() ? rtl::concat({stream.last, stream.data}) : stream.data;
}

Stream sent(Module& m, const Signal& valid, const Signal& beat, bool has_last) {
  if (!has_last) return make_stream(m, "out", valid, beat);
  return make_stream(m, "out", valid, beat.without_top(1), beat.top());
}

Signal up_down(Module& m, const std::string& name, int most, const Signal& up, const Signal& down,
               int at_reset) {
  const int bits = rtl::address_bits(most + 1);
  const Signal q = m.reg(name + "_q", bits, {.enable = up ^ down, .reset_value = at_reset});
  const Signal one = m.constant(bits, 1);
  m.drive(q, m.net(name + "_d", mux(up, q + one, q - one)));
  return q;
}

Signal credits(Module& m, const std::string& name, int places, const Signal& spend,
               const Signal& give_back) {
  FEWBIT_CHECK(places >= 1, "{} credits", places);
  const Signal left = up_down(m, name, places, give_back, spend, places);
  return m.net(name + "_left", reduce_or(left));
}

ReadStage::ReadStage(Module& m, bool output_register) : m_(m), output_register_(output_register) {
  ready_ = m.wire("out_ready", 1);
  valid_ = m.reg("valid_q", 1);
  move_ = m.net("move", ready_ | ~valid_);
  load_ = move_;
  if (!output_register) return;
  fetched_ = m.reg("fetched_q", 1);
  load_ = m.net("load", move_ | ~fetched_);
}

Stream ReadStage::finish(int memory, const Signal& address, const Signal& fetches, bool has_last,
                         const Signal& last) {
  const auto behind = [&](const char* name, const Signal& value, const Signal& enable) {
    const Signal q = m_.reg(name, value.width(), {.enable = enable, .reset = false});
    m_.drive(q, value);
    return q;
  };
  // A register that its own enable depends on holds by its data, which maps better.
  m_.drive(output_register_ ? fetched_ : valid_, mux(load_, fetches, m_.constant(1, 1)));
  Signal beat = m_.read(memory, output_register_ ? "word" : "beat", address, load_);
  Signal side =
      last.valid() ? behind(output_register_ ? "word_last_q" : "last_q", last, load_) : Signal();
  if (output_register_) {
    m_.drive(valid_, mux(move_, fetched_, m_.constant(1, 1)));
    beat = behind("beat_q", beat, move_);
    if (side.valid()) side = behind("last_q", side, move_);
  }
  if (side.valid() || !has_last) return {valid_, ready_, beat, side};
  return {valid_, ready_, beat.without_top(1), beat.top()};
}

}  // namespace fewbit::blocks
