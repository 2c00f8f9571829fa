// Exact sums of products too wide for one product of matrices.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "fewbit/quant/linear.h"

namespace fewbit::quant {

/// All integers up to this magnitude are exact in binary32.
inline constexpr double kExactInFloat = 16777216.0;
/// All integers up to this magnitude are exact in binary64.
inline constexpr double kExactInDouble = 9007199254740992.0;

/// Exact sums of products of integers of up to 33 bits and a sign each, for operands in any unit:
/// by one product of doubles where `greatest_sum` fits 53 bits, else by products of halves, which
/// hold sums of up to 2^19 products.
std::vector<__int128> exact_sums(const LinearCall& call, const std::vector<double>& left,
                                 const std::vector<double>& right, double greatest_sum);

/// A sum of doubles without any error, kept as doubles that do not overlap (Shewchuk, Discrete &
/// Computational Geometry 18, 1997). No addend and no sum of some of them overflows.
class ExactSum {
 public:
  void add(double x);
  /// Adds x y, neither overflowing nor losing bits below 2^-1074.
  void add_product(double x, double y);
  /// The sum rounded once, ties to even.
  [[nodiscard]] double rounded() const;

 private:
  std::vector<double> parts_;  // of growing magnitude
};

/// Element `place` of the result: the exact sum of products rounded to binary64, ties to even.
double exact_sum(const LinearCall& call, const std::vector<double>& left,
                 const std::vector<double>& right, std::size_t place);

/// No product of doubles of `terms` terms, in any order, with or without fused multiply-add, is
/// farther from the exact sum than this where the magnitudes of its products sum up to `magnitude`
/// at most; the rounding of a number that is moved by it included.
double error_bound(std::int64_t terms, double magnitude);

}  // namespace fewbit::quant
