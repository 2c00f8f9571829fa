// Aligned sum: see aligned_sum.h.
// SPDX-License-Identifier: Apache-2.0
#include "gen/ops/aligned_sum.h"

#include <fmt/format.h>

#include <algorithm>

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

namespace {

/// Operands by size of their magnitude codes.
struct Ordered {
  Signal large, small;  ///< magnitude codes
  Signal sign;          ///< of the large one
  Signal subtract;      ///< the signs differ
};

Ordered order(Module& m, const FloatFormat& f, const Signal& a, const Signal& b, bool negate_b) {
  m.section("The operand with the larger magnitude code is the base");
  const int bits = f.magnitude_bits();
  const Signal a_code = a.low(bits);
  const Signal b_code = b.low(bits);
  const Signal b_sign = negate_b ? m.net("b_sign", ~b.top()) : b.top();
  const Signal difference =
      m.net("code_difference", zero_extend(a_code, bits + 1) - zero_extend(b_code, bits + 1));
  const Signal swap = m.net("swap", difference.top());
  Ordered x;
  x.large = m.net("large_code", mux(swap, b_code, a_code));
  x.small = m.net("small_code", mux(swap, a_code, b_code));
  x.sign = m.net("large_sign", mux(swap, b_sign, a.top()));
  x.subtract = m.net("subtract", a.top() ^ b_sign);
  return x;
}

/// The small significand at the large one's exponent: precision bits, guard and round bit, sticky.
struct Moved {
  Signal kept, guard, round, sticky;
};

/// Further than precision + 1 places only the sticky bit is left, and it makes no difference: the
/// base is the result. So it is wrong there; `none` removes the operand altogether.
Moved align(Module& m, const Signal& significand, const Signal& distance, const Signal& none) {
  const int precision = significand.width();
  const int furthest = precision + 1;
  const int frame = precision + 3;
  Signal x = concat({significand, m.constant(3, 0)});
  Signal far = none;
  std::vector<Signal> beyond;
  int reach = 0;
  for (int i = 0; i < distance.width(); ++i) {
    const int places = 1 << i;
    if (places > furthest) {
      beyond.push_back(distance.bit(i));
      continue;
    }
    // Bits that come here from further than `furthest` places do not count.
    const int counts = std::max(0, 3 - std::min(reach, furthest - places));
    const Signal dropped = x.slice(places, std::min(counts, places));
    const Signal moved =
        concat({m.constant(places, 0), x.slice(frame - 1, places + 1), reduce_or(dropped)});
    x = m.net(fmt::format("aligned_{}", i), mux(distance.bit(i), moved, x));
    reach += places;
  }
  if (!beyond.empty()) far = far | reduce_or(concat(beyond));
  if (!is_zero_constant(far)) x = m.net("aligned", x & replicate(~m.net("far", far), frame));
  return {x.slice(frame - 1, 3), x.bit(2), x.bit(1), x.bit(0)};
}

/// The rounded magnitude code as it leaves the carry chain, and what it does not say.
struct Rounded {
  Signal code;     ///< two's complement where results are flushed, else unsigned
  Signal is_zero;  ///< whatever the code is
  Signal special;  ///< the large operand is infinite or NaN, and the code is its
  Ordered operands;
  Signal large_fraction;
};

Signal pack(Module& m, const OperatorSpec& spec, const Interface& io, const Rounded& x) {
  const FloatFormat& f = spec.result->as_float();
  const int fraction_bits = f.fraction_bits;
  Signal keep = ~x.is_zero;
  if (spec.flush_outputs) {
    keep = keep & reduce_or(x.code.slice(f.magnitude_bits(), fraction_bits));
    if (spec.flush_inputs) keep = keep & ~x.code.top();
  }
  keep = m.net("keep", keep);
  Signal field = x.code.slice(f.magnitude_bits() - 1, fraction_bits);
  Signal fraction = x.code.low(fraction_bits);
  Signal sign = x.operands.sign & ~(x.is_zero & x.operands.subtract);
  const auto kept = [&keep](const Signal& bits) { return bits & replicate(keep, bits.width()); };

  if (f.has_infinity()) {
    // Codes go up to exponent ones, because twice the largest value is {ones, ones}.
    field = m.net("field", kept(field));
    if (spec.flush_outputs) fraction = kept(fraction);
    const Signal ones = m.net("field_ones", reduce_and(field));
    const Signal small_special =
        reduce_and(x.operands.small.slice(f.magnitude_bits() - 1, fraction_bits));
    Signal nan = m.net("operands_nan", x.special & (reduce_or(x.large_fraction) |
                                                    (small_special & x.operands.subtract)));
    Signal largest = m.constant(1, 0);
    switch (spec.overflow) {
      case OverflowMode::kSaturate:
        largest = ones & ~nan;
        break;
      case OverflowMode::kPropagate:
        largest = ones & ~x.special;
        break;
      case OverflowMode::kNan:
        nan = ones;
        break;
      case OverflowMode::kSaturateNan:
        nan = x.special;
        largest = ones & ~x.special;
        break;
      default:
        break;
    }
    nan = m.net("is_nan", nan);
    if (!is_zero_constant(largest)) {
      largest = m.net("is_largest", largest);
      field = concat({field.without_low(1), field.bit(0) & ~largest});
    }
    fraction = (fraction & replicate(~ones, fraction_bits)) |
               concat({nan | largest, replicate(largest, fraction_bits - 1)});
    return concat({sign & ~nan, field, fraction});
  }

  Signal too_large = x.code.bit(f.magnitude_bits());
  if (spec.flush_inputs) {  // a zero's code can be negative
    too_large = m.net("too_large", too_large & keep);
  }
  Signal code =
      m.net("code", concat({kept(field), spec.flush_outputs ? kept(fraction) : fraction}));
  if (f.negative_zero_is_nan) {
    const Signal nan_code = m.constant(f.bits(), f.canonical_nan());
    Signal nan = equal(io.operand("a_i"), nan_code) | equal(io.operand("b_i"), nan_code);
    if (spec.overflow == OverflowMode::kNan) nan = nan | too_large;
    nan = m.net("is_nan", nan);
    code = m.net("code_limited", code | replicate(too_large, code.width()));
    return concat({nan | (sign & reduce_or(code)), code & replicate(~nan, code.width())});
  }
  if (f.has_magnitude_nan() && spec.overflow != OverflowMode::kNan) {
    // The code of ones is NaN, of an operand; above the largest value it is that with bit 0.
    const Signal upper = code.without_low(1);
    const Signal limit = m.net("limit", (too_large | reduce_and(upper)) & ~x.special);
    return concat(
        {sign & ~x.special, upper | replicate(too_large, upper.width()), code.bit(0) & ~limit});
  }
  code = m.net("code_limited", code | replicate(too_large, code.width()));
  if (f.has_magnitude_nan()) sign = sign & ~m.net("is_nan", reduce_and(code));
  return concat({sign, code});
}

}  // namespace

