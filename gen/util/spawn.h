// Starting a program, known to the keeper before it is the program.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include "fewbit/gen/util/interrupt.h"

namespace fewbit {

struct SpawnRequest {
  const char* program = nullptr;     ///< path
  char* const* arguments = nullptr;  ///< the program's name first, nullptr last
  char* const* environment = nullptr;
  const char* directory = nullptr;  ///< in which it begins
  int output = -1, errors = -1;     ///< files that become its stdout and stderr; stdin is empty
};

/// Starts the program in a process group of its own, with signals as a program expects them. Its
/// process number, or 0 and `errno`. posix_spawn would do, but for the group's announcement: a
/// process that is killed between a start and telling of it leaves an orphan.
pid_t spawn(const SpawnRequest& request, RunningGroup& group);

}  // namespace fewbit
