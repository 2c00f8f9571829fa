// Alignment: see alignment.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/product/alignment.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "fewbit/gen/ops/product/significand_product.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

bool ShiftPlan::is_binary() const {
  for (std::size_t i = 0; i < distances.size(); ++i) {
    if (distances[i] != 1 << i) return false;
  }
  return true;
}

int ShiftPlan::reach_without(int last) const {
  int reach = 0;
  for (int i = 0; i + last < stages(); ++i) reach += distances[static_cast<std::size_t>(i)];
  return std::min(reach, max_shift);
}

namespace {

/// Upper bits of an operand's exponent, preceded by ones up to `bits` and a zero for the carry.
Signal upper_exponent(Module& m, const Unpacked& u, int bits) {
  const int e = u.exponent_field.width();
  return concat({m.constant(1, 0), m.constant(bits - e, pow2(bits - e) - 1),
                 u.exponent_field.slice(e - 1, 1)});
}

/// shift_a + shift_b = ~(E_a + E_b + 1), the narrower exponent preceded by ones. The 1 is a
/// carry-in. From 4 bits on, always where no gate is before a carry, the low place, with the
/// subnormals' OR, is made by hand and its carry enters the chain of the upper bits; below that the
/// plain chain is smaller.
Signal exponent_sum(Module& m, const Unpacked& a, const Unpacked& b, Fabric fabric) {
  const int e = std::max(a.exponent_field.width(), b.exponent_field.width());
  const Signal one = m.constant(1, 1);
  if (e <= 3 && fabric_traits(fabric).gate_before_carry) {
    const Signal wide =
        m.net("stay_sum", concat({upper_exponent(m, a, e), a.exponent_low, one}) +
                              concat({upper_exponent(m, b, e), b.exponent_low, one}));
    return m.net("stay", wide.slice(e + 1, 1));
  }
  const Signal low = m.net("stay_low", ~(a.exponent_low ^ b.exponent_low));
  const Signal carry = m.net("stay_carry", a.exponent_low | b.exponent_low);
  const Signal wide = m.net("stay_sum", concat({upper_exponent(m, a, e), one}) +
                                            concat({upper_exponent(m, b, e), carry}));
  return m.net("stay", concat({wide.slice(e, 1), low}));
}

}  // namespace

ShiftPlan shift_distances(const Unpacked& a, const Unpacked* b) {
  ShiftPlan plan;
  plan.max_shift = a.max_shift + (b != nullptr ? b->max_shift : 0);
  const int wa = a.exponent_field.width();
  const int wb = b != nullptr ? b->exponent_field.width() : 0;
  const bool both = wa > 0 && wb > 0;
  if (both && wa == 2 && wb == 2) {
    plan.distances = {1, 1, 2};  // 0..4 places, each select one function of the four exponent bits
    return plan;
  }
  const int bits = std::max(wa, wb) + (both ? 1 : 0);
  for (int i = 0; i < bits; ++i) plan.distances.push_back(1 << i);
  return plan;
}

ShiftPlan plan_shift(Module& m, const Unpacked& a, const Unpacked* b, Fabric fabric, int lanes) {
  ShiftPlan plan = shift_distances(a, b);
  plan.stay = m.constant(0, 0);
  if (plan.max_shift == 0) return plan;
  const bool both = a.max_shift > 0 && b != nullptr && b->max_shift > 0;
  if (!both) {
    plan.stay = m.net("stay", a.max_shift > 0 ? a.exponent() : b->exponent());
  } else if (a.exponent_field.width() == 2 && b->exponent_field.width() == 2) {
    // Of the codings of 1 and of 3 places those that measured smallest.
    const FabricTraits& traits = fabric_traits(fabric);
    const std::array<unsigned, 5> selects =
        (lanes > 1 ? traits.shares_select_in_lanes : traits.shares_select)
            ? std::array{0b000U, 0b010U, 0b011U, 0b110U, 0b111U}
            : std::array{0b000U, 0b001U, 0b011U, 0b101U, 0b111U};
    plan.stay =
        table_of(m, "stay", {"Stay", "places that the product does not move, by both exponents"}, 3,
                 concat({a.exponent_field, b->exponent_field}), [selects](unsigned fields) {
                   const unsigned up = std::max(1U, fields >> 2) + std::max(1U, fields & 3);
                   return BigInt(selects[up - 2]);
                 });
    return plan;
  } else {
    plan.stay = exponent_sum(m, a, *b, fabric);
  }
  FEWBIT_CHECK(plan.stay.width() == plan.stages(), "{} selects for {} stages", plan.stay.width(),
               plan.stages());
  return plan;
}

