// What matvec must answer: exact sums of decoded numbers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "fewbit/gen/spec/matvec_spec.h"
#include "fewbit/sim/model/blocks/blocks.h"

namespace fewbit::model {

class Matvec {
 public:
  explicit Matvec(const MatvecSpec& spec);
  /// With weights that were loaded.
  Matvec(const MatvecSpec& spec, const std::vector<Code>& weights);

  /// The sums of one vector of spec.terms codes, spec.outputs of them, in units of
  /// spec.sum_format().
  [[nodiscard]] std::vector<BigInt> operator()(const std::vector<Code>& x) const;

 private:
  MatvecSpec spec_;
  int lsb_exponent_;
  std::vector<BigInt> weights_;  // in units of the weights' least exponent
};

/// The packet that loads weights, w[c][k] number c * terms + k: see WeightLoader of gen/blocks.
Beats weight_packet(const MatvecSpec& spec, const std::vector<Code>& weights);

/// What a packet of weights comes to.
enum class Loaded { kRight, kWrongLength, kWrongSums };
Loaded loaded(const MatvecSpec& spec, const Beats& packet);

}  // namespace fewbit::model
