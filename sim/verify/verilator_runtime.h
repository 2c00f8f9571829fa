// Verilator's run-time library and header, compiled once per version and kept in the cache.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "fewbit/gen/util/process.h"
#include "fewbit/gen/util/result.h"

namespace fewbit::verify {

struct VerilatorRuntime {
  std::vector<std::string> compile_flags;      ///< of g++, for the runtime and the models alike
  std::vector<std::filesystem::path> objects;  ///< to link into every model
  std::filesystem::path header;  ///< what every model includes first, compiled beside it
};

/// Runs a program in `directory`; its output, or an Error of field "simulation" with its last lines
/// where it fails or fewbit is interrupted.
Result<ProcessResult> run_checked(const std::vector<std::string>& argv,
                                  const std::filesystem::path& directory);

/// The runtime of the Verilator on PATH, from the cache or compiled now; a damaged one is compiled
/// anew. An Error where the cache is a folder that another user can write. Safe for several threads
/// and several processes at once: the files appear in the cache all together or not at all.
Result<VerilatorRuntime> verilator_runtime();

}  // namespace fewbit::verify
