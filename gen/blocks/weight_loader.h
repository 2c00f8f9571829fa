// Weights that come over a stream into the memory of a matvec.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/gen/blocks/stream.h"
#include "fewbit/gen/rtl/module.h"
#include "fewbit/gen/spec/matvec_spec.h"

namespace fewbit::blocks {

/// Receives `w`, packets of load_beats() beats: the words of matvec_words() from the first on, each
/// in load_parts() beats of load_bits, the lowest bits first; then the two Fletcher sums of these
/// beats, modulo 2^load_bits: s1, the sum of the beats, and s2, the sum of the values that s1 had
/// after each. `last` is on the second sum. What fills the last beat of a word is in the sums and
/// no weight.
///
/// load_done_o is 1 from the end of a packet that was right until the next one begins. Of the
/// packet that ended last load_length_error_o says that it was shorter or longer, and
/// load_checksum_error_o that it had the right length and wrong sums.
class WeightLoader {
 public:
  WeightLoader(rtl::Module& module, const MatvecSpec& spec);

  /// 1 where a beat of a vector may enter: there are weights, and no packet waits at the start of a
  /// vector. `mid_vector`: a vector has come in part.
  [[nodiscard]] rtl::Signal admits(const rtl::Signal& mid_vector) const;
  /// The memory with its ports, or registers for one word. `idle` is 1 where no vector is inside,
  /// which a packet waits for; `address` is that of the word wanted, whose value is there two edges
  /// later.
  rtl::Signal finish(const rtl::Signal& idle, const rtl::Signal& address);

 private:
  /// The beat that moves, as a part of a word, and the words' place.
  struct Parts {
    rtl::Signal writes, word, address;
  };
  Parts parts(const rtl::Signal& ends, const rtl::Signal& fills);
  /// 1 where the beat is the right second sum of a packet.
  rtl::Signal is_right(const rtl::Signal& ends, const rtl::Signal& fills,
                       const rtl::Signal& in_first, const rtl::Signal& in_second);

  rtl::Module& m_;
  const MatvecSpec& spec_;
  Stream w_;
  rtl::Signal takes_;  ///< a beat moves
  rtl::Signal done_;   ///< register
  rtl::Signal opens_;  ///< register: a packet is inside
};

}  // namespace fewbit::blocks
