// Round and pack: see round.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/sum/round.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "fewbit/gen/ops/product/alignment.h"
#include "fewbit/gen/ops/sum/pack.h"
#include "fewbit/gen/ops/sum/zero_point.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

namespace {

/// x above its lowest `drop` bits, the first of these one by one, the OR of the others.
struct Split {
  Signal kept, guards, sticky;
};
Split split(Module& m, const Signal& x, int drop, int guards) {
  const int width = x.width();
  if (drop <= 0) {
    return {concat({x, m.constant(-drop, 0)}), m.constant(guards, 0), m.constant(1, 0)};
  }
  // Places of x that the guard bits take; above x they are 0, below it too.
  const int high = drop - 1;
  const int low = drop - guards;
  const Signal present = x.slice(std::min(high, width - 1), std::max(low, 0));
  const int above = std::clamp(high - (width - 1), 0, guards);
  const Signal bits =
      concat({m.constant(above, 0), present, m.constant(guards - above - present.width(), 0)});
  return {drop < width ? x.slice(width - 1, drop) : m.constant(0, 0), bits,
          low > 0 ? reduce_or(x.low(std::min(low, width))) : m.constant(1, 0)};
}

/// 1 where the kept bits go up by one unit: `last` is the code's last kept bit.
Signal increment(Module& m, const OperatorSpec& spec, const Signal& negative, const Signal& last,
                 const Split& dropped, const Signal& random) {
  const int n = spec.random_bits;
  const Signal guards = m.net("guards", dropped.guards);
  const Signal sticky = m.net("sticky", dropped.sticky);
  const Signal round = guards.top();
  const auto carry = [&](const Signal& sum) { return m.net("random_sum", sum).top(); };
  switch (spec.rounding) {
    case RoundingMode::kTiesToEven:
      return round & (sticky | last);
    case RoundingMode::kTiesToAway:
      return round;
    case RoundingMode::kTowardZero:
      return m.constant(1, 0);
    case RoundingMode::kTowardPositive:
      return ~negative & (round | sticky);
    case RoundingMode::kTowardNegative:
      return negative & (round | sticky);
    case RoundingMode::kToOdd:
      return ~last & (round | sticky);
    case RoundingMode::kTiesTowardPositive:
      return round & (sticky | ~negative);
    case RoundingMode::kTiesTowardNegative:
      return round & (sticky | negative);
    case RoundingMode::kStochasticA:
      return carry(zero_extend(guards.slice(n, 1), n + 1) + zero_extend(random, n + 1));
    case RoundingMode::kStochasticB:
      return carry(zero_extend(guards, n + 2) +
                   zero_extend(concat({random, m.constant(1, 1)}), n + 2));
    case RoundingMode::kStochasticC: {
      const Signal tie_up = m.net("tie_up", guards.bit(0) & (sticky | guards.bit(1)));
      return carry(add_with_carry(zero_extend(guards.slice(n, 1), n + 1),
                                  zero_extend(random, n + 1), tie_up));
    }
  }
  return m.constant(1, 0);
}

/// The window of `x` (top `pad` bits known to be 0 and not in x) that later stages need: `length`
/// bits from `from_top` down, zeros where x ends, the OR of all lower bits in the last one.
Signal window(Module& m, const Signal& x, int pad, int from_top, int length) {
  const int whole = pad + x.width();
  const int high = whole - 1 - from_top;  // index in {pad zeros, x}
  const int low = high - length + 1;
  if (high < 0) return m.constant(length, 0);
  const int x_high = std::min(high, x.width() - 1);
  const int above_x = std::max(0, high - x_high);
  if (low <= 0) {
    return concat({m.constant(above_x, 0), x.slice(x_high, 0), m.constant(-low, 0)});
  }
  return concat({m.constant(std::min(above_x, length - 1), 0), x.slice(x_high, low + 1),
                 reduce_or(x.low(std::min(low + 1, x.width())))});
}

struct Normalised {
  Signal index;  ///< places that the number is above the subnormals: exponent field less hidden bit
  Signal bits;   ///< hidden bit on top, last bit sticky if anything was dropped
  int max_index = 0;
};

/// Shifts a fixed-point number left until its top bit is 1, at most `limit` = 2^k - 1 places,
/// coarse first.
Normalised normalise_fixed(Module& m, Signal x, int pad, int limit, int kept) {
  std::vector<Signal> stayed;  // index bits, from the top
  int rest = limit;
  int stage = 0;
  while (rest > 0) {
    const int distance = (rest + 1) / 2;
    rest -= distance;
    if (pad >= distance) {  // always zeros on top
      pad -= distance;
      stayed.push_back(m.constant(1, 0));
      continue;
    }
    const std::string name = fmt::format("normal_{}", stage++);
    const Signal top = x.slice(x.width() - 1, std::max(0, x.width() - (distance - pad)));
    const Signal stay = m.net(name + "_stay", reduce_or(top));
    const int length = std::min(pad + x.width(), kept + rest);
    x = m.net(name, mux(stay, window(m, x, pad, 0, length), window(m, x, pad, distance, length)));
    pad = 0;
    stayed.push_back(stay);
  }
  if (pad > 0) x = concat({m.constant(pad, 0), x});
  return {stayed.empty() ? m.constant(0, 0) : concat(stayed), m.net("normal", x), limit};
}

/// How far the magnitude's top bit is above the least normal exponent.
struct Room {
  Signal value;  ///< two's complement where min < 0, else unsigned
  int min = 0;
  int max = 0;
  [[nodiscard]] Signal below() const {
    return min < 0 ? value.top() : value.module().constant(1, 0);
  }
};

Room room_of(Module& m, const SignMagnitude& x, int least_exponent) {
  const int offset = x.lsb_exponent + x.magnitude.width() - 1 - least_exponent;
  Room room;
  room.min = offset + x.min_exponent;
  room.max = offset + x.max_exponent;
  const int most = std::max({std::abs(room.min), std::abs(room.max), x.max_exponent, 1});
  const int bits = bits_for(most) + (room.min < 0 ? 1 : 0);
  room.value =
      m.net("room", zero_extend(x.exponent, bits) + m.constant(bits, to_bits(offset, bits)));
  return room;
}

/// Shifts left by the least of the leading zeros and the room, coarse first. As long as both have
/// had the same bits, a place is moved where both can; from then on the smaller one decides.
struct LeftShift {
  Signal bits;
  Signal amount;  ///< width 0: never shifted
};
LeftShift shift_left(Module& m, Signal x, const Room& room, int kept) {
  const int places = std::min(x.width() - 1, std::max(room.max, 0));
  const int stages = bits_for(places);
  const int reach = (1 << stages) - 1;
  const bool unlimited = room.min >= x.width() - 1;
  const int room_bits = room.value.width() - (room.min < 0 ? 1 : 0);
  Signal allowed = m.constant(stages, 0);
  if (!unlimited && stages > 0) {
    const Signal low = room_bits >= stages ? room.value.low(stages)
                                           : zero_extend(room.value.low(room_bits), stages);
    const Signal more =
        room_bits > stages ? reduce_or(room.value.slice(room_bits - 1, stages)) : m.constant(1, 0);
    allowed =
        m.net("room_left", (low | replicate(more, stages)) & replicate(~room.below(), stages));
  }
  Signal zeros_decide = m.constant(1, unlimited ? 1 : 0);
  Signal room_decides = m.constant(1, 0);
  std::vector<Signal> amount;
  int rest = reach;
  for (int i = stages - 1; i >= 0; --i) {
    const int distance = 1 << i;
    rest -= distance;
    const std::string name = fmt::format("normal_{}", i);
    const Signal clear = m.net(
        name + "_clear", ~reduce_or(x.slice(x.width() - 1, std::max(0, x.width() - distance))));
    const Signal may = unlimited ? m.constant(1, 1) : allowed.bit(i);
    const Signal move = m.net(name + "_move", (clear | room_decides) & (may | zeros_decide));
    if (!unlimited && i > 0) {
      const Signal room_before = room_decides;
      room_decides = m.net(name + "_room_decides", room_decides | (clear & ~may & ~zeros_decide));
      zeros_decide = m.net(name + "_zeros_decide", zeros_decide | (~clear & may & ~room_before));
    }
    const int length = std::min(x.width(), kept + rest);
    x = m.net(name, mux(move, window(m, x, 0, distance, length), window(m, x, 0, 0, length)));
    amount.push_back(move);
  }
  return {x, amount.empty() ? m.constant(0, 0) : concat(amount)};
}

/// A number with an exponent: left as far as leading zeros and the result's exponents allow, right
/// where it is below the normal numbers.
Normalised normalise_floating(Module& m, const SignMagnitude& x, int least_exponent, int kept) {
  const Room room = room_of(m, x, least_exponent);
  Normalised normal;
  normal.max_index = std::max(room.max, 0);
  const int index_bits = bits_for(normal.max_index);
  Signal bits = x.magnitude;
  Signal left = m.constant(0, 0);
  // An operand that is not normal at its least exponent alone, and has no room there, never moves.
  if (room.max > 0 && !(x.is_normal_above_least && room.min <= 0)) {
    const LeftShift shifted = shift_left(m, bits, room, kept);
    bits = shifted.bits;
    left = shifted.amount;
  }
  bits = m.net("normal_kept", jammed(m, bits, kept));
  const int room_bits = room.value.width() - (room.min < 0 ? 1 : 0);
  Signal above = room.value.low(std::min(room_bits, index_bits));
  above = zero_extend(above, index_bits) & replicate(~room.below(), index_bits);
  if (left.width() > 0) {
    const Signal wide =
        left.width() > index_bits ? left.low(index_bits) : zero_extend(left, index_bits);
    above = above - wide;
  }
  const Signal index = m.net("index_or_zero", above);
  if (room.min < 0) {
    // -room = ~room + 1: one place first, then the complement's bits.
    const Signal below = room.below();
    const Signal one =
        m.net("below_one", mux(below, jammed(m, concat({m.constant(1, 0), bits}), kept), bits));
    const int distance_bits = std::min(bits_for(-room.min), room_bits);
    const Signal distance =
        m.net("below", ~room.value.low(distance_bits) & replicate(below, distance_bits));
    bits = shift_right_jam(m, "subnormal", one, distance);
  }
  normal.bits = m.net("normal", bits);
  // A zero has no hidden bit whatever its exponent is.
  normal.index = m.net("index", index & replicate(normal.bits.top(), index_bits));
  return normal;
}

/// Exponent, fraction and increment.
Rounded round_float(Module& m, const OperatorSpec& spec, const FloatFormat& f,
                    const SignMagnitude& value, const Signal& random) {
  const int precision = f.fraction_bits + 1;
  const int kept = precision + guard_bits(spec) + 1;
  const int least_exponent = f.lsb_exponent() + f.fraction_bits;
  m.section("Normalise");
  Normalised normal;
  if (value.is_floating()) {
    normal = normalise_floating(m, value, least_exponent, kept);
  } else {
    const int top_weight = value.lsb_exponent + value.magnitude.width() - 1;
    const int limit = (1 << bits_for(std::max(0, top_weight - least_exponent))) - 1;
    const int pad = least_exponent + limit - top_weight;
    normal = normalise_fixed(m, value.magnitude, pad, limit, kept);
  }
  m.section("Round: exponent, fraction and increment in one carry chain");
  const Split parts = split(m, normal.bits, normal.bits.width() - precision, guard_bits(spec));
  const Signal significand = m.net("significand", parts.kept);
  const Signal hidden = significand.top();
  const int index_bits = normal.index.width();
  // Without fraction bits the code's last bit is the exponent's.
  const Signal last_index = index_bits > 0 ? normal.index.bit(0) : m.constant(1, 0);
  const Signal last = f.fraction_bits > 0            ? significand.bit(0)
                      : f.zero_exponent_is_subnormal ? last_index ^ hidden
                                                     : last_index;
  Signal up = increment(m, spec, value.negative, last, parts, random);
  const int code_bits = std::max(f.magnitude_bits(), index_bits + f.fraction_bits + 1) + 1;
  const Signal base =
      zero_extend(concat({normal.index, significand.low(f.fraction_bits)}), code_bits);
  Rounded rounded;
  rounded.largest = (pow2(index_bits + f.fraction_bits) - 1) + pow2(f.fraction_bits) + 1;
  if (!f.zero_exponent_is_subnormal) {  // field 0 has the hidden bit too; nothing is below it
    const Signal sum =
        m.net("rounded_or_zero", base + zero_extend(m.net("round_up", up), code_bits));
    rounded.code = m.net("rounded", sum & replicate(hidden, code_bits));
    return rounded;
  }
  const Signal hidden_term =
      zero_extend(concat({hidden, m.constant(f.fraction_bits, 0)}), code_bits);
  rounded.code = m.net("rounded", add_with_carry(base, hidden_term, m.net("round_up", up)));
  if (spec.flush_outputs) {
    const Signal is_normal =
        m.net("is_normal", reduce_or(rounded.code.slice(code_bits - 1, f.fraction_bits)));
    rounded.code = m.net("rounded_flushed", rounded.code & replicate(is_normal, code_bits));
  }
  return rounded;
}

/// The magnitude in units of 2^lsb_exponent, which is below the integer's unit by `drop` places,
/// and 1 where it is far beyond the integer's range.
struct Fixed {
  Signal magnitude;
  int drop = 0;
  Signal beyond;
};
Fixed fixed_point(Module& m, const SignMagnitude& x, const IntFormat& f, int guards) {
  if (!x.is_floating()) {
    return {x.magnitude, f.lsb_exponent - x.lsb_exponent, m.constant(1, 0)};
  }
  // The magnitude starts so far below the unit that nothing but a sticky bit is left of it, and
  // moves up to where its lowest bit is out of range.
  const int width = x.magnitude.width();
  const int drop = width + guards + 1;
  const int offset = x.lsb_exponent - f.lsb_exponent + drop;
  const int least = offset + x.min_exponent;
  const int most = offset + x.max_exponent;
  const int limit = drop + f.bits + 1;
  const int bits = bits_for(std::max({std::abs(least), std::abs(most), x.max_exponent, limit})) + 1;
  Signal places =
      m.net("places", zero_extend(x.exponent, bits) + m.constant(bits, to_bits(offset, bits)));
  Signal beyond = m.constant(1, 0);
  if (most > limit) {
    const Signal rest = m.net("places_left", m.constant(bits, limit) - places);
    const Signal above = least < 0 ? rest.top() & ~places.top() : rest.top();
    beyond = m.net("beyond", above);
  }
  const int reach = std::min(most, limit);
  const int reach_bits = bits_for(std::max(reach, 0));
  Signal shift =
      m.net("shift", least < 0 ? places.low(reach_bits) & replicate(~places.top(), reach_bits)
                               : places.low(reach_bits));
  Signal moved = shift_left_growing(m, "moved", x.magnitude, shift, reach);
  if (!is_zero_constant(beyond)) {
    moved = m.net("moved", moved & replicate(~beyond, moved.width()));
    beyond = m.net("is_beyond", beyond & reduce_or(x.magnitude));
  }
  return {moved, drop, beyond};
}

Signal pack_int(Module& m, const OperatorSpec& spec, const IntFormat& f, const ExactResult& exact,
                const Signal& random, IntegerRange range, const Signal& zero_point) {
  const Signal negative = exact.value.negative;
  m.section("Round to an integer");
  const Fixed fixed = fixed_point(m, exact.value, f, guard_bits(spec));
  const Split parts = split(m, fixed.magnitude, fixed.drop, guard_bits(spec));
  const int width = std::max(parts.kept.width(), f.bits) + 2;
  const Signal kept =
      m.net("kept", zero_extend(parts.kept.width() > 0 ? parts.kept : m.constant(1, 0), width));
  const Signal last = m.node(kept.id()).op == rtl::Op::kConst ? m.constant(1, 0) : kept.bit(0);
  const Signal up = m.net("round_up", increment(m, spec, negative, last, parts, random));
  const Signal magnitude = m.net("rounded", kept + zero_extend(up, width));

  m.section("Sign and range");
  const Signal value = m.net(
      "signed_value", (magnitude ^ replicate(negative, width)) + zero_extend(negative, width));
  if (zero_point.valid())
    return with_zero_point(m, spec, value, zero_point, fixed.beyond, negative);
  Signal code = value.low(f.bits);
  const bool symmetric = f.is_signed && range == IntegerRange::kSymmetric;
  const BigInt least = symmetric ? BigInt(-f.max()) : f.min();
  const Signal below = m.constant(f.bits, to_bits(least, f.bits));
  const Signal above = m.constant(f.bits, to_bits(f.max(), f.bits));
  if (spec.overflow != OverflowMode::kWrap) {
    Signal outside;
    if (symmetric) {
      outside = m.net("outside", reduce_or(magnitude.slice(width - 1, f.bits - 1)));
    } else if (f.is_signed) {  // the bits above must all equal the sign bit
      const Signal upper = value.slice(width - 1, f.bits - 1);
      outside = m.net("outside", reduce_or(upper) & ~reduce_and(upper));
    } else {
      outside = m.net("outside", reduce_or(value.slice(width - 1, f.bits)));
    }
    const Signal limit = m.net("limit", mux(negative, below, above));
    code = m.net("code_limited", mux(outside | fixed.beyond | exact.is_infinite, limit, code));
  } else if (!is_zero_constant(exact.is_infinite)) {
    code = m.net("code_or_limit", mux(exact.is_infinite, mux(negative, below, above), code));
  }
  if (!is_zero_constant(exact.is_nan)) {
    code = code & replicate(~exact.is_nan, f.bits);
  }
  return code;
}

}  // namespace

