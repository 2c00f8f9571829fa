// The version of fewbit: see version.h. describe.cmake writes version_text.h in every build.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/version.h"

#include "version_text.h"

namespace fewbit::cli {

std::string described_version() { return FEWBIT_DESCRIBED_VERSION; }

}  // namespace fewbit::cli