Results build_aligned_sum(Module& m, const OperatorSpec& spec, const Interface& io) {
  const FloatFormat& f = spec.result->as_float();
  const int fraction_bits = f.fraction_bits;
  const int precision = fraction_bits + 1;
  const int magnitude_bits = f.magnitude_bits();
  const int exponent_bits = f.exponent_bits;
  const bool flush = spec.flush_inputs && spec.flush_outputs;
  const Signal zero = m.constant(1, 0);

  const Ordered x =
      order(m, f, io.operand("a_i"), io.operand("b_i"), spec.kind == OperatorKind::kSub);
  const auto exponent_of = [&](const Signal& code) {
    return code.slice(magnitude_bits - 1, fraction_bits);
  };
  const Signal large_field = exponent_of(x.large);
  const Signal small_field = exponent_of(x.small);
  const Signal large_hidden = m.net("large_hidden", reduce_or(large_field));
  const Signal small_hidden = m.net("small_hidden", reduce_or(small_field));
  Signal large_fraction = x.large.low(fraction_bits);
  Signal small_fraction = x.small.low(fraction_bits);
  if (spec.flush_inputs) {
    large_fraction =
        m.net("large_fraction", large_fraction & replicate(large_hidden, fraction_bits));
    small_fraction =
        m.net("small_fraction", small_fraction & replicate(small_hidden, fraction_bits));
  }
  const Signal large_significand =
      m.net("large_significand", concat({large_hidden, large_fraction}));
  const Signal small_significand =
      m.net("small_significand", concat({small_hidden, small_fraction}));

  m.section("Distance of the exponents; subnormal numbers have exponent 1");
  const Signal exponent =
      spec.flush_inputs
          ? large_field
          : m.net("exponent",
                  concat({large_field.without_low(1), large_field.bit(0) | ~large_hidden}));
  const Signal small_exponent =
      spec.flush_inputs
          ? small_field
          : m.net("small_exponent",
                  concat({small_field.without_low(1), small_field.bit(0) | ~small_hidden}));
  const Signal distance = m.net("distance", exponent - small_exponent);

  m.section("Align the small significand");
  Signal special = zero;
  if (f.has_infinity()) {
    special = m.net("special", reduce_and(large_field));
  } else if (f.has_magnitude_nan()) {
    special = m.net("special", reduce_and(x.large));
  }
  const Moved small = align(m, small_significand, distance, special);

  m.section("Add or subtract");
  const Signal below = m.net("below_last_place", small.guard | small.round | small.sticky);
  const Signal carry_in = m.net("no_borrow", x.subtract & ~below);
  const Signal addend =
      m.net("addend", concat({x.subtract, small.kept ^ replicate(x.subtract, precision)}));
  const Signal sum =
      m.net("sum", add_with_carry(zero_extend(large_significand, precision + 1), addend, carry_in));
  const Signal guard = m.net("guard", small.guard ^ (x.subtract & (small.round | small.sticky)));
  const Signal round = m.net("round", small.round ^ (x.subtract & small.sticky));
  const Signal sticky = small.sticky;

  m.section("Normalise: one place right, or left to the leading one or the least exponent");
  // Two or more places left nothing is below the guard bit.
  struct Choice {
    Signal here;         ///< the leading one, or the last place to go to
    Signal significand;  ///< precision bits
    Signal round, sticky;
    Signal change;  ///< of the exponent
  };
  const int change_bits = std::max(exponent_bits, bits_for(precision + 1)) + (flush ? 2 : 1);
  const auto change_by = [&](int by) { return m.constant(change_bits, to_bits(by, change_bits)); };
  std::vector<Choice> choices = {
      {sum.top(), sum.slice(precision, 1), sum.bit(0), guard | round | sticky, change_by(1)}};
  const int most_left = flush ? precision : std::min(precision, (1 << exponent_bits) - 2);
  for (int left = 0; left <= most_left; ++left) {
    Choice c;
    c.significand = left == 0 ? sum.low(precision)
                    : left == 1
                        ? concat({sum.low(precision - 1), guard})
                        : concat({sum.low(precision - left), guard, m.constant(left - 1, 0)});
    c.round = left == 0 ? guard : left == 1 ? round : zero;
    c.sticky = left == 0 ? round | sticky : left == 1 ? sticky : zero;
    c.here = c.significand.top();
    c.change = change_by(-left);
    if (!flush && left < precision) {
      const Signal least = left == 0 ? ~reduce_or(exponent.without_low(1))
                                     : equal(exponent, m.constant(exponent_bits, left + 1));
      c.here = m.net(fmt::format("left_{}", left), c.here | least);
      c.change = mux(c.significand.top(), change_by(-left), change_by(-left - 1));
    }
    choices.push_back(c);
  }
  Choice chosen = choices.back();
  for (int i = static_cast<int>(choices.size()) - 2; i >= 0; --i) {
    const Choice& c = choices[static_cast<std::size_t>(i)];
    chosen.significand = mux(c.here, c.significand, chosen.significand);
    chosen.round = mux(c.here, c.round, chosen.round);
    chosen.sticky = mux(c.here, c.sticky, chosen.sticky);
    chosen.change = mux(c.here, c.change, chosen.change);
  }
  const Signal significand = m.net("significand", chosen.significand);
  const Signal change = m.net("exponent_change", chosen.change);
  const Signal is_zero = m.net("sum_zero", ~reduce_or(concat({sum, guard})));

  m.section("Round: exponent change and increment in one carry chain");
  const Signal up = m.net("round_up", chosen.round & (chosen.sticky | significand.bit(0)));
  const int code_bits = change_bits + fraction_bits;
  const Signal rounded =
      m.net("rounded",
            add_with_carry(zero_extend(concat({exponent, m.constant(fraction_bits, 0)}), code_bits),
                           concat({change, significand.low(fraction_bits)}), up));

  m.section("Pack: special values last");
  Results results;
  results.result =
      m.net("result", pack(m, spec, io, {rounded, is_zero, special, x, large_fraction}));
  return results;
}

}  // namespace fewbit::ops
