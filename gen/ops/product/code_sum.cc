// Code sum: see code_sum.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/product/code_sum.h"

#include <algorithm>
#include <array>
#include <bit>
#include <functional>
#include <set>

#include "fewbit/gen/ops/fabric/stage.h"
#include "fewbit/gen/ops/product/significand_product.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

namespace {

/// x / 2^places to the nearest integer, ties to even.
unsigned shifted_and_rounded(unsigned x, int places) {
  const unsigned kept = x >> places;
  const unsigned dropped = x & ((1U << places) - 1);
  const unsigned half = 1U << (places - 1);
  return kept + (dropped > half || (dropped == half && kept % 2 == 1) ? 1 : 0);
}

/// The rounded significand goes right by `places` more, ties as `tie_up` says.
unsigned rounded_again(unsigned significand, bool tie_up, int places) {
  return (significand + (1U << (places - 1)) - (tie_up ? 0 : 1)) >> places;
}

/// 1.fa x 1.fb, rounded.
struct FractionProduct {
  unsigned code = 0;  ///< {carry into the exponent, fraction}
  bool increment = false;
  bool tie_up = false;
};
FractionProduct fraction_product(int m, unsigned fa, unsigned fb) {
  const unsigned one = 1U << m;
  const unsigned product = (one + fa) * (one + fb);  // in units of 2^-2m
  const int carry = product >= 2 * one * one ? 1 : 0;
  const unsigned significand = shifted_and_rounded(product, m + carry);
  FractionProduct result;
  result.code = (static_cast<unsigned>(carry) << m) + significand - one;
  result.increment = result.code != fa + fb;
  FEWBIT_CHECK(result.code - (fa + fb) <= 1, "the rounded product is no sum of codes");
  const unsigned fraction = one + result.code % one;
  if (significand << (m + carry) == product) {  // a later tie is a true tie: to even
    result.tie_up = ((fraction >> (std::countr_zero(fraction) + 1)) & 1) != 0;
  } else {  // it comes from this rounding: back to where it was
    result.tie_up = significand << (m + carry) < product;
  }
  for (int places = 1; places <= m + 1; ++places) {
    const int before = places + static_cast<int>(result.code >> m);
    FEWBIT_CHECK(
        rounded_again(fraction, result.tie_up, places) == shifted_and_rounded(product, m + before),
        "the tie bit does not undo the first rounding");
  }
  return result;
}

Signal all_of(Module& m, const Signal& x) {
  return x.width() == 0 ? m.constant(1, 1) : reduce_and(x);
}

Signal all_ones(Module& m, int width) { return m.constant(width, pow2(width) - 1); }

/// One bit, a function of both fractions: `fractions` are side by side.
Signal fraction_table(Module& m, const std::string& name, const rtl::TableLabel& label,
                      const Signal& fractions,
                      const std::function<bool(const FractionProduct&)>& function) {
  const int n = fractions.width() / 2;
  BigInt bits = 0;
  for (unsigned i = 0; i < (1U << (2 * n)); ++i) {
    if (function(fraction_product(n, i >> n, i % (1U << n)))) bits |= pow2(static_cast<int>(i));
  }
  return m.net(name, rtl::table(bits, fractions, label));
}

/// `function` where `counts` says so, of as few of the fractions' bits as tell its values apart
/// there; elsewhere anything.
Signal partial_fraction_table(Module& m, const std::string& name, const rtl::TableLabel& label,
                              const Signal& fractions,
                              const std::function<bool(const FractionProduct&)>& counts,
                              const std::function<bool(const FractionProduct&)>& function) {
  const int n = fractions.width() / 2;
  const unsigned all = (1U << (2 * n)) - 1;
  const auto zeros_and_ones = [&](unsigned chosen) {  // values of the chosen bits with each result
    std::array<std::set<unsigned>, 2> values;
    for (unsigned i = 0; i <= all; ++i) {
      const FractionProduct product = fraction_product(n, i >> n, i % (1U << n));
      if (counts(product)) values[function(product) ? 1 : 0].insert(i & chosen);
    }
    return values;
  };
  unsigned best = all;
  for (unsigned chosen = 0; chosen < all; ++chosen) {
    const auto [zeros, ones] = zeros_and_ones(chosen);
    const bool tells = std::none_of(zeros.begin(), zeros.end(), [&ones = ones](unsigned value) {
      return ones.contains(value);
    });
    if (tells && std::popcount(chosen) < std::popcount(best)) best = chosen;
  }
  const std::set<unsigned> zeros = zeros_and_ones(best)[0];
  if (best == 0) return m.constant(1, zeros.empty() ? 1 : 0);
  std::vector<Signal> inputs;
  for (int i = 2 * n - 1; i >= 0; --i) {
    if ((best >> i) % 2 != 0) inputs.push_back(fractions.bit(i));
  }
  BigInt bits = pow2(1 << inputs.size()) - 1;
  for (const unsigned value : zeros) {
    int index = 0;  // of the chosen bits, side by side
    for (int i = 2 * n - 1; i >= 0; --i) {
      if ((best >> i) % 2 != 0) index = 2 * index + static_cast<int>((value >> i) % 2);
    }
    bits -= pow2(index);
  }
  return m.net(name, rtl::table(bits, concat(inputs), label));
}

Signal increment_of(Module& m, const Signal& fractions) {
  if (fractions.width() == 2) return {};  // never
  return fraction_table(
      m, "increment",
      {"Increment", "whether the product's fraction is one more than the sum of both"}, fractions,
      [](const FractionProduct& product) { return product.increment; });
}

const rtl::TableLabel kAgain = {"Again",
                                "a subnormal result's code, by {places below, tie_up, fraction}"};
const rtl::TableLabel kTieUp = {
    "TieUp", "whether a tie at a subnormal result's last place goes up, by both fractions"};

struct Operand {
  Signal sign, field, fraction, is_subnormal;
  Signal is_zero;
};
Operand split(Module& m, const FloatFormat& f, const Signal& code, const std::string& name,
              bool flush) {
  Operand x;
  x.sign = code.top();
  x.field = m.net(name + "_field", code.slice(f.magnitude_bits() - 1, f.fraction_bits));
  x.fraction = m.net(name + "_fraction", code.low(f.fraction_bits));
  x.is_subnormal = m.net(name + "_subnormal", ~reduce_or(x.field));
  x.is_zero = flush ? x.is_subnormal : x.is_subnormal & ~reduce_or(x.fraction);
  if (f.infinity && !flush) x.is_zero = m.net(name + "_zero", x.is_zero);
  return x;
}

/// The operand as 1.fraction x 2^exponent: exponent and fraction side by side, two's complement
/// with its sign apart. A zero has the least exponent of that width and fraction 0.
struct Normalised {
  Signal negative, exponent, fraction;
};
Signal normal_fraction(Module& m, const Operand& x, const std::string& name) {
  const int n = x.fraction.width();
  if (n == 1) return m.net(name + "_normal", x.fraction & ~x.is_subnormal);
  return table_of(m, name + "_normal",
                  {"NormalFraction", "the fraction; of a subnormal, behind its leading one"}, n,
                  concat({x.is_subnormal, x.fraction}), [n](unsigned index) {
                    const unsigned fraction = index % (1U << n);
                    if (index < (1U << n) || fraction == 0) return BigInt(fraction);
                    return BigInt((fraction << (n + 1 - std::bit_width(fraction))) % (1U << n));
                  });
}
Normalised normalise(Module& m, const Operand& x, const std::string& name, bool wider) {
  const int n = x.fraction.width();
  const int e = x.field.width();
  Normalised r;
  r.negative = m.net(name + "_below", x.is_subnormal & ~x.fraction.top());
  r.fraction = normal_fraction(m, x, name);
  if (n == 1) {
    r.exponent = x.field;
    return r;
  }
  const Signal ones = m.net(name + "_ones", r.negative & reduce_or(x.fraction.low(n - 1)));
  const Signal last = x.field.bit(0) | (n == 2 ? ones : r.negative & x.fraction.bit(1));
  r.exponent =
      m.net(name + "_exponent", concat({wider ? ones : m.constant(0, 0),
                                        x.field.slice(e - 1, 1) | replicate(ones, e - 1), last}));
  return r;
}

/// a + b + carry: a carry-in without a third operand. An absent carry is 0. Two carries below the
/// sum give one; on Xilinx that takes one cell less than a 1 and a carry.
Signal sum_of(Module& m, const Signal& a, const Signal& b, const Signal& carry, Fabric fabric) {
  if (!carry.valid()) return m.net("code_sum", a + b);
  const Signal other = fabric_traits(fabric).carry_in_by_place ? carry : m.constant(1, 1);
  const Signal sum = concat({a, other}) + concat({b, carry});
  return m.net("code_sum", m.net("code_sum_and_carry", sum).without_low(1));
}

/// The exponent field of a normal result: y + 1 - 2^(e-1) in e bits, one less where `one_less`.
Signal result_field(Module& m, const Signal& y, const Signal& one_less) {
  const Signal add_1 = ~one_less;
  std::vector<Signal> bits;
  for (int i = y.width() - 1; i >= 0; --i) {
    const Signal bit = y.bit(i) ^ (i == 0 ? add_1 : add_1 & reduce_and(y.low(i)));
    bits.push_back(i == y.width() - 1 ? ~bit : bit);
  }
  return m.net("normal_field", concat(bits));
}

/// A result of bounded precision and not yet of bounded exponent.
struct Rounded {
  Signal field, fraction;  ///< of a normal result
  Signal again;            ///< fraction of a subnormal one, and above it the 1 of the least field
  Signal below;            ///< not normal; absent: `field` and `fraction` are right for all results
  Signal far;              ///< where `below`: 0
  Signal over;             ///< above the largest field of finite numbers
  Signal all_but_last;  ///< a normal result whose code has ones but for the lowest bit, or `over`
  bool by_outcome = false;     ///< how it is packed, see code_of
  bool field_at_once = false;  ///< so are all bits of its field, which maps better there
};

/// What is said of large results, by y in e bits and its carry: the exponents' sum. Only where
/// `is_large` are there any.
void look_for_large(Module& m, const FloatFormat& f, const Signal& y, const Signal& is_large,
                    Rounded& x) {
  const int least = f.infinity ? 1 : 0;
  const Signal rest = y.slice(f.exponent_bits - 2, least);
  x.over = m.net("over", is_large & (y.top() | all_of(m, rest)));
  if (!f.infinity && f.has_nan()) {
    x.all_but_last =
        m.net("all_but_last", is_large & ~y.top() & all_of(m, y.slice(f.exponent_bits - 2, 1)) &
                                  all_of(m, x.fraction.without_low(1)));
  }
}

Rounded with_subnormals(Module& m, const FloatFormat& f, const Operand& a_parts,
                        const Operand& b_parts, Fabric fabric) {
  const int e = f.exponent_bits;
  const int n = f.fraction_bits;
  // Products of two subnormals need more than the exponents of a zero leave where the bias is 1.
  const bool wider = e == 2 && n > 1;
  m.section("Subnormal operands made normal");
  const Normalised a = normalise(m, a_parts, "a", wider);
  const Normalised b = normalise(m, b_parts, "b", wider);

  m.section("Exponents, fractions and rounding in one sum");
  const Signal fractions = m.net("fractions", concat({a.fraction, b.fraction}));
  const Signal tie_up =
      fraction_table(m, "tie_up", kTieUp, fractions,
                     [](const FractionProduct& product) { return product.tie_up; });
  const Signal sum = sum_of(m, concat({a.negative, a.negative, a.exponent, a.fraction}),
                            concat({b.negative, b.negative, b.exponent, b.fraction}),
                            increment_of(m, fractions), fabric);
  const Signal fraction = m.net("sum_fraction", sum.low(n));
  const Signal exponent = m.net("sum_exponent", sum.without_low(n));
  const Signal negative = exponent.top();
  const Signal carry = exponent.bit(e);
  const Signal y = exponent.low(e);
  Rounded x;
  x.by_outcome = has_wide_tables(fabric);
  x.below = m.net("below_normal", negative | ~(carry | y.top()));

  m.section("Subnormal result: rounded again");
  const int places_bits = n == 1 ? 1 : 2;
  x.far = m.net("far_below", wider ? negative & ~reduce_and(exponent.slice(exponent.width() - 2, 1))
                                   : negative | ~all_of(m, y.slice(e - 2, places_bits)));
  x.again =
      table_of(m, "again", kAgain, n + 1, concat({y.low(places_bits), tie_up, fraction}),
               [&](unsigned index) {
                 const unsigned low = index >> (n + 1);
                 const unsigned places = ((1U << (e - 1)) - low - 1) % (1U << places_bits) + 1;
                 const unsigned significand = (1U << n) + index % (1U << n);
                 return BigInt(
                     rounded_again(significand, ((index >> n) & 1) != 0, static_cast<int>(places)));
               });

  m.section("Pack");
  x.field = result_field(m, y, m.constant(1, 0));
  x.fraction = fraction;
  look_for_large(m, f, y, m.net("may_be_large", carry & ~negative), x);
  return x;
}

/// with_subnormals() where an operand's exponent is at most one below its field (two fraction bits)
/// and products of two such operands vanish: the fields themselves are added, and one less where
/// one of the operands says so is left to what comes after the sum.
Rounded with_raw_exponents(Module& m, const FloatFormat& f, const Operand& a, const Operand& b,
                           Fabric fabric) {
  const int e = f.exponent_bits;
  const int n = f.fraction_bits;
  FEWBIT_CHECK(e >= 4 && n == 2, "raw exponents of e{}m{}", e, n);
  m.section("Subnormal operands made normal; that may leave the exponents' sum one too large");
  const Signal fractions =
      m.net("fractions", concat({normal_fraction(m, a, "a"), normal_fraction(m, b, "b")}));
  const auto lower = [&](const Operand& x) { return x.is_subnormal & ~x.fraction.top(); };
  const Signal a_lower = m.net("a_lower", lower(a) & a.fraction.bit(0));
  const Signal b_lower = m.net("b_lower", lower(b) & b.fraction.bit(0));
  const Signal one_less = m.net("one_less", a_lower | b_lower);
  const Signal vanishes = m.net("vanishes", a.is_zero | b.is_zero | (a_lower & b_lower));

  m.section("Exponents, fractions and rounding in one sum");
  const Signal tie_up =
      fraction_table(m, "tie_up", kTieUp, fractions,
                     [](const FractionProduct& product) { return product.tie_up; });
  const Signal zero = m.constant(1, 0);
  const Signal sum =
      sum_of(m, concat({zero, a.field, fractions.without_low(n)}),
             concat({zero, b.field, fractions.low(n)}), increment_of(m, fractions), fabric);
  const Signal fraction = m.net("sum_fraction", sum.low(n));
  const Signal y = m.net("sum_exponent", sum.slice(e + n - 1, n));
  const Signal carry = sum.top();
  const Signal at_border = m.net("at_border", one_less & ~carry & ~reduce_or(y.low(e - 1)));
  Rounded x;
  x.field_at_once = true;
  x.below = m.net("below_normal", vanishes | ~(carry | y.top()) | at_border);

  m.section("Subnormal result: rounded again");
  const int places_bits = 2;
  const Signal upper = y.slice(e - 2, places_bits);
  const Signal borrow = m.net("borrow", one_less & ~reduce_or(y.low(places_bits)));
  const Signal near = mux(borrow, y.top() & ~reduce_or(upper), reduce_and(upper));  // of y less one
  x.far = m.net("far_below", vanishes | ~near);
  x.again = table_of(m, "again", kAgain, n + 1,
                     concat({one_less, y.low(places_bits), tie_up, fraction}), [&](unsigned index) {
                       const unsigned low = (index >> (n + 1)) % (1U << places_bits);
                       const unsigned less = index >> (n + 1 + places_bits);
                       const unsigned places = (3U - low + less) % (1U << places_bits) + 1;
                       const unsigned significand = (1U << n) + index % (1U << n);
                       return BigInt(rounded_again(significand, ((index >> n) & 1) != 0,
                                                   static_cast<int>(places)));
                     });

  m.section("Pack");
  x.field = result_field(m, y, one_less);
  x.fraction = fraction;
  look_for_large(m, f, y, m.net("may_be_large", carry & ~one_less), x);
  return x;
}

Rounded without_subnormals(Module& m, const FloatFormat& f, const Operand& a, const Operand& b,
                           Fabric fabric) {
  const int e = f.exponent_bits;
  const int n = f.fraction_bits;
  m.section("Exponents, fractions and rounding in one sum");
  const Signal fractions = m.net("fractions", concat({a.fraction, b.fraction}));
  const Signal sum =
      sum_of(m, concat({m.constant(1, 0), a.field, a.fraction}),
             concat({m.constant(1, 0), b.field, b.fraction}), increment_of(m, fractions), fabric);
  const Signal fraction = m.net("sum_fraction", sum.low(n));
  const Signal y = m.net("sum_exponent", sum.slice(e + n - 1, n));
  const Signal carry = sum.top();

  m.section("Subnormal result: zero, or rounded up to the smallest normal number");
  const Signal any_zero = m.net("any_zero", a.is_zero | b.is_zero);
  const Signal below = m.net("below_normal", any_zero | ~(carry | y.top()));
  const unsigned ones = (1U << n) - 1;
  const Signal rounds_up = partial_fraction_table(
      m, "rounds_up", {"RoundsUp", "whether all ones go up, by the fractions' bits that decide it"},
      fractions, [ones](const FractionProduct& product) { return (product.code & ones) == ones; },
      [](const FractionProduct& product) { return product.tie_up; });
  const Signal smallest =
      m.net("is_smallest_normal",
            ~carry & ~y.top() & reduce_and(sum.low(e - 1 + n)) & rounds_up & ~any_zero);

  m.section("Pack");
  Rounded x;
  x.fraction = fraction;
  look_for_large(m, f, y, carry, x);
  if (has_wide_tables(fabric)) {
    x.field = result_field(m, y, m.constant(1, 0));
    x.again = concat({m.constant(1, 1), m.constant(n, 0)});
    x.by_outcome = true;
    x.below = below;
    x.far = ~smallest;
    return x;
  }
  x.field_at_once = true;
  // The top bit is 0 below the normal numbers and 1 where the product is too large by itself.
  const Signal top = (carry | (y.top() & reduce_and(y.low(e - 1)))) & ~any_zero;
  const Signal low_field =
      result_field(m, y, m.constant(1, 0)).low(e - 1) & replicate(~below, e - 1);
  x.field = m.net("field", concat({top, low_field | zero_extend(smallest, e - 1)}));
  x.fraction = m.net("fraction", fraction & replicate(~below, n));
  return x;
}

/// `x`, or where `ones`, `at_ones`: a constant, or a signal that is 0 elsewhere.
Signal with_ones(const Signal& x, const Signal& ones, const Signal& at_ones) {
  if (is_constant(at_ones)) return is_zero_constant(at_ones) ? x & ~ones : x | ones;
  return (x & ~ones) | at_ones;
}

/// The magnitude code where the result is not too large.
Signal rounded_code(Module& m, const Rounded& x) {
  const Signal normal = concat({x.field, x.fraction});
  if (!x.below.valid()) return normal;
  const Signal subnormal = m.net("subnormal", x.again & replicate(~x.far, x.again.width()));
  return m.net("rounded", mux(x.below, zero_extend(subnormal, normal.width()), normal));
}

/// The magnitude code; where `ones`, a field of ones and this fraction. By outcome: two bits say
/// which of four it is, 0, subnormal, normal or ones; then a bit is one cell of six inputs.
Signal code_of(Module& m, const Rounded& x, const Signal& ones, const Signal& fraction_at_ones) {
  const Signal at_ones = concat({all_ones(m, x.field.width()), fraction_at_ones});
  std::vector<Signal> bits;
  if (x.by_outcome) {
    const Signal high = m.net("normal_or_ones", ~x.below | ones);
    const Signal low = m.net("subnormal_or_ones", (x.below & ~x.far) | ones);
    const int e = x.field.width();
    const int n = x.fraction.width();
    bits.push_back(mux(high, x.field | replicate(low, e), zero_extend(x.again.top() & low, e)));
    for (int i = n - 1; i >= 0; --i) {
      const Signal at = at_ones.bit(i);
      const Signal usual =
          is_constant(at) ? with_ones(x.fraction.bit(i), low, at) : x.fraction.bit(i) & ~low;
      const Signal bit = mux(high, usual, x.again.bit(i) & low);
      bits.push_back(is_constant(at) ? bit : bit | at);
    }
  } else {
    const Signal code = rounded_code(m, x);
    int i = code.width() - 1;
    if (x.field_at_once) {
      bits.push_back(code.without_low(x.fraction.width()) | replicate(ones, x.field.width()));
      i -= x.field.width();
    }
    for (; i >= 0; --i) bits.push_back(with_ones(code.bit(i), ones, at_ones.bit(i)));
  }
  return m.net("code", concat(bits));
}

/// Every code is finite.
Signal pack_finite(Module& m, const Rounded& x, const Signal& sign) {
  return concat({sign, code_of(m, x, x.over, all_ones(m, x.fraction.width()))});
}

/// The magnitude code of ones is NaN; the largest finite number is next to it.
Signal pack_fn(Module& m, Rounded x, const Signal& sign, const Signal& nan, bool over_nan) {
  const Signal ones = m.net("all_ones", x.over | nan);
  if (over_nan) {
    const Signal code = code_of(m, x, ones, all_ones(m, x.fraction.width()));
    return concat({sign & ~reduce_and(code), code});
  }
  x.fraction = concat({x.fraction.without_low(1), x.fraction.bit(0) & ~x.all_but_last});
  return concat(
      {sign & ~nan, code_of(m, x, ones, concat({all_ones(m, x.fraction.width() - 1), nan}))});
}

/// Exponents of ones are infinity and NaN.
Signal pack_ieee(Module& m, const FloatFormat& f, OverflowMode mode, const Rounded& x,
                 const Signal& sign, const Signal& nan, const Signal& special) {
  const int n = f.fraction_bits;
  if (mode == OverflowMode::kInfinity) {
    const Signal infinite = m.net("special_or_over", special | x.over);
    return concat({sign & ~nan, code_of(m, x, infinite, concat({nan, m.constant(n - 1, 0)}))});
  }
  const bool infinity_is_nan = mode == OverflowMode::kNan || mode == OverflowMode::kSaturateNan;
  const Code over_code = mode == OverflowMode::kNan ? f.canonical_nan() : f.max_finite;
  const Code special_code = mode == OverflowMode::kPropagate ? *f.infinity
                            : infinity_is_nan                ? f.canonical_nan()
                                                             : f.max_finite;
  const int bits = f.magnitude_bits();
  Signal is_nan = infinity_is_nan ? nan | special : nan;
  if (mode == OverflowMode::kNan) is_nan = is_nan | x.over;
  Signal code = mux(x.over, m.constant(bits, over_code), rounded_code(m, x));
  code = mux(special, m.constant(bits, special_code), code);
  code = mux(nan, m.constant(bits, f.canonical_nan()), code);
  return concat({sign & ~is_nan, code});
}

}  // namespace

