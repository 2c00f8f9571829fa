// Running other programs: find them, run them, know how they ended.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gen/util/result.h"

namespace fewbit {

struct ProcessResult {
  int exit_code = 0;           ///< 128 + signal number where a signal ended it
  std::string output;          ///< stdout and stderr, interleaved
  double seconds = 0;          ///< wall clock
  double peak_memory_mib = 0;  ///< greatest resident set of the program or one of its children
};

/// The absolute path of a program on PATH, or an Error naming the tool and the Debian package that
/// has it. Programs of YoWASP are also looked for in tools_directory (trust.h), where `make tools`
/// puts them.
Result<std::filesystem::path> find_tool(const std::string& name);

/// Runs argv[0] (looked up on PATH) in `directory` and waits. A program that ends with a non-zero
/// code is a value, not an Error; one that cannot be started is an Error. Thread-safe. After
/// SIGINT or SIGTERM the child is killed and the result has exit_code 130. The child's temporary
/// files are in `directory` too (TMPDIR).
Result<ProcessResult> run_process(const std::vector<std::string>& argv,
                                  const std::filesystem::path& directory);

/// The first line that `program --version` (or another option) prints. Asked once for each program
/// file and option while this process lives.
Result<std::string> tool_version(const std::string& program, const std::string& option);

/// The greatest peak_memory_mib of all programs that ended since the last call, in any thread.
double take_peak_memory_mib();

}  // namespace fewbit
