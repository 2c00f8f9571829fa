// A running value for each channel, over the pixels of a window.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "fewbit/gen/blocks/stream.h"
#include "fewbit/gen/rtl/module.h"

namespace fewbit::blocks {

struct RingShape {
  int pixels = 1;       ///< of a window
  int pixel_beats = 1;  ///< of a pixel, which is as many stages
  int lanes = 1;        ///< channels of a beat
  int term_bits = 1;    ///< of a channel, as it comes
  int value_bits = 1;   ///< of its running value
};

/// The new value of one lane; `held` is what it has from the pixel before, all zeros in the first
/// pixel of a window, which `first` marks.
using Combine = std::function<rtl::Signal(int lane, const rtl::Signal& held,
                                          const rtl::Signal& term, const rtl::Signal& first)>;

/// Takes terms where `valid` and the wire `ready`, which this drives, are 1; sends `y`, the values
/// of each window with its last pixel, `last` on the last of the pixel's beats. Values go round in
/// a shift register, so that the one of a channel is at its end when the channel comes again.
Stream ring(rtl::Module& module, const RingShape& shape, const rtl::Signal& ready,
            const rtl::Signal& valid, const rtl::Signal& terms, const Combine& combine);

}  // namespace fewbit::blocks
