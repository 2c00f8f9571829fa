// pool_max, pool_mean: the largest code, or the sum, of each channel of a window.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "fewbit/gen/rtl/module.h"
#include "fewbit/gen/spec/pool_spec.h"

namespace fewbit::blocks {

/// Both receive `x`, windows as the block `window` sends them: `pixels` pixels, the channels of
/// each in pixel_beats() beats of `lanes` codes; x_last_i is not looked at. Both send `y`,
/// pixel_beats() beats a window, `last` on the last. Registered; one beat of x a cycle, where no
/// stream waits.

/// The largest codes, in the order of their values, +0 above -0.
std::shared_ptr<rtl::Module> pool_max(const PoolSpec& spec);

/// The exact sums, each of sum_format().bits; a mean is one over the number of pixels in the
/// multiplier that comes next.
std::shared_ptr<rtl::Module> pool_mean(const PoolSpec& spec);

}  // namespace fewbit::blocks
