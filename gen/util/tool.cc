// Tools: what an ending says, and of whom. See process.h.
// SPDX-License-Identifier: Apache-2.0
#include <signal.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <string_view>

#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/process.h"

namespace fewbit {
namespace fs = std::filesystem;
namespace {

constexpr std::uintmax_t kLeastFreeBytes = 16U << 20U;
constexpr std::uintmax_t kLeastFreeInodes = 64;
constexpr double kLeastPlaceAndRouteMinutes = 30;
constexpr std::size_t kLogCharacters = 600;

std::atomic<double> chosen_minutes{0};  // 0: the limits of the kinds

double limit_minutes(ToolKind kind) {
  const double chosen = chosen_minutes;
  switch (kind) {
    case ToolKind::kQuery:
      return 10;
    case ToolKind::kSimulation:
      return chosen > 0 ? chosen : 60;
    case ToolKind::kSynthesis:
      return chosen > 0 ? chosen : 120;
    case ToolKind::kPlaceAndRoute:
      return chosen > 0 ? std::max(chosen, kLeastPlaceAndRouteMinutes) : 240;
    case ToolKind::kProof:
      return 0;
  }
  return 0;
}

/// What a program prints where the machine, not its input, ends it; the last ones are what Yosys
/// says of an ABC that a signal killed.
constexpr std::array<std::string_view, 13> kMachineWords = {"No space left on device",
                                                            "Disk quota exceeded",
                                                            "Cannot allocate memory",
                                                            "std::bad_alloc",
                                                            "out of memory",
                                                            "virtual memory exhausted",
                                                            "Too many open files",
                                                            "Read-only file system",
                                                            "Input/output error",
                                                            "Resource temporarily unavailable",
                                                            "Killed signal terminated program",
                                                            "return code 137",
                                                            "return code 143"};

/// The first line with the word, or its beginning; "" where there is none.
std::string line_with(std::string_view word, const std::string& log) {
  const std::size_t at = log.find(word);
  if (at == std::string::npos) return "";
  const std::size_t begin = log.rfind('\n', at) + 1;  // npos + 1 is 0
  return log.substr(begin, std::min(log.find('\n', at), begin + kLogCharacters) - begin);
}

std::string machine_line(const std::string& log) {
  for (const std::string_view word : kMachineWords) {
    if (const std::string line = line_with(word, log); !line.empty()) return line;
  }
  return "";
}

std::string end_of(const std::string& log) {
  std::string text = log.size() > kLogCharacters ? log.substr(log.size() - kLogCharacters) : log;
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.empty() ? "it printed nothing" : text;
}

/// Why a folder is no place to work in; "" where it is one.
std::string defect_of(const fs::path& directory) {
  struct statvfs info {};
  if (::statvfs(directory.c_str(), &info) != 0) return "the scratch folder is gone";
  const std::uintmax_t free = static_cast<std::uintmax_t>(info.f_bavail) * info.f_frsize;
  if (free < kLeastFreeBytes) {
    return fmt::format("No space left: {} KiB are free where {} is", free >> 10U,
                       directory.string());
  }
  if (info.f_files > 0 && info.f_favail < kLeastFreeInodes) {
    return fmt::format("{} inodes are free where {} is", info.f_favail, directory.string());
  }
  return "";
}

std::string ending_text(const ProcessResult& run, double seconds) {
  switch (run.ending) {
    case Ending::kSignal:
      return fmt::format("signal {} ({}) ended it", run.exit_code - 128,
                         ::strsignal(run.exit_code - 128));
    case Ending::kTimeLimit:
      return fmt::format("it took more than {:g} minutes (--tool-minutes)", seconds / 60);
    case Ending::kTooMuchOutput:
      return fmt::format("it printed more than {} MiB",
                         (run.output.size() + run.errors.size()) >> 20U);
    case Ending::kExit:
    case Ending::kInterrupted:
      break;
  }
  return fmt::format("it ended with {}", run.exit_code);
}

}  // namespace

void set_tool_minutes(double minutes) { chosen_minutes = minutes; }

Cause cause_in(const fs::path& directory) {
  return defect_of(directory).empty() ? Cause::kTool : Cause::kMachine;
}

Result<ProcessResult> run_tool(ToolKind kind, const std::vector<std::string>& argv,
                               const fs::path& directory, double seconds) {
  const double limit = seconds > 0 ? seconds : limit_minutes(kind) * 60;
  FEWBIT_ASSIGN_OR_RETURN(run, run_process(argv, directory, {.seconds = limit}));
  const std::string& tool = argv[0];
  if (run.ending == Ending::kInterrupted) {
    return Error{tool, argv.back(), "an undisturbed run", "interrupted", Cause::kMachine};
  }
  if (run.exit_code == 0) return run;
  const std::string ending = ending_text(run, limit);
  std::string machine = defect_of(directory);
  if (machine.empty()) machine = machine_line(run.log());
  const bool is_killed = run.exit_code == 128 + SIGKILL || run.exit_code == 128 + SIGTERM;
  const bool is_ours = run.ending == Ending::kTimeLimit || run.ending == Ending::kTooMuchOutput;
  if (machine.empty() && is_killed && !is_ours) machine = "something killed it: out of memory?";
  if (!machine.empty()) {
    return Error{tool, argv.back(), "a machine with room for it",
                 fmt::format("{}: {}", ending, machine), Cause::kMachine};
  }
  if (run.ending == Ending::kExit || (run.ending == Ending::kTimeLimit && seconds > 0)) return run;
  return Error{tool, argv.back(), "a program that comes to its end",
               fmt::format("{}; it last said: {}", ending, end_of(run.log())), Cause::kTool};
}

Error failed_tool(const std::string& tool, const std::string& step, const ProcessResult& run,
                  const std::string& complaint) {
  const bool blames_input = !complaint.empty();
  return {tool, step, "exit code 0",
          fmt::format("it ended with {}: {}", run.exit_code,
                      blames_input ? complaint : end_of(run.log())),
          blames_input ? Cause::kDesign : Cause::kTool};
}

Result<std::string> read_output(const std::string& tool, const fs::path& directory,
                                const std::string& file) {
  const Result<std::string> text = read_file(directory / file);
  if (text.ok() && !text->empty()) return *text;
  const std::string defect = defect_of(directory);
  return Error{tool, file, "a file that it writes",
               !defect.empty() ? defect
               : text.ok()     ? "it ended with 0 and wrote an empty one"
                               : "it ended with 0 and wrote none",
               defect.empty() ? Cause::kTool : Cause::kMachine};
}

Result<std::string> tool_version(const std::string& program, const std::string& option) {
  static std::mutex mutex;
  static std::map<std::string, std::string> known;
  FEWBIT_ASSIGN_OR_RETURN(path, find_tool(program));
  const std::lock_guard lock(mutex);
  const std::string key = path.string() + " " + option;
  if (const auto found = known.find(key); found != known.end()) return found->second;
  FEWBIT_ASSIGN_OR_RETURN(run, run_tool(ToolKind::kQuery, {path.string(), option}, "/"));
  std::string line = run.output.substr(0, run.output.find('\n'));
  if (run.output.empty()) line = line_with("Version ", run.errors);  // so says nextpnr
  if (run.exit_code != 0 || line.empty()) {
    return Error{
        "tool", program, "a program that says its version",
        fmt::format("{} {} ended with {}: {}", program, option, run.exit_code, end_of(run.log())),
        Cause::kTool};
  }
  return known[key] = line;
}

}  // namespace fewbit
