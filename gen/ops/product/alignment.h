// Alignment: a product moved to its place in a fixed-point number by the operands' exponents.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "fewbit/gen/ops/fabric/stage.h"
#include "fewbit/gen/ops/operand/unpack.h"

namespace fewbit::ops {

/// How far a product at the top position moves right, as mux selects. Stage i moves by distances[i]
/// where stay.bit(i) is 0: the selects are sums of exponent fields, and the shift is their
/// complement.
struct ShiftPlan {
  rtl::Signal stay;
  std::vector<int> distances;
  int max_shift = 0;
  [[nodiscard]] int stages() const { return static_cast<int>(distances.size()); }
  /// Distances are 1, 2, 4, ...: the top two selects together are a digit.
  [[nodiscard]] bool is_binary() const;
  /// Reach of all stages but the last `last`.
  [[nodiscard]] int reach_without(int last) const;
};

/// How far the product of both operands (b may be null) moves, as far as the formats say: a plan
/// without its selects.
ShiftPlan shift_distances(const Unpacked& a, const Unpacked* b);

/// The plan for the sum of both operands' shifts (b may be null), in one of `lanes` that are added.
ShiftPlan plan_shift(rtl::Module& module, const Unpacked& a, const Unpacked* b, Fabric fabric,
                     int lanes);

/// A bit vector on its way through the shifter; it grows at the bottom.
struct Aligned {
  rtl::Signal bits;
  int reach = 0;     ///< how many places it has been able to move so far
  rtl::Signal fill;  ///< enters at both ends, where valid; else zeros do, or copies of the top bit
};

/// Stages [from, to) of the plan, smallest distance first, each as wide as its input needs. With
/// `sign_fill` copies of the top bit enter there; `selects` overrides plan.stay from bit `from` on
/// (for a stage boundary), if valid.
Aligned shift_stages(rtl::Module& module, const ShiftPlan& plan, int from, int to, Aligned x,
                     bool sign_fill, const rtl::Signal& selects);

/// The last two stages of a binary plan at once, for 4-input cells: the result in blocks of the
/// last-but-one distance, each block coded in two control bits (keep low, keep high, fill with 0 or
/// 1), which cross `stage` instead of the selects. x is unsigned and at most two blocks
/// wide; the result is in one's complement where `negative`.
rtl::Signal shift_by_blocks(rtl::Module& module, const ShiftPlan& plan, const Aligned& x,
                            int product_bits, const rtl::Signal& negative, const Stage& stage,
                            rtl::Signal* negative_crossed);

/// x moved left by `amount` places, at most `most`; it grows at the top by as many bits. Stages are
/// named `name`_0, `name`_1, ...
rtl::Signal shift_left_growing(rtl::Module& module, const std::string& name, rtl::Signal x,
                               const rtl::Signal& amount, int most);

}  // namespace fewbit::ops
