// What window must answer: pixels by their coordinates.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "fewbit/gen/spec/window_spec.h"

namespace fewbit::model {

/// The codes of all windows of an image, whose code of row y, column x and channel c is number
/// (y * width + x) * channels + c: of each window row by row, pixel by pixel, channel by channel.
std::vector<Code> windows(const WindowSpec& spec, const std::vector<Code>& image);

}  // namespace fewbit::model
