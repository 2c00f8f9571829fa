// Loading weights: see weight_loader.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/blocks/weight_loader.h"

#include "fewbit/gen/rtl/control.h"

namespace fewbit::blocks {

using rtl::Module;
using rtl::Signal;

WeightLoader::WeightLoader(Module& m, const MatvecSpec& spec) : m_(m), spec_(spec) {
  m.section("Weights come over the stream w");
  w_ = input_stream(m, "w", {.data_bits = spec.load_bits, .has_last = true});
  takes_ = m.net("load_takes", moves(w_));
  done_ = m.reg("load_done_q", 1, {.enable = takes_});
  opens_ = m.reg("load_opens_q", 1, {.enable = takes_});
  m.drive(opens_, ~w_.last);
}

Signal WeightLoader::admits(const Signal& mid_vector) const {
  return m_.net("load_admits", done_ & (mid_vector | ~w_.valid));
}

WeightLoader::Parts WeightLoader::parts(const Signal& ends, const Signal& fills) {
  const int words = spec_.beats() * spec_.groups();
  const int width = spec_.rows * spec_.lanes * spec_.weight.bits();
  const int bits = spec_.load_bits;
  const int count = spec_.load_parts();
  const Signal part_enters = m_.net("load_part_enters", takes_ & fills);
  const rtl::Counter part = rtl::counter(m_, "load_part", count, part_enters, ends);
  Signal whole = w_.data;
  if (count > 1) {
    // The parts before this one, the first lowest.
    const Signal held =
        m_.reg("load_held_q", (count - 1) * bits, {.enable = part_enters, .reset = false});
    whole = m_.net("load_whole", rtl::concat({w_.data, held}));
    m_.drive(held, whole.slice(count * bits - 1, bits));
  }
  const Signal writes = m_.net("load_writes", part_enters & part.last);
  const rtl::Counter word = rtl::counter(m_, "load_word", words, writes, ends);
  return {writes, whole.low(width), word.value};
}

Signal WeightLoader::is_right(const Signal& ends, const Signal& fills, const Signal& in_first,
                              const Signal& in_second) {
  const Signal adds = m_.net("load_adds", takes_ & fills);
  const auto sum = [&](const std::string& name) {
    return m_.reg(name, spec_.load_bits, {.enable = adds, .clear = ends});
  };
  const Signal first = sum("load_first_sum_q");
  const Signal second = sum("load_second_sum_q");
  const Signal first_next = m_.net("load_first_sum_d", first + w_.data);
  m_.drive(first, first_next);
  m_.drive(second, m_.net("load_second_sum_d", second + first_next));
  const Signal expected = m_.net("load_expected", mux(in_second, second, first));
  const Signal matches = m_.net("load_matches", equal(w_.data, expected));
  const Signal differed = m_.reg("load_differed_q", 1, {.enable = takes_});
  m_.drive(differed, in_first & ~matches);
  return m_.net("load_is_right", matches & ~differed);
}

Signal WeightLoader::finish(const Signal& idle, const Signal& address) {
  m_.section("A packet: words, two sums; it begins where no vector is inside");
  m_.drive(w_.ready, m_.net("load_ready", opens_ | idle));
  const Signal ends = m_.net("load_ends", takes_ & w_.last);
  rtl::StateMachine state(m_, "load_state", {"words", "first_sum", "second_sum", "beyond"});
  const Signal fills = m_.net("load_fills", state.in("words"));
  const Parts word = parts(ends, fills);
  const int words = spec_.beats() * spec_.groups();
  const Signal last_word =
      m_.net("load_is_last_word",
             words == 1 ? m_.constant(1, 1)
                        : equal(word.address, m_.constant(word.address.width(), words - 1)));
  for (const char* from : {"words", "first_sum", "second_sum", "beyond"}) {
    state.go(from, ends, "words");
  }
  state.go("words", m_.net("load_words_end", word.writes & last_word), "first_sum");
  state.go("first_sum", takes_, "second_sum");
  state.go("second_sum", takes_, "beyond");
  state.finish();
  const Signal in_second = m_.net("load_in_second", state.in("second_sum"));
  const Signal right = is_right(ends, fills, state.in("first_sum"), in_second);
  m_.drive(done_, w_.last & in_second & right);

  m_.section("What became of the packet");
  const auto error = [&](const std::string& what, const Signal& is_wrong) {
    const Signal q = m_.reg("load_" + what + "_error_q", 1, {.enable = takes_});
    m_.drive(q, w_.last & is_wrong);
    m_.output("load_" + what + "_error_o", q);
  };
  m_.output("load_done_o", done_);
  error("length", ~in_second);
  error("checksum", in_second & ~right);

  if (words == 1) {
    m_.section("One word of weights, read in two edges as a memory is");
    Signal read =
        m_.reg("weights_word_q", word.word.width(), {.enable = word.writes, .reset = false});
    m_.drive(read, word.word);
    for (const char* name : {"weights_read_q", "weights_q"}) {
      const Signal next = m_.reg(name, word.word.width(), {.reset = false});
      m_.drive(next, read);
      read = next;
    }
    return read;
  }
  m_.section("One address for writing and reading, as a memory with one port has");
  const Signal place = m_.net("weights_place", mux(word.writes, word.address, address));
  const int memory = m_.memory(
      "weights",
      {.depth = words, .width = word.word.width(), .collision = rtl::Collision::kAnything});
  m_.write(memory, word.writes, place, word.word);
  return m_.read(memory, "weights", place, {}, true);
}

}  // namespace fewbit::blocks
