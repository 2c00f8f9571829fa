// Magnitude codes: the numbers of a small minifloat as integers, for tables that builders compute.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit::ops {

/// The magnitudes of a minifloat all of whose codes are finite, in units of its least number, and
/// the way back. Subnormal codes are zeros where the spec flushes them.
class MagnitudeCodes {
 public:
  /// Of the result's format, which the operands have too.
  explicit MagnitudeCodes(const OperatorSpec& spec);

  /// What the operand `code` counts as.
  [[nodiscard]] unsigned operand(unsigned code) const;
  /// The code nearest to exact x 2^-places, ties to even, at most the largest one.
  [[nodiscard]] unsigned nearest(unsigned exact, int places) const;
  /// Bits of the largest magnitude.
  [[nodiscard]] int value_bits() const;

 private:
  [[nodiscard]] bool is_subnormal(unsigned code) const { return code >> fraction_bits_ == 0; }
  [[nodiscard]] unsigned value(unsigned code) const;

  int fraction_bits_;
  unsigned max_code_;
  bool flush_operands_, flush_results_;
};

}  // namespace fewbit::ops
