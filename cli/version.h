// The version of fewbit: of the release, and of the commit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fewbit/gen/util/release.h"

namespace fewbit::cli {

/// "0.2.0": what files and rows say.
inline std::string version() { return std::string(release()); }

/// "0.2.0-14-g1234567890" of the 14th commit after the tag v0.2.0, "0.2.0-g1234567890" where that
/// tag is not there, with "-dirty" where tracked files differ; "0.2.0" at the tag, and of a tree
/// that is no git repository.
std::string described_version();

}  // namespace fewbit::cli
