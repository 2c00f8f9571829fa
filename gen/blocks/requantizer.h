// requantizer: the sums of a layer as codes of a format.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "fewbit/gen/rtl/module.h"
#include "fewbit/gen/spec/requantizer_spec.h"

namespace fewbit::blocks {

/// Receives `x`: `rows` sums a beat, output 0 lowest, the outputs of a vector in as many beats as
/// that takes, whose x_last_i is not looked at; sums beyond the outputs may be any. Sends `y`:
/// `units` codes a beat, `last` on the last of the beats() of a vector; codes beyond the outputs
/// are 0. Registered. One beat of codes a cycle, where neither stream waits.
///
/// A unit adds the bias, multiplies, shifts and rounds once (`add` and `requant` of gen/ops). Bias,
/// multiplier and shift are in a memory, a word for each beat of codes.
std::shared_ptr<rtl::Module> requantizer(const RequantizerSpec& spec);

}  // namespace fewbit::blocks
