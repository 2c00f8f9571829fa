// Round and pack: see round.h.
// SPDX-License-Identifier: Apache-2.0
#include "gen/ops/round.h"

#include <fmt/format.h>

#include <algorithm>

#include "gen/util/check.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

namespace {

bool is_zero_constant(const Signal& x) {
  const rtl::Node& node = x.module().node(x.id());
  return node.op == rtl::Op::kConst && node.value == 0;
}

/// 1 where the kept bits go up by one unit: `last` is the code's last kept bit, `round` the first
/// dropped one, `sticky` the OR of the others.
Signal increment(Module& m, RoundingMode mode, const Signal& negative, const Signal& last,
                 const Signal& round, const Signal& sticky) {
  switch (mode) {
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
  }
  return m.constant(1, 0);
}

/// Splits x into the part above its lowest `drop` bits, the first dropped bit and the sticky OR.
struct Split {
  Signal kept, round, sticky;
};
Split split(Module& m, const Signal& x, int drop) {
  const Signal zero = m.constant(1, 0);
  if (drop <= 0) return {concat({x, m.constant(-drop, 0)}), zero, zero};
  const int width = x.width();
  return {drop < width ? x.slice(width - 1, drop) : m.constant(0, 0),
          drop <= width ? x.bit(drop - 1) : zero, reduce_or(x.low(std::min(drop - 1, width)))};
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
};

/// Shifts left until the top bit is 1, at most `limit` = 2^k - 1 places, coarse first.
Normalised normalise(Module& m, Signal x, int pad, int limit, int precision) {
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
    const int length = std::min(pad + x.width(), precision + 2 + rest);
    x = m.net(name, mux(stay, window(m, x, pad, 0, length), window(m, x, pad, distance, length)));
    pad = 0;
    stayed.push_back(stay);
  }
  if (pad > 0) x = concat({m.constant(pad, 0), x});
  return {stayed.empty() ? m.constant(0, 0) : concat(stayed), m.net("normal", x)};
}

/// What an overflow becomes, as a magnitude code that may depend on the sign.
Signal overflow_code(Module& m, const OperatorSpec& spec, const FloatFormat& f,
                     const Signal& negative) {
  const int bits = f.magnitude_bits();
  const Signal largest = m.constant(bits, f.max_finite);
  if (spec.overflow != OverflowMode::kInfinity) return largest;
  const Signal infinity = m.constant(bits, *f.infinity);
  switch (spec.rounding) {
    case RoundingMode::kTiesToEven:
    case RoundingMode::kTiesToAway:
      return infinity;
    case RoundingMode::kTowardZero:
    case RoundingMode::kToOdd:
      return largest;
    case RoundingMode::kTowardPositive:
      return mux(negative, largest, infinity);
    case RoundingMode::kTowardNegative:
      return mux(negative, infinity, largest);
  }
  return infinity;
}

