// Child processes, each in a process group of its own so that it ends as a whole.
// SPDX-License-Identifier: Apache-2.0
#include "gen/util/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>

#include "gen/util/interrupt.h"
#include "gen/util/spawn.h"
#include "gen/util/trust.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX leaves it to the user

namespace fewbit {
namespace fs = std::filesystem;
namespace {

constexpr int kInterruptedExitCode = 130;
constexpr int kPollMilliseconds = 100;

std::string debian_package(const std::string& tool) {
  static const std::map<std::string, std::string> kPackages = {
      {"icebox_vlog", "fpga-icestorm"},
      {"icepack", "fpga-icestorm"},
      {"icetime", "fpga-icestorm"},
      {"vvp", "iverilog"},
      {"yosys-abc", "yosys"},
      {"abc", "berkeley-abc"},
      {"c++", "g++"},
      {"verilator_bin", "verilator"},
      {"verilator_coverage", "verilator"},
      {"ar", "binutils"},
  };
  const auto found = kPackages.find(tool);
  return found == kPackages.end() ? tool : found->second;
}

bool is_executable(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

Error start_error(const std::string& program, int error_number) {
  return {"tool", program, "a program that can be started", std::strerror(error_number)};
}

/// The environment of a child: ours, with temporary files in its own folder. A compiler that is
/// killed leaves its own behind, and they go with that folder.
std::vector<std::string> child_environment(const fs::path& directory) {
  const std::string prefix = "TMPDIR=";
  std::vector<std::string> variables = {prefix + fs::absolute(directory).string()};
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    if (text.rfind(prefix, 0) != 0) variables.push_back(text);
  }
  return variables;
}

/// Pointers as C wants them, valid as long as `texts`.
std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

/// Everything the child prints, until it and its children closed the pipe or were killed.
std::string collect_output(int input, pid_t pid) {
  std::string output;
  std::array<char, 65536> buffer{};
  for (;;) {
    if (interrupted()) ::kill(-pid, SIGKILL);
    pollfd waiting{input, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, kPollMilliseconds);
    if (ready < 0 && errno != EINTR) break;
    if (ready <= 0) continue;
    const ssize_t count = ::read(input, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    output.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return output;
}

/// Waits for the end without reaping, so that the process number stays the child's meanwhile.
void wait_for_end(pid_t pid) {
  for (;;) {
    siginfo_t info{};
    const int done = ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT | WNOHANG);
    if (done == 0 && info.si_pid == pid) return;
    if (done != 0 && errno != EINTR) return;
    if (interrupted()) ::kill(-pid, SIGKILL);
    ::poll(nullptr, 0, 1);
  }
}

std::atomic<double> peak_memory{0};

/// Fills in how it ended and what memory it took.
void reap(pid_t pid, ProcessResult& result) {
  int status = 0;
  rusage usage{};
  while (::wait4(pid, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  result.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  result.peak_memory_mib = static_cast<double>(usage.ru_maxrss) / 1024;  // Linux: KiB
  double peak = peak_memory.load();
  while (peak < result.peak_memory_mib &&
         !peak_memory.compare_exchange_weak(peak, result.peak_memory_mib)) {
  }
}

}  // namespace

Result<fs::path> find_tool(const std::string& name) {
  if (name.find('/') != std::string::npos && is_executable(name)) return fs::absolute(name);
  const char* variable = std::getenv("PATH");
  const std::string path = variable == nullptr ? "" : variable;
  for (std::size_t begin = 0; begin <= path.size() && name.find('/') == std::string::npos;) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    const fs::path candidate = fs::path(path.substr(begin, end - begin)) / name;
    if (!name.empty() && is_executable(candidate)) return fs::absolute(candidate);
    begin = end + 1;
  }
  if (name.rfind("yowasp-", 0) == 0) {
    const Result<fs::path> folder = tools_directory(running_binary());
    if (folder.ok() && is_executable(*folder / name)) return *folder / name;
    return Error{"tool", name, "a program on PATH or in .tools/bin of fewbit's own folder",
                 folder.ok() ? "`make tools` installs it" : folder.error().detail};
  }
  return Error{"tool", name, "a program on PATH",
               fmt::format("install the Debian package {}", debian_package(name))};
}

Result<ProcessResult> run_process(const std::vector<std::string>& argv, const fs::path& directory) {
  FEWBIT_CHECK(!argv.empty(), "run_process needs a program");
  FEWBIT_ASSIGN_OR_RETURN(program, find_tool(argv[0]));
  std::error_code ignored;
  if (!fs::is_directory(directory, ignored)) {
    return Error{"working directory", directory.string(), "a folder that exists", ""};
  }
  if (interrupted()) return ProcessResult{kInterruptedExitCode, "", 0, 0};

  const std::vector<char*> arguments = pointers_to(argv);
  const std::vector<std::string> variables = child_environment(directory);
  const std::vector<char*> environment = pointers_to(variables);
  std::array<int, 2> channel{};
  if (::pipe2(channel.data(), O_CLOEXEC) != 0) return start_error(argv[0], errno);

  const auto start = std::chrono::steady_clock::now();
  RunningGroup group;
  const pid_t pid = spawn({program.c_str(), arguments.data(), environment.data(), directory.c_str(),
                           channel[1], channel[1]},
                          group);
  const int failed = errno;
  ::close(channel[1]);
  if (pid == 0) {
    ::close(channel[0]);
    return start_error(argv[0], failed);
  }
  ProcessResult result;
  result.output = collect_output(channel[0], pid);
  ::close(channel[0]);
  wait_for_end(pid);
  group.release();
  reap(pid, result);
  if (interrupted() && result.exit_code != 0) result.exit_code = kInterruptedExitCode;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

Result<std::string> tool_version(const std::string& program, const std::string& option) {
  static std::mutex mutex;
  static std::map<std::string, std::string> known;
  FEWBIT_ASSIGN_OR_RETURN(path, find_tool(program));
  const std::lock_guard lock(mutex);
  const std::string key = path.string() + " " + option;
  if (const auto found = known.find(key); found != known.end()) return found->second;
  FEWBIT_ASSIGN_OR_RETURN(run, run_process({path.string(), option}, "/"));
  if (run.exit_code != 0) {
    return Error{"tool", program, "a program that says its version",
                 fmt::format("{} {} ended with {}", program, option, run.exit_code)};
  }
  return known[key] = run.output.substr(0, run.output.find('\n'));
}

double take_peak_memory_mib() { return peak_memory.exchange(0); }

}  // namespace fewbit
