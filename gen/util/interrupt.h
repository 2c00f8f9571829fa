// The user's wish to end: signals as a flag, the programs that end with it, and the end itself.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <atomic>

#include "fewbit/gen/util/keeper.h"

namespace fewbit {

/// From now on this process ends well, whatever ends it. SIGINT, SIGTERM or SIGHUP (unless it is
/// ignored, as under nohup) sets the flag of interrupted() and ends running programs. Whoever looks
/// at the flag can end in order; 0.6 s later, or at a further signal, the process ends with exit
/// code 130 all the same. Signals within 0.2 s are one: `timeout` sends it twice. What is left of
/// programs, scratch folders and half-written sets of files is cleared away by a keeper, also after
/// SIGKILL or a crash. The caller has one thread.
void install_interrupt_handler();

/// The same for a worker, a fork that ends with _exit, where its caller has done it: a keeper of
/// its own, and half the time.
void install_interrupt_handler_in_worker();

bool interrupted();

/// "fewbit: interrupted" on stderr, once.
void say_interrupted();

/// A program in a process group of its own, which ends with this process and at an interrupt.
class RunningGroup {
 public:
  RunningGroup() : duty_(Duty::for_group()) {}
  ~RunningGroup() { release(); }
  RunningGroup(const RunningGroup&) = delete;
  RunningGroup& operator=(const RunningGroup&) = delete;
  /// By the child, before it becomes the program; false where it must not.
  [[nodiscard]] bool announce(pid_t group) const noexcept { return duty_.tell_group(group); }
  /// By the parent.
  void started(pid_t group);
  /// Before the child is reaped: afterwards its number may belong to another process.
  void release();

 private:
  Duty duty_;
  std::atomic<pid_t>* slot_ = nullptr;
};

}  // namespace fewbit
