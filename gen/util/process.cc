// Child processes, each in a process group of its own so that it ends as a whole.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/util/process.h"

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

#include "fewbit/gen/util/interrupt.h"
#include "fewbit/gen/util/spawn.h"
#include "fewbit/gen/util/trust.h"

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
  return {"tool", program, "a program that can be started", std::strerror(error_number),
          Cause::kTool};
}

/// The environment of a child: ours, but in the language C, since tools in Perl complain of a
/// language that is not installed, and with temporary files in its own folder. A compiler that is
/// killed leaves its own behind, and they go with that folder. The folder is named from within: ABC
/// splits paths at blanks, which a user's may have.
std::vector<std::string> child_environment() {
  std::vector<std::string> variables = {"TMPDIR=.", "LC_ALL=C"};
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    const bool is_ours = text.starts_with("TMPDIR=") || text.starts_with("LC_") ||
                         text.starts_with("LANG=") || text.starts_with("LANGUAGE=");
    if (!is_ours) variables.push_back(text);
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

/// A pipe from a child, closed as a whole.
class Channel {
 public:
  Channel() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) ends_ = {-1, -1};
  }
  ~Channel() {
    close_reader();
    close_writer();
  }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  [[nodiscard]] int reader() const { return ends_[0]; }
  [[nodiscard]] int writer() const { return ends_[1]; }
  void close_reader() { close(ends_[0]); }
  void close_writer() { close(ends_[1]); }

 private:
  static void close(int& end) {
    if (end >= 0) ::close(end);
    end = -1;
  }
  std::array<int, 2> ends_{-1, -1};
};

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Watches over a child: kills it where the user or a limit wants it to end.
class Guard {
 public:
  Guard(pid_t pid, const ProcessLimits& limits) : pid_(pid), limits_(limits) {}

  void look() {
    if (interrupted()) end(Ending::kInterrupted);
    if (limits_.seconds > 0 && seconds() > limits_.seconds) end(Ending::kTimeLimit);
  }
  void end(Ending why) {
    if (ending_ == Ending::kExit) ending_ = why;
    ::kill(-pid_, SIGKILL);
  }
  [[nodiscard]] Ending ending() const { return ending_; }
  [[nodiscard]] double seconds() const { return seconds_since(start_); }

 private:
  pid_t pid_;
  ProcessLimits limits_;
  Ending ending_ = Ending::kExit;
  Clock::time_point start_ = Clock::now();
};

/// Everything the child prints, until it and its children closed both pipes or were killed. What is
/// printed beyond the limit before it is dead is thrown away.
void collect_output(std::array<Channel, 2>& channels, const ProcessLimits& limits, Guard& guard,
                    ProcessResult& result) {
  std::array<char, 65536> buffer{};
  std::array<pollfd, 2> waiting{{{channels[0].reader(), POLLIN, 0},  //
                                 {channels[1].reader(), POLLIN, 0}}};
  const std::array<std::string*, 2> texts = {&result.output, &result.errors};
  while (waiting[0].fd >= 0 || waiting[1].fd >= 0) {
    guard.look();
    const int ready = ::poll(waiting.data(), waiting.size(), kPollMilliseconds);
    if (ready < 0 && errno != EINTR) break;
    for (std::size_t i = 0; ready > 0 && i < waiting.size(); ++i) {
      if (waiting[i].fd < 0 || waiting[i].revents == 0) continue;
      const ssize_t count = ::read(waiting[i].fd, buffer.data(), buffer.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) {
        waiting[i].fd = -1;  // poll passes over it
        continue;
      }
      const std::size_t held = result.output.size() + result.errors.size();
      const std::size_t kept =
          std::min(static_cast<std::size_t>(count), limits.output_bytes - held);
      texts[i]->append(buffer.data(), kept);
      if (kept < static_cast<std::size_t>(count)) guard.end(Ending::kTooMuchOutput);
    }
  }
}

/// Waits for the end without reaping, so that the process number stays the child's meanwhile.
void wait_for_end(pid_t pid, Guard& guard) {
  for (;;) {
    siginfo_t info{};
    const int done = ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT | WNOHANG);
    if (done == 0 && info.si_pid == pid) return;
    if (done != 0 && errno != EINTR) return;
    guard.look();
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
  if (WIFSIGNALED(status)) result.ending = Ending::kSignal;
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
                 folder.ok() ? "`make tools` installs it" : folder.error().detail, Cause::kTool};
  }
  return Error{"tool", name, "a program on PATH",
               fmt::format("install the Debian package {}", debian_package(name)), Cause::kTool};
}

Result<ProcessResult> run_process(const std::vector<std::string>& argv, const fs::path& directory,
                                  const ProcessLimits& limits) {
  FEWBIT_CHECK(!argv.empty(), "run_process needs a program");
  FEWBIT_ASSIGN_OR_RETURN(program, find_tool(argv[0]));
  std::error_code ignored;
  if (!fs::is_directory(directory, ignored)) {
    return Error{"working directory", directory.string(), "a folder that exists", "",
                 Cause::kMachine};
  }
  ProcessResult result;
  if (interrupted()) {
    result.ending = Ending::kInterrupted;
    result.exit_code = kInterruptedExitCode;
    return result;
  }
  const std::vector<char*> arguments = pointers_to(argv);
  const std::vector<std::string> variables = child_environment();
  const std::vector<char*> environment = pointers_to(variables);
  std::array<Channel, 2> channels;
  if (channels[0].writer() < 0 || channels[1].writer() < 0) return start_error(argv[0], errno);

  RunningGroup group;
  const pid_t pid = spawn({program.c_str(), arguments.data(), environment.data(), directory.c_str(),
                           channels[0].writer(), channels[1].writer()},
                          group);
  const int failed = errno;
  for (Channel& channel : channels) channel.close_writer();
  if (pid == 0) return start_error(argv[0], failed);
  Guard guard(pid, limits);
  collect_output(channels, limits, guard, result);
  for (Channel& channel : channels) channel.close_reader();
  wait_for_end(pid, guard);
  group.release();
  reap(pid, result);
  if (guard.ending() != Ending::kExit && result.exit_code != 0) result.ending = guard.ending();
  if (interrupted() && result.exit_code != 0) result.ending = Ending::kInterrupted;
  if (result.ending == Ending::kInterrupted) result.exit_code = kInterruptedExitCode;
  result.seconds = guard.seconds();
  return result;
}

double take_peak_memory_mib() { return peak_memory.exchange(0); }

}  // namespace fewbit
