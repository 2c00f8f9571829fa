// Delays, positions, and values of a beat one after the other.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fewbit/gen/blocks/stream.h"
#include "fewbit/gen/rtl/module.h"

namespace fewbit::blocks {

/// The signal so many clock edges later; the registers are NAME_1_q, NAME_2_q, ... They stand where
/// `enable` (absent: always) is 0.
rtl::Signal delayed(rtl::Module& module, const std::string& name, const rtl::Signal& signal,
                    int edges, bool reset = true, const rtl::Signal& enable = {});

/// The number of the next of `count` beats: one on where `advance` is 1, 0 after `ends`, which is 1
/// in the last of those cycles. Of no bits where there is one beat.
rtl::Signal position(rtl::Module& module, const std::string& name, int count,
                     const rtl::Signal& advance, const rtl::Signal& ends);

/// A bit that changes at each edge where `advance` is 1.
rtl::Signal toggle(rtl::Module& module, const std::string& name, const rtl::Signal& advance);

/// Some of the values of a beat after the others.
struct Choice {
  rtl::Signal steps;    ///< 1 where values are given
  rtl::Signal values;   ///< those of the step, the first one lowest
  rtl::Signal channel;  ///< number of the step in its vector
  rtl::Signal last;     ///< it is the last of its vector
};
struct ChoiceShape {
  int value_bits = 1;
  int in = 1;     ///< values of a beat
  int out = 1;    ///< values of a step; divides `in`
  int steps = 1;  ///< of a vector, whose last beat may have values that are not given
};
/// Receives the stream, a step at each edge where its valid and `go` are 1.
Choice choice(rtl::Module& module, const Stream& stream, const ChoiceShape& shape,
              const rtl::Signal& go);

/// values[index], by a tree of multiplexers; an index beyond them gives any. At least one value.
rtl::Signal selected(rtl::Module& module, const std::string& name,
                     const std::vector<rtl::Signal>& values, const rtl::Signal& index);

}  // namespace fewbit::blocks
