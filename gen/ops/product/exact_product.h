// Exact product: one or two unpacked operands as a fixed-point number, ready for the next adder.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/gen/ops/fabric/stage.h"
#include "fewbit/gen/ops/operand/unpack.h"
#include "fewbit/gen/ops/product/significand_product.h"

namespace fewbit::ops {

/// A fixed-point addend: value = (bits extended upward with `fill` + carry) x 2^lsb_exponent. A
/// negative minifloat product comes in one's complement with carry = fill = its sign, so that the
/// +1 costs nothing in the adder that follows.
struct Addend {
  rtl::Signal bits;
  rtl::Signal fill;   ///< sign extension, 1 bit; constant 0 where nothing is negative
  rtl::Signal carry;  ///< 1 bit; constant 0 where there is none
  int lsb_exponent = 0;

  /// The low `width` bits of the infinitely extended `bits`.
  [[nodiscard]] rtl::Signal extended(rtl::Width width) const;
  /// Those of `bits` from number `low` up, at most `count` of them; perhaps none.
  [[nodiscard]] rtl::Signal piece(int low, int count) const;
  /// The same in units of 2^lsb, finer than its own; less the carry.
  [[nodiscard]] rtl::Signal placed(int lsb, int width) const;
};

/// A number as sign and magnitude, with an exponent or in fixed point:
///   (-1)^negative x magnitude x 2^(exponent + lsb_exponent)
struct SignMagnitude {
  rtl::Signal magnitude;
  rtl::Signal negative;
  int lsb_exponent = 0;
  rtl::Signal exponent;  ///< unsigned; absent in fixed point
  int min_exponent = 0;  ///< values that the exponent takes
  int max_exponent = 0;
  /// The magnitude's top bit is 1, except where the exponent is the least.
  bool is_normal_above_least = false;
  [[nodiscard]] bool is_floating() const { return exponent.valid(); }
};

/// a, or a x b where b is given, exactly; negated where `negate` (constant or signal) is 1. The
/// result is on the far side of `stage`; which part of the datapath comes before it depends on the
/// fabric. Width of bits: that of the significands' product plus the largest shift, at most
/// `width_bits`. The significands are multiplied as the strategy and --dsp of `spec` have it;
/// `made`: their product, where it has been made already.
Addend exact_product(rtl::Module& module, const Unpacked& a, const Unpacked* b,
                     const rtl::Signal& negate, const OperatorSpec& spec, const Stage& stage,
                     int width_bits, const rtl::Signal& made = {});

/// a, or a x b, for operands from unpack_sign_magnitude, combinational: in fixed point where the
/// operands have no exponents or so few that the product has at most kLongestFixedPoint bits, else
/// with an exponent.
SignMagnitude exact_magnitude(rtl::Module& module, const Unpacked& a, const Unpacked* b,
                              const OperatorSpec& spec, const rtl::Signal& made = {});
inline constexpr int kLongestFixedPoint = 12;

/// The same, always with an exponent where an operand has one.
SignMagnitude floating_product(rtl::Module& module, const Unpacked& a, const Unpacked* b,
                               const OperatorSpec& spec, const rtl::Signal& made = {});

/// A finite code's value in units of its format's last place, a subnormal one's 0 with `flush`, by
/// the definition of the fields; without its sign in a minifloat.
BigInt code_value(const Format& format, unsigned code, bool flush);

/// A product of two codes as tables, where that is smaller: both integers or both minifloats of
/// few bits together, or where the strategy asks for it. nullopt-like: an invalid `bits` where it
/// does not apply.
Addend table_product(rtl::Module& module, const OperatorSpec& spec, const rtl::Signal& a,
                     const rtl::Signal& b, const Stage& stage);

/// One addend of a sum: a x b by table_product or exact_product, as the strategy has it; around
/// `made` where that is given.
Addend product_addend(rtl::Module& module, const OperatorSpec& spec, const rtl::Signal& a_code,
                      const rtl::Signal& b_code, const Unpacked& a, const Unpacked& b,
                      const Stage& stage, int width_bits, const rtl::Signal& made = {});

/// One of several operands, as exact_product() and floating_product() make it of one alone; its
/// nets begin with its name.
Addend fixed_point_operand(rtl::Module& module, const std::string& name, const Unpacked& operand,
                           const rtl::Signal& negate, const OperatorSpec& spec, int width_bits);
SignMagnitude floating_operand(rtl::Module& module, const std::string& name,
                               const Unpacked& operand, const OperatorSpec& spec);

}  // namespace fewbit::ops