Signal pack_float(Module& m, const OperatorSpec& spec, const FloatFormat& f,
                  const ExactResult& exact) {
  const Signal negative = exact.value.negative;
  const int precision = f.fraction_bits + 1;
  const int subnormal_lsb = f.lsb_exponent();
  const int top_weight = exact.value.lsb_exponent + exact.value.magnitude.width() - 1;
  const int places_above = std::max(0, top_weight - (subnormal_lsb + f.fraction_bits));
  int index_bits = 0;
  while ((1 << index_bits) - 1 < places_above) ++index_bits;
  const int limit = (1 << index_bits) - 1;

  m.section("Normalise, subnormals kept");
  const int pad = subnormal_lsb + f.fraction_bits + limit - top_weight;
  const Normalised normal = normalise(m, exact.value.magnitude, pad, limit, precision);

  m.section("Round: exponent, fraction and increment in one carry chain");
  const Split parts = split(m, normal.bits, normal.bits.width() - precision);
  const Signal significand = m.net("significand", parts.kept);
  const Signal round = m.net("round", parts.round);
  const Signal sticky = m.net("sticky", parts.sticky);
  const Signal hidden = significand.top();
  const Signal last = f.fraction_bits > 0
                          ? significand.bit(0)
                          : (index_bits > 0 ? normal.index.bit(0) ^ hidden : hidden);
  const Signal up = m.net("round_up", increment(m, spec.rounding, negative, last, round, sticky));
  const int code_bits = std::max(f.magnitude_bits(), index_bits + f.fraction_bits + 1) + 1;
  const Signal base =
      zero_extend(concat({normal.index, significand.low(f.fraction_bits)}), code_bits);
  const Signal hidden_term =
      zero_extend(concat({hidden, m.constant(f.fraction_bits, 0)}), code_bits);
  const Signal rounded = m.net("rounded", add_with_carry(base, hidden_term, up));

  m.section("Pack: overflow, then special values last");
  const BigInt reachable = (pow2(index_bits + f.fraction_bits) - 1) + pow2(f.fraction_bits) + 1;
  Signal code = rounded.low(f.magnitude_bits());
  Signal overflow = m.constant(1, 0);
  if (reachable > BigInt(f.max_finite)) {
    // rounded > max_finite, as the borrow of max_finite - rounded
    const Signal borrow = m.net("overflow_borrow", m.constant(code_bits + 1, f.max_finite) -
                                                       zero_extend(rounded, code_bits + 1));
    overflow = m.net("overflow", borrow.top());
    code = m.net("code_limited", mux(overflow, overflow_code(m, spec, f, negative), code));
  }
  Signal nan = exact.is_nan;
  if (spec.overflow == OverflowMode::kNan) nan = nan | ((overflow | exact.is_infinite));
  if (!is_zero_constant(exact.is_infinite)) {
    const Signal limit_code = m.constant(
        f.magnitude_bits(),
        f.infinity && spec.overflow != OverflowMode::kSaturate ? *f.infinity : f.max_finite);
    code = m.net("code_or_infinity", mux(exact.is_infinite, limit_code, code));
  }
  Signal sign = negative;
  if (!f.is_signed) {
    if (!is_zero_constant(negative)) {
      code = m.net("code_or_zero", code & replicate(~negative, code.width()));
    }
    sign = m.constant(0, 0);
  } else if (f.negative_zero_is_nan) {
    sign = negative & reduce_or(code);
  }
  Signal packed = concat({sign, code});
  if (!is_zero_constant(nan)) {
    const Code nan_code = f.has_nan() ? f.canonical_nan() : f.max_finite;
    packed = mux(nan, m.constant(f.bits(), nan_code), packed);
  }
  return packed;
}

Signal pack_int(Module& m, const OperatorSpec& spec, const IntFormat& f, const ExactResult& exact) {
  const Signal negative = exact.value.negative;
  m.section("Round to an integer");
  const Split parts = split(m, exact.value.magnitude, f.lsb_exponent - exact.value.lsb_exponent);
  const int width = std::max(parts.kept.width(), f.bits) + 2;
  const Signal kept =
      m.net("kept", zero_extend(parts.kept.width() > 0 ? parts.kept : m.constant(1, 0), width));
  const Signal round = m.net("round", parts.round);
  const Signal sticky = m.net("sticky", parts.sticky);
  const Signal last = m.node(kept.id()).op == rtl::Op::kConst ? m.constant(1, 0) : kept.bit(0);
  const Signal up = m.net("round_up", increment(m, spec.rounding, negative, last, round, sticky));
  const Signal magnitude = m.net("rounded", kept + zero_extend(up, width));

  m.section("Sign and range");
  const Signal value = m.net(
      "signed_value", (magnitude ^ replicate(negative, width)) + zero_extend(negative, width));
  Signal code = value.low(f.bits);
  if (spec.overflow != OverflowMode::kWrap) {
    Signal outside;
    if (f.is_signed) {  // the bits above must all equal the sign bit
      const Signal upper = value.slice(width - 1, f.bits - 1);
      outside = m.net("outside", reduce_or(upper) & ~reduce_and(upper));
    } else {
      outside = m.net("outside", reduce_or(value.slice(width - 1, f.bits)));
    }
    const Signal below = m.constant(f.bits, to_bits(f.min(), f.bits));
    const Signal above = m.constant(f.bits, to_bits(f.max(), f.bits));
    const Signal limit = m.net("limit", mux(negative, below, above));
    const Signal beyond =
        is_zero_constant(exact.is_infinite) ? outside : outside | exact.is_infinite;
    code = m.net("code_limited", mux(beyond, limit, code));
  } else if (!is_zero_constant(exact.is_infinite)) {
    const Signal below = m.constant(f.bits, to_bits(f.min(), f.bits));
    const Signal above = m.constant(f.bits, to_bits(f.max(), f.bits));
    code = m.net("code_or_limit", mux(exact.is_infinite, mux(negative, below, above), code));
  }
  if (!is_zero_constant(exact.is_nan)) {
    code = code & replicate(~exact.is_nan, f.bits);
  }
  return code;
}

}  // namespace

Signal round_and_pack(Module& m, const OperatorSpec& spec, const ExactResult& exact) {
  FEWBIT_CHECK(spec.result.has_value(), "rounding of an exact operator");
  return spec.result->is_float() ? pack_float(m, spec, spec.result->as_float(), exact)
                                 : pack_int(m, spec, spec.result->as_int(), exact);
}

}  // namespace fewbit::ops
