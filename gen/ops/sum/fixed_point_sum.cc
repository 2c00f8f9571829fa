// Fixed-point sum: see fixed_point_sum.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/sum/fixed_point_sum.h"

#include "fewbit/gen/ops/fabric/stage.h"
#include "fewbit/gen/ops/operand/ordering.h"
#include "fewbit/gen/ops/product/magnitude_codes.h"
#include "fewbit/gen/ops/product/significand_product.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

namespace {

const rtl::TableLabel kNearest = {"Nearest", "the nearest magnitude code, by the exact sum"};

/// Two's complement in `width` bits; index: sign and magnitude code.
BigInt signed_value(const MagnitudeCodes& codes, unsigned index, int magnitude_bits, bool negate) {
  const unsigned code = index % (1U << magnitude_bits);
  const bool negative = ((index >> magnitude_bits) != 0) != negate;
  return negative ? -BigInt(codes.operand(code)) : BigInt(codes.operand(code));
}

Signal signed_sum(Module& m, const MagnitudeCodes& codes, const Operands& x) {
  const int bits = x.a.width();
  const int width = codes.value_bits() + 1;
  m.section("Operands as integers");
  const auto integer = [&](const std::string& name, const Signal& sign, const Signal& magnitude) {
    const Signal value = table_of(
        m, name, {"SignedInteger", "the number, by its code"}, width, concat({sign, magnitude}),
        [&](unsigned index) { return signed_value(codes, index, bits, false); });
    return sign_extend(value, width + 1);
  };
  const Signal a = integer("a_integer", x.a_sign, x.a);
  const Signal b = integer("b_integer", x.b_sign, x.b);

  m.section("Exact sum");
  const Signal sum = m.net("sum", a + b);

  m.section("Nearest code; minus zero from two of them alone");
  const Signal magnitude = table_of(m, "magnitude", kNearest, bits, sum, [&](unsigned index) {
    const bool negative = index >> width != 0;
    return BigInt(codes.nearest(negative ? (2U << width) - index : index, 0));
  });
  return m.net("result", concat({sum.top() | (x.a_sign & x.b_sign), magnitude}));
}

Signal ordered_sum(Module& m, const MagnitudeCodes& codes, const Operands& x, bool flush,
                   int fraction_bits) {
  const int bits = x.a.width();
  const int width = codes.value_bits();
  m.section("The larger operand gives the sign");
  const Order order = order_by_ripple(m, x);
  Signal sign = mux(order.swap, x.b_sign, x.a_sign);
  if (flush) {  // zeros of different codes
    const Signal any =
        reduce_or(x.a.without_low(fraction_bits)) | reduce_or(x.b.without_low(fraction_bits));
    sign = sign & ~(order.subtract & ~m.net("any_normal", any));
  }
  sign = m.net("sign", sign);

  m.section("Magnitudes as integers, the smaller one inverted where the signs differ");
  const auto integer = [&](const std::string& name, const Signal& invert, const Signal& code) {
    return table_of(m, name, {"Integer", "the magnitude or its complement, by {inverted, code}"},
                    width, concat({m.net(name + "_inverted", invert), code}),
                    [&, bits, width](unsigned index) {
                      const BigInt value = codes.operand(index % (1U << bits));
                      return index >> bits != 0 ? pow2(width) - 1 - value : value;
                    });
  };
  const Signal a = integer("a_integer", order.subtract & order.swap, x.a);
  const Signal b = integer("b_integer", order.subtract & ~order.swap, x.b);

  m.section("Exact sum");
  const Signal sum = m.net("sum", add_with_carry(zero_extend(a, width + 1),
                                                 concat({order.subtract, b}), order.subtract));

  m.section("Nearest code");
  const Signal magnitude = table_of(m, "magnitude", kNearest, bits, sum, [&](unsigned index) {
    return BigInt(codes.nearest(index, 0));
  });
  return m.net("result", concat({sign, magnitude}));
}

}  // namespace

Results build_fixed_point_sum(Module& m, const OperatorSpec& spec, const Interface& io) {
  const Operands x = split_operands(m, spec, io);
  const MagnitudeCodes codes(spec);
  const bool signed_form = spec.result->bits() <= lut_inputs(spec.fabric);
  Results results;
  results.result = signed_form ? signed_sum(m, codes, x)
                               : ordered_sum(m, codes, x, spec.flush_inputs,
                                             spec.result->as_float().fraction_bits);
  return results;
}

Results build_sum_table(Module& m, const OperatorSpec& spec, const Interface& io) {
  const Operands x = split_operands(m, spec, io);
  const MagnitudeCodes codes(spec);
  const int bits = x.a.width();
  const auto a_of = [&](unsigned index) { return codes.operand(index >> bits); };
  const auto b_of = [&](unsigned index) { return codes.operand(index % (1U << bits)); };
  const Signal magnitudes = concat({x.a, x.b});

  m.section("Sum, difference and order of the magnitudes, each bit a table");
  const Signal tables =
      table_of(m, "magnitudes",
               {"Magnitudes", "{a > b, b > a, |a - b|, a + b}, both rounded, by both codes"},
               2 * bits + 2, magnitudes, [&](unsigned index) {
                 const unsigned a = a_of(index);
                 const unsigned b = b_of(index);
                 const unsigned order = (a > b ? 2U : 0U) + (b > a ? 1U : 0U);
                 const unsigned difference = codes.nearest(a > b ? a - b : b - a, 0);
                 return BigInt((((order << bits) + difference) << bits) + codes.nearest(a + b, 0));
               });
  const Signal sum = tables.low(bits);
  const Signal difference = tables.slice(2 * bits - 1, bits);
  const Signal b_larger = tables.bit(2 * bits);
  const Signal a_larger = tables.bit(2 * bits + 1);

  m.section("Sign of the larger one; minus zero from two of them alone");
  Results results;
  results.result =
      m.net("result", concat({(x.a_sign & x.b_sign) | (x.a_sign & a_larger) | (x.b_sign & b_larger),
                              mux(x.a_sign ^ x.b_sign, difference, sum)}));
  return results;
}

}  // namespace fewbit::ops
