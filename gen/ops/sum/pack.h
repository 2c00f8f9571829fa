// Pack: a rounded magnitude code, its sign and its special cases as a code of the result's format.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/gen/ops/sum/round.h"

namespace fewbit::ops {

/// A magnitude code that may exceed the format's.
struct Rounded {
  rtl::Signal code;
  BigInt largest;  ///< no code is above it
};

/// `rounded` with exact's sign, overflow as spec.overflow says, special values last.
rtl::Signal pack_float(rtl::Module& module, const OperatorSpec& spec, const FloatFormat& format,
                       const ExactResult& exact, const Rounded& rounded);

}  // namespace fewbit::ops
