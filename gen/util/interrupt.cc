// Signals: a flag, and the end of every running process group.
// SPDX-License-Identifier: Apache-2.0
#include "gen/util/interrupt.h"

#include <signal.h>

#include <array>
#include <cerrno>

namespace fewbit {
namespace {

// What the signal handler touches: lock-free atomics alone.
std::atomic<bool> interrupt_flag{false};
std::array<std::atomic<pid_t>, 256> running_groups{};

void kill_running_groups() {
  for (const std::atomic<pid_t>& group : running_groups) {
    if (const pid_t pid = group.load(); pid > 0) ::kill(-pid, SIGKILL);
  }
}

void on_interrupt(int signal_number) {
  const int saved_errno = errno;
  const bool second = interrupt_flag.exchange(true);
  kill_running_groups();
  if (second) {  // the user insists: end at once, as the signal would have
    ::signal(signal_number, SIG_DFL);
    ::raise(signal_number);
  }
  errno = saved_errno;
}

}  // namespace

RunningGroup::RunningGroup(pid_t pid) {
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
}

void install_interrupt_handler() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() { return interrupt_flag.load(); }

}  // namespace fewbit
