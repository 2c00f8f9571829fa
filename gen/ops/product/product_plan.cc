// Product plans: see product_plan.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/product/product_plan.h"

#include <algorithm>

namespace fewbit::ops {

bool sign_in_rows(const FabricTraits& traits, bool has_sign, bool by_rows, const Stage& stage) {
  const bool takes_no_carry = stage.is_last && (traits.table_behind_carry || !stage.registered);
  return takes_no_carry && has_sign && by_rows;
}

ProductPlan plan_product(const FabricTraits& traits, const ProductFacts& facts,
                         const Stage& stage) {
  ProductPlan plan;
  const ShiftPlan& shift = facts.shift;
  const int stages = shift.stages();
  const bool in_rows = sign_in_rows(traits, facts.has_sign, facts.by_rows, stage);
  const bool has_sign = facts.has_sign && !in_rows;
  plan.late_low_bits = traits.table_before_carry && facts.has_rows && stage.registered &&
                       !stage.is_last && facts.by_rows && stages == 0;
  if (!has_sign) {
    if (in_rows) plan.sign = SignPlace::kRows;
    return plan;
  }
  plan.sign = SignPlace::kBefore;
  if (stage.is_last) return plan;
  const int before_last_two = facts.bits + shift.reach_without(2);
  const int block = stages >= 2 ? shift.distances[static_cast<std::size_t>(stages - 2)] : 0;
  if (traits.table_before_carry) {
    // The last shift stages, the sign and the accumulator share one cell per bit: as many stages go
    // behind the boundary as leave each bit with two data inputs.
    const bool two = stages >= 2 && shift.is_binary() && before_last_two <= 2 * block + 1;
    plan.sign = SignPlace::kBehind;
    plan.stages_behind = std::min(stages, two ? 2 : 1);
  } else if (!facts.is_signed && stages >= 3 && shift.is_binary() && stage.registered &&
             before_last_two <= 2 * block) {
    // Only where the selects are registered: else synthesis takes them apart again.
    plan.sign = SignPlace::kBlocks;
  }
  return plan;
}

}  // namespace fewbit::ops
