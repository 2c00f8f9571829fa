// Steps of long work that has no other measure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "fewbit/cli/console.h"
#include "fewbit/cli/meter.h"
#include "fewbit/cli/terminal.h"

namespace fewbit::cli {

/// On a terminal in one line that goes at their end, elsewhere a line for each.
class Steps {
 public:
  explicit Steps(const Console& console) : console_(console) {}
  void begin(const std::string& step) {
    if (terminal_columns() == 0) {
      console_.note(step);
      return;
    }
    if (!meter_) meter_.emplace("build");
    meter_->at(step);
  }
  /// Before anything else is printed.
  void end() { meter_.reset(); }

 private:
  const Console& console_;
  std::optional<Meter> meter_;
};

}  // namespace fewbit::cli
