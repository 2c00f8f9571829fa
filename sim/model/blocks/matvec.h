// What matvec must answer: exact sums of decoded numbers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "fewbit/gen/spec/matvec_spec.h"

namespace fewbit::model {

class Matvec {
 public:
  explicit Matvec(const MatvecSpec& spec);

  /// The sums of one vector of spec.terms codes, spec.outputs of them, in units of
  /// spec.sum_format().
  [[nodiscard]] std::vector<BigInt> operator()(const std::vector<Code>& x) const;

 private:
  MatvecSpec spec_;
  int lsb_exponent_;
  std::vector<BigInt> weights_;  // in units of the weights' least exponent
};

}  // namespace fewbit::model
