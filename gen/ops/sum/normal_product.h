// Normal product: the rounded multiplier without subnormal operands and results.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/gen/ops/sum/round.h"

namespace fewbit::ops {

/// Whether rounded_normal_product() serves a rounded multiplier: minifloats with subnormals, all of
/// which are flushed, to nearest, ties to even, and a product that is wider than the result's
/// significand.
bool multiplies_normals(const OperatorSpec& spec);

/// The code of a x b in spec.result, for what multiplies_normals() serves.
///
///     1.fa, 1.fb --> [ x ] --> one place left, or none --> fraction, guard, sticky --+
///                                 | which                                            |
///     ea, eb     --> [ + ] <------+                                                  v
///                     +------------> one chain: less the bias, rounding increment --> code
///
/// The hidden bits are constants, so that the product has one leading zero at most. Zeros, and
/// results below the normal numbers, clear the code at the end. Just below the least of these, at
/// exponent 0, a product rounds up to it where all kept bits are ones: a subnormal result has one
/// bit less, and the tie goes up. There the increment is always 1, since the others are flushed.
/// `a` and `b` are unpacked with flushing; their nets for it fall away. Special values are those of
/// `exact`, of which the value but its sign is not read.
rtl::Signal rounded_normal_product(rtl::Module& module, const OperatorSpec& spec,
                                   const rtl::Signal& a_code, const rtl::Signal& b_code,
                                   const Unpacked& a, const Unpacked& b, const ExactResult& exact);

}  // namespace fewbit::ops
