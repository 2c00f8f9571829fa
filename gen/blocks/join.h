// join: the sum of two streams, a residual; argmax: the class of the largest logit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "fewbit/gen/rtl/module.h"
#include "fewbit/gen/spec/join_spec.h"

namespace fewbit::blocks {

/// Receives `left` and `right`, `lanes` values a beat, lane 0 lowest; a beat of each moves where
/// both are there. Sends `y`, their sums; `last` is that of left, right_last_i is not looked at.
/// Registered. One beat a cycle, where no stream waits.
std::shared_ptr<rtl::Module> join(const JoinSpec& spec);

/// Receives `x`, one value a beat, classes() of them a packet, whose x_last_i is not looked at.
/// Sends `y`, the number of the largest, without last. Registered; one beat of x a cycle.
std::shared_ptr<rtl::Module> argmax(const ArgmaxSpec& spec);

}  // namespace fewbit::blocks
