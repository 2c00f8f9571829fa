// Shared blocks: products of several outputs, or of two lanes, in one hard multiplier; by its
// primitive where synthesis would not find it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "fewbit/gen/ops/product/factor.h"
#include "fewbit/gen/spec/multiplier_block.h"

namespace fewbit::ops {

/// The factors of all products: a[p][k] x b[k] for output p and lane k.
struct SharedFactors {
  std::vector<std::vector<Factor>> a;
  std::vector<Factor> b;
};

/// A part of an output's sum: bits + carry, two's complement where `min` is negative. The carry is
/// what the field below has taken; constant 0 where it takes none.
struct FieldTerm {
  rtl::Signal bits;
  rtl::Signal carry;
  BigInt min;  ///< of `bits`
  BigInt max;
};

/// Sums of products of integers in cascades of DSP48E2: for each output terms whose sum is that of
/// its products.
std::vector<std::vector<FieldTerm>> cascaded_terms(rtl::Module& module, const OperatorSpec& spec,
                                                   const SharedBlock& block,
                                                   const SharedFactors& factors);

/// Products of unsigned factors, [p][k], each as wide as its factors together. Nothing is added to
/// what the blocks make, but for the gate that makes bit 0 on iCE40.
std::vector<std::vector<rtl::Signal>> row_products(rtl::Module& module, const OperatorSpec& spec,
                                                   const SharedBlock& block,
                                                   const SharedFactors& factors);

/// Two products of up to 8 x 8 bits in the halves of one SB_MAC16, each as wide as its factors
/// together.
std::pair<rtl::Signal, rtl::Signal> products_in_halves(rtl::Module& module, const std::string& name,
                                                       const std::pair<Factor, Factor>& low,
                                                       const std::pair<Factor, Factor>& high);

}  // namespace fewbit::ops
