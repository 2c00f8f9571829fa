// Running sums that are rounded at each step: of numbers (facc) and of products (fmac).
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "fewbit/gen/ops/sum/aligned_sum.h"
#include "fewbit/gen/ops/sum/anchored_sum.h"
#include "fewbit/gen/ops/sum/floating_sum.h"
#include "fewbit/gen/ops/sum/sums_in_turn.h"
#include "fewbit/gen/ops/sum_specials.h"
#include "fewbit/gen/spec/format_coding.h"
#include "fewbit/gen/spec/strategy.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

namespace {

/// The sum's format is that of a_i with more fraction bits, if any.
bool a_begins_the_code(const OperatorSpec& spec) {
  if (spec.b || !spec.a.is_float()) return false;
  const FloatFormat& a = spec.a.as_float();
  const FloatFormat& f = spec.result->as_float();
  const auto coding = coding_of(a);
  if (a.exponent_bits != f.exponent_bits || a.bias != f.bias || coding != coding_of(f)) {
    return false;
  }
  const bool is_prefix = coding == Coding::kIeee || a.fraction_bits == f.fraction_bits;
  return a.is_signed && a.zero_exponent_is_subnormal && is_prefix;
}

/// Nothing that is not flushed is below the normal numbers of the sum's format.
bool is_never_subnormal(const OperatorSpec& spec) {
  if (!spec.flush_inputs) return false;
  const auto least = [](const Format& format) {
    if (format.is_int()) return format.as_int().lsb_exponent;
    return format.as_float().lsb_exponent() + format.as_float().fraction_bits;
  };
  return least(spec.a) + (spec.b ? least(*spec.b) : 0) >= least(*spec.result);
}

/// Fraction bits of the sum's format that an addend's code may have set, from the top: those of
/// its value and of NaN.
int addend_fraction_bits(const OperatorSpec& spec) {
  const FloatFormat& f = spec.result->as_float();
  const int value = significand_bits(spec.a) + (spec.b ? significand_bits(*spec.b) : 0) - 1;
  const bool has_special = spec.a.has_nan() || spec.a.has_infinity() ||
                           (spec.b && (spec.b->has_nan() || spec.b->has_infinity()));
  if (!has_special) return std::min(value, f.fraction_bits);
  return coding_of(f) == Coding::kIeee ? std::clamp(value, 1, f.fraction_bits) : f.fraction_bits;
}

/// a_i, or a_i x b_i, as a code of the sum's format.
Signal addend_code(Module& m, const OperatorSpec& spec, const Interface& io, bool flush_later) {
  const FloatFormat& f = spec.result->as_float();
  if (a_begins_the_code(spec) && (flush_later || !spec.flush_inputs)) {
    const int below = f.fraction_bits - spec.a.as_float().fraction_bits;
    return concat({io.operand("a_i"), m.constant(below, 0)});
  }
  const rtl::Scope scope(m, "addend");
  const Unpacked a = unpack_sign_magnitude(m, spec.a, io.operand("a_i"), "a", spec.flush_inputs);
  std::optional<Unpacked> b;
  if (spec.b) b = unpack_sign_magnitude(m, *spec.b, io.operand("b_i"), "b", spec.flush_inputs);
  const ProductSpecials specials =
      b ? product_specials(m, a, *b) : ProductSpecials{a.is_nan, a.is_infinite, a.sign};
  if (b) m.section("Exact product");
  SignMagnitude value = exact_magnitude(m, a, b ? &*b : nullptr, spec);
  value.negative = b ? m.net("product_sign", a.sign ^ b->sign) : a.is_integer ? a.negative : a.sign;
  OperatorSpec exact = spec;
  exact.rounding = RoundingMode::kTowardZero;
  exact.overflow = f.has_infinity() ? OverflowMode::kInfinity : OverflowMode::kSaturate;
  exact.flush_outputs = false;
  return round_and_pack(m, exact, {value, specials.nan, specials.infinite, true}, {});
}

/// Stage 1 makes a code of the sum's format, which stage 2 adds.
Results accumulate_codes(Module& m, const OperatorSpec& spec, const Interface& io) {
  const Control& control = io.control();
  const Stage stage = control.stage();
  const FloatFormat& f = spec.result->as_float();
  const Signal never = m.constant(1, 0);
  m.section("The addend in the format of the sum");
  // Flushed results are no subnormal operands, so that operands may be flushed where they are
  // added.
  OperatorSpec sum = spec;
  sum.flush_inputs = spec.flush_outputs && is_never_subnormal(spec);
  const Signal code = m.net("addend_code", addend_code(m, spec, io, sum.flush_inputs));

  m.section("Stage 1: the addend");
  const int below = f.fraction_bits - addend_fraction_bits(spec);
  const Signal held = stage.cross("addend", code.without_low(below));
  const Signal addend = concat({held, m.constant(below, 0)});
  const Signal first = stage.cross("first", control.first);

  m.section("Stage 2: the sum of before, without it where a new one starts");
  SumsInTurn sums(m, spec, control);
  const Signal acc = sums.before();
  const int bits = f.magnitude_bits();
  const Operands operands{addend.low(bits), acc.low(bits), addend.top(), acc.top(), {}, first};
  Results results;
  results.result = sums.finish(m.net("next", aligned_sum(m, sum, operands)));
  results.flags = {never, never, never};
  return results;
}

}  // namespace

