// What pools and depthwise layers must answer, window by window.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "fewbit/gen/spec/pool_spec.h"

namespace fewbit::model {

/// A window is spec.pixels x spec.channels codes, pixel by pixel.

/// The largest code of each channel; +0 is larger than -0.
std::vector<Code> largest(const PoolSpec& spec, const std::vector<Code>& window);
/// The sum of each channel, in units of spec.sum_format().
std::vector<BigInt> sums(const PoolSpec& spec, const std::vector<Code>& window);
std::vector<BigInt> sums(const DepthwiseSpec& spec, const std::vector<Code>& window);

}  // namespace fewbit::model