Signal code_sum_product(Module& m, const OperatorSpec& spec, const Signal& a_code,
                        const Signal& b_code) {
  const FloatFormat& f = spec.result->as_float();
  const bool flush = spec.flush_inputs;
  const Operand a = split(m, f, a_code, "a", flush);
  const Operand b = split(m, f, b_code, "b", flush);
  // Cells of six inputs take the correction along; smaller ones would need more of them.
  const bool raw = has_wide_tables(spec.fabric) && f.exponent_bits >= 4 && f.fraction_bits == 2;
  const Rounded rounded = flush ? without_subnormals(m, f, a, b, spec.fabric)
                          : raw ? with_raw_exponents(m, f, a, b, spec.fabric)
                                : with_subnormals(m, f, a, b, spec.fabric);
  const Signal sign = m.net("sign", a.sign ^ b.sign);
  if (!f.has_nan()) return pack_finite(m, rounded, sign);
  if (!f.infinity) {
    const int bits = f.magnitude_bits();
    const Signal nan = m.net("is_nan", reduce_and(a_code.low(bits)) | reduce_and(b_code.low(bits)));
    return pack_fn(m, rounded, sign, nan, spec.overflow == OverflowMode::kNan);
  }
  const Signal a_special = m.net("a_special", reduce_and(a.field));
  const Signal b_special = m.net("b_special", reduce_and(b.field));
  const Signal nan = m.net("is_nan", (a_special & (reduce_or(a.fraction) | b.is_zero)) |
                                         (b_special & (reduce_or(b.fraction) | a.is_zero)));
  const Signal special = m.net("is_special", a_special | b_special);
  return pack_ieee(m, f, spec.overflow, rounded, sign, nan, special);
}

}  // namespace fewbit::ops
