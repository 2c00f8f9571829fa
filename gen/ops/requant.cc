// Requantizer: an accumulator times a multiplier, shifted right, in a narrow format.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "fewbit/gen/ops/operators.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

namespace {

/// An integer without a multiplier into a signed one in the same units, to nearest, ties to even.
bool shifts_integers(const OperatorSpec& spec) {
  if (spec.b || spec.zero_point || !spec.a.is_int() || !spec.result->is_int()) return false;
  if (spec.rounding != RoundingMode::kTiesToEven || !spec.result->is_signed()) return false;
  return spec.a.as_int().lsb_exponent == spec.result->as_int().lsb_exponent;
}

/// Without sign and magnitude, as this rounding is the same on both sides of 0. The shift goes
/// from the coarse stage to the fine one; each keeps what the result can still need, a bit that
/// says whether what is above differs from the sign, and a sticky bit.
Signal shifted_integer(Module& m, const OperatorSpec& spec, const Interface& io) {
  const IntFormat& f = spec.result->as_int();
  const Signal a = io.operand("a_i");
  const Signal sign = spec.a.is_signed() ? a.top() : m.constant(1, 0);
  m.section("Shift, coarse first; the bit below the last place is the one that rounds");
  Signal x = concat({spec.a.is_signed() ? m.constant(0, 0) : sign, a, m.constant(1, 0)});
  Signal outside = m.constant(1, 0);
  Signal sticky = outside;
  const auto differ = [&](const Signal& bits) {
    return bits.width() < 2 ? m.constant(1, 0) : reduce_or(bits) & ~reduce_and(bits);
  };
  const Signal shift = io.operand("shift_i");
  for (int i = shift.width() - 1; i >= 0; --i) {
    const int places = std::min(1 << i, x.width() - 1);
    const int wanted = f.bits + (1 << i);  // and the guard bit, with what later stages take
    const int width = std::min(wanted, x.width());
    const Signal move = shift.bit(i);
    const Signal wide = sign_extend(x, std::max(x.width(), width + places));
    const Signal upper = differ(wide.slice(wide.width() - 1, width + places - 1));
    const Signal middle = differ(wide.slice(width + places - 1, width - 1));
    outside = m.net(fmt::format("outside_{}", i), outside | upper | (middle & ~move));
    sticky = m.net(fmt::format("sticky_{}", i), sticky | (reduce_or(x.low(places)) & move));
    x = m.net(fmt::format("shifted_{}", i),
              mux(move, wide.slice(width + places - 1, places), wide.low(width)));
  }
  m.section("Round, then the range");
  x = sign_extend(x, std::max(x.width(), f.bits + 1));
  const Signal kept = x.slice(f.bits, 1);
  const Signal up = m.net("round_up", x.bit(0) & (sticky | kept.bit(0)));
  const Signal rounded =
      m.net("rounded", sign_extend(kept, f.bits + 1) + zero_extend(up, f.bits + 1));
  const Signal code = rounded.low(f.bits);
  if (spec.overflow == OverflowMode::kWrap) return m.net("result", code);
  const Signal over = m.net("is_outside", outside | (rounded.top() ^ code.top()));
  const Signal limit = mux(sign, m.constant(f.bits, to_bits(f.min(), f.bits)),
                           m.constant(f.bits, to_bits(f.max(), f.bits)));
  return m.net("result", mux(over, limit, code));
}

}  // namespace

Results build_requant(Module& m, const OperatorSpec& spec, const Interface& io) {
  Results results;
  if (shifts_integers(spec)) {
    results.result = shifted_integer(m, spec, io);
    return results;
  }
  m.section("Magnitude of the scaled accumulator");
  const Unpacked a = unpack_sign_magnitude(m, spec.a, io.operand("a_i"), "a", false);
  std::optional<Unpacked> b;
  if (spec.b) b = unpack_sign_magnitude(m, *spec.b, io.operand("b_i"), "b", false);
  SignMagnitude value = floating_product(m, a, b ? &*b : nullptr, spec);
  // A shift to the right by n is one to the left by its complement, in finer units.
  const int most = (1 << spec.shift_bits) - 1;
  value.exponent = m.net("exponent", ~io.operand("shift_i"));
  value.max_exponent = most;
  value.lsb_exponent -= most;
  // Integers have one zero, and it is positive.
  value.negative = m.net("result_negative", value.negative & reduce_or(value.magnitude));
  const Signal never = m.constant(1, 0);
  results.result = m.net(
      "result", round_and_pack(m, spec, {value, never, never}, io.random(), IntegerRange::kWhole,
                               spec.zero_point ? io.operand("zero_point_i") : Signal()));
  return results;
}

}  // namespace fewbit::ops
