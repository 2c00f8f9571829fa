// Tuned: which strategy and synthesis flow measured best for a request, from gen/spec/tuned.json.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit {

/// What is best: the least area in LUTs, the shortest path, or the least product of both.
enum class Goal { kArea, kSpeed, kBalanced };
inline constexpr Goal kGoals[] = {Goal::kArea, Goal::kSpeed, Goal::kBalanced};
std::string_view to_string(Goal goal);
Result<Goal> parse_goal(const std::string& text);

struct TunedChoice {
  Strategy strategy = Strategy::kAuto;
  std::string flow;    ///< of `target`
  std::string target;  ///< on which it was measured
};
/// One line of the data.
struct TunedRow {
  std::string request;  ///< as tuned_request() names it
  Fabric fabric = Fabric::kIce40;
  Goal goal = Goal::kArea;
  TunedChoice choice;
};
const std::vector<TunedRow>& tuned_rows();

/// What the data know a request by: "mac --a int4 --b int4". Length of the sum, overflow, reset,
/// handshake, tag and latency are not part of it: they change no product.
std::string tuned_request(const OperatorSpec& spec);

/// The best for this request on its fabric; nothing where it was not measured, or where the
/// strategy does not serve the request.
std::optional<TunedChoice> tuned_choice(const OperatorSpec& spec, Goal goal);

}  // namespace fewbit
