// GPTQ: rounding weights one by one, so that later ones make up for the error of earlier ones.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "fewbit/quant/number_grid.h"

namespace fewbit::quant {

/// What rounding the weights of one sum costs: U with U^T U = (H + d I)^-1 for the second moments
/// H of its inputs, row-major and upper triangular. d is 0.01 of H's mean diagonal.
class GptqFactor {
 public:
  /// `moments` is [terms, terms], symmetric. An Error where the damped matrix has no factor: values
  /// so large or so different that rounding errors outweigh the damping.
  static Result<GptqFactor> make(std::span<const double> moments, std::size_t terms);

  /// Rounds the weights of one output channel to the grid, in units of `scale`, in their order; the
  /// error of each is spread over the weights behind it (Frantar et al., arXiv 2210.17323). The
  /// grid is used as it is, integer or minifloat.
  [[nodiscard]] std::vector<double> round(const NumberGrid& grid, double scale,
                                          std::vector<double> weights) const;
  /// The same with a scale for each weight; with a scale of 0 it is 0.
  [[nodiscard]] std::vector<double> round(const NumberGrid& grid, std::span<const double> scales,
                                          std::vector<double> weights) const;

 private:
  explicit GptqFactor(std::size_t terms) : terms_(terms) {}

  std::size_t terms_;
  std::vector<double> factor_;
};

}  // namespace fewbit::quant
