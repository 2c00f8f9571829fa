// Floating sum: see floating_sum.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/sum/floating_sum.h"

#include <algorithm>

#include "fewbit/gen/ops/sum/round.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

namespace {

/// The exponent in common units, as a number of `bits` bits.
Signal exponent_in(Module& m, const SignMagnitude& x, int base, int bits) {
  const Signal offset = m.constant(bits, x.lsb_exponent - base);
  return x.is_floating() ? zero_extend(x.exponent, bits) + offset : offset;
}

}  // namespace

FloatingSum floating_sum(Module& m, const SignMagnitude& a, const SignMagnitude& b, int precision,
                         int guards, const Signal& with_b) {
  m.section("Larger exponent first; a zero comes last");
  const int base = std::min(a.lsb_exponent, b.lsb_exponent);
  const int most =
      std::max(a.lsb_exponent - base + a.max_exponent, b.lsb_exponent - base + b.max_exponent);
  const int least =
      std::min(a.lsb_exponent - base + a.min_exponent, b.lsb_exponent - base + b.min_exponent);
  const int exponent_bits = std::max(1, bits_for(most));
  const Signal ea = m.net("exponent_a", exponent_in(m, a, base, exponent_bits));
  const Signal eb = m.net("exponent_b", exponent_in(m, b, base, exponent_bits));
  const Signal ahead =
      m.net("a_ahead", zero_extend(ea, exponent_bits + 1) - zero_extend(eb, exponent_bits + 1));
  const Signal behind = m.net("b_ahead", eb - ea);
  const Signal a_zero = m.net("magnitude_a_zero", ~reduce_or(a.magnitude));
  const Signal b_zero = m.net("magnitude_b_zero", ~reduce_or(b.magnitude));
  const Signal b_first = a_zero | (ahead.top() & ~b_zero);
  const Signal swap = m.net("swap", with_b.valid() ? b_first & with_b : b_first);
  const Signal distance = m.net("distance", mux(swap, behind, ahead.low(exponent_bits)));
  const Signal exponent = m.net("exponent_large", mux(swap, eb, ea));
  const int width = std::max(a.magnitude.width(), b.magnitude.width());
  const Signal xa = zero_extend(a.magnitude, width);
  const Signal xb = zero_extend(b.magnitude, width);
  const Signal large = m.net("large", mux(swap, xb, xa));
  const Signal small = m.net("small", mux(swap, xa, xb));
  const Signal large_negative = m.net("large_negative", mux(swap, b.negative, a.negative));
  const Signal subtract = m.net("subtract", a.negative ^ b.negative);

  m.section("Align the smaller one, add");
  const int below = std::max(width, precision + guards);
  const int frame = width + below + 1;  // the last bit is sticky
  const Signal placed = m.net("small_placed", concat({small, m.constant(below + 1, 0)}));
  const Signal aligned = m.net("small_aligned", shift_right_jam(m, "small", placed, distance));
  const Signal x = concat({m.constant(2, 0), large, m.constant(below + 1, 0)});
  const Signal y = concat({m.constant(2, 0), aligned}) ^ replicate(subtract, frame + 2);
  const Signal sum = m.net("sum", add_with_carry(x, m.net("addend", y), subtract));
  const Signal sum_negative = sum.top();
  const Signal magnitude =
      m.net("magnitude", (sum.low(frame + 1) ^ replicate(sum_negative, frame + 1)) +
                             zero_extend(sum_negative, frame + 1));
  FloatingSum result;
  result.is_zero = m.net("sum_zero", ~reduce_or(magnitude));
  result.value.magnitude = magnitude;
  result.value.negative = m.net("sum_sign", large_negative ^ sum_negative);
  result.value.lsb_exponent = base - below - 1;
  result.value.exponent = exponent;
  result.value.min_exponent = least;
  result.value.max_exponent = most;
  return result;
}

}  // namespace fewbit::ops
