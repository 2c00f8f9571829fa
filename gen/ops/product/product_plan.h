// ProductPlan: how an exact product is made, chosen from the operands' shapes before anything is
// built.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/gen/ops/fabric/fabric_traits.h"
#include "fewbit/gen/ops/product/alignment.h"

namespace fewbit::ops {

/// Where a product gets its sign.
enum class SignPlace {
  kNone,    ///< it has none, or its significands have it
  kRows,    ///< in the narrower significand, before the rows: no carry is left
  kBefore,  ///< before the stage, in one's complement
  kBehind,  ///< behind it, in the adder's cells, with the last places of the shift
  kBlocks,  ///< before it, coded with the last two places of the shift (shift_by_blocks)
};

struct ProductPlan {
  SignPlace sign = SignPlace::kNone;
  int stages_behind = 0;       ///< of the shift, behind the stage: kBehind
  bool late_low_bits = false;  ///< the two low bits are made behind the stage
};

/// What the choice is made of.
struct ProductFacts {
  bool has_sign = false;   ///< apart from the significands'
  bool by_rows = true;     ///< no hard multiplier, no product that has been made already
  bool has_rows = false;   ///< of two significands of two bits or more
  bool is_signed = false;  ///< the significands' product
  int bits = 0;            ///< of it, where its sign is not in the rows
  ShiftPlan shift;         ///< without its selects
};

/// Whether the sign goes into the rows. A sum that starts by loading its first addend cannot take a
/// carry with it; nor can one lane of a dot, since there is one adder less than lanes.
bool sign_in_rows(const FabricTraits& traits, bool has_sign, bool by_rows, const Stage& stage);

ProductPlan plan_product(const FabricTraits& traits, const ProductFacts& facts, const Stage& stage);

}  // namespace fewbit::ops
