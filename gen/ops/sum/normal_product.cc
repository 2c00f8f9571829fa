// Normal product: see normal_product.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/sum/normal_product.h"

#include <algorithm>

#include "fewbit/gen/ops/operand/ordering.h"
#include "fewbit/gen/ops/sum/pack.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

namespace {

/// With a constant hidden bit, and the exponent as it is coded.
Unpacked as_normal(Module& m, const Format& format, const Signal& code, Unpacked u) {
  u.significand = concat({m.constant(1, 1), code.low(format.as_float().fraction_bits)});
  u.exponent_low = u.exponent_field.bit(0);
  return u;
}

}  // namespace

bool multiplies_normals(const OperatorSpec& spec) {
  const auto has_subnormals = [](const Format& format) {
    return format.is_float() && format.has_zero() && format.as_float().exponent_bits >= 2;
  };
  if (!spec.result || !spec.flush_inputs || !spec.flush_outputs) return false;
  if (spec.rounding != RoundingMode::kTiesToEven || spec.reads_bram()) return false;
  if (!has_subnormals(spec.a) || !has_subnormals(*spec.b) || !has_subnormals(*spec.result)) {
    return false;
  }
  const int product_bits = spec.a.as_float().fraction_bits + spec.b->as_float().fraction_bits + 2;
  return spec.result->as_float().fraction_bits + 3 <= product_bits;
}

Signal rounded_normal_product(Module& m, const OperatorSpec& spec, const Signal& a_code,
                              const Signal& b_code, const Unpacked& a, const Unpacked& b,
                              const ExactResult& exact) {
  const FloatFormat& f = spec.result->as_float();
  const int fraction_bits = f.fraction_bits;
  const Unpacked x = as_normal(m, spec.a, a_code, a);
  const Unpacked y = as_normal(m, *spec.b, b_code, b);
  m.section("Product of the significands, hidden bits 1");
  const int width = spec.a.as_float().fraction_bits + spec.b->as_float().fraction_bits + 2;
  // Below 2, and a bit narrower, where a factor has no fraction.
  const Signal product = zero_extend(floating_product(m, x, &y, spec).magnitude, width);

  m.section("Normalise: one place, or none");
  const Signal two = m.net("two_or_more", product.bit(width - 1));
  const Signal placed = m.net("placed", mux(two, product.low(width - 1),
                                            concat({product.low(width - 2), m.constant(1, 0)})));
  const int dropped = width - 1 - fraction_bits;
  const Signal fraction = m.net("fraction", placed.without_low(dropped));
  const Signal guard = placed.bit(dropped - 1);
  const Signal sticky = m.net("sticky", reduce_or(placed.low(dropped - 1)));

  m.section("Exponent, less the offset of the sum's field from the result's");
  // Field 1 of either operand is the exponent of its least normal number.
  const auto least = [](const FloatFormat& format) {
    return format.lsb_exponent() + format.fraction_bits;
  };
  const int offset = least(spec.a.as_float()) - 1 + least(spec.b->as_float()) - 1 - (least(f) - 1);
  const int most = (1 << spec.a.as_float().exponent_bits) + (1 << spec.b->as_float().exponent_bits);
  const int bits =
      std::max(bits_for(std::max({most - 1, most + offset, -offset})), f.exponent_bits) + 1;
  const Signal exponent = chain_sum(m, "exponent_sum", spec.fabric, zero_extend(x.exponent(), bits),
                                    zero_extend(y.exponent(), bits), two);
  const Signal at_zero =
      m.net("field_zero", equal(exponent, m.constant(bits, to_bits(-offset, bits))));

  m.section("Round: offset and increment in one carry chain");
  const Signal up = m.net("round_up", (guard & (sticky | fraction.bit(0))) | at_zero);
  const Signal rounded =
      m.net("rounded_field",
            concat({exponent, fraction}) +
                concat({m.constant(bits, to_bits(offset, bits)), zero_extend(up, fraction_bits)}));
  const Signal field = rounded.without_low(fraction_bits);
  const Signal normal =
      m.net("is_normal", ~a.is_zero & ~b.is_zero & ~field.top() & reduce_or(field.low(bits - 1)));
  const int code_bits = fraction_bits + bits - 1;
  Rounded result;
  result.code = m.net("rounded", rounded.low(code_bits) & replicate(normal, code_bits));
  result.largest = pow2(code_bits) - 1;
  return pack_float(m, spec, f, exact, result);
}

}  // namespace fewbit::ops
