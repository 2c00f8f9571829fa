// Running other programs: find them, run them, know how they ended and whose fault it was.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "fewbit/gen/util/result.h"

namespace fewbit {

/// How a program ended.
enum class Ending {
  kExit,           ///< by itself, with an exit code
  kSignal,         ///< by a signal that is not ours
  kTimeLimit,      ///< killed: it took too long
  kTooMuchOutput,  ///< killed: it printed too much
  kInterrupted     ///< killed: the user wants to end
};

struct ProcessResult {
  Ending ending = Ending::kExit;
  int exit_code = 0;           ///< 128 + signal number where a signal ended it, 130 interrupted
  std::string output;          ///< stdout
  std::string errors;          ///< stderr: words for the user, never data
  double seconds = 0;          ///< wall clock
  double peak_memory_mib = 0;  ///< greatest resident set of the program or one of its children

  /// output, then errors.
  [[nodiscard]] std::string log() const { return output + errors; }
};

/// What ends a program before its time.
struct ProcessLimits {
  double seconds = 0;                     ///< 0: none
  std::size_t output_bytes = 64U << 20U;  ///< stdout and stderr together
};

/// The absolute path of a program on PATH, or an Error naming the tool and the Debian package that
/// has it. Programs of YoWASP are also looked for in tools_directory (trust.h), where `make tools`
/// puts them.
Result<std::filesystem::path> find_tool(const std::string& name);

/// Runs argv[0] (looked up on PATH) in `directory` and waits. However a program ends is a value;
/// one that cannot be started is an Error. Thread-safe. After SIGINT or SIGTERM the child is
/// killed. The child's environment is ours, but for the language, which is C, and for its temporary
/// files, which are in `directory` too.
Result<ProcessResult> run_process(const std::vector<std::string>& argv,
                                  const std::filesystem::path& directory,
                                  const ProcessLimits& limits = {});

/// What a tool is for; each kind has a time limit.
enum class ToolKind {
  kQuery,          ///< asked for its version or a setting: 10 minutes
  kSimulation,     ///< Verilator, a compiler, a simulator: 60 minutes
  kSynthesis,      ///< 120 minutes
  kPlaceAndRoute,  ///< 240 minutes
  kProof           ///< what its caller says
};

/// Another limit for simulation, synthesis, and place and route, where 30 minutes is the least.
void set_tool_minutes(double minutes);

/// run_process(), but an ending that says nothing about what the tool worked on is an Error:
/// kTool where it was killed, crashed, printed without end or exceeded its time (0 `seconds`: the
/// limit of its kind; with `seconds` that ending is a value); kMachine where it ended badly and
/// `directory` is missing, full or out of inodes, or the tool says so of memory or disk;
/// "interrupted" after an interrupt. An exit code other than 0 is a value: see failed_tool().
Result<ProcessResult> run_tool(ToolKind kind, const std::vector<std::string>& argv,
                               const std::filesystem::path& directory, double seconds = 0);

/// The Error of a tool that ended with an exit code other than 0: kDesign where `complaint`, what
/// it says of its input, is not empty, else kTool with the end of its log.
Error failed_tool(const std::string& tool, const std::string& step, const ProcessResult& run,
                  const std::string& complaint);

/// The text of a file that `tool` was to write into `directory`; kTool or kMachine where there is
/// none.
Result<std::string> read_output(const std::string& tool, const std::filesystem::path& directory,
                                const std::string& file);

/// kMachine where `directory` is missing, or has less than 16 MiB or 64 inodes free; else kTool.
Cause cause_in(const std::filesystem::path& directory);

/// The first line that `program --version` (or another option) prints to stdout. Asked once for
/// each program file and option while this process lives.
Result<std::string> tool_version(const std::string& program, const std::string& option);

/// The greatest peak_memory_mib of all programs that ended since the last call, in any thread.
double take_peak_memory_mib();

}  // namespace fewbit
