// The optimized builders, one per operator; each adds its datapath to a module whose operands have
// ports already.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/gen/ops/sum/accumulator.h"
#include "fewbit/gen/ops/sum/round.h"

namespace fewbit::ops {

/// a_i x b_i, exact or rounded into spec.result. File: mul.cc.
Results build_mul(rtl::Module& module, const OperatorSpec& spec, const Interface& io);
/// a_i + b_i, or a_i - b_i for kSub. File: add.cc.
Results build_add(rtl::Module& module, const OperatorSpec& spec, const Interface& io);
/// a_i in the format spec.result. File: convert.cc.
Results build_convert(rtl::Module& module, const OperatorSpec& spec, const Interface& io);
/// a_i x b_i + c_i. File: fma.cc.
Results build_fma(rtl::Module& module, const OperatorSpec& spec, const Interface& io);
/// Sum of a_i[k] x b_i[k], plus c_i, or the running sum of it; of several vectors a_i. File:
/// dot.cc.
Results build_dot(rtl::Module& module, const OperatorSpec& spec, const Interface& io);
/// The same times both scales. File: mxdot.cc.
Results build_mxdot(rtl::Module& module, const OperatorSpec& spec, const Interface& io);
/// A block of floats as MX elements and their scale. File: mxquant.cc.
Results build_mxquant(rtl::Module& module, const OperatorSpec& spec, const Interface& io);
/// A block of numbers as codes between its least and largest. File: squant.cc.
Results build_squant(rtl::Module& module, const OperatorSpec& spec, const Interface& io);
/// a_i x b_i / 2^shift_i. File: requant.cc.
Results build_requant(rtl::Module& module, const OperatorSpec& spec, const Interface& io);
/// Sum of a_i. File: acc.cc.
Results build_acc(rtl::Module& module, const OperatorSpec& spec, const Interface& io);
/// Sum of a_i x b_i. File: mac.cc.
Results build_mac(rtl::Module& module, const OperatorSpec& spec, const Interface& io);
/// Sum of a_i, or for kFmac of a_i x b_i, rounded at each step. File: facc.cc.
Results build_facc(rtl::Module& module, const OperatorSpec& spec, const Interface& io);

/// The larger one of a_i and b_i, or the smaller one for kMin. File: max.cc.
Results build_max(rtl::Module& module, const OperatorSpec& spec, const Interface& io);

/// The generic architecture: instances of the operator's templates. File: generic_module.cc.
Results build_generic(rtl::Module& module, const OperatorSpec& spec, const Interface& io);

/// Special values of a product: NaN for a NaN operand and for 0 x infinity; else infinite with the
/// exclusive or of the signs. File: mul.cc.
struct ProductSpecials {
  rtl::Signal nan;
  rtl::Signal infinite;
  rtl::Signal negative;  ///< of an infinity; constant 0 where there is none
  [[nodiscard]] SpecialResult flags() const {
    return {nan, infinite & ~negative, infinite & negative};
  }
};
/// Net names begin with `prefix`.
ProductSpecials product_specials(rtl::Module& module, const Unpacked& a, const Unpacked& b,
                                 const std::string& prefix = "");

/// What all lanes of a dot product make together: the exact sum in two's complement (unsigned where
/// no operand is signed) and its special cases. File: dot.cc.
struct LaneSum {
  rtl::Signal sum;
  bool is_signed = false;
  int lsb_exponent = 0;
  rtl::Signal carry;  ///< one unit more, for an accumulator of several; else constant 0
  ProductSpecials specials;
};
LaneSum sum_of_lanes(rtl::Module& module, const OperatorSpec& spec, const Interface& io);

/// The sum of all lanes, times both scales where there are some, and its special cases.
struct ScaledLanes {
  SignMagnitude value;
  ProductSpecials specials;  ///< `negative`: of an infinity
};
/// The same plus c_i, rounded into spec.result. File: lanes_and_addend.cc.
Results lanes_and_addend(rtl::Module& module, const OperatorSpec& spec, const Interface& io,
                         const ScaledLanes& lanes);

/// A two's complement (or unsigned) number as sign and magnitude in fixed point. File: add.cc.
SignMagnitude sign_and_magnitude(rtl::Module& module, const rtl::Signal& value, bool is_signed,
                                 int lsb_exponent);

}  // namespace fewbit::ops
