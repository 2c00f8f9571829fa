// Folders whose files are run: nobody but root and the user of this process may write there.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "fewbit/gen/util/result.h"

namespace fewbit {

/// Ok where no other user can put, change or exchange `path`: it and every folder and link on the
/// way to it belong to root, to the user of this process or to `also`, and no group (but the user's
/// own) and no others may write, except in folders above it with the sticky bit. Else an Error of
/// `field` that names the offending folder. A `path` that does not exist is an Error too.
Status check_only_ours(const std::string& field, const std::filesystem::path& path, uid_t also = 0);

/// Makes `directory` and the folders above it where they are missing, for the user alone, then
/// check_only_ours.
Status make_own_directory(const std::string& field, const std::filesystem::path& directory);

/// The file of the running program.
std::filesystem::path running_binary();

/// Where `make tools` puts programs: $FEWBIT_TOOLS, else .tools/bin of the project in whose build
/// folder `binary` is (PROJECT/BUILD/bin/fewbit). An Error where there is no such folder, or where
/// another user than the binary's owner could put programs there.
Result<std::filesystem::path> tools_directory(const std::filesystem::path& binary);

}  // namespace fewbit
