// Running sums that are rounded at each step: of numbers (facc) and of products (fmac).
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/sum/floating_sum.h"
#include "fewbit/gen/ops/sum_specials.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

Results build_facc(Module& m, const OperatorSpec& spec, const Interface& io) {
  const Control& control = io.control();
  const Stage stage = control.stage();
  const Signal never = m.constant(1, 0);
  m.section("Unpack");
  const Unpacked a = unpack_sign_magnitude(m, spec.a, io.operand("a_i"), "a", spec.flush_inputs);
  std::optional<Unpacked> b;
  if (spec.b) b = unpack_sign_magnitude(m, *spec.b, io.operand("b_i"), "b", spec.flush_inputs);
  ProductSpecials specials{a.is_nan, a.is_infinite, a.sign};
  if (b) specials = product_specials(m, a, *b);
  if (b) m.section("Exact product");
  SignMagnitude addend = floating_product(m, a, b ? &*b : nullptr, spec);

  m.section("Stage 1: the addend");
  addend.magnitude = stage.cross("magnitude", addend.magnitude);
  addend.negative = stage.cross("negative", addend.negative);
  if (addend.is_floating()) addend.exponent = stage.cross("exponent", addend.exponent);
  const Signal sign = stage.cross("sign", b ? a.sign ^ b->sign : a.sign);
  specials = {stage.cross("nan", specials.nan), stage.cross("infinite", specials.infinite), sign};
  const Signal first = stage.cross("first", control.first);
  const Signal random = stage.cross("random", io.random());

  m.section("Stage 2: the sum of before, without it where a new one starts");
  const Format& format = *spec.result;
  const Signal acc = m.reg("acc_q", format.bits(),
                           {.enable = m.net("step", control.moving(control.valid_after[1]))});
  const Signal keep = m.net("keep", ~first);
  // An X in it comes back through a carry chain, and stays: nothing of it is read but its exponent,
  // which the sum leaves out.
  Unpacked state = unpack_sign_magnitude(m, format, acc, "acc", false);
  state.significand =
      m.net("acc_kept", state.significand & replicate(keep, state.significand.width()));
  state.is_nan = m.net("acc_kept_nan", state.is_nan & keep);
  state.is_infinite = m.net("acc_kept_infinite", state.is_infinite & keep);
  // A sum that starts is the addend itself, also where that is -0.
  state.sign = m.net("acc_sign", mux(first, sign, state.sign));
  state.negative = state.sign;
  const ProductSpecials total = sum_specials(m, specials, sign, state, state.sign);
  FloatingSum sum = floating_sum(m, addend, floating_operand(m, "acc_value", state, spec),
                                 format.as_float().fraction_bits + 1, guard_bits(spec), keep);
  sum.value.negative = sum_sign(m, spec, total, sum.is_zero, sum.value.negative, sign, state.sign);
  const Signal next =
      m.net("next", round_and_pack(m, spec, {sum.value, total.nan, total.infinite}, random));
  m.drive(acc, next);
  Results results;
  results.result = acc;
  results.flags = {never, never, never};
  return results;
}

}  // namespace fewbit::ops
