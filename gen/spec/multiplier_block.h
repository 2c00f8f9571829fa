// Multiplier blocks: what the hard multipliers of each fabric take, and how products fit into one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
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

/// How a product that is too wide for a block is divided: the low bits of one factor, an unsigned
/// number, and the rest of it, which keeps its sign, are each multiplied by the other factor.
struct FactorCut {
  bool cuts_a = false;
  int low_bits = 0;
};
/// Nothing where the block holds the product.
std::optional<FactorCut> factor_cut(const MultiplierBlock& block, const FactorShape& a,
                                    const FactorShape& b);
/// Blocks of a product, divided until each part fits.
int blocks_of(const MultiplierBlock& block, const FactorShape& a, const FactorShape& b);

/// Two lanes in one block: (a0 + a1 2^k)(b0 + b1 2^k) has three fields, of k bits the lower two:
///   a0 b0,   a0 b1 + a1 b0,   a1 b1.
/// This is the least k with which no field reaches into the next.
int packed_field_bits(const FactorShape& a, const FactorShape& b);
/// Bits of such a factor, whose lanes have `bits`: two's complement takes one more.
int packed_factor_bits(int field_bits, const FactorShape& lane);
/// Whether the block holds the two lanes: factors of two bits or more.
bool packs(const MultiplierBlock& block, const FactorShape& a, const FactorShape& b);
/// Whether two products take a block that multiplies in two halves (SB_MAC16: 8 x 8 bits each)
/// where packs() is not so: factors of two bits or more.
bool takes_halves(const OperatorSpec& spec);
inline constexpr int kHalfBits = 8;

/// One block for one lane of several outputs: numbers a, `field_bits` apart in one factor, times
/// the b of the lane have their products as far apart,
///   (a0 + a1 2^k + a2 2^2k) b = a0 b + a1 b 2^k + a2 b 2^2k.
/// Integers: `depth` blocks, of a lane each, add theirs up, and the fields hold the sums; each
/// field takes 1 from the one above where it is negative. With `overlap` 1 a product has a bit more
/// than its field: the top one, in the place of the lowest bit of the next product.
struct SharedBlock {
  int outputs = 1;
  int field_bits = 0;
  int overlap = 0;
  int depth = 1;
};
/// How the outputs of a request share blocks: integers those of UltraScale+ with preadder and
/// cascade, minifloats those of every fabric. Nothing where they do not: one output, another --dsp
/// than packed, or no more products in a block than lanes of one output have.
std::optional<SharedBlock> shared_block(const OperatorSpec& spec);

/// Nothing where spec.dsp can be had, else an Error that names the limit.
Status check_dsp(const OperatorSpec& spec);

}  // namespace fewbit
