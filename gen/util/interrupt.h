// The user's wish to end: signals as a flag, and the child processes that end with it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <atomic>

namespace fewbit {

/// First SIGINT or SIGTERM sets a flag that interrupted() reports and that ends running children.
void install_interrupt_handler();
bool interrupted();

/// A child's process group, which an interrupt kills, for as long as this lives.
class RunningGroup {
 public:
  explicit RunningGroup(pid_t pid);
  ~RunningGroup() { release(); }
  RunningGroup(const RunningGroup&) = delete;
  RunningGroup& operator=(const RunningGroup&) = delete;
  /// Before the child is reaped: afterwards its number may belong to another process.
  void release();

 private:
  std::atomic<pid_t>* slot_ = nullptr;
};

}  // namespace fewbit
