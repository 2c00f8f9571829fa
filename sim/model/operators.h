// What each operator's outputs must be, bit for bit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/model/exact.h"

namespace fewbit::model {

/// Outputs of one evaluation. Where an exact combinational operator raises a flag, result is
/// unspecified and result_defined is false. Accumulators always define it.
struct Outputs {
  BigInt result;  ///< code of output_format(spec), width bits, unsigned
  bool result_defined = true;
  bool nan = false;
  bool pinf = false;
  bool ninf = false;
};

/// mul, add, sub of two codes. Zero signs: a product's is the XOR of the operands' signs; a sum of
/// zeros of equal sign keeps it, any other exact zero sum is +0 (-0 for kTowardNegative). An
/// integer zero is +0. In `sub` the sign of b is inverted first. NaN operand, 0 x inf, inf - inf:
/// NaN.
Outputs evaluate(const OperatorSpec& spec, const BigInt& a, const BigInt& b);

/// acc and mac, one accepted operand (pair) at a time.
class Accumulator {
 public:
  explicit Accumulator(const OperatorSpec& spec);
  void reset();
  /// first: starts a new sum with this addend (and clears the flags). A NaN or infinite addend sets
  /// its sticky flag and adds nothing. Overflow wraps or saturates at each step as spec.overflow
  /// says.
  const Outputs& step(bool first, const BigInt& a, const BigInt& b);
  [[nodiscard]] const Outputs& outputs() const { return outputs_; }

 private:
  OperatorSpec spec_;
  IntFormat format_;  // of the accumulator
  BigInt min_, max_;  // of the accumulator
  BigInt sum_;        // in units of the accumulator's lsb
  Outputs outputs_;
};

}  // namespace fewbit::model
