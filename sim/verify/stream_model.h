// The function of a clocked operator: a running sum, or one result for each operation.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "fewbit/sim/model/operators.h"

namespace fewbit::verify {

class StreamModel {
 public:
  explicit StreamModel(const OperatorSpec& spec) {
    if (spec.accumulates()) {
      sum_.emplace(spec);
    } else {
      function_.emplace(spec);
    }
  }
  [[nodiscard]] bool accumulates() const { return sum_.has_value(); }
  void reset() {
    if (sum_) sum_->reset();
  }
  void step(bool first, const model::Operands& operands) {
    outputs_ = sum_ ? sum_->step(first, operands) : (*function_)(operands);
  }
  [[nodiscard]] model::Outputs outputs() const { return sum_ ? sum_->outputs() : outputs_; }

 private:
  std::optional<model::Accumulator> sum_;
  std::optional<model::Function> function_;
  model::Outputs outputs_;
};

}  // namespace fewbit::verify
