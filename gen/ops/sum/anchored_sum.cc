// Anchored sum: see anchored_sum.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/sum/anchored_sum.h"

#include <algorithm>

#include "fewbit/gen/ops/sum/round.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

namespace {

/// Places of the frame.
struct Frame {
  int above = 0, product = 0, below = 0;
  int top_offset = 0;  ///< from the product's exponent to the one that c has where it is at the top
  [[nodiscard]] int width() const { return above + product + below; }
};

/// Where neither factor is normal, the sum moves left as far as the frame is above the least
/// exponent; where one is, its bits are those of the product, at least. The kept and the guard bits
/// and one for a borrow have to follow.
Frame frame_of(const AnchoredProduct& product, const SignMagnitude& c, int guards) {
  const SignMagnitude& p = product.value;
  const int precision = c.magnitude.width();
  const int needed = precision + guards + 1;
  Frame frame;
  frame.above = needed;
  frame.product = p.magnitude.width();
  frame.top_offset = p.lsb_exponent + frame.product + frame.above - (c.lsb_exponent + precision);
  const int end = frame.above + frame.product;
  const int room = std::max(0, frame.top_offset + p.min_exponent - c.min_exponent);
  const int last_start = std::min(room, end - 1);
  frame.below = std::max(
      {0, needed - std::min(product.narrow_factor, frame.product), last_start + needed - end});
  return frame;
}

}  // namespace

bool serves_anchored(const SignMagnitude& product, const Format& c) {
  return product.is_floating() && c.is_float() && c.has_zero() && c.as_float().exponent_bits >= 2;
}

FloatingSum anchored_sum(Module& m, const AnchoredProduct& product, const SignMagnitude& c,
                         int guards) {
  const SignMagnitude& p = product.value;
  const Frame frame = frame_of(product, c, guards);
  const int width = frame.width();

  m.section("Exponents: of the frame around the product, and how far the addend is below its top");
  const int most =
      std::max({frame.top_offset + p.max_exponent, c.max_exponent,
                -(frame.top_offset + p.min_exponent) + c.max_exponent, p.max_exponent});
  const int bits = std::max({bits_for(most), p.exponent.width(), c.exponent.width()}) + 1;
  const Signal top = m.net("product_top", zero_extend(p.exponent, bits) +
                                              m.constant(bits, to_bits(frame.top_offset, bits)));
  const Signal distance = m.net("distance", top - zero_extend(c.exponent, bits));
  const Signal at_top = m.net("addend_at_top", distance.top() | product.is_zero);
  const Signal shift = m.net("shift", distance.low(bits - 1) & replicate(~at_top, bits - 1));
  const Signal exponent =
      m.net("frame_exponent", mux(at_top, zero_extend(c.exponent, bits - 1), top.low(bits - 1)));

  m.section("Align the addend alone");
  const Signal placed =
      m.net("addend_placed", concat({c.magnitude, m.constant(width - c.magnitude.width() + 1, 0)}));
  const Signal moved = m.net("addend_aligned", shift_right_jam(m, "addend", placed, shift));
  const Signal aligned = moved.without_low(1);
  const Signal sticky = m.net("sticky_addend", moved.bit(0));

  m.section("Add, or subtract the smaller one");
  const Signal subtract = m.net("subtract", p.negative ^ c.negative);
  const Signal summand = m.net("summand", aligned ^ replicate(subtract, width));
  const Signal framed =
      m.net("product_framed",
            concat({m.constant(frame.above, 0), p.magnitude, m.constant(frame.below, 0)}));
  const int low = frame.product + frame.below;
  const Signal whole = m.net("no_borrow", subtract & ~sticky);
  const Signal compared =
      m.net("compared", add_with_carry(zero_extend(framed.low(low), low + 1),
                                       zero_extend(summand.low(low), low + 1), whole));
  const Signal addend_larger =
      m.net("addend_larger", subtract & (reduce_or(aligned.without_low(low)) | ~compared.top()));
  const Signal sum =
      m.net("sum", add_with_carry(framed, summand, m.net("carry", whole & ~addend_larger)));
  const Signal magnitude =
      m.net("magnitude", concat({sum ^ replicate(addend_larger, width), sticky}));

  FloatingSum result;
  result.is_zero = m.net("sum_zero", ~reduce_or(magnitude));
  result.value.magnitude = magnitude;
  result.value.negative = m.net("sum_sign", p.negative ^ addend_larger);
  result.value.lsb_exponent = c.lsb_exponent + c.magnitude.width() - 1 - width;
  result.value.min_exponent = c.min_exponent;
  result.value.max_exponent = std::max(frame.top_offset + p.max_exponent, c.max_exponent);
  result.value.exponent = exponent.low(bits_for(result.value.max_exponent));
  return result;
}

}  // namespace fewbit::ops
