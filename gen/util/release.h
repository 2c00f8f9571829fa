// The release of fewbit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace fewbit {

/// "0.2.0": the number in the file VERSION, the same for every commit on the way to that release.
std::string_view release();

}  // namespace fewbit
