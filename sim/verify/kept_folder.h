// A folder of compiled files that later runs load: sealed when it is complete, checked before use.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "fewbit/gen/util/result.h"

namespace fewbit::verify {

/// Waits until the files `names` of `directory` are on the disk and writes a list of their sizes
/// and digests beside them. Errors: a file that is missing or cannot be read, a disk that is full.
Status seal_folder(const std::filesystem::path& directory, const std::vector<std::string>& names);

/// Whether `directory` is as seal_folder left it: the list is there, every file has its size and
/// digest (of its first MiB: what a crash or a full disk damages shows in the size or in zeros).
bool is_sealed(const std::filesystem::path& directory);

/// Removes `directory` unless it is sealed or missing. One process at a time looks and removes, so
/// that none takes away what another has just made anew.
void remove_if_damaged(const std::filesystem::path& directory);

}  // namespace fewbit::verify
