// Exact product: one or two unpacked operands as a fixed-point number, ready for the next adder.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gen/ops/stage.h"
#include "gen/ops/unpack.h"

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
};

/// The same as sign and magnitude: (-1)^negative x magnitude x 2^lsb_exponent.
struct SignMagnitude {
  rtl::Signal magnitude;
  rtl::Signal negative;
  int lsb_exponent = 0;
};

/// a, or a x b where b is given, exactly; negated where `negate` (constant or signal) is 1. The
/// result is on the far side of `stage`; which part of the datapath comes before it depends on the
/// fabric. Width of bits: that of the significands' product plus the largest shift, at most
/// `width_bits`.
Addend exact_product(rtl::Module& module, const Unpacked& a, const Unpacked* b,
                     const rtl::Signal& negate, Fabric fabric, const Stage& stage, int width_bits);

/// The same for operands from unpack_sign_magnitude, combinational.
SignMagnitude exact_magnitude(rtl::Module& module, const Unpacked& a, const Unpacked* b,
                              Fabric fabric);

/// A product of two codes as tables, where that is smaller: both integers or both minifloats of
/// few bits together. nullopt-like: an invalid `bits` where it does not apply.
Addend table_product(rtl::Module& module, const Format& a_format, const Format& b_format,
                     const rtl::Signal& a, const rtl::Signal& b, Fabric fabric, const Stage& stage);

}  // namespace fewbit::ops
