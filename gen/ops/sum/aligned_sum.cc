// Aligned sum: see aligned_sum.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/sum/aligned_sum.h"

#include <fmt/format.h>

#include <algorithm>

#include "fewbit/gen/ops/operand/ordering.h"
#include "fewbit/gen/ops/sum/leading_one.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

namespace {

/// Operands by size of their magnitude codes.
struct Ordered {
  Signal large;           ///< magnitude code
  Signal small_fraction;  ///< as it is coded
  Signal sign;            ///< of the sum
  Signal subtract;        ///< the signs differ
  Signal large_hidden, small_hidden;
  Signal distance;       ///< of the exponents, of subnormal numbers that of the least normal ones
  Signal small_special;  ///< the small exponent field is all ones
};

/// How the operands are compared and how far apart they are, each the smallest of those measured.
///   no gate before a carry  one chain compares; the inverted b it needs serves the exponents'
///   chain
///                           too, whose difference is inverted where b is larger
///   a gate before it        one chain compares; the exponents are exchanged, then subtracted
///   dear carries            cells compare bit by bit; the rest as before
Ordered order(Module& m, const OperatorSpec& spec, const Operands& x) {
  const FabricTraits& traits = fabric_traits(spec.fabric);
  const FloatFormat& f = spec.result->as_float();
  const int fraction_bits = f.fraction_bits;
  m.section("The operand with the larger magnitude code is the base");
  const Order by_code =
      traits.dear_carries ? order_by_ripple(m, x) : order_by_chain(m, x, spec.fabric);
  const bool may_be_alone = x.a_alone.valid();
  const Signal with_b = may_be_alone ? m.net("with_b", ~x.a_alone) : m.constant(1, 1);
  const Signal swap = may_be_alone ? m.net("swap_with_b", by_code.swap & with_b) : by_code.swap;
  const Signal a_field = m.net("a_field", x.a.without_low(fraction_bits));
  const Signal b_field = m.net("b_field", x.b.without_low(fraction_bits));
  const Signal a_hidden = m.net("a_hidden", reduce_or(a_field));
  const Signal b_hidden =
      m.net("b_hidden", may_be_alone ? reduce_or(b_field) & with_b : reduce_or(b_field));
  Ordered r;
  r.subtract = may_be_alone ? m.net("subtract_b", by_code.subtract & with_b) : by_code.subtract;
  r.large = m.net("large_code", mux(swap, x.b, x.a));
  r.small_fraction =
      m.net("small_fraction", mux(swap, x.a.low(fraction_bits), x.b.low(fraction_bits)));
  r.large_hidden = m.net("large_hidden", a_hidden | b_hidden);
  r.small_hidden = m.net("small_hidden", a_hidden & b_hidden);
  r.sign = mux(swap, x.b_sign, x.a_sign);
  // Zeros may have different codes.
  if (spec.flush_inputs) r.sign = r.sign & ~(r.subtract & ~r.large_hidden);
  r.sign = m.net("large_sign", r.sign);

  m.section("Distance of the exponents; subnormal numbers have exponent 1");
  // One less from a subnormal number to a normal one; flushed operands need no distance.
  const Signal one_less =
      spec.flush_inputs ? m.constant(1, 0) : m.net("one_less", a_hidden ^ b_hidden);
  if (!traits.gate_before_carry) {
    // ~(a - b - 1) is b - a.
    const Signal carry = m.net("distance_carry", ~(swap ^ one_less));
    const Signal difference = m.net("field_difference", add_with_carry(a_field, ~b_field, carry));
    r.distance = m.net("distance", difference ^ replicate(swap, difference.width()));
    r.small_special = reduce_and(a_field) & reduce_and(b_field);
  } else {
    const Signal small_field = m.net("small_field", mux(swap, a_field, b_field));
    const Signal large_field = r.large.without_low(fraction_bits);
    r.distance = m.net("distance", add_with_carry(large_field, ~small_field, ~one_less));
    r.small_special = reduce_and(small_field);
  }
  return r;
}

/// The small significand at the large one's exponent: precision bits, guard and round bit, sticky.
struct Moved {
  Signal kept, guard, round, sticky;
};

/// Further than precision + 1 places only the sticky bit is left, and it makes no difference: the
/// base is the result. So it is wrong there; `none` removes the operand.
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
  // The sticky bit alone makes no difference either.
  const Signal near = m.net("near", ~far);
  const Signal kept = m.net("aligned", x.without_low(1) & replicate(near, frame - 1));
  return {kept.without_low(2), kept.bit(1), kept.bit(0), x.bit(0)};
}

