// What join and argmax must answer.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "fewbit/gen/spec/join_spec.h"

namespace fewbit::model {

/// The sum of two values.
BigInt joined(const JoinSpec& spec, const BigInt& left, const BigInt& right);
/// The number of the largest, the first of equals.
int argmax(const std::vector<BigInt>& values);

}  // namespace fewbit::model
