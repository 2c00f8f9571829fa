// Worker pool: see worker_pool.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/sweep/worker_pool.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <new>
#include <optional>
#include <thread>
#include <vector>

#include "fewbit/gen/util/interrupt.h"

namespace fewbit::sweep {
namespace {

constexpr int kDone = 0;
constexpr int kFatal = 3;  // the shared block has the Error
constexpr int kMostWorkers = 256;
constexpr std::size_t kNone = static_cast<std::size_t>(-1);
constexpr auto kTick = std::chrono::milliseconds(50);

/// What caller and workers share: fields of an Error, and numbers.
struct Shared {
  std::atomic<std::size_t> next{0};
  std::atomic<long long> finished{0};
  std::atomic<bool> has_error{false};
  std::array<std::array<char, 1024>, 4> error{};
  std::array<std::atomic<std::size_t>, kMostWorkers> batch{};
};

void copy_text(const std::string& text, std::array<char, 1024>& target) {
  const std::size_t size = std::min(text.size(), target.size() - 1);
  std::memcpy(target.data(), text.data(), size);
  target[size] = '\0';
}

/// The last line of what a worker wrote to its stderr.
std::string last_line(int file) {
  std::array<char, 4096> buffer{};
  const off_t size = ::lseek(file, 0, SEEK_END);
  const off_t begin = std::max<off_t>(0, size - static_cast<off_t>(buffer.size()));
  const ssize_t count = ::pread(file, buffer.data(), buffer.size(), begin);
  std::string text(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(0, count)));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const std::size_t newline = text.rfind('\n');
  return newline == std::string::npos ? text : text.substr(newline + 1);
}

/// A signal from outside, a page that the disk had no room for, or memory that was not to be had.
bool is_accident(int status, const std::string& message) {
  const int number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  return number == SIGKILL || number == SIGTERM || number == SIGHUP || number == SIGINT ||
         number == SIGBUS || message.find("bad_alloc") != std::string::npos;
}

class Pool {
 public:
  Pool(const PoolWork& pool, Shared& shared) : pool_(pool), shared_(shared) {}
  ~Pool() {
    for (const Worker& worker : workers_) ::close(worker.messages);
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  Result<std::map<std::size_t, Crash>> run() {
    const auto wanted = std::min<std::size_t>(
        {static_cast<std::size_t>(pool_.workers), pool_.batches, std::size_t{kMostWorkers}});
    for (std::size_t i = 0; i < wanted; ++i) {
      workers_.push_back({0, ::memfd_create("fewbit-worker", MFD_CLOEXEC)});
      start(i);
    }
    while (std::any_of(workers_.begin(), workers_.end(),
                       [](const Worker& worker) { return worker.pid > 0; })) {
      for (std::size_t i = 0; i < workers_.size(); ++i) look_at(i);
      if (!stopping_ && (interrupted() || shared_.has_error || error_)) {
        stopping_ = true;
        for (const Worker& worker : workers_) {
          if (worker.pid > 0) ::kill(worker.pid, SIGTERM);
        }
      }
      if (pool_.tick) pool_.tick(shared_.finished);
      std::this_thread::sleep_for(kTick);
    }
    if (error_) return *error_;
    if (shared_.has_error) {
      const auto& text = shared_.error;
      return Error{text[0].data(), text[1].data(), text[2].data(), text[3].data()};
    }
    return crashed_;
  }

 private:
  struct Worker {
    pid_t pid = 0;
    int messages = -1;  ///< file of its stderr
  };

  void start(std::size_t index) {
    shared_.batch[index] = kNone;
    const pid_t caller = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) {
      error_ = Error{"worker", std::to_string(index), "a process that can be started",
                     std::strerror(errno)};
    } else if (pid == 0) {
      ::setpgid(0, 0);  // a terminal's interrupt reaches the caller, which tells its workers once
      ::prctl(PR_SET_PDEATHSIG, SIGTERM);
      if (::getppid() != caller) ::_exit(kDone);
      ::dup2(workers_[index].messages, STDERR_FILENO);
      install_interrupt_handler_in_worker();
      ::_exit(work(index));
    } else {
      workers_[index].pid = pid;
    }
  }

  /// In the worker.
  int work(std::size_t index) {
    const auto finished = [this](int count) { shared_.finished += count; };
    for (std::size_t i = shared_.next++; i < pool_.batches && !interrupted() && !shared_.has_error;
         i = shared_.next++) {
      shared_.batch[index] = i;
      const Status status = pool_.work(i, finished);
      if (!status.ok() && !interrupted()) {
        if (!shared_.has_error.exchange(true)) {
          const Error& error = status.error();
          copy_text(error.field, shared_.error[0]);
          copy_text(error.value, shared_.error[1]);
          copy_text(error.legal, shared_.error[2]);
          copy_text(error.detail, shared_.error[3]);
        }
        return kFatal;
      }
      shared_.batch[index] = kNone;
    }
    return kDone;
  }

  /// Notices an end; a crash is written down and a new worker takes over.
  void look_at(std::size_t index) {
    Worker& worker = workers_[index];
    int status = 0;
    if (worker.pid <= 0 || ::waitpid(worker.pid, &status, WNOHANG) != worker.pid) return;
    worker.pid = 0;
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    const std::size_t batch = shared_.batch[index];
    if (code == kDone || code == kFatal || stopping_ || interrupted()) return;
    const std::string how = WIFSIGNALED(status)
                                ? fmt::format("ended by signal {}", WTERMSIG(status))
                                : fmt::format("ended with exit code {}", code);
    const std::string message = last_line(worker.messages);
    if (batch != kNone) {
      crashed_[batch] = {"worker " + how + (message.empty() ? "" : ": " + message),
                         is_accident(status, message)};
    }
    if (::ftruncate(worker.messages, 0) != 0 || ::lseek(worker.messages, 0, SEEK_SET) != 0) return;
    start(index);
  }

  const PoolWork& pool_;
  Shared& shared_;
  std::vector<Worker> workers_;
  std::map<std::size_t, Crash> crashed_;
  std::optional<Error> error_;  ///< no worker could be started
  bool stopping_ = false;       ///< workers were told to end
};

}  // namespace

Result<std::map<std::size_t, Crash>> run_pool(const PoolWork& pool) {
  FEWBIT_CHECK(pool.work != nullptr, "a pool without work");
  void* memory =
      ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    return Error{"worker", "shared memory", "memory that can be mapped", std::strerror(errno)};
  }
  auto* shared = new (memory) Shared;
  auto crashed = Pool(pool, *shared).run();
  ::munmap(memory, sizeof(Shared));
  return crashed;
}

}  // namespace fewbit::sweep
