// JoinSpec, ArgmaxSpec: the sum of two streams of integers, and the place of the largest.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit {

/// What brings an operand to the unit of the sum: round(value * multiplier / 2^shift), to nearest,
/// ties to even, saturating.
struct Scaling {
  long long multiplier = 1;
  long long shift = 0;
};

/// What the user wrote; empty or absent = default.
struct JoinRequest {
  std::string format{};  ///< a signed integer
  long long lanes = 1;
  std::optional<Scaling> left{}, right{};  ///< absent: in the unit of the sum already
  std::optional<long long> least{}, most{};
  std::string dsp{};
  std::string name{};
  Fabric fabric = Fabric::kIce40;
};

/// y = min(most, max(least, left + right)) of the scaled operands, in the operands' format, whose
/// ends are the bounds where none are given.
struct JoinSpec {
  Format format = IntFormat{};
  int lanes = 1;
  std::optional<Scaling> left, right;
  long long least = 0, most = 0;
  OperatorSpec scale;  ///< looked at where an operand is scaled
  OperatorSpec add;
  std::string module_name;
};

/// Checks every field.
Result<JoinSpec> make_join_spec(const JoinRequest& request);

/// What the user wrote.
struct ArgmaxRequest {
  std::string format{};  ///< an integer
  long long classes = 2;
  std::string name{};
};

/// The number of the largest of `classes` values, the first of equals.
struct ArgmaxSpec {
  Format format = IntFormat{};
  int classes = 2;
  std::string module_name;
};

/// Checks every field.
Result<ArgmaxSpec> make_argmax_spec(const ArgmaxRequest& request);

}  // namespace fewbit
