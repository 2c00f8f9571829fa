// depthwise: each channel of a window times a filter of its own, exact.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "fewbit/gen/rtl/module.h"
#include "fewbit/gen/spec/pool_spec.h"

namespace fewbit::blocks {

/// Receives `x`, windows as the block `window` sends them: `pixels` pixels, the channels of each in
/// pixel_beats() beats of `lanes` codes; x_last_i is not looked at. Sends `y`, the sums of `lanes`
/// channels a beat, each of sum_format().bits, pixel_beats() beats a window, `last` on the last.
/// Registered; one beat of x a cycle, where no stream waits.
std::shared_ptr<rtl::Module> depthwise(const DepthwiseSpec& spec);

}  // namespace fewbit::blocks