Aligned shift_stages(Module& m, const ShiftPlan& plan, int from, int to, Aligned x, bool sign_fill,
                     const Signal& selects) {
  for (int i = from; i < to; ++i) {
    const int distance = plan.distances[static_cast<std::size_t>(i)];
    const int before = x.bits.width();
    const int grow = std::min(x.reach + distance, plan.max_shift) - x.reach;
    const int width = before + grow;
    const Signal fill = x.fill.valid() ? x.fill : sign_fill ? x.bits.top() : m.constant(1, 0);
    const Signal below = x.fill.valid() ? replicate(x.fill, grow) : m.constant(grow, 0);
    const Signal stayed = concat({x.bits, below});
    const int lost = distance + before - width;  // places that no shift reaches: zeros
    FEWBIT_CHECK(lost >= 0, "shift stage of {} places", distance);
    const Signal moved = concat({replicate(fill, distance), x.bits.slice(before - 1, lost)});
    const Signal stay = selects.valid() ? selects.bit(i - from) : plan.stay.bit(i);
    x.bits = m.net(fmt::format("aligned_{}", i), mux(stay, stayed, moved));
    x.reach += grow;
  }
  return x;
}

Signal shift_by_blocks(Module& m, const ShiftPlan& plan, const Aligned& x, int product_bits,
                       const Signal& negative, const Stage& stage, Signal* negative_crossed) {
  const int stages = plan.stages();
  const int block = plan.distances[static_cast<std::size_t>(stages - 2)];
  const int total = product_bits + plan.max_shift;
  const int last_digit = plan.max_shift / block;
  const Signal digit = m.net("stay_digit", plan.stay.slice(stages - 1, stages - 2));
  const auto digit_is = [&](int k) {  // the shift is k blocks; the selects are its complement
    return equal(digit, m.constant(2, 3 - k));
  };
  const int width = x.bits.width();
  const Signal data = stage.cross("signed_product", x.bits ^ replicate(negative, width));
  const Signal fill = stage.cross("negative", negative);
  *negative_crossed = fill;
  std::vector<Signal> blocks;
  for (int k = 0; k * block < total; ++k) {
    const int bits = std::min(block, total - k * block);
    const bool upper = k <= last_digit;                // shift by k: the data's first block is here
    const bool lower = k >= 1 && k - 1 <= last_digit;  // shift by k - 1: its second block is here
    const Signal first = data.slice(width - 1, width - bits);
    const int second_bits = std::clamp(width - block, 0, bits);
    const Signal second = concat({data.slice(width - 1 - block, width - block - second_bits),
                                  replicate(fill, bits - second_bits)});
    const std::string name = fmt::format("block_{}", k);
    if (upper && lower) {
      const Signal is_first = m.net(name + "_first", digit_is(k));
      const Signal is_used = m.net(name + "_used", is_first | digit_is(k - 1));
      const Signal keep = stage.cross(name + "_keep", is_used);
      const Signal pick = stage.cross(name + "_pick", mux(is_used, is_first, negative));
      blocks.push_back(m.net(name, mux(keep, mux(pick, first, second), replicate(pick, bits))));
    } else {
      const Signal keep = stage.cross(name + "_keep", digit_is(upper ? k : k - 1));
      blocks.push_back(m.net(name, mux(keep, upper ? first : second, replicate(fill, bits))));
    }
  }
  return m.net("addend", concat(blocks));
}

Signal shift_left_growing(Module& m, const std::string& name, Signal x, const Signal& amount,
                          int most) {
  const int narrow = x.width();
  for (int i = 0; i < amount.width(); ++i) {
    const int distance = 1 << i;
    const int width = std::min(x.width() + distance, narrow + most);
    const Signal moved = concat({x.low(width - distance), m.constant(distance, 0)});
    x = m.net(fmt::format("{}_{}", name, i), mux(amount.bit(i), moved, zero_extend(x, width)));
  }
  return x;
}

}  // namespace fewbit::ops
