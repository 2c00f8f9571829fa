// Stage: a pipeline boundary that a datapath crosses, or a plain wire in a combinational operator.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/gen/ops/fabric/fabric_traits.h"
#include "fewbit/gen/rtl/module.h"
#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit::ops {

using rtl::concat;  // its braces hide the arguments' namespace from the compiler

/// Where the exact product ends and the accumulator begins. What crosses it becomes a register
/// named NAME_q where it is registered, a net NAME elsewhere.
struct Stage {
  bool registered = false;
  rtl::Signal enable;    ///< registered: nothing moves without it (absent: always)
  rtl::Signal clear;     ///< makes everything that crosses 0 (absent: never)
  bool is_last = false;  ///< no logic may follow but the sum
  std::vector<rtl::Signal>* crossed = nullptr;  ///< where the registers are noted

  [[nodiscard]] rtl::Signal cross(const std::string& name, const rtl::Signal& value) const {
    rtl::Module& module = value.module();
    if (value.width() == 0 || module.node(value.id()).op == rtl::Op::kConst) return value;
    if (!registered) {
      return module.net(name, clear.valid() ? value & replicate(~clear, value.width()) : value);
    }
    const rtl::Signal held = module.reg(name + "_q", value.full_width(),
                                        {.enable = enable, .clear = clear, .reset = false});
    module.drive(held, value);
    if (crossed != nullptr) crossed->push_back(held);
    return held;
  }
};

/// Bits that hold 0 .. max; none for 0.
inline int bits_for(int max) {
  int bits = 0;
  while ((1LL << bits) - 1 < max) ++bits;
  return bits;
}

/// The signal itself where it has a name, else a net of this name.
inline rtl::Signal named(rtl::Module& module, const std::string& name, const rtl::Signal& x) {
  const rtl::Op op = module.node(x.id()).op;
  const bool has_name = op == rtl::Op::kNet || op == rtl::Op::kInput || op == rtl::Op::kRegister;
  return has_name ? x : module.net(name, x);
}

inline bool is_constant(const rtl::Signal& x) {
  return x.module().node(x.id()).op == rtl::Op::kConst;
}

inline bool is_zero_constant(const rtl::Signal& x) {
  const rtl::Node& node = x.module().node(x.id());
  return node.op == rtl::Op::kConst && node.value == 0;
}

}  // namespace fewbit::ops
