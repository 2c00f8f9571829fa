// Runs the fewbit binary as a user does: arguments, environment, exit code, both outputs, signals.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace fewbit {

struct Ending {
  int exit_code = -1;  ///< -signal where a signal ended it
  std::string out;
  std::string err;
};

inline std::string text_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// A child that runs the binary. Variables of `environment` are set over the test's own.
class CommandLine {
 public:
  CommandLine(const std::vector<std::string>& arguments, const std::filesystem::path& scratch,
              const std::vector<std::pair<std::string, std::string>>& environment = {})
      : out_(scratch / "stdout"), err_(scratch / "stderr") {
    pid_ = ::fork();
    if (pid_ != 0) return;
    for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
    ::dup2(::open(out_.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0644), STDOUT_FILENO);
    ::dup2(::open(err_.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0644), STDERR_FILENO);
    std::vector<std::string> words = arguments;
    words.insert(words.begin(), FEWBIT_BINARY);
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    ::execv(FEWBIT_BINARY, argv.data());
    ::_exit(127);
  }

  void interrupt() const { ::kill(pid_, SIGINT); }
  void kill() const { ::kill(pid_, SIGKILL); }

  /// Waits until `condition` holds; false when the child ended or a minute passed first.
  [[nodiscard]] bool wait_until(const std::function<bool()>& condition) const {
    for (int i = 0; i < 6000; ++i) {
      if (condition()) return true;
      siginfo_t info{};
      ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT | WNOHANG);
      if (info.si_pid == pid_) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  [[nodiscard]] Ending wait() const {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    const int code = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
    return {code, text_of(out_), text_of(err_)};
  }

 private:
  std::filesystem::path out_;
  std::filesystem::path err_;
  pid_t pid_ = 0;
};

}  // namespace fewbit
