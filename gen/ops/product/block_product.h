// Block product: significands in the hard multipliers of the target, one or two products in each,
// or a wide one in several.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "fewbit/gen/ops/product/significand_product.h"

namespace fewbit::ops {

/// a x b in one block, in width(a) + width(b) bits, without a carry. Where the fabric's block is
/// too narrow, in several whose products are added: see factor_cut().
Product block_product(rtl::Module& module, const Factor& a, const Factor& b, Fabric fabric);

/// Two products of unsigned factors in one block, each as wide as its factors together: the outer
/// fields of (a0 + a1 2^k)(b0 + b1 2^k). Nothing is added to what the block makes, but for the gate
/// that makes bit 0 on iCE40.
std::pair<rtl::Signal, rtl::Signal> packed_products(rtl::Module& module, const std::string& name,
                                                    const std::pair<Factor, Factor>& low,
                                                    const std::pair<Factor, Factor>& high,
                                                    Fabric fabric);

/// a0 b0 + a1 b1 in one block, in width(a) + width(b) + 1 bits: the middle field of
/// (a0 + a1 2^k)(b1 + b0 2^k). In two's complement each upper lane takes the sign of the lower with
/// it (an adder of the lane's width in front), and where the lowest field is negative it has taken
/// 1 from the middle one: that is the carry. One of both factors may be unsigned.
Product packed_sum(rtl::Module& module, const std::string& name,
                   const std::pair<Factor, Factor>& first, const std::pair<Factor, Factor>& second);

}  // namespace fewbit::ops
