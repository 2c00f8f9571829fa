// Reader: the operands of one operation, decoded.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "fewbit/sim/model/operators.h"

namespace fewbit::model {

class Reader {
 public:
  /// `ports` are operand_ports(spec); all three must outlive the reader. Of several outputs that
  /// share an operand it reads those of one.
  Reader(const OperatorSpec& spec, const std::vector<OperandPort>& ports, const Operands& operands,
         int output = 0);

  [[nodiscard]] bool has(Operand operand) const {
    return port_of_[static_cast<std::size_t>(operand)] >= 0;
  }
  /// An operand, or one lane of it, decoded, subnormals flushed where the spec says so.
  [[nodiscard]] Datum number(Operand operand, int lane = 0) const;
  [[nodiscard]] std::vector<Datum> lanes(Operand operand) const;
  /// The bits of an operand, all lanes.
  [[nodiscard]] const BigInt& code(Operand operand) const {
    return operands_[static_cast<std::size_t>(port_of_[static_cast<std::size_t>(operand)])];
  }
  /// The random bits, or 0 where there are none. They are the last port.
  [[nodiscard]] BigInt random() const;

 private:
  const OperatorSpec& spec_;
  const Operands& operands_;
  const std::vector<OperandPort>& ports_;
  int output_;
  std::array<int, kOperandCount> port_of_{};  // -1: the request lacks it
};

/// The exact value that an operator rounds, or an accumulator adds.
Datum exact_result(const OperatorSpec& spec, const Reader& reader);

/// mxquant. With m the largest magnitude of the block the scale is X = 2^(e - emax), where e is the
/// exponent of m by the scale policy and emax that of the element format's largest value, held in
/// 2^-127 .. 2^127; X is 2^-127 for a block of zeros. Elements are a / X, ties to even, saturating.
/// A NaN or infinite operand makes the scale NaN. File: mxquant.cc.
Outputs quantise_block(const OperatorSpec& spec, const Reader& reader);

/// squant. The block's least and largest number come out in `scale`, the largest above the least; a
/// code is the number of k, 1 <= k < 2^bits, with
///   (x - min) (2^bits - 1) + (2 r + 1) / 2^(R + 1) (max - min) >= k (max - min),
/// where x are the numbers, of floats cut off toward zero to multiples of 2^(e - F), and r are the
/// R random bits of the lane; 0 where max = min. A NaN or infinity gives codes 0 and NaN, or
/// infinity. File: squant.cc.
Outputs quantise_in_steps(const OperatorSpec& spec, const Reader& reader);

}  // namespace fewbit::model
