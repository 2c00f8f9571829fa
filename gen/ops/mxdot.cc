// Block-scaled dot product: the exact sum of all lanes times both scales.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/operators.h"
#include "fewbit/gen/ops/product/alignment.h"
#include "fewbit/gen/ops/product/significand_product.h"
#include "fewbit/gen/ops/sum/rounded_addend.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

Results build_mxdot(Module& m, const OperatorSpec& spec, const Interface& io) {
  const LaneSum lanes = sum_of_lanes(m, spec, io);
  m.section("Scale of both blocks");
  const Unpacked sa = unpack(m, *spec.scale, io.operand("scale_a_i"), "scale_a", spec.flush_inputs);
  const Unpacked sb = unpack(m, *spec.scale, io.operand("scale_b_i"), "scale_b", spec.flush_inputs);
  OperatorSpec by_rows = spec;  // the scales' product is too small for a block
  by_rows.dsp = Dsp::kNone;
  const SignMagnitude scale = [&] {
    const rtl::Scope scope(m, "scale");
    return floating_product(m, sa, &sb, by_rows);
  }();
  const ProductSpecials scale_specials = product_specials(m, sa, sb, "scale_");
  m.section("Special values");
  const Signal sum_zero = m.net("lanes_zero", ~reduce_or(lanes.sum) & ~lanes.specials.infinite);
  const Signal scale_zero = (sa.is_zero | sb.is_zero);
  const Signal nan = m.net("result_nan", lanes.specials.nan | scale_specials.nan |
                                             (lanes.specials.infinite & scale_zero) |
                                             (scale_specials.infinite & sum_zero));
  const Signal infinite =
      m.net("result_infinite", (lanes.specials.infinite | scale_specials.infinite) & ~nan);

  m.section("Scaled sum");
  const SignMagnitude sum = sign_and_magnitude(m, lanes.sum, lanes.is_signed, lanes.lsb_exponent);
  const Signal negative =
      m.net("sum_negative", mux(lanes.specials.infinite, lanes.specials.negative, sum.negative));
  SignMagnitude value = scale;
  value.is_normal_above_least = false;
  value.lsb_exponent += lanes.lsb_exponent;
  value.magnitude = sum.magnitude;
  if (scale.magnitude.width() != 1 || !is_zero_constant(~scale.magnitude)) {
    const rtl::Scope scope(m, "scaled");
    value.magnitude = m.net(
        "magnitude",
        multiply(m, {sum.magnitude, false}, {scale.magnitude, false}, spec.fabric, false).bits);
  }
  Results results;
  if (spec.has_addend()) {
    value.negative = sum.negative;
    return lanes_and_addend(m, spec, io, {value, {nan, infinite, negative}});
  }
  if (spec.result) {
    // An exact zero is +0, rounded downward -0.
    const Signal not_zero = m.net("not_zero", reduce_or(value.magnitude) | infinite);
    const Signal sign =
        spec.rounding == RoundingMode::kTowardNegative ? negative | ~not_zero : negative & not_zero;
    value.negative = m.net("result_negative", sign);
    results.result = m.net("result", round_and_pack(m, spec, {value, nan, infinite}, io.random()));
    return results;
  }

  const IntFormat format = exact_range(spec).format();
  Signal magnitude = value.magnitude;
  if (value.is_floating()) {
    const Signal least = m.constant(value.exponent.width(), value.min_exponent);
    magnitude = shift_left_growing(m, "scaled", magnitude, m.net("power", value.exponent - least),
                                   value.max_exponent - value.min_exponent);
  }
  const int width = std::max(format.bits, magnitude.width()) + 1;
  const Signal signed_value =
      m.net("scaled_sum", (zero_extend(magnitude, width) ^ replicate(sum.negative, width)) +
                              zero_extend(sum.negative, width));
  const Signal exact = signed_value.low(format.bits);
  const SpecialResult flags{nan, infinite & ~negative, infinite & negative};
  if (!spec.accumulates()) {
    results.result = exact;
    results.flags = flags;
    return results;
  }
  Signal special;
  if (special_flags(spec).any()) special = m.net("is_special", nan | infinite);
  const Signal zero = m.constant(1, 0);
  if (spec.acc_lsb) {
    const Signal whole = m.net("exact_sum", exact);
    const Addend addend{whole, format.is_signed ? whole.top() : zero, zero, format.lsb_exponent};
    return accumulate(m, spec, io.control(), rounded_addend(m, spec, io.control(), special, addend),
                      flags);
  }
  const Signal held = io.control().stage(special).cross("scaled_sum_held", exact);
  const Addend addend{held, format.is_signed ? held.top() : zero, zero, format.lsb_exponent};
  return accumulate(m, spec, io.control(), addend, flags);
}

}  // namespace fewbit::ops
