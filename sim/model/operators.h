// What each operator's outputs must be, bit for bit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "fewbit/sim/model/exact.h"

namespace fewbit::model {

class Reader;

/// The bits of every operand, in the order of operand_ports(spec); lane 0 is lowest.
using Operands = std::vector<BigInt>;

/// Outputs of one evaluation; of several results that share an operand each flag is of any. Where
/// an exact operator raises a flag, result is unspecified and result_defined is false; accumulators
/// always define it. mxquant leaves it unspecified where its scale is NaN.
struct Outputs {
  BigInt result;  ///< codes of output_format(spec), lane 0 lowest, unsigned
  bool result_defined = true;
  bool nan = false;
  bool pinf = false;
  bool ninf = false;
  BigInt scale;  ///< the bits of block_port(spec): mxquant's scale, squant's range
};

/// Any operator that does not accumulate. Zero signs: a product's is the XOR of the operands'
/// signs; a sum of zeros of equal sign keeps it, any other exact zero sum is +0 (-0 for
/// kTowardNegative), and so is every zero of dot and mxdot. An integer zero is +0. In `sub` the
/// sign of b is inverted first. NaN operand, 0 x inf, inf - inf: NaN.
class Function {
 public:
  explicit Function(const OperatorSpec& spec);
  [[nodiscard]] Outputs operator()(const Operands& operands) const;

 private:
  [[nodiscard]] Outputs one(const Reader& reader) const;

  OperatorSpec spec_;
  std::vector<OperandPort> ports_;
  Format output_;
};
/// The same for one operation.
Outputs evaluate(const OperatorSpec& spec, const Operands& operands);
Outputs evaluate(const OperatorSpec& spec, const BigInt& a, const BigInt& b);

/// The integer that a finite addend adds to an exact accumulator, in units of its lowest bit:
/// rounded where spec.acc_lsb says so.
BigInt addend_units(const OperatorSpec& spec, const Datum& addend);

/// Operators that accumulate, one accepted operation at a time.
class Accumulator {
 public:
  explicit Accumulator(const OperatorSpec& spec);
  void reset();
  /// first: starts a new sum with this addend (and clears the flags).
  /// Exact ones: a NaN or infinite addend sets its sticky flag and adds nothing; overflow wraps or
  /// saturates at each step as spec.overflow says.
  /// facc, fmac: acc = round(acc + addend), with `first` round(addend); after reset acc is +0. Of
  /// interleaved sums operations take turns, the first one after a reset that of the first sum.
  const Outputs& step(bool first, const Operands& operands);
  const Outputs& step(bool first, const BigInt& a, const BigInt& b);
  [[nodiscard]] const Outputs& outputs() const { return outputs_; }

 private:
  void add_exactly(const Datum& addend, BigInt& sum);
  void add_rounded(bool first, const Datum& addend, const BigInt& random);

  OperatorSpec spec_;
  std::vector<OperandPort> ports_;
  IntFormat format_;          // of an exact accumulator
  BigInt min_, max_;          // of an exact accumulator
  std::vector<BigInt> sums_;  // exact: in units of the lsb, one for each output; rounded: codes
  std::size_t turn_ = 0;      // whose turn it is, of interleaved sums
  Outputs outputs_;
};

}  // namespace fewbit::model