int guard_bits(const OperatorSpec& spec) {
  return is_stochastic(spec.rounding) ? spec.random_bits + 1 : 1;
}

Signal jammed(Module& m, const Signal& x, int width) { return window(m, x, 0, 0, width); }

Signal shift_right_jam(Module& m, const std::string& name, Signal x, const Signal& amount) {
  const int width = x.width();
  std::vector<Signal> far;  // shifts that leave nothing but the sticky bit
  for (int i = 0; i < amount.width(); ++i) {
    const int distance = 1 << std::min(i, 20);
    if (distance >= width) {
      far.push_back(amount.bit(i));
      continue;
    }
    const Signal moved = concat({m.constant(distance, 0), x.slice(width - 1, distance + 1),
                                 reduce_or(x.low(distance + 1))});
    x = m.net(fmt::format("{}_{}", name, i), mux(amount.bit(i), moved, x));
  }
  if (far.empty()) return x;
  const Signal any = m.net(name + "_far", reduce_or(m.net(name + "_far_bits", concat(far))));
  const Signal rest = concat({m.constant(width - 1, 0), reduce_or(x)});
  return m.net(name + "_or_far", mux(any, rest, x));
}

Signal round_and_pack(Module& m, const OperatorSpec& spec, const ExactResult& exact,
                      const Signal& random, IntegerRange range, const Signal& zero_point) {
  FEWBIT_CHECK(spec.result.has_value(), "rounding of an exact operator");
  if (!spec.result->is_float()) {
    return pack_int(m, spec, spec.result->as_int(), exact, random, range, zero_point);
  }
  const FloatFormat& f = spec.result->as_float();
  return pack_float(m, spec, f, exact, round_float(m, spec, f, exact.value, random));
}

}  // namespace fewbit::ops
