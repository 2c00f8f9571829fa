// window: the windows of an image as a stream of their terms.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "fewbit/gen/rtl/module.h"
#include "fewbit/gen/spec/window_spec.h"

namespace fewbit::blocks {

/// Receives `x`: images one after the other, row by row, pixel by pixel, `lanes` channels a beat,
/// channel 0 lowest; without last, the pixels are counted. Sends `y`: window after window, the
/// pixels of each row by row, the channels of each in the same beats, `last` on the last beat of a
/// window; 0 beyond the image. Registered.
///
/// One beat a cycle, where neither stream waits and the rows come in time: while the windows of a
/// row are read, the rows that the next ones need come in.
std::shared_ptr<rtl::Module> window(const WindowSpec& spec);

/// Rows of the image that the buffer holds.
int window_rows(const WindowSpec& spec);

}  // namespace fewbit::blocks
