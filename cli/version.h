// The version of fewbit, as the build says it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace fewbit::cli {

/// "0.1.0".
inline std::string version() { return FEWBIT_VERSION; }

}  // namespace fewbit::cli
