// One sum of a linear layer by the bit-exact model of an accumulator.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "fewbit/quant/number_grid.h"
#include "fewbit/sim/model/operators.h"
#include "fewbit/tests/dot_products.h"

namespace fewbit::quant {

/// Codes of left and right operands, in the order in which they meet.
using OperandCodes = std::vector<std::pair<Code, Code>>;

/// Of output element `place`; outside the image is zero.
inline OperandCodes operand_codes(const LinearCall& call, std::size_t place,
                                  const NumberGrid& left_grid, const NumberGrid& right_grid,
                                  const std::vector<double>& left,
                                  const std::vector<double>& right) {
  OperandCodes codes;
  for (const auto& [l, r] : dot_product(call, place)) {
    const double own = l < 0 ? 0.0 : left[static_cast<std::size_t>(l)];
    codes.emplace_back(left_grid.code_of(own),
                       right_grid.code_of(right[static_cast<std::size_t>(r)]));
  }
  return codes;
}

/// Bits of a `mac`, `dot` or `fmac` behind these operands; zeros fill the lanes of the last step.
inline BigInt sum_by_model(const OperatorSpec& spec, const OperandCodes& codes) {
  model::Accumulator accumulator(spec);
  const auto lanes = static_cast<std::size_t>(spec.lanes);
  for (std::size_t first = 0; first < codes.size(); first += lanes) {
    BigInt left = 0;
    BigInt right = 0;
    for (std::size_t lane = 0; lane < std::min(lanes, codes.size() - first); ++lane) {
      left |= BigInt(codes[first + lane].first) << static_cast<int>(lane) * spec.a.bits();
      right |= BigInt(codes[first + lane].second) << static_cast<int>(lane) * spec.b->bits();
    }
    accumulator.step(first == 0, left, right);
  }
  return accumulator.outputs().result;
}

/// What the accumulator's bits stand for, in units of products, rounded to binary64.
inline double in_products(const OperatorSpec& spec, const BigInt& bits) {
  const auto lsb = [](const Format& format) {
    return format.is_int() ? format.as_int().lsb_exponent : format.as_float().lsb_exponent();
  };
  const model::Datum datum = model::decode(output_format(spec), bits);
  if (datum.is_nan()) return std::numeric_limits<double>::quiet_NaN();
  double magnitude = std::numeric_limits<double>::infinity();
  if (datum.is_finite()) {
    const auto significand = static_cast<double>(datum.value.significand.convert_to<__int128>());
    magnitude =
        std::abs(std::ldexp(significand, datum.value.exponent - lsb(spec.a) - lsb(*spec.b)));
  }
  return datum.negative ? -magnitude : magnitude;
}

/// The same number, and the same zero where the accumulator has two.
inline bool is_same_sum(const OperatorSpec& spec, double sum, double other) {
  if (std::isnan(sum) || std::isnan(other)) return std::isnan(sum) && std::isnan(other);
  const Format format = output_format(spec);
  const bool has_two_zeros = format.is_float() && format.as_float().has_negative_zero();
  return sum == other && (!has_two_zeros || std::signbit(sum) == std::signbit(other));
}

}  // namespace fewbit::quant
