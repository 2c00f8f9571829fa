// Multiplier, exact or rounded.
// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "fewbit/gen/ops/fabric/cell_network.h"
#include "fewbit/gen/ops/operators.h"
#include "fewbit/gen/ops/product/code_sum.h"
#include "fewbit/gen/ops/product/magnitude_codes.h"
#include "fewbit/gen/ops/product/rom_product.h"
#include "fewbit/gen/ops/product/significand_product.h"
#include "fewbit/gen/ops/sum/normal_product.h"
#include "fewbit/gen/spec/strategy.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

namespace {

/// round(a x b) for requests that Strategy::kTable serves: the magnitude as functions of the
/// operands' magnitudes.
Signal product_as_table(Module& m, const OperatorSpec& spec, const Signal& a_code,
                        const Signal& b_code) {
  const FloatFormat& f = spec.result->as_float();
  const int bits = f.magnitude_bits();
  // In units of 2^lsb_exponent; the exact product's are that many places below the result's.
  const int places = -f.lsb_exponent();
  const MagnitudeCodes codes(spec);
  const auto product = [&](unsigned index) {
    return BigInt(
        codes.nearest(codes.operand(index >> bits) * codes.operand(index % (1U << bits)), places));
  };
  m.section("Rounded magnitude, by those of both operands");
  const Signal magnitudes = concat({a_code.low(bits), b_code.low(bits)});
  std::optional<Signal> magnitude =
      cell_network(m, "magnitude", "the rounded product of both magnitudes", bits, magnitudes,
                   spec.fabric, product);
  if (!magnitude)
    magnitude = table_of(m, "magnitude", {"Magnitude", "the rounded product, by both magnitudes"},
                         bits, magnitudes, product);
  return m.net("result", concat({a_code.top() ^ b_code.top(), *magnitude}));
}

}  // namespace

ProductSpecials product_specials(Module& m, const Unpacked& a, const Unpacked& b,
                                 const std::string& prefix) {
  Signal nan = a.is_nan | b.is_nan;
  const bool a_infinite = !is_zero_constant(a.is_infinite);
  const bool b_infinite = !is_zero_constant(b.is_infinite);
  if (a_infinite) nan = nan | (a.is_infinite & b.is_zero);
  if (b_infinite) nan = nan | (b.is_infinite & a.is_zero);
  nan = m.net(prefix + "is_nan", nan);
  const Signal negative = a_infinite || b_infinite
                              ? m.net(prefix + "infinity_negative", a.sign ^ b.sign)
                              : m.constant(1, 0);
  return {nan, m.net(prefix + "is_infinite", (a.is_infinite | b.is_infinite) & ~nan), negative};
}

Results build_mul(Module& m, const OperatorSpec& spec, const Interface& io) {
  LateOperands operands{io.operand("a_i"), io.operand("b_i"), io.random(), {}};
  if (spec.reads_bram()) {
    operands = operands_from_rom(m, spec, io, spec.result ? unpack_sign_magnitude : unpack);
  }
  const Signal a_code = operands.a_code;
  const Signal b_code = operands.b_code;
  Results results;
  if (spec.result && spec.result->is_bipolar()) {
    m.section("Equal signs give +1");
    results.result = m.net("result", ~(a_code ^ b_code));
    return results;
  }
  m.section("Unpack");
  if (!spec.result) {
    const Unpacked a = unpack(m, spec.a, a_code, "a", spec.flush_inputs);
    const Unpacked b = unpack(m, *spec.b, b_code, "b", spec.flush_inputs);
    const int width = output_format(spec).bits();
    m.section("Exact product");
    const Addend product =
        product_addend(m, spec, a_code, b_code, a, b, {}, width, operands.significands_product);
    results.result = m.net(
        "result", add_with_carry(product.extended(width), m.constant(width, 0), product.carry));
    results.flags = product_specials(m, a, b).flags();
    return results;
  }
  if (choose_strategy(spec) == Strategy::kCodeSum) {
    results.result = m.net("result", code_sum_product(m, spec, a_code, b_code));
    return results;
  }
  if (choose_strategy(spec) == Strategy::kTable) {
    results.result = product_as_table(m, spec, a_code, b_code);
    return results;
  }
  const Unpacked a = unpack_sign_magnitude(m, spec.a, a_code, "a", spec.flush_inputs);
  const Unpacked b = unpack_sign_magnitude(m, *spec.b, b_code, "b", spec.flush_inputs);
  if (multiplies_normals(spec)) {
    const ProductSpecials specials = product_specials(m, a, b);
    ExactResult exact{{}, specials.nan, specials.infinite};
    exact.value.negative = m.net("negative", a.sign ^ b.sign);
    exact.overflow_by_bits = true;
    results.result = m.net("result", rounded_normal_product(m, spec, a_code, b_code, a, b, exact));
    return results;
  }
  m.section("Exact product");
  const SignMagnitude product = exact_magnitude(m, a, &b, spec, operands.significands_product);
  const ProductSpecials specials = product_specials(m, a, b);
  results.result =
      m.net("result",
            round_and_pack(m, spec, {product, specials.nan, specials.infinite}, operands.random));
  return results;
}

}  // namespace fewbit::ops