Results build_facc(Module& m, const OperatorSpec& spec, const Interface& io) {
  if (choose_strategy(spec) == Strategy::kAligned) return accumulate_codes(m, spec, io);
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

  const Format& format = *spec.result;
  const bool anchored = b && serves_anchored(addend, format);

  m.section("Stage 1: the addend");
  const Signal addend_zero = anchored ? stage.cross("zero", a.is_zero | b->is_zero) : never;
  addend.magnitude = stage.cross("magnitude", addend.magnitude);
  addend.negative = stage.cross("negative", addend.negative);
  if (addend.is_floating()) addend.exponent = stage.cross("exponent", addend.exponent);
  const Signal sign = stage.cross("sign", b ? a.sign ^ b->sign : a.sign);
  specials = {stage.cross("nan", specials.nan), stage.cross("infinite", specials.infinite), sign};
  const Signal first = stage.cross("first", control.first);
  const Signal random = stage.cross("random", io.random());

  m.section("Stage 2: the sum of before, without it where a new one starts");
  SumsInTurn sums(m, spec, control);
  const Signal acc = sums.before();
  const Signal keep = m.net("keep", ~first);
  // An X in it comes back through a carry chain, and stays: so nothing of it is read where a new
  // sum starts.
  const Signal kept = m.net("acc_kept", acc & replicate(keep, acc.width()));
  Unpacked state = unpack_sign_magnitude(m, format, kept, "acc", false);
  // A sum that starts is the addend itself, also where that is -0.
  state.sign = m.net("acc_sign", mux(first, sign, state.sign));
  state.negative = state.sign;
  if (!format.has_zero()) {
    state.significand = m.net("acc_significand_kept",
                              state.significand & replicate(keep, state.significand.width()));
  }
  const ProductSpecials total = sum_specials(m, specials, sign, state, state.sign);
  const SignMagnitude before = floating_operand(m, "acc_value", state, spec);
  FloatingSum sum = anchored ? anchored_sum(m, {addend, addend_zero, narrower_bits(a, *b)}, before,
                                            guard_bits(spec))
                             : floating_sum(m, addend, before, format.as_float().fraction_bits + 1,
                                            guard_bits(spec), keep);
  sum.value.negative = sum_sign(m, spec, total, sum.is_zero, sum.value.negative, sign, state.sign);
  ExactResult exact{sum.value, total.nan, total.infinite};
  exact.overflow_by_bits = anchored && !has_wide_tables(spec.fabric);
  const Signal next = m.net("next", round_and_pack(m, spec, exact, random));
  Results results;
  results.result = sums.finish(next);
  results.flags = {never, never, never};
  return results;
}

}  // namespace fewbit::ops
