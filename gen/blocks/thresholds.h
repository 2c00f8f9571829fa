// thresholds: the sums of a layer as codes of few bits, without a multiplier.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "fewbit/gen/rtl/module.h"
#include "fewbit/gen/spec/thresholds_spec.h"

namespace fewbit::blocks {

/// Receives and sends what requantizer does, in the same order: see there. Registered. One beat of
/// codes a cycle, where neither stream waits.
///
/// A unit finds the level of a sum by binary search, a bit in three cycles: the memory of bit k has
/// for each channel the thresholds that 2^k prefixes of a level lead to.
std::shared_ptr<rtl::Module> thresholds(const ThresholdsSpec& spec);

}  // namespace fewbit::blocks
