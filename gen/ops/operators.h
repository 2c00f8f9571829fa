// The optimized builders, one per operator; each adds the whole datapath and its ports to a fresh
// module. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gen/ops/accumulator.h"
#include "gen/ops/round.h"

namespace fewbit::ops {

/// result_o = a_i x b_i, exact or rounded into spec.result. Combinational. File: mul.cc.
void build_mul(rtl::Module& module, const OperatorSpec& spec);
/// result_o = a_i + b_i, or a_i - b_i for kSub. Combinational. File: add.cc.
void build_add(rtl::Module& module, const OperatorSpec& spec);
/// acc_o = sum of a_i. Latency 2. File: acc.cc.
void build_acc(rtl::Module& module, const OperatorSpec& spec);
/// acc_o = sum of a_i x b_i. Latency 2. File: mac.cc.
void build_mac(rtl::Module& module, const OperatorSpec& spec);

/// The generic architecture: one instance of the operator's template. File: generic_module.cc.
void build_generic(rtl::Module& module, const OperatorSpec& spec);

/// Special values of a product: NaN for a NaN operand and for 0 x infinity; else infinite.
struct ProductSpecials {
  rtl::Signal nan;
  rtl::Signal infinite;
};
ProductSpecials product_specials(rtl::Module& module, const OperatorSpec& spec,
                                 const rtl::Signal& a_code, const rtl::Signal& b_code,
                                 const Unpacked& a, const Unpacked& b);

/// Output ports nan_o, pinf_o, ninf_o as far as the spec has them.
void output_flags(rtl::Module& module, const OperatorSpec& spec, const SpecialAddend& specials);

rtl::Reset reset_of(const OperatorSpec& spec);

}  // namespace fewbit::ops
