// Accumulators of linear layers that are not exact: too narrow, or rounding at each step.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fewbit/gen/spec/operator_spec.h"
#include "fewbit/quant/linear.h"

namespace fewbit::quant {

/// Bits of an accumulator of integers or fixed point.
struct AccumulatorWidth {
  int bits = 0;              ///< of every layer; or, relative, how many fewer than
  bool below_exact = false;  ///< the least width that the layer's sums cannot overflow
  bool operator==(const AccumulatorWidth&) const = default;
};

/// What sums are collected in. Without a format and a width: exactly.
struct AccumulatorOptions {
  std::optional<Format> format;           ///< as in `fmac --result FORMAT`: rounds at each step
  bool fit_bias = false;                  ///< each layer's bias such that its sums do not overflow
  std::optional<AccumulatorWidth> width;  ///< as in `mac --acc-width N`
  int lanes = 1;         ///< products that are summed exactly before each step, as by `dot`
  std::string overflow;  ///< word of `fmac` or `mac`; "" their default

  [[nodiscard]] bool is_exact() const { return !format && !width; }
};

/// Errors that depend on no layer: both a format and a width, a format other than a signed float,
/// an overflow that the format has not or that nothing asks for, lanes without a width; operands in
/// blocks.
Status check_accumulator(const AccumulatorOptions& options, bool has_blocks);

/// The `mac`, `dot` or `fmac` that computes a layer's sums from operands of these formats, none of
/// whose sums exceeds `greatest_sum` units. A width below exact is at least that of one addend,
/// which no mac goes below. Errors: those of the operator, a fixed width below that of one addend
/// above all.
Result<OperatorSpec> accumulator_spec(const AccumulatorOptions& options, const Format& left,
                                      const Format& right, double greatest_sum);

/// An exact accumulator that no sum of up to `greatest_sum` units overflows.
bool holds(const OperatorSpec& spec, double greatest_sum);

/// "22 bits, saturate" or "e5m10b20ieee, infinity"
std::string accumulator_text(const OperatorSpec& spec);

/// What the accumulator `spec` holds behind the last product of each sum, in units of the products
/// (the least step of the left format times that of the right one), rounded to binary64 where it
/// has more than 53 bits. Operands are finite numbers of the formats in units. Products come in the
/// order of ONNX weights: input channel by input channel, then rows and columns of the window,
/// zeros outside the image included; along the common axis of matrices. The first one starts the
/// sum. Rounding is to nearest, ties to even. Infinity and NaN stay, as in `fmac`.
std::vector<double> accumulated_sums(const LinearCall& call, const OperatorSpec& spec,
                                     const std::vector<double>& left,
                                     const std::vector<double>& right, double greatest_sum);

}  // namespace fewbit::quant
