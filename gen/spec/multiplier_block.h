// Multiplier blocks: what the hard multipliers of each fabric take, and how products fit into one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit {

/// One block multiplies wide_bits x narrow_bits. Where `is_signed_only` these are two's complement,
/// and an unsigned factor has a bit less.
struct MultiplierBlock {
  std::string name;  ///< "SB_MAC16"
  int wide_bits = 0;
  int narrow_bits = 0;
  bool is_signed_only = false;
  /// Yosys makes lookup tables of a product of fewer bits.
  int least_product_bits = 0;

  /// Whether factors of these widths fit into one block.
  [[nodiscard]] bool holds(int a_bits, bool a_signed, int b_bits, bool b_signed) const;
};
const MultiplierBlock& multiplier_block(Fabric fabric);

/// A factor of a significand product: bits, two's complement or unsigned.
struct FactorShape {
  int bits = 0;
  bool is_signed = false;
};
/// What an operand becomes before it is multiplied: a minifloat's significand with the hidden bit;
/// an integer itself, or where the product is rounded its magnitude.
FactorShape factor_shape(const OperatorSpec& spec, const Format& format);

/// Two lanes in one block: (a0 + a1 2^k)(b0 + b1 2^k) has three fields, of k bits the lower two:
///   a0 b0,   a0 b1 + a1 b0,   a1 b1.
/// This is the least k with which no field reaches into the next.
int packed_field_bits(const FactorShape& a, const FactorShape& b);
/// Bits of such a factor, whose lanes have `bits`: two's complement takes one more.
int packed_factor_bits(int field_bits, const FactorShape& lane);
/// Whether the block holds the two lanes: factors alike in sign, of two bits or more.
bool packs(const MultiplierBlock& block, const FactorShape& a, const FactorShape& b);

/// Nothing where spec.dsp can be had, else an Error that names the limit.
Status check_dsp(const OperatorSpec& spec);

}  // namespace fewbit
