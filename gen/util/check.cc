// FEWBIT_CHECK's failure path, and the text of an Error.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/util/check.h"

#include <cstdio>
#include <cstdlib>

#include "fewbit/gen/util/result.h"
#include "fewbit/gen/util/utf8.h"

namespace fewbit {

void fail_check(const char* file, int line, const char* condition, const std::string& message) {
  fmt::print(stderr, "fewbit: internal error at {}:{}: {} ({})\n", file, line, message, condition);
  std::abort();
}

std::string Error::message() const {
  std::string text =
      fmt::format("{}: '{}' is not valid", printable(field, false), printable(value, false));
  if (!legal.empty()) text += fmt::format("; legal: {}", legal);
  if (!detail.empty()) text += fmt::format(" ({})", detail);
  return text;
}

}  // namespace fewbit
