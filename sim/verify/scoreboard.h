// Comparing a subject's outputs with what the model says, and writing down the differences.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "fewbit/sim/model/operators.h"
#include "fewbit/sim/verify/bench.h"

namespace fewbit::verify {

/// Mismatches beyond these are counted, not kept.
constexpr std::size_t kMismatchesKept = 5;

/// Where in the stimulus a comparison happens.
struct Context {
  std::uint64_t cycle = 0;
  std::string_view phase;
  const model::Operands* operands = nullptr;
};

/// Result (where defined) and flags.
void check_outputs(const Slot& slot, const model::Outputs& expected, const Context& context);
void check_valid(const Slot& slot, bool expected, const Context& context);
/// Where the design has the port.
void check_ready(const Slot& slot, bool expected, const Context& context);
/// A register or net of the design that should be known by now and is X.
void record_unknown_state(const Slot& slot, const std::string& name, const Context& context);
void check_tag(const Slot& slot, std::uint64_t expected, const Context& context);

}  // namespace fewbit::verify
