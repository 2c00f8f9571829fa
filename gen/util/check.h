// FEWBIT_CHECK: a broken invariant stops the program at once and says where.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <string>

namespace fewbit {

/// Prints place, condition and message to stderr and aborts. For bugs in fewbit, never for bad
/// input.
[[noreturn]] void fail_check(const char* file, int line, const char* condition,
                             const std::string& message);

}  // namespace fewbit

#define FEWBIT_CHECK(condition, ...)                                                    \
  do {                                                                                  \
    if (!(condition)) {                                                                 \
      ::fewbit::fail_check(__FILE__, __LINE__, #condition, ::fmt::format(__VA_ARGS__)); \
    }                                                                                   \
  } while (false)
