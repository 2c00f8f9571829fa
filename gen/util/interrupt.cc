// Signals: a flag, the end of every running program, and of the process itself.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/util/interrupt.h"

#include <semaphore.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <string_view>
#include <thread>

namespace fewbit {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kGrace = 600ms;        // for whoever looks at the flag
constexpr auto kWorkerGrace = 300ms;  // its caller waits for it
constexpr auto kSameSignal = 200ms;   // GNU timeout signals its child, then the child's group
constexpr int kInterruptedExitCode = 130;

// What the signal handler touches: lock-free atomics and a semaphore alone.
std::atomic<bool> interrupt_flag{false};
std::array<std::atomic<pid_t>, 256> running_groups{};
sem_t signals;
bool installed = false;

void kill_running_groups() {
  for (const std::atomic<pid_t>& group : running_groups) {
    if (const pid_t pid = group.load(); pid > 0) ::kill(-pid, SIGKILL);
  }
}

void on_interrupt(int) {
  const int saved_errno = errno;
  interrupt_flag = true;
  kill_running_groups();
  ::sem_post(&signals);
  errno = saved_errno;
}

/// Waits for a signal; false where none comes in time.
bool wait_for_signal(Clock::time_point until) {
  const auto left = until.time_since_epoch();
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(left);
  const timespec time{whole.count(), std::chrono::nanoseconds(left - whole).count()};
  int failed = 0;
  while ((failed = ::sem_clockwait(&signals, CLOCK_MONOTONIC, &time)) != 0 && errno == EINTR) {
  }
  return failed == 0;
}

/// The life of a thread: waits for the first signal, then for the end of the grace or another one.
[[noreturn]] void watch(std::chrono::milliseconds grace) {
  while (::sem_wait(&signals) != 0) {
  }
  const Clock::time_point first = Clock::now();
  while (wait_for_signal(first + grace) && Clock::now() < first + kSameSignal) {
  }
  say_interrupted();
  kill_running_groups();
  let_keeper_finish();
  ::_exit(kInterruptedExitCode);
}

void install(std::chrono::milliseconds grace) {
  start_keeper();
  ::sem_init(&signals, 0, interrupted() ? 1 : 0);
  std::thread(watch, grace).detach();
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  struct sigaction hangup {};
  ::sigaction(SIGHUP, nullptr, &hangup);
  if (hangup.sa_handler != SIG_IGN) ::sigaction(SIGHUP, &action, nullptr);
}

}  // namespace

void install_interrupt_handler() {
  installed = true;
  install(kGrace);
  std::atexit(let_keeper_finish);
}

void install_interrupt_handler_in_worker() {
  if (!installed) return;
  for (std::atomic<pid_t>& group : running_groups) group = 0;  // the caller's
  install(kWorkerGrace);
}

bool interrupted() { return interrupt_flag.load(); }

void say_interrupted() {
  static std::atomic<bool> said{false};
  constexpr std::string_view kText = "fewbit: interrupted\n";
  if (!said.exchange(true)) {
    static_cast<void>(::write(STDERR_FILENO, kText.data(), kText.size()) > 0);
  }
}

void RunningGroup::started(pid_t pid) {
  for (std::atomic<pid_t>& group : running_groups) {
    pid_t empty = 0;
    if (group.compare_exchange_strong(empty, pid)) {
      slot_ = &group;
      return;
    }
  }
}

void RunningGroup::release() {
  if (slot_ != nullptr) slot_->store(0);
  slot_ = nullptr;
  duty_.release();
}

}  // namespace fewbit
