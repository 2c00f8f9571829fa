// Starting a program: see spawn.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/util/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace fewbit {
namespace {

/// In the child, which has the parent's memory until it is the program: system calls alone. Returns
/// where one failed.
void become(const SpawnRequest& request, const RunningGroup& group, const sigset_t& mask) {
  if (::setpgid(0, 0) != 0 || !group.announce(::getpid())) return;
  struct sigaction by_default {};
  by_default.sa_handler = SIG_DFL;
  for (const int number : {SIGINT, SIGTERM, SIGPIPE}) ::sigaction(number, &by_default, nullptr);
  struct sigaction hangup {};
  ::sigaction(SIGHUP, nullptr, &hangup);
  if (hangup.sa_handler != SIG_IGN) ::sigaction(SIGHUP, &by_default, nullptr);  // not under nohup
  const int streams[] = {::open("/dev/null", O_RDONLY | O_CLOEXEC), request.output, request.errors};
  int moved[3];  // out of the way of each other, where the user closed a standard stream of ours
  for (int i = 0; i < 3; ++i) moved[i] = ::fcntl(streams[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  for (int i = 0; i < 3; ++i) {
    if (moved[i] < 0 || ::dup2(moved[i], i) < 0) return;
  }
  if (::chdir(request.directory) != 0) return;
  ::sigprocmask(SIG_SETMASK, &mask, nullptr);
  ::execve(request.program, request.arguments, request.environment);
}

}  // namespace

pid_t spawn(const SpawnRequest& request, RunningGroup& group) {
  // No handler of ours runs in the child.
  sigset_t all, mask;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &mask);
  volatile int failed = 0;
  const pid_t pid = ::vfork();  // fork would copy the tables of a large process's memory
  if (pid == 0) {
    errno = 0;
    become(request, group, mask);
    failed = errno == 0 ? EINTR : errno;
    ::_exit(127);
  }
  if (pid < 0) failed = errno;
  ::pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  if (pid > 0 && failed == 0) {
    group.started(pid);
    return pid;
  }
  if (pid > 0) ::waitpid(pid, nullptr, 0);
  errno = failed;
  return 0;
}

}  // namespace fewbit
