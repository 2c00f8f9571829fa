// DotProduct: many dot products of codes, exact in the machine's integers, rounded once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "fewbit/sim/arrays/conversion.h"
#include "fewbit/sim/model/operators.h"

namespace fewbit::arrays {

/// A dot whose exact sum fits std::int64_t. The values of the codes, as integers in units of the
/// last place, are the model's; lanes with a NaN or an infinity go to the model as they are.
class DotProduct {
 public:
  /// Of a `dot` that does not accumulate. Nothing where the sum may not fit, or an operand or the
  /// result has more than 16 bits; an exact result may have 64.
  static std::optional<DotProduct> make(const OperatorSpec& spec);

  /// result[n]: the code of the dot product of a[n x lanes ..] and b[n x lanes ..], lanes of the
  /// spec; flags[n]: 1 NaN, 2 plus infinity, 4 minus infinity, of an exact result, which is 0 then.
  /// `random[n]`: of stochastic rounding, else not read.
  void run(const std::uint16_t* a, const std::uint16_t* b, const std::uint64_t* random,
           std::size_t count, std::uint64_t* result, std::uint8_t* flags) const;

 private:
  explicit DotProduct(const OperatorSpec& spec) : spec_(spec), model_(spec) {}
  model::Outputs by_model(const std::uint16_t* a, const std::uint16_t* b,
                          std::uint64_t random) const;

  OperatorSpec spec_;
  model::Function model_;
  int lsb_exponent_ = 0;                           // of the sum
  std::vector<std::int64_t> a_values_, b_values_;  // by code, 0 where it is not finite
  std::vector<std::uint8_t> a_special_, b_special_;
  std::optional<Conversion<double>> rounding_;
};

}  // namespace fewbit::arrays