/// The rounded magnitude code as it leaves the carry chain, and what it does not say.
struct Rounded {
  Signal field, fraction;
  Signal keep;       ///< the field counts; else the sum is below the normal numbers
  Signal too_large;  ///< absent where there is infinity: codes end with it
  Signal special;    ///< the large operand is infinite or NaN, and the code is its
  Ordered operands;
};

Signal pack(Module& m, const OperatorSpec& spec, const Signal& nan_operand, const Rounded& x) {
  const FloatFormat& f = spec.result->as_float();
  const int fraction_bits = f.fraction_bits;
  const auto kept = [&x](const Signal& bits) { return bits & replicate(x.keep, bits.width()); };
  Signal field = kept(x.field);
  Signal fraction = spec.flush_outputs ? kept(x.fraction) : x.fraction;
  Signal sign = x.operands.sign;

  if (f.has_infinity()) {
    // Codes go up to exponent ones, because twice the largest value is {ones, ones}.
    field = m.net("field", field);
    const Signal ones = m.net("field_ones", reduce_and(field));
    const Signal large_fraction = x.operands.large.low(fraction_bits);
    Signal nan = m.net(
        "operands_nan",
        x.special & (reduce_or(large_fraction) | (x.operands.small_special & x.operands.subtract)));
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

  const Signal& too_large = x.too_large;
  Signal code = m.net("code", concat({field, fraction}));
  if (f.negative_zero_is_nan) {
    Signal nan = nan_operand;
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

/// How far the exponent goes in the chain that rounds.
struct CodeRange {
  bool flush = false;      ///< operands and results
  bool far_below = false;  ///< flushed, it needs a sign of its own
  int change_bits = 0;     ///< of exponent and exponent change
  bool by_stages = false;  ///< the form of the normalising shift: smaller, and not much slower
};

/// With an infinity the exponent's codes go up to it. Flushed ones go below 0, down to minus the
/// fraction's bits; of a wide fraction that is so far that they need a sign of their own.
CodeRange code_range(const OperatorSpec& spec) {
  const FloatFormat& f = spec.result->as_float();
  CodeRange range;
  range.flush = spec.flush_inputs && spec.flush_outputs;
  range.far_below =
      range.flush && f.fraction_bits > 1 << (f.exponent_bits - (f.has_infinity() ? 0 : 1));
  const int sign_bits = std::max(2, bits_for(f.fraction_bits) + 1 - f.exponent_bits);
  const int one_more = f.has_infinity() && !range.flush ? 0 : 1;
  range.change_bits = f.exponent_bits + (range.far_below ? sign_bits : one_more);
  range.by_stages = f.fraction_bits > 10;
  return range;
}

/// The code from what the chain makes, and whether it counts: `normal` where the sum has its
/// leading one. Special values apart.
Rounded code_of(Module& m, const OperatorSpec& spec, const CodeRange& range, const Signal& rounded,
                const Signal& normal) {
  const FloatFormat& f = spec.result->as_float();
  Rounded r;
  r.field = rounded.slice(f.magnitude_bits() - 1, f.fraction_bits);
  r.fraction = rounded.low(f.fraction_bits);
  r.keep = normal;  // sums below the normal numbers are exact
  if (range.flush) {
    const Signal top = rounded.top();
    const bool has_sign = range.far_below || f.has_infinity();
    const Signal negative = has_sign ? top : top & r.field.top();
    r.keep = r.keep & ~negative & reduce_or(r.field);
    r.too_large = range.far_below ? rounded.bit(f.magnitude_bits()) & ~top : top & ~r.field.top();
    // The stages do not stop at the end of a sum of zero.
    if (range.by_stages) r.too_large = r.too_large & normal;
  } else if (!f.has_infinity()) {
    r.too_large = rounded.top() & r.keep;
  }
  r.keep = m.net("keep", r.keep);
  if (!f.has_infinity()) r.too_large = m.net("too_large", r.too_large);
  return r;
}

}  // namespace

Signal aligned_sum(Module& m, const OperatorSpec& spec, const Operands& operands) {
  const FloatFormat& f = spec.result->as_float();
  const int fraction_bits = f.fraction_bits;
  const int precision = fraction_bits + 1;
  const CodeRange codes = code_range(spec);
  const bool flush = codes.flush;
  const Signal zero = m.constant(1, 0);
  const Signal one = m.constant(1, 1);
  const Ordered x = order(m, spec, operands);
  const Signal large_field = x.large.without_low(fraction_bits);

  m.section("Align the small significand");
  Signal special = zero;
  if (f.has_infinity()) {
    special = m.net("special", reduce_and(large_field));
  } else if (f.has_magnitude_nan()) {
    special = m.net("special", reduce_and(x.large));
  }
  // Flushed: a zero is not added, and as the base it gives a field of 0.
  Signal none = spec.flush_inputs ? special | ~x.small_hidden : special;
  if (operands.a_alone.valid()) none = none | operands.a_alone;
  const Signal small_hidden = spec.flush_inputs ? one : x.small_hidden;
  const Moved small = align(m, concat({small_hidden, x.small_fraction}), x.distance, none);

  m.section("Add or subtract");
  Signal large_fraction = x.large.low(fraction_bits);
  if (spec.flush_inputs && !flush) {
    large_fraction = large_fraction & replicate(x.large_hidden, fraction_bits);
  }
  const Signal large_significand =
      m.net("large_significand", concat({flush ? one : x.large_hidden, large_fraction}));
  const Signal below = m.net("below_last_place", small.guard | small.round | small.sticky);
  const Signal carry_in = m.net("no_borrow", x.subtract & ~below);
  const Signal addend =
      m.net("addend", concat({x.subtract, small.kept ^ replicate(x.subtract, precision)}));
  const Signal sum = chain_sum(m, "sum", spec.fabric, zero_extend(large_significand, precision + 1),
                               addend, carry_in);
  const Signal guard = m.net("guard", small.guard ^ (x.subtract & (small.round | small.sticky)));
  const Signal round = m.net("round", small.round ^ (x.subtract & small.sticky));

  m.section("Normalise: one place right, or left to the leading one or the least exponent");
  Signal exponent = large_field;
  if (!spec.flush_inputs) {
    exponent = concat({exponent.without_low(1), exponent.bit(0) | ~x.large_hidden});
  }
  exponent = m.net("exponent", exponent);
  const bool stages = codes.by_stages;
  const AlignedMagnitude magnitude{sum, guard, round, stages ? exponent : large_field, !flush};
  const Normalised normal = stages ? normalise_by_stages(m, magnitude, codes.change_bits)
                                   : normalise_by_choice(m, magnitude, codes.change_bits);
  const Signal& significand = normal.significand;

  m.section("Round: exponent change and increment in one carry chain");
  const Signal up =
      m.net("round_up", normal.round_bit & (small.sticky | normal.sticky | significand.bit(0)));
  const Signal rounded =
      m.net("rounded",
            concat({zero_extend(exponent, codes.change_bits), zero_extend(up, fraction_bits)}) +
                concat({normal.change, significand.low(fraction_bits)}));

  m.section("Pack: special values last");
  Rounded r = code_of(m, spec, codes, rounded, significand.top());
  r.special = special;
  r.operands = x;
  return pack(m, spec, operands.is_nan, r);
}

}  // namespace fewbit::ops
